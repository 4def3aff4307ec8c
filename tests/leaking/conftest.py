"""One JupyterLab server and one sandbox for all tests of this folder, and what only some places need."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests.demand import demand_environment
from tests.fakes import fake_token
from tests.kernel.conftest import remember_broker_passwords
from tests.leaking import quix_streams as streams
from tests.leaking.fronts import Front, as_notebook, front, with_debugging_kernels
from tests.leaking.web import Web, web
from tests.leaking.world import World, broker_passwords
from tests.server.servers import Server, start


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, as `jupyter lab --debug` starts it, with a home of its own."""
    from tests.search import planted  # pytest has to load it first

    # Cells hold tokens here on purpose, and IPython's history has them.
    home, shell = planted(tmp_path_factory.mktemp("lab")), shutil.which("bash")
    terminals = {"SHELL": shell or "sh", "HISTFILE": str(home / ".bash_history")}
    server = start(home, "--debug", module=("jupyter", "lab"), **terminals)
    with_debugging_kernels(server)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        remember_broker_passwords(running)
        yield running


@pytest.fixture(scope="session")
def kernel(lab: Server) -> Iterator[Front]:
    """A notebook in which tokens are handled carelessly."""
    with front(lab) as running:
        yield running


@pytest.fixture(scope="module")
def page() -> Iterator[Web]:
    with web() as running:
        yield running


@pytest.fixture
def world(lab: Server, kernel: Front, token: str, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return World(lab, kernel, token, tmp_path / "world", request)


@pytest.fixture
def token(kernel: Front) -> str:
    """A token that this notebook has in `t`, from a cell that nothing has remembered."""
    token = fake_token()
    kernel.run_well(f"t = '{token}'", store_history=False)
    return token


@pytest.fixture(scope="module")
def exports(lab: Server, kernel: Front, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nbconvert makes of a notebook that was run with quixnb and saved: a token in its source, and shown by it."""
    from tests.leaking import tools

    cell = f"import ipywidgets\nx = '{fake_token()}'\nprint(x)\nw = ipywidgets.Text(value=x)\nw"
    outputs = kernel.run_well(cell)
    opened = {each["comm_id"]: each["data"]["state"] for each in outputs.contents("comm_open")}
    state = {key: {"model_name": "TextModel", "state": value} for key, value in opened.items()}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {"version_major": 2, "state": state}}}
    lab.save("exported.ipynb", as_notebook((cell, outputs), **metadata))
    return tools.converted(json.loads(lab.text("exported.ipynb")), tmp_path_factory.mktemp("exports") / "work")


@pytest.fixture(scope="module")
def quix_streams(kernel: Front, sandbox: Sandbox) -> dict[str, Any]:
    """What Quix Streams 3 has to show for itself, printed in a kernel that knows the same secrets."""
    python, [password, *_] = demand_environment("quixstreams3"), broker_passwords(sandbox)
    token = sandbox.environments["dev"].token_2.reveal()
    return streams.shown_in(kernel, python, sandbox.portal_api, token=token, password=password)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> object:
    """What several people leave behind."""
    from tests.leaking import rows_together

    return rows_together.session(tmp_path_factory.mktemp("together"))


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with jupytext, and with jupyter-lsp and a language server for Python."""
    from tests.search import planted

    python = demand_environment("extensions")
    running = start(planted(tmp_path_factory.mktemp("extended")), "--debug", python=python)
    yield running
    running.stop()


@pytest.fixture
def started_with(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server with variables in its environment, which its kernels inherit."""
    running: list[Server] = []

    def begin(**variables: str) -> Server:
        running.append(start(tmp_path / "server", **variables))
        with_debugging_kernels(running[-1])
        return running[-1]

    yield begin
    for each in running:
        each.stop()
