"""A sandbox of each test's own, whose tokens it may rotate; and sessions, shells and profiles in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pandas as pd
import pytest

import quixnb.sandbox
from quixnb.connecting import connect, forget
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from quixnb.token import Token
from tests.magics.shells import Shell, running_shell


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Here, since pytest has to import that module itself first.
    from tests.search import planted

    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("QUIXNB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr("quixnb.portal.client._REFUSED_WAITS", 0.1)  # a blip is over sooner here
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.core.load_keyring("keyring.backends.fail.Keyring"))
    yield
    keyring.set_keyring(before)
    forget()
    planted(tmp_path / "data" / "tokens.json")  # by now it is written


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield running


@pytest.fixture
def one(sandbox: Sandbox) -> Token:
    """Token 1 of the dev environment, before any rotation."""
    return Token(sandbox.environments["dev"].token_1.reveal(), "TOKEN_1")


@pytest.fixture
def two(sandbox: Sandbox) -> Token:
    """Token 2 of the dev environment, before any rotation."""
    return Token(sandbox.environments["dev"].token_2.reveal(), "TOKEN_2")


@pytest.fixture
def connected(sandbox: Sandbox) -> Callable[..., Session]:
    """Connect to the sandbox with a token, and a second one if need be."""

    def make(token: Token, second: Token | None = None, **options: Any) -> Session:
        return connect(token=token, second_token=second, portal_api=sandbox.portal_api, **options)

    return make


@pytest.fixture
def shell(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)
    with running_shell(tmp_path) as running:
        yield running


@pytest.fixture
def frame() -> pd.DataFrame:
    times = pd.date_range("2026-01-01", periods=50, freq="ms", tz="UTC", name="timestamp")
    return pd.DataFrame({"speed": range(50)}, index=times)
