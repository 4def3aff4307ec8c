"""The picker where it looks or behaves otherwise: in Notebook 7, in the dark, in high contrast, in a narrow window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quixnb.sandbox import Sandbox
from tests.browser.notebook import Lab, NotebookPage, write_notebook
from tests.browser.picker import PickerPage, setting_up
from tests.browser.server import JupyterLab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def notebook7(context: BrowserContext, server: JupyterLab, sandbox: Sandbox) -> Iterator[NotebookPage]:
    """Notebook 7, whose page holds one notebook."""
    write_notebook(
        server.notebooks / "seven.ipynb", setting_up(sandbox.portal_api) + "\n%quix_token --forget;", "%quix_token"
    )
    page = context.new_page()
    page.goto(server.url("notebooks/seven.ipynb"))
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)")
    opened = NotebookPage(page, server, "seven.ipynb")
    opened.wait_until_open()
    yield opened
    Lab(page, server).close_all()
    page.close()


@pytest.fixture
def picker(notebook7: NotebookPage) -> Iterator[PickerPage]:
    notebook7.run(0)
    notebook7.run(1)
    picker = PickerPage(notebook7, 1)
    picker.wait_until_asked()
    yield picker
    notebook7.page.emulate_media(forced_colors="none")
    notebook7.page.set_viewport_size({"width": 1280, "height": 900})


def test_in_notebook_7_a_token_is_pasted_a_topic_chosen_and_a_restart_noticed(
    picker: PickerPage, sandbox: Sandbox
) -> None:
    assert picker.problems() == []
    picker.paste(sandbox.admin_token.reveal())
    picker.option("sandbox-f1-dev").click()
    picker.expect_connected("sandbox-f1-dev")

    picker.search.fill("wea")
    picker.search.press("Enter")
    expect(picker.code).to_have_text("%quix_publish weather df")
    assert picker.problems() == []

    picker.notebook.restart_kernel()
    expect(picker.root).to_contain_text("The kernel was restarted.")


def test_keys_pressed_in_it_are_not_commands_of_notebook_7(picker: PickerPage) -> None:
    cells = picker.page.locator(".jp-Cell").count()
    picker.button("Sandbox").focus()

    for key in ("b", "a", "d", "d", "ArrowDown"):
        picker.page.keyboard.press(key)

    expect(picker.button("Sandbox")).to_be_focused()
    assert picker.page.locator(".jp-Cell").count() == cells


def test_it_fits_a_window_320_pixels_wide(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.page.set_viewport_size({"width": 320, "height": 800})
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_connected("sandbox-f1-dev")
    picker.option("weather").click()
    picker.button("New topic").click()
    picker.root.locator("summary").click()
    picker.root.get_by_label("As a profile").check()

    overflowing = picker.root.evaluate(
        "root => [root, ...root.querySelectorAll('*')].filter(each => each.getBoundingClientRect().width > 0"
        " && each.getBoundingClientRect().right > root.getBoundingClientRect().right + 0.5).map(each => each.className)"
    )

    assert overflowing == []
    assert picker.problems() == []


def test_in_high_contrast_what_is_chosen_can_be_told_from_what_is_not(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.page.emulate_media(forced_colors="active")
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_connected("sandbox-f1-dev")

    picker.search.press("ArrowDown")
    picker.search.press("Enter")

    chosen = picker.root.locator("[role=option][aria-selected=true]")
    assert chosen.evaluate("option => getComputedStyle(option).outlineStyle") == "solid"
    assert chosen.evaluate("option => getComputedStyle(option, '::before').content") == '""'
    assert picker.problems() == []


def test_in_the_dark_theme_everything_can_be_read(lab: Lab, sandbox: Sandbox) -> None:
    page = lab.page
    theme(page, "JupyterLab Dark")
    notebook = lab.notebook("dark.ipynb", setting_up(sandbox.portal_api), "%quix_token")
    notebook.run(0)
    notebook.run(1)
    picker = PickerPage(notebook, 1)
    picker.wait_until_asked()
    assert picker.problems() == []
    picker.paste("sdk-too-short")
    picker.expect_problem("not hexadecimal")
    assert picker.problems() == []
    picker.paste(sandbox.viewer_token.reveal())
    expect(picker.option("sandbox-f1-dev")).to_be_visible()
    assert picker.problems() == []
    picker.option("sandbox-f1-dev").click()
    picker.expect_connected("sandbox-f1-dev")
    picker.option("weather").click()
    picker.root.locator("summary").click()

    assert picker.problems() == []
    assert picker.root.evaluate("root => getComputedStyle(root).backgroundColor") != "rgb(255, 255, 255)"
    theme(page, "JupyterLab Light")


def theme(page: Page, name: str) -> None:
    page.evaluate(
        "async name => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}) }", name
    )
    page.wait_for_function(f"() => document.body.dataset.jpThemeName === {name!r}")
