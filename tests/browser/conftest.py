"""One JupyterLab, one browser and one sandbox for all tests of this folder; skipped without Chromium."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from quixnb.sandbox import Sandbox
from tests import leaks
from tests.browser.notebook import Lab
from tests.browser.server import LAB_EXTENSION, JupyterLab, jupyter_lab
from tests.demand import missing
from tests.kernel.conftest import sandbox_in
from tests.sandbox.helpers import tokens

_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-gpu"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the system's, since nothing is fetched for a test."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("there is no Chromium; install it, or name it in CHROMIUM")
    with sync_playwright() as tools:
        running = tools.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def lab_extension() -> None:
    """The JupyterLab extension is built."""
    if not (LAB_EXTENSION / "package.json").exists():
        missing("the JupyterLab extension is not built: make .venv/.labextension (needs Node)")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A JupyterLab that saves widget state, whose kernels share one sandbox."""
    from tests.search import planted  # pytest has to load it first

    home = tmp_path_factory.mktemp("jupyterlab")
    planted(home / "notebooks")
    with jupyter_lab(home) as running:
        yield running


@pytest.fixture(scope="session")
def sandbox(server: JupyterLab) -> Iterator[Sandbox]:
    """The sandbox that `%quix_sandbox` finds in the kernels of `server`.

    Nothing of its tokens may be left in any file when all tests are over: notebooks, checkpoints, settings, histories.
    """
    with sandbox_in(server.home / "quixnb") as running:
        secrets = leaks.Secrets([token.reveal() for token in tokens(running)], and_fakes=False)
        yield running
    assert [str(leak) for leak in leaks.in_files(leaks.files_below(server.home), secrets)] == []


@pytest.fixture(scope="session")
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """What the pages share: cookies and storage, which are searched for tokens when all tests are over."""
    from tests.search import keep

    console: list[str] = []
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    opened.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.on("console", lambda message: console.append(message.text))
    yield opened
    keep(request.config, "the browser's storage", json.dumps(opened.storage_state(indexed_db=True)))
    keep(request.config, "the browser's console", *console)
    opened.close()


@pytest.fixture(scope="session")
def _page(context: BrowserContext, server: JupyterLab) -> Lab:
    lab = Lab(context.new_page(), server)
    lab.load()
    return lab


@pytest.fixture
def lab(_page: Lab) -> Iterator[Lab]:
    """JupyterLab, with nothing open; what a test opens is closed behind it."""
    yield _page
    try:
        _page.close_all()
    except Error:  # the test left the page where it can be told nothing
        _page.load()


@pytest.fixture
def page(lab: Lab) -> Page:
    """The page of `lab`."""
    return lab.page
