"""A sandbox for the tests of a module, fresh ones, and a runtime folder of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from quixnb.token import Token
from tests.sandbox.helpers import remembered

Caller = Callable[[Token | None], httpx2.Client]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for the module; tests that rotate or end it take `fresh`."""
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield remembered(running)


@pytest.fixture
def fresh(own_folder: Path) -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield remembered(running)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sandboxes of one's own make their folders: apart from those of other runs on this machine."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty runtime folder; a shared sandbox left in it is ended."""
    folder = tmp_path / "runtime"
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(folder))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    yield folder
    if left := quixnb.sandbox.find():
        left.stop()


@pytest.fixture
def as_caller(sandbox: Sandbox) -> Iterator[Caller]:
    """A client of the module's sandbox that sends a token, or none."""
    clients: list[httpx2.Client] = []

    def client(token: Token | None) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        clients.append(httpx2.Client(base_url=sandbox.portal_api, headers=headers, trust_env=False))
        return clients[-1]

    yield client
    for it in clients:
        it.close()


@pytest.fixture
def dev(sandbox: Sandbox, as_caller: Caller) -> httpx2.Client:
    return as_caller(sandbox.environments["dev"].token_1)


@pytest.fixture
def admin(sandbox: Sandbox, as_caller: Caller) -> httpx2.Client:
    return as_caller(sandbox.admin_token)


@pytest.fixture
def viewer(sandbox: Sandbox, as_caller: Caller) -> httpx2.Client:
    return as_caller(sandbox.viewer_token)
