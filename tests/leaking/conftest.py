"""One JupyterLab server and one sandbox for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests.fakes import fake_token
from tests.kernel.conftest import remember_broker_passwords
from tests.leaking.fronts import Front, front, with_debugging_kernels
from tests.server.servers import Server, start


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, as `jupyter lab --debug` starts it, with a home of its own."""
    from tests.search import planted  # pytest has to load it first

    # Cells hold tokens here on purpose, and IPython's history has them.
    server = start(planted(tmp_path_factory.mktemp("lab")), "--debug", module=("jupyter", "lab"))
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


@pytest.fixture
def token(kernel: Front) -> str:
    """A token that this notebook has in `t`, from a cell that nothing has remembered."""
    token = fake_token()
    kernel.run_well(f"t = '{token}'", store_history=False)
    return token
