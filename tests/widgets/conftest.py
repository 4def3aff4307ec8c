"""A conversation with a person, against a sandbox's portal; nothing of it is a widget."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest

import quixnb.sandbox
from quixnb import connecting
from quixnb.sandbox import Sandbox
from quixnb.seal import Seal
from quixnb.widgets.conversation import Conversation
from quixnb.widgets.state import State


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield running


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.search import planted

    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("QUIXNB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.core.load_keyring("keyring.backends.fail.Keyring"))
    yield
    keyring.set_keyring(before)
    connecting.picker_shown(False)
    connecting.forget()
    planted(tmp_path / "data" / "tokens.json")


class Person:
    """Says something to the picker, and sees what it shows."""

    def __init__(self) -> None:
        self.conversation = Conversation(Seal())

    def says(self, kind: str, **content: Any) -> State:
        """The last of the states that follow; what is needed to tell them apart is in all of them."""
        states = self.sees(kind, **content)
        numbers = [state.number for state in states]
        assert numbers == sorted(numbers)
        return states[-1]

    def sees(self, kind: str, **content: Any) -> list[State]:
        """All states that follow."""
        return list(self.conversation.hear({"type": kind, **content}))


@pytest.fixture
def person() -> Person:
    return Person()
