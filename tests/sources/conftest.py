"""A process and a working folder in which nothing is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("Quix__Sdk__Token", "STREAMING_TOKEN", "Quix__Portal__Api", "Quix__Workspace__Id")


def child_environment() -> dict[str, str]:
    """Variables for a process of its own that imports this checkout, whatever its working folder."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    """No test asks the keyring of the machine it runs on."""
    keyring = pytest.importorskip("keyring")
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.core.load_keyring("keyring.backends.fail.Keyring"))
    yield
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where quixnb keeps tokens on request: nothing is kept there yet."""
    from tests.search import planted

    monkeypatch.setenv("QUIXNB_DATA_DIR", str(tmp_path / "data"))
    yield tmp_path / "data" / "tokens.json"
    planted(tmp_path / "data" / "tokens.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, two levels deep, with nothing in it or above it."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "f1" / "laps"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder
