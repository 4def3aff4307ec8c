"""A real Jupyter Server with quixnb's extension, enabled as an installation enables it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.server.servers import Server, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the default settings."""
    running = start(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server with other settings."""
    running: list[Server] = []

    def begin(*options: str, **variables: str) -> Server:
        running.append(start(tmp_path / "server", *options, **variables))
        return running[-1]

    yield begin
    for each in running:
        each.stop()


def notebook(source: str = "", output: Any = None, **metadata: Any) -> dict[str, Any]:
    """A notebook of one code cell, as a front end sends it."""
    outputs = [nbformat.v4.new_output("stream", text=output)] if output is not None else []
    cell = nbformat.v4.new_code_cell(source, outputs=outputs)
    made = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    return dict(nbformat.from_dict(made))
