"""The side panel in a real JupyterLab and Notebook 7, with a kernel that is connected to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quixnb.sandbox import Sandbox
from tests.browser.notebook import Lab, NotebookPage, write_notebook
from tests.browser.quix import CONNECT, FRAME, LOAD, Quix, violations, wait_for_cell
from tests.browser.server import JupyterLab
from tests.fakes import fake_token

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lab_extension")]

THEMES = ["JupyterLab Light", "JupyterLab Dark"]
# A name of the length that projects give, without a place to break it.
LONG = "temperatures_of_all_cars_and_sectors_" * 3


@pytest.fixture(scope="module")
def connected(_page: Lab, sandbox: Sandbox) -> Iterator[NotebookPage]:
    """A notebook that is connected to the sandbox's dev environment and has a frame; the tests add to it."""
    notebook = _page.notebook("panel.ipynb", f"{LOAD}\n{CONNECT}", FRAME)
    Quix(_page).open()
    notebook.run(0)
    notebook.run(1)
    yield notebook
    _page.close_all()


@pytest.fixture
def quix(_page: Lab, connected: NotebookPage) -> Quix:
    expect(Quix(_page).connection).to_contain_text("sandbox-f1-dev")
    return Quix(_page)


@pytest.fixture
def last(connected: NotebookPage) -> int:
    """The number of the cell that is written next; the cursor is in the last of those that are there."""
    return connected.page.evaluate(
        """path => {
            const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
            panel.content.activeCellIndex = panel.content.widgets.length - 1;
            return panel.content.widgets.length;
        }""",
        connected.path.name,
    )


def test_the_connection_is_shown_without_a_character_of_the_token(quix: Quix, sandbox: Sandbox) -> None:
    for text in ("sandbox-f1-dev", "streaming token from sandbox", sandbox.portal_api.removeprefix("http://")):
        expect(quix.connection).to_contain_text(text)
    assert sandbox.environments["dev"].token_1.reveal() not in quix.page.content()


def test_choosing_a_token_shows_the_picker_in_a_cell_of_its_own(quix: Quix, connected: NotebookPage, last: int) -> None:
    quix.press("Choose a token…")

    wait_for_cell(connected, last, "%quix_token")
    expect(connected.output(last)).to_contain_text("token")


def test_check_now_asks_the_portal(quix: Quix) -> None:
    quix.press("Check now")

    expect(quix.connection.get_by_role("button", name="Check now")).to_have_attribute("aria-disabled", "false")
    expect(quix.connection).to_contain_text("sandbox-f1-dev")


def test_topics_are_searched_as_one_types(quix: Quix) -> None:
    search = quix.topics.get_by_role("searchbox")

    search.press_sequentially("F1")
    expect(quix.topics.get_by_role("listitem")).to_have_count(1)
    expect(quix.topics).to_contain_text("1 of ")
    search.press_sequentially(" nonsense")
    expect(quix.topics).to_contain_text("No topic has that in its name.")
    search.fill("sandbox-f1-dev-weather")

    expect(quix.topics.get_by_role("listitem")).to_have_count(1)
    expect(quix.topic("weather")).to_contain_text("4 partitions, keeps 5.2 MB")
    search.fill("")


def test_a_publish_cell_is_written_run_and_its_rows_are_read_back(
    quix: Quix, connected: NotebookPage, last: int
) -> None:
    quix.press("Publish to f1-data: write a cell")
    wait_for_cell(connected, last, "%%quix_publish f1-data\nlaps")
    connected.run(last)
    expect(connected.output(last)).to_contain_text("Published 2 rows to 'f1-data'")

    quix.press("Read the last 100 rows of f1-data")
    wait_for_cell(connected, last + 1, "%quix_read f1-data --last 100")
    expect(connected.output(last + 1)).to_contain_text("2.5")
    quix.press("Watch f1-data live")

    wait_for_cell(connected, last + 2, "%quix_tail f1-data")
    expect(connected.output(last + 2)).to_contain_text("f1-data: waiting for rows")
    connected.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:interrupt-kernel') }")
    connected.wait_until_open()


def test_the_frame_in_a_publish_cell_is_selected_to_be_typed_over(
    quix: Quix, connected: NotebookPage, last: int
) -> None:
    quix.press("Publish to weather: write a cell")
    wait_for_cell(connected, last, "%%quix_publish weather\nlaps")
    expect(connected.cell(last).locator(".cm-content")).to_be_focused()

    connected.page.keyboard.type("laps.tail(1)")

    wait_for_cell(connected, last, "%%quix_publish weather\nlaps.tail(1)")


def test_a_new_topic_is_in_the_list_at_once(quix: Quix, connected: NotebookPage, last: int) -> None:
    quix.press("New topic…")
    wait_for_cell(connected, last, "%quix_topics --create NAME")
    connected.page.keyboard.type(LONG)
    connected.run(last)

    expect(quix.topic(LONG)).to_be_visible()


def test_a_topic_is_asked_for_by_the_command_of_the_menu(quix: Quix, connected: NotebookPage, last: int) -> None:
    quix.page.get_by_role("menuitem", name="Quix").click()
    quix.page.get_by_role("menuitem", name="Insert Publish Cell…").click()
    dialog = quix.page.get_by_role("dialog")
    dialog.locator("input").fill("cpu-load")
    dialog.get_by_role("button", name="Insert cell").click()

    wait_for_cell(connected, last, "%%quix_publish cpu-load\nlaps")


def test_findings_are_listed_gone_to_and_fixed(quix: Quix, connected: NotebookPage, last: int) -> None:
    expect(quix.findings).to_contain_text("None in this document.")
    page = connected.page
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:insert-cell-below') }")
    connected.insert(last, f"first = 1\nkey = '{fake_token()}'")
    row = quix.findings.get_by_role("listitem")
    expect(row).to_contain_text(f"Cell {last + 1}, line 2")
    expect(row).to_contain_text("Quix streaming token")

    connected.cell(0).locator(".cm-content").click()
    quix.press(f"Go to: Cell {last + 1}, line 2")
    expect(connected.cell(last).locator(".cm-content")).to_be_focused()
    quix.press(f"Fix: Cell {last + 1}, line 2")

    expect(quix.findings).to_contain_text("None in this document.")
    assert 'quixnb.token("key")' in connected.source(last)


def test_focus_stays_where_it_is_when_the_panel_changes(quix: Quix, connected: NotebookPage) -> None:
    button = quix.topic("weather").get_by_role("button", name="Read the last 100")
    button.focus()

    for _ in range(2):
        connected.page.evaluate("() => window.jupyterapp.commands.execute('quixnb:check')")

    expect(quix.connection.get_by_role("button", name="Check now")).to_have_attribute("aria-disabled", "false")
    # The command has put the panel itself in front.
    expect(quix.panel).to_be_focused()
    button.focus()
    connected.page.evaluate(
        "() => { const [first] = document.querySelectorAll('#quixnb-panel .qnb-Tool:last-child'); first.click(); }"
    )
    expect(button).to_be_focused()


def test_it_is_walked_by_keyboard_in_the_order_in_which_it_is_read(quix: Quix) -> None:
    quix.panel.focus()
    names = []
    for _ in range(6):
        quix.page.keyboard.press("Tab")
        names.append(quix.page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.textContent"))

    assert names[:5] == [
        "Choose a token…",
        "Check now",
        "New topic…",
        "Ask for the topics again",
        "Search topics by name",
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(quix: Quix, theme: str) -> None:
    show_theme(quix.lab, theme)

    assert violations(quix.page, "#quixnb-panel") == []
    assert violations(quix.page, ".qnb-Status") == []
    show_theme(quix.lab, THEMES[0])


@pytest.mark.parametrize("width", [320, 200])
def test_nothing_is_cut_off_in_a_narrow_panel(quix: Quix, width: int) -> None:
    too_wide = quix.panel.evaluate(
        """(panel, width) => {
            const { minWidth, width: wide } = panel.style;
            panel.style.minWidth = '0';
            panel.style.width = `${width}px`;
            const cut = [panel, ...panel.querySelectorAll('*')].filter(each => each.scrollWidth > each.clientWidth + 1
                && each.clientWidth > 1 && getComputedStyle(each).display !== 'inline');
            const seen = panel.clientWidth;
            panel.style.minWidth = minWidth;
            panel.style.width = wide;
            return seen > width ? [seen] : cut.map(each => each.outerHTML.slice(0, 100));
        }""",
        width,
    )

    assert too_wide == []


def test_without_a_notebook_it_says_what_to_open(lab: Lab) -> None:
    quix = Quix(lab).open()
    lab.close_all()

    expect(quix.connection).to_contain_text("Open a notebook or a console")
    expect(quix.topics).to_have_count(0)


def test_notebook_7_has_it_at_its_right_side_and_says_nothing_wrong(
    context: BrowserContext, server: JupyterLab, sandbox: Sandbox
) -> None:
    write_notebook(server.notebooks / "seven.ipynb", f"{LOAD}\n{CONNECT}")
    page = context.new_page()
    try:
        errors = heard_errors(page)
        page.goto(server.url("notebooks/seven.ipynb"))
        page.wait_for_function("() => window.jupyterapp?.started.then(() => true)")
        notebook = NotebookPage(page, server, "seven.ipynb")
        notebook.wait_until_open()
        quix = Quix(Lab(page, server)).open()
        notebook.run(0)

        expect(quix.connection).to_contain_text("sandbox-f1-dev")
        expect(quix.topic("f1-data")).to_be_visible()
        quix.press("Publish to f1-data: write a cell")
        wait_for_cell(notebook, 1, "%%quix_publish f1-data\ndf")
        assert [error for error in errors if "quixnb" in error] == []  # Notebook has one of its own
    finally:
        page.close()


def heard_errors(page: Page) -> list[str]:
    """What goes wrong in the page from now on, with the place in the code."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors


def show_theme(lab: Lab, name: str) -> None:
    """Change the theme, and wait until it is on."""
    lab.command("apputils:change-theme", theme=name)
    lab.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)
