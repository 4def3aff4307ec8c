"""What Tab offers on the lines of quixnb's magics, in the editors of JupyterLab and Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from quixnb.sandbox import Sandbox
from tests.browser.notebook import Lab, NotebookPage, write_notebook
from tests.browser.quix import CONNECT, LOAD, wait_for_cell
from tests.browser.server import JupyterLab

pytestmark = pytest.mark.browser

FRAME = 'import pandas as pd\ndf = pd.DataFrame({"speed": [1.5], "lap time": [10]})'


@pytest.fixture(scope="module", params=["lab", "notebooks"])
def notebook(
    request: pytest.FixtureRequest, _page: Lab, context: BrowserContext, server: JupyterLab, sandbox: Sandbox
) -> Iterator[NotebookPage]:
    """A notebook in JupyterLab or in Notebook 7 whose kernel knows topics and a frame; its last cell is empty."""
    name = f"completed-{request.param}.ipynb"
    write_notebook(server.notebooks / name, f"{LOAD}\n{CONNECT}\n%quix_topics ;", FRAME, "")
    if request.param == "lab":
        application, opened = _page, _page.open(name)
    else:
        application = Lab(context.new_page(), server)
        application.page.goto(server.url(f"notebooks/{name}"))
        application.page.wait_for_function("() => window.jupyterapp?.started.then(() => true)")
        opened = NotebookPage(application.page, server, name)
        opened.wait_until_open()
    opened.run(0)
    opened.run(1)
    yield opened
    application.close_all()
    if application is not _page:
        application.page.close()


def offered(notebook: NotebookPage, text: str) -> list[str]:
    """What Tab at the end of `text` offers, each with what kind of thing it is: `topic f1-data`."""
    page = notebook.page
    notebook.cell(2).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Tab")
    rows = page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    expect(rows.first).to_be_visible()
    found: list[str] = rows.evaluate_all(
        """rows => rows.map(row => [
            row.querySelector('.jp-Completer-typeExtended').textContent,
            row.querySelector('.jp-Completer-match').textContent
        ].join(' '))"""
    )
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    return found


def test_topics(notebook: NotebookPage) -> None:
    assert {"topic cpu-load", "topic f1-data", "topic weather"} <= set(offered(notebook, "%quix_read "))


def test_options(notebook: NotebookPage) -> None:
    found = offered(notebook, "%quix_read f1-data --")

    assert {"option --last", "option --since", "option --stream"} <= set(found)


def test_a_column_with_a_blank_is_inserted_as_the_line_takes_it(notebook: NotebookPage) -> None:
    line = "%quix_publish f1-data df --time "
    assert offered(notebook, line)[:2] == ["column 'lap time'", "column speed"]

    rows = notebook.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    notebook.page.keyboard.press("Tab")
    rows.first.click()

    wait_for_cell(notebook, 2, f"{line}'lap time'")
