"""Take the pictures of the documentation again: quickstart, picker, panel and guard, in a headless Chromium.

    make images

Needs Chromium (Debian: `apt install chromium`), or `CHROMIUM=/path/to/it`. Everything is kept in a temporary home.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import guard_pictures
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_httpserver import HTTPServer

from tests.acceptance.fronts import nobody, silent
from tests.browser import portals
from tests.browser.notebook import Lab
from tests.browser.picker import PickerPage
from tests.browser.quix import Quix
from tests.browser.server import JupyterLab, jupyter_lab
from tests.fakes import fake_token

HERE = Path(__file__).parent
NOTEBOOK = HERE.parent.parent / "notebooks" / "01-quickstart.ipynb"
_SET_SOURCE = "window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(text)"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def chromium() -> str:
    """Path of a Chromium."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or sys.exit("No Chromium was found; install it, or name it in CHROMIUM.")


def small(path: Path) -> None:
    """Give a picture no more colours than anybody sees in it."""
    with Image.open(path) as picture:
        # By coverage: the usual way loses a colour that only a dot of eight pixels has.
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


# ---- the quickstart


def run_quickstart(page: Page, server: JupyterLab) -> None:
    """Open the quickstart and run it, until its last cell has printed."""
    shutil.copy(NOTEBOOK, server.notebooks)
    page.goto(server.url(f"lab/tree/{NOTEBOOK.name}"))
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.evaluate("() => { window.jupyterapp.commands.execute('application:toggle-left-area') }")
    page.evaluate("() => { window.jupyterapp.commands.execute('runmenu:run-all') }")
    page.wait_for_selector(".jp-OutputArea-output >> text=identical", timeout=60_000)


def show(page: Page, text: str) -> None:
    """Scroll the notebook so that the cell with `text` stands near its top."""
    page.locator(".jp-Cell", has_text=text).first.evaluate("cell => cell.scrollIntoView({block: 'start'})")


def take_quickstart(browser: Browser, server: JupyterLab, suffix: str) -> None:
    """The pictures of the quickstart."""
    page = browser.new_page(viewport={"width": 1180, "height": 900})
    run_quickstart(page, server)
    for name, text in QUICKSTART.items():
        show(page, text)
        page.screenshot(path=HERE / f"{name}{suffix}.png")
    page.close()


# Picture → text of the cell that it begins with.
QUICKSTART = {
    "quickstart": "2. Publish what this machine",
    "dry-run": "3. Publish a real data set",
    "connect": "1. Connect",
}


# ---- the picker

# A team's variables. Each token is made for this picture alone and opens nothing.
VARIABLES = """\
import os
os.environ.pop('Quix__Workspace__Id', None)
os.environ.update({{'Quix__Portal__Api': '{portal}'{more}}})
%quix_token --forget;"""


class Pictures:
    """One notebook with a picker in it, photographed."""

    def __init__(self, browser: Browser | BrowserContext, server: JupyterLab, portal: str, suffix: str) -> None:
        self.page = browser.new_page()
        self.page.set_viewport_size({"width": 1000, "height": 1400})
        self.lab, self.portal, self.suffix = Lab(self.page, server), portal, suffix
        self.lab.load()
        name = f"picker{suffix}.ipynb"
        self.notebook = self.lab.notebook(name, "%load_ext quixnb", "", "%quix_token")
        self.notebook.run(0)
        self.picker = PickerPage(self.notebook, 2)

    def begin(self, portal: str = "", **variables: str) -> PickerPage:
        """A picker of its own, in a kernel with these variables."""
        more = "".join(f", {name!r}: {value!r}" for name, value in variables.items())
        self.page.evaluate(
            f"text => {{ {_SET_SOURCE} }}",
            VARIABLES.format(portal=portal or self.portal, more=more),
        )
        self.notebook.run(1)
        self.notebook.run(2)
        self.picker.wait_until_asked()
        return self.picker

    def take(self, name: str) -> None:
        """The picker as it is now, without what the pointer is over."""
        self.page.mouse.move(1, 1)
        path = HERE / f"picker-{name}{self.suffix}.png"
        self.picker.root.screenshot(path=path, animations="disabled")
        small(path)


def choosing(pictures: Pictures) -> None:
    """Choosing a token."""
    pictures.begin(Quix__Sdk__Token=fake_token(), STAGING_TOKEN=fake_token())
    pictures.take("choose")
    pictures.begin(Quix__Sdk__Token="", STAGING_TOKEN="")
    pictures.take("first")


def problems(pictures: Pictures) -> None:
    """What can be wrong with one."""
    picker = pictures.begin()
    picker.paste("sdk-2f9c…41ab")
    picker.expect_problem("hidden")
    pictures.take("malformed")
    with HTTPServer(host="127.0.0.1", port=0) as refusing:
        refusing.expect_request("/workspaces").respond_with_json({"message": "No."}, 401)
        picker = pictures.begin(f"http://127.0.0.1:{refusing.port}")
        picker.paste(fake_token())
        picker.expect_problem("401")
        pictures.take("rotated")
    with nobody() as address:
        picker = pictures.begin(f"http://{address}")
        picker.paste(fake_token())
        picker.expect_problem(address)
        pictures.take("unreachable")
    with silent() as address:
        picker = pictures.begin(f"http://{address}")
        picker.paste(fake_token())
        picker.root.get_by_text("Checking the pasted token").first.wait_for()
        pictures.take("checking")
        picker.button("Cancel").click()
    picker = pictures.begin(Quix__Workspace__Id="acme-f1-analytics-qa")
    picker.paste(fake_token("pat"))
    picker.expect_problem("acme-f1-analytics-qa")
    pictures.take("other-environment")


def connecting(pictures: Pictures) -> None:
    """Environments, topics, and what is remembered."""
    picker = pictures.begin()
    picker.paste(fake_token("pat"))
    picker.option("acme-f1-analytics-dev").wait_for()
    picker.search.press("ArrowDown")
    pictures.take("environments")
    picker.option("acme-f1-analytics-dev").click()
    picker.expect_connected("acme-f1-analytics-dev")
    pictures.take("personal-token")
    picker = pictures.begin(Quix__Workspace__Id="acme-f1-analytics-dev")
    picker.paste(fake_token())
    picker.expect_connected("acme-f1-analytics-dev")
    picker.option("lap-times").click()
    picker.code.wait_for()
    pictures.take("connected")
    picker.button("New topic").click()
    picker.root.get_by_label("Name", exact=True).fill("sector-times")
    picker.root.get_by_label("Partitions").fill("0")
    picker.root.get_by_label("Name", exact=True).press("Enter")
    picker.root.locator(".qnb-new .qnb-error").wait_for()
    pictures.take("new-topic")
    picker.button("Cancel").click()
    picker.root.locator("summary").click()
    picker.root.get_by_label("As a profile").check()
    pictures.take("remember")
    picker.button("Save").click()
    picker.root.locator(".qnb-keep .qnb-error").wait_for()
    pictures.take("no-keyring")
    picker.root.evaluate("root => { root.style.width = '320px' }")
    pictures.take("narrow")
    picker = pictures.begin(Quix__Workspace__Id=portals.EMPTY)
    picker.paste(fake_token())
    picker.expect_connected(portals.EMPTY)
    pictures.take("no-topics")
    picker = pictures.begin(Quix__Workspace__Id=portals.LONG)
    picker.paste(fake_token())
    picker.expect_connected(portals.LONG)
    pictures.take("long-names")


def kernel(pictures: Pictures) -> None:
    """A kernel that was restarted, one that is busy, and one that never knew of the picker."""
    pictures.begin()
    pictures.notebook.save()
    pictures.notebook.restart_kernel()
    pictures.picker.root.get_by_text("The kernel was restarted.").wait_for()
    pictures.take("restarted")
    pictures.lab.close_all()
    pictures.lab.open(f"picker{pictures.suffix}.ipynb")
    pictures.picker.root.get_by_text("Not connected to a kernel.").wait_for()
    pictures.take("reopened")


def take_plain(browser: Browser, server: JupyterLab, portal: str, suffix: str) -> None:
    """A page that cannot encrypt."""
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
    pictures = Pictures(context, server, portal, suffix)
    picker = pictures.begin()
    pictures.take("plain")
    picker.paste(fake_token())
    pictures.take("plain-question")
    context.close()


# ---- the panel

CONNECTED = """\
import os, quixnb
os.environ["Quix__Sdk__Token"] = {token!r}
quixnb.connect(portal_api={portal!r}, environment={environment!r})"""
LAPS = """\
import pandas as pd
laps = pd.DataFrame({"car": ["a", "b"], "speed": [211.5, 214.0]})"""
IN_PLAIN_TEXT = 'client = QuixClient("{token}")'


class PanelPictures:
    """One notebook beside the panel, photographed."""

    def __init__(self, browser: Browser, server: JupyterLab, suffix: str) -> None:
        self.page = browser.new_page(viewport={"width": 1100, "height": 680})
        self.lab, self.suffix = Lab(self.page, server), suffix
        self.lab.load()
        self.lab.command("application:toggle-left-area")
        self.notebook = self.lab.notebook(
            f"panel{suffix}.ipynb", "%load_ext quixnb", "", LAPS, IN_PLAIN_TEXT.format(token=fake_token())
        )
        self.quix = Quix(self.lab).open()

    def connect(self, portal: str, environment: str) -> None:
        """Connect; the cell that says how is emptied again, since it is not how one does it."""
        for text in (CONNECTED.format(token=fake_token(), portal=portal, environment=environment), ""):
            self.page.evaluate(f"text => {{ {_SET_SOURCE} }}", text)
            self.notebook.run(1)
        self.quix.connection.get_by_text(environment).wait_for()
        self.quix.topics.get_by_role("listitem").first.wait_for()

    def take(self, name: str) -> None:
        """The panel as it is now."""
        self.page.mouse.move(1, 1)
        self.quix.panel.screenshot(path=HERE / f"panel-{name}{self.suffix}.png", animations="disabled")


def take_panel(browser: Browser, server: JupyterLab, portal: str, suffix: str) -> None:
    """The pictures of the panel, and of the page that it is in."""
    pictures = PanelPictures(browser, server, suffix)
    quix = pictures.quix
    quix.connection.get_by_role("button", name="Load quixnb").wait_for()
    pictures.take("not-loaded")
    pictures.notebook.run(0)
    quix.connection.get_by_text("Not connected").wait_for()
    pictures.take("not-connected")
    pictures.connect(portal, portals.LONG)
    pictures.take("long-names")
    pictures.notebook.run(2)
    with HTTPServer(host="127.0.0.1", port=0) as own:
        pictures.connect(portals.serve_company(own), "acme-f1-analytics-dev")
        pictures.take("connected")
        quix.press("Publish to lap-times: write a cell")
        pictures.notebook.cell(1).locator(".cm-content", has_text="%%quix_publish").wait_for()
        pictures.page.mouse.move(1, 1)
        pictures.page.screenshot(path=HERE / f"panel{suffix}.png", animations="disabled")
        quix.panel.evaluate("panel => { panel.style.minWidth = '0'; panel.style.width = '200px' }")
        pictures.take("narrow")
        quix.panel.evaluate("panel => { panel.style.minWidth = panel.style.width = '' }")
        own.clear()
        own.expect_request("/workspaces/acme-f1-analytics-dev").respond_with_json({"message": "No."}, 401)
        quix.press("Check now")
        quix.panel.locator(".qnb-Problem").first.wait_for()
        pictures.take("problem")
    pictures.page.close()


PICKER: tuple[Callable[[Pictures], None], ...] = (choosing, problems, connecting, kernel)


def take(theme: str) -> None:
    """All pictures in one theme."""
    suffix = "" if theme == "light" else f"-{theme}"
    settings = {"@jupyterlab/apputils-extension:themes": {"theme": THEMES[theme]}}
    with (
        tempfile.TemporaryDirectory() as home,
        jupyter_lab(Path(home), settings=settings) as server,
        HTTPServer(host="127.0.0.1", port=0) as company,
        sync_playwright() as tools,
    ):
        portal = portals.serve_company(company)
        browser = tools.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        if "quickstart" in WANTED:
            take_quickstart(browser, server, suffix)
        if "picker" in WANTED:
            pictures = Pictures(browser, server, portal, suffix)
            for group in PICKER:
                group(pictures)
            take_plain(browser, server, portal, suffix)
        if "panel" in WANTED:
            take_panel(browser, server, portal, suffix)
        if "guard" in WANTED:
            guard_pictures.take(browser, server, suffix)
        browser.close()


WANTED = sys.argv[1:] or ["quickstart", "picker", "panel", "guard"]

if __name__ == "__main__":
    for each in THEMES:
        take(each)
