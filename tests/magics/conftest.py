"""A shell for each test, in a folder and with variables of its own; and one sandbox for all."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import quixnb.sandbox
from quixnb.connecting import connect, forget
from tests.fakes import LEDGER
from tests.magics.shells import Shell, running_shell


@pytest.fixture(scope="session", autouse=True)
def _quick_shells() -> Iterator[None]:
    # Every shell that ends collects garbage; without the objects of pandas and Polars that takes 10 ms, not 200.
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in os.environ:
        if name.startswith(("Quix__", "STREAMING_TOKEN", "QUIXNB_")) and name != LEDGER:
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    yield
    forget()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running_shell(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[quixnb.sandbox.Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        with quixnb.sandbox.start(creating_s=0.05) as running:
            yield running


@pytest.fixture
def connected(shell: Shell, sandbox: quixnb.sandbox.Sandbox) -> Shell:
    """A shell with a session in the sandbox's dev environment, and a frame called `df`."""
    connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api)
    shell.user_ns["df"] = pd.DataFrame(
        {"speed": [1.5, 2.5, 3.5], "lap time": [10, 20, 30], "car": ["a", "b", "a"]},
        index=pd.date_range("2026-01-01", periods=3, freq="s", tz="UTC", name="timestamp"),
    )
    return shell
