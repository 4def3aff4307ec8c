"""A folder to work in."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the test."""
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    return made
