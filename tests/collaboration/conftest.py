"""JupyterLab with jupyter-collaboration, in the environment that has both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.demand import demand_environment
from tests.server.servers import Server, start

Start = Callable[..., Server]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that runs, and says all that it does."""
    python = demand_environment("collaboration")
    running = start(tmp_path_factory.mktemp("shared"), "--debug", python=python, module=("jupyter", "lab"))
    yield running
    running.stop()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Start]:
    """Starts JupyterLab; each time on the same files."""
    python = demand_environment("collaboration")
    running: list[Server] = []

    def begin(*options: str) -> Server:
        running.append(start(tmp_path / "lab", *options, python=python, module=("jupyter", "lab")))
        return running[-1]

    yield begin
    for each in running:
        each.stop()
