"""The line between a page and quixnb in its kernels: when it is there, when it is gone, what the page shows then."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from quixnb.sandbox import Sandbox
from tests.browser.notebook import Lab
from tests.browser.quix import CONNECT, LOAD, Quix, is_enabled
from tests.browser.server import JupyterLab

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lab_extension")]

NOT_LOADED = "quixnb is not loaded in this kernel."
# As in an environment that quixnb was not installed in.
ABSENT = """\
import sys
class Absent:
    def find_spec(self, name, *_):
        if name == "quixnb":
            raise ModuleNotFoundError("No module named 'quixnb'", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def quix(lab: Lab) -> Quix:
    return Quix(lab).open()


def test_loading_quixnb_in_a_cell_is_seen_and_unloading_too(lab: Lab, quix: Quix) -> None:
    notebook = lab.notebook("loaded.ipynb", LOAD, "%unload_ext quixnb")
    expect(quix.connection).to_contain_text(NOT_LOADED)

    notebook.run(0)
    expect(quix.connection).to_contain_text("Not connected")
    notebook.run(1)

    expect(quix.connection).to_contain_text(NOT_LOADED)


def test_a_kernel_without_quixnb_is_offered_it(lab: Lab, quix: Quix, page: Page) -> None:
    lab.notebook("offered.ipynb", "1")
    expect(quix.connection).to_contain_text(NOT_LOADED)
    assert is_enabled(page, "quixnb:load")
    assert not is_enabled(page, "quixnb:check")

    quix.press("Load quixnb")

    expect(quix.connection).to_contain_text("Not connected")
    assert not is_enabled(page, "quixnb:load")
    assert is_enabled(page, "quixnb:check")


def test_where_quixnb_is_not_installed_the_page_says_how_to_install_it(lab: Lab, quix: Quix, page: Page) -> None:
    notebook = lab.notebook("absent.ipynb", ABSENT)
    notebook.run(0)

    quix.press("Load quixnb")

    notice = page.locator(".jp-toastContainer").filter(has_text="%pip install quixnb")
    expect(notice).to_be_visible()
    expect(quix.connection).to_contain_text(NOT_LOADED)


def test_a_restarted_kernel_has_forgotten_and_can_be_loaded_again(lab: Lab, quix: Quix, sandbox: Sandbox) -> None:
    notebook = lab.notebook("restarted.ipynb", LOAD, CONNECT)
    notebook.run(0)
    notebook.run(1)
    expect(quix.connection).to_contain_text("sandbox-f1-dev")

    notebook.restart_kernel()

    expect(quix.connection).to_contain_text(NOT_LOADED)
    notebook.run(0)
    notebook.run(1)
    expect(quix.connection).to_contain_text("sandbox-f1-dev")


def test_a_page_that_is_loaded_again_finds_the_connection_and_one_with_a_busy_kernel_waits(
    lab: Lab, quix: Quix, sandbox: Sandbox
) -> None:
    go_on = lab.server.home / "go on"
    wait = f"from pathlib import Path\nwhile not Path({str(go_on)!r}).exists(): pass"
    notebook = lab.notebook("reloaded.ipynb", LOAD, CONNECT, wait)
    notebook.run(0)
    notebook.run(1)
    notebook.save()

    lab.load()
    expect(quix.connection).to_contain_text("sandbox-f1-dev")

    notebook.start(2)
    expect(notebook.cell(2).locator(".jp-InputPrompt")).to_contain_text("*")
    lab.load()
    expect(quix.connection).to_contain_text("The kernel has not answered yet.")
    expect(quix.status).to_have_text("Quix")
    go_on.touch()
    expect(quix.connection).to_contain_text("sandbox-f1-dev")


def test_each_notebook_shows_its_own_kernel(lab: Lab, quix: Quix, sandbox: Sandbox) -> None:
    one = lab.notebook("one.ipynb", LOAD, CONNECT)
    one.run(0)
    one.run(1)
    expect(quix.connection).to_contain_text("sandbox-f1-dev")

    lab.notebook("two.ipynb", "1")
    expect(quix.connection).to_contain_text(NOT_LOADED)
    expect(quix.topics).to_have_count(0)
    lab.open("one.ipynb")

    expect(quix.connection).to_contain_text("sandbox-f1-dev")
    expect(quix.topic("f1-data")).to_be_visible()


def test_a_console_has_a_line_too(lab: Lab, quix: Quix, page: Page) -> None:
    page.evaluate(
        "() => { window.jupyterapp.commands.execute('console:create', {kernelPreference: {name: 'python3'}}) }"
    )
    expect(quix.connection).to_contain_text(NOT_LOADED, timeout=20_000)

    quix.press("Load quixnb")
    quix.press("Try in a sandbox")

    expect(quix.connection).to_contain_text("sandbox-f1-dev", timeout=20_000)


def test_a_kernel_of_another_language_is_left_alone(lab: Lab, quix: Quix, server: JupyterLab, page: Page) -> None:
    write_kernel(server.home / "data" / "kernels" / "other")
    page.evaluate("async () => { await window.jupyterapp.serviceManager.kernelspecs.refreshSpecs(); }")

    page.evaluate("() => { window.jupyterapp.commands.execute('console:create', {kernelPreference: {name: 'other'}}) }")

    expect(quix.connection).to_contain_text("quixnb runs in Python kernels.", timeout=20_000)
    expect(quix.status).to_be_hidden()
    assert not is_enabled(page, "quixnb:choose-token")
    assert not is_enabled(page, "quixnb:load")


def write_kernel(folder: Path) -> None:
    """Install the kernel of another language."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.browser.other_kernel", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Other", "language": "other"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
