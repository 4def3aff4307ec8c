"""Pictures of the guard in JupyterLab: a marked token and its tooltip, the question on save, a narrow page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.guarded import marks, prints
from tests.browser.notebook import Lab, NotebookPage
from tests.browser.server import JupyterLab
from tests.fakes import fake_token

HERE = Path(__file__).parent


def take(browser: Browser, server: JupyterLab, suffix: str) -> None:
    """All of them in the theme that the server shows; each token is made for this and opens nothing."""
    page = browser.new_page(viewport={"width": 1000, "height": 420})
    lab = Lab(page, server)
    lab.load()
    lab.command("application:toggle-left-area")
    notebook = telemetry(lab, f"telemetry{suffix}.ipynb")
    picture = HERE / f"guard-typing{suffix}.png"
    marks(notebook.cell(2)).first.hover()
    page.locator(".qnb-Tip").wait_for()
    page.screenshot(path=picture, animations="disabled")
    page.mouse.move(1, 1)
    page.locator(".qnb-Tip").wait_for(state="detached")
    notebook.cell(2).locator(".cm-content").click()
    page.keyboard.press("Control+s")
    page.locator(".jp-Dialog").wait_for()
    page.screenshot(path=HERE / f"guard-save{suffix}.png", animations="disabled")
    page.keyboard.press("Escape")
    page.locator(".jp-Dialog").wait_for(state="detached")
    page.set_viewport_size({"width": 320, "height": 420})
    notebook.cell(2).scroll_into_view_if_needed()
    marks(notebook.cell(2)).first.hover()
    page.locator(".qnb-Tip").wait_for()
    page.screenshot(path=HERE / f"guard-narrow{suffix}.png", animations="disabled")
    lab.close_all()
    page.close()


def telemetry(lab: Lab, name: str) -> NotebookPage:
    """A notebook with a token in code and one in an output, and a kernel that has quixnb."""
    token = fake_token()
    code = f"import quixstreams\n\napp = quixstreams.Application(quix_sdk_token='{token}')\ntopic = app.topic('laps')"
    notebook = lab.notebook(name, ("markdown", "## Publish a session"), prints(token), code, "%load_ext quixnb")
    notebook.run(1)
    notebook.run(3)
    lab.page.locator(".qnb-hasTokenInOutput").wait_for()
    return notebook
