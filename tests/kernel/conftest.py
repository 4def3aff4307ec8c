"""One notebook for all tests of this folder, and the sandbox that it is connected to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests.fakes import remember
from tests.kernel.notebook import Notebook, opened

FRAME = """
import pandas as pd
times = pd.date_range("2026-01-01", periods=3, freq="s", tz="UTC", unit="ns", name="timestamp")
df = pd.DataFrame({"speed": [1.5, 2.5, 3.5], "lap time": [10, 20, 30], "car": ["a", "b", "a"]}, index=times)
"""


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The shared sandbox of a runtime folder of its own: what `%quix_sandbox start` finds there."""
    with sandbox_in(tmp_path_factory.mktemp("runtime")) as running:
        yield running


@contextmanager
def sandbox_in(runtime: Path) -> Iterator[Sandbox]:
    """The shared sandbox of a runtime folder, until the block is over; its passwords are noted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIXNB_RUNTIME_DIR", str(runtime))
        patch.setenv("JPY_PARENT_PID", str(os.getpid()))  # it ends with this process, however that ends
        running = quixnb.sandbox.shared(creating_s=0.05)
    remember_broker_passwords(running)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Notebook]:
    """A notebook with quixnb loaded."""
    with opened(tmp_path_factory.mktemp("notebook"), **variables_for(sandbox)) as notebook:
        notebook.run_well("%load_ext quixnb")
        yield notebook


@pytest.fixture
def connected(notebook: Notebook) -> Notebook:
    """The notebook, connected to the sandbox's dev environment, with a frame called `df`."""
    notebook.run_well("%quix_sandbox start")
    notebook.run_well(FRAME)
    return notebook


def variables_for(sandbox: Sandbox) -> dict[str, str]:
    """What a kernel needs to find this sandbox."""
    return {"QUIXNB_RUNTIME_DIR": str(runtime_of(sandbox)), "Quix__Portal__Api": sandbox.portal_api}


def runtime_of(sandbox: Sandbox) -> Path:
    return sandbox.state_path.parents[1]


def remember_broker_passwords(sandbox: Sandbox) -> None:
    """Note what only the portal tells, for the search at the end of the run."""
    headers = {"Authorization": f"Bearer {sandbox.admin_token.reveal()}"}
    for each in httpx2.get(f"{sandbox.portal_api}/workspaces", headers=headers, trust_env=False).json():
        remember(each["broker"]["password"])
