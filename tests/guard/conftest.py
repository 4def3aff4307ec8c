"""A shell for each test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.magics.shells import Shell, running_shell


@pytest.fixture(scope="session", autouse=True)
def _quick_shells() -> Iterator[None]:
    # Every shell that ends collects garbage; without the objects of what is imported that takes 10 ms, not 600.
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    with running_shell(tmp_path) as running:
        yield running
