"""The token picker in JupyterLab: choosing a token, an environment and a topic, by pointer and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_httpserver import HTTPServer

from quixnb.sandbox import Sandbox
from tests import leaks
from tests.acceptance.fronts import nobody
from tests.browser import portals
from tests.browser.notebook import Lab, NotebookPage
from tests.browser.picker import PickerPage, setting_up, stored_in
from tests.browser.server import JupyterLab
from tests.fakes import fake_token
from tests.leaks import Secrets

pytestmark = pytest.mark.browser

FORGET, PICKER, ASK, FRAME, PUBLISH = range(1, 6)
CELLS = (
    "%quix_token --forget",
    "%quix_token",
    "session = quixnb.current()\nprint(session.environment.id, session.token.source, session.default_topic)",
    "import pandas as pd\n"
    "df = pd.DataFrame({'timestamp': pd.date_range('2026-01-01', periods=3, tz='UTC'), 'speed': [1.5, 2.5, 3.5]});",
    "",
)

# The kernel writes each message that it gets, and no guard of ours cleans the log or what is sent.
LOG_ALL = """\
import logging
log = get_ipython().kernel.log
log.filters.clear()
log.setLevel("DEBUG")
handler = logging.FileHandler({file!r})
log.addHandler(handler)
%config QuixGuard.on_token_in_output = 'off'
"""


@pytest.fixture(scope="module")
def notebook(context: BrowserContext, server: JupyterLab, sandbox: Sandbox) -> Iterator[NotebookPage]:
    """One notebook for all tests of this file: each begins with a picker of its own."""
    lab = Lab(context.new_page(), server)
    lab.load()
    opened = lab.notebook("picker.ipynb", setting_up(sandbox.portal_api), *CELLS)
    opened.run(0)
    yield opened
    lab.close_all()
    lab.page.close()


@pytest.fixture
def picker(notebook: NotebookPage, sandbox: Sandbox) -> PickerPage:
    """A picker of a kernel that is not connected."""
    set_source(
        notebook, 0, f"os.environ['Quix__Portal__Api'] = {sandbox.portal_api!r}\nos.environ.pop('TEAM_TOKEN', '');"
    )
    notebook.run(0)
    return shown(notebook)


def shown(notebook: NotebookPage) -> PickerPage:
    notebook.run(FORGET)
    notebook.run(PICKER)
    picker = PickerPage(notebook, PICKER)
    picker.wait_until_asked()
    return picker


def set_source(notebook: NotebookPage, cell: int, text: str) -> None:
    """Write a cell anew."""
    notebook.page.evaluate(
        "([cell, text]) => { const notebook = window.jupyterapp.shell.currentWidget.content;"
        " notebook.widgets[cell].model.sharedModel.setSource(text) }",
        [cell, text],
    )


# ---- choosing


def test_a_pasted_token_connects_and_is_gone_from_the_field_at_once(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.paste(sandbox.environments["dev"].token_1.reveal())

    expect(picker.field).to_have_value("")
    picker.expect_connected("sandbox-f1-dev")
    expect(picker.root).to_contain_text("Streaming token pasted")
    assert picker.kernel_says(ASK) == "sandbox-f1-dev pasted None\n"
    assert picker.problems() == []


def test_a_place_on_this_machine_is_offered_by_its_name(picker: PickerPage) -> None:
    set_source(
        picker.notebook, 0, "os.environ['TEAM_TOKEN'] = quixnb.sandbox.find().environments['prod'].token_1.reveal()"
    )
    picker.notebook.run(0)
    picker = shown(picker.notebook)
    assert picker.problems() == []

    picker.button("TEAM_TOKEN").click()

    picker.expect_connected("sandbox-f1-prod")
    assert picker.kernel_says(ASK) == "sandbox-f1-prod TEAM_TOKEN None\n"


def test_the_sandbox_is_one_click_away(picker: PickerPage) -> None:
    picker.button("Sandbox").click()

    picker.expect_connected("sandbox-f1-dev")


def test_a_personal_token_chooses_among_environments_grouped_by_project(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.paste(sandbox.admin_token.reveal())
    expect(picker.option("prod")).to_be_visible()
    assert picker.problems() == []

    picker.option("sandbox-f1-prod").click()

    picker.expect_connected("sandbox-f1-prod")
    expect(picker.root).to_contain_text("the streaming token of 'sandbox-f1-prod' is enough")
    picker.button("Change environment").click()
    picker.option("sandbox-f1-dev").click()
    picker.expect_connected("sandbox-f1-dev")


def test_many_environments_are_filtered_as_one_types(picker: PickerPage, httpserver: HTTPServer) -> None:
    address = portals.serve_company(httpserver)
    set_source(picker.notebook, 0, f"os.environ['Quix__Portal__Api'] = {address!r}")
    picker.notebook.run(0)
    picker = shown(picker.notebook)
    picker.paste(fake_token("pat"))
    expect(picker.root.get_by_role("group")).to_have_count(4)
    assert picker.problems() == []

    picker.search.fill("wind dev")
    expect(picker.root.get_by_role("option")).to_have_count(1)
    picker.search.press("Enter")

    picker.expect_connected(portals.EMPTY)
    expect(picker.root).to_contain_text("This environment has no topics yet")
    assert picker.problems() == []


def test_names_of_any_length_keep_their_places(picker: PickerPage, httpserver: HTTPServer) -> None:
    address = portals.serve_company(httpserver)
    set_source(
        picker.notebook,
        0,
        f"os.environ['Quix__Portal__Api'] = {address!r}\nos.environ['Quix__Workspace__Id'] = {portals.LONG!r}",
    )
    picker.notebook.run(0)
    picker = shown(picker.notebook)
    picker.paste(fake_token("pat"))
    picker.expect_connected(portals.LONG)

    name = picker.option(portals.LONG_NAME).locator(".qnb-name")

    expect(name).to_have_attribute("title", portals.LONG_NAME)
    assert name.evaluate("span => span.scrollWidth > span.clientWidth")  # cut short with an ellipsis
    expect(picker.root).to_contain_text("101 more: type to narrow the list.")
    for width in (320, 600):
        picker.root.evaluate("(root, width) => { root.style.width = width + 'px' }", width)
        assert picker.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    assert picker.problems() == []
    set_source(picker.notebook, 0, "del os.environ['Quix__Workspace__Id']")
    picker.notebook.run(0)


# ---- what can be wrong


def test_what_is_no_token_is_said_in_its_own_words(picker: PickerPage) -> None:
    token = fake_token()
    for text, words in {
        token[:-3]: "29 digits behind 'sdk-'; a token has 32 (cut short)",
        f"{token[:8]}…{token[-4:]}": "its middle is hidden",
        f"TOKEN={token}": "only what stands behind that is the token",
        token[4:]: "its 'sdk-' or 'pat-' is missing",
    }.items():
        picker.paste(text)
        picker.expect_problem(words)
    assert picker.problems() == []
    expect(picker.field).to_be_focused()


def test_a_token_that_was_rotated_away_is_said_to_be(picker: PickerPage) -> None:
    picker.paste(fake_token())

    picker.expect_problem("refused the pasted token (401)")
    picker.expect_problem("It may have been rotated.")
    picker.expect_problem("then paste it here")
    assert picker.problems() == []


def test_a_token_of_another_environment_than_the_one_wanted_can_be_used_in_its_own(
    picker: PickerPage, sandbox: Sandbox
) -> None:
    set_source(picker.notebook, 0, "os.environ['Quix__Workspace__Id'] = 'sandbox-f1-prod'")
    picker.notebook.run(0)
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_problem("does not see the environment 'sandbox-f1-prod'")
    assert picker.problems() == []
    set_source(picker.notebook, 0, "del os.environ['Quix__Workspace__Id']")
    picker.notebook.run(0)

    picker.option("sandbox-f1-dev").click()

    picker.expect_connected("sandbox-f1-dev")


def test_a_portal_out_of_reach_is_said_to_be_and_asked_again_on_request(picker: PickerPage, sandbox: Sandbox) -> None:
    with nobody() as address:
        set_source(picker.notebook, 0, f"os.environ['Quix__Portal__Api'] = 'http://{address}'")
        picker.notebook.run(0)
        picker = shown(picker.notebook)
        picker.paste(sandbox.environments["dev"].token_2.reveal())
        expect(picker.root).to_contain_text("Checking the pasted token…")
        assert picker.problems() == []
        picker.expect_problem(address)
        assert picker.problems() == []
    set_source(picker.notebook, 0, f"os.environ['Quix__Portal__Api'] = {sandbox.portal_api!r}")
    picker.notebook.run(0)

    picker.button("Try again").click()

    picker.expect_connected("sandbox-f1-dev")


def test_a_cell_that_needs_a_connection_points_at_the_picker(picker: PickerPage) -> None:
    said = picker.kernel_says(ASK)

    assert "TokenMissing: No Quix token has been chosen yet." in said
    assert "Choose one in the picker above, then run this cell again." in said


# ---- topics


def test_a_topic_is_found_chosen_and_published_to_with_the_line_it_gives(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_connected("sandbox-f1-dev")
    expect(picker.option("changelog")).to_have_count(0)
    picker.search.fill("tele")
    expect(picker.root.get_by_role("option")).to_have_count(1)
    expect(picker.option("sandbox-f1-dev-telemetry-7c1e")).to_contain_text("4 partitions")

    picker.search.press("Enter")
    expect(picker.code).to_have_text("%quix_publish telemetry df")
    picker.button("Copy").click()
    expect(picker.button("Copied")).to_be_visible()

    notebook = picker.notebook
    assert notebook.page.evaluate("() => navigator.clipboard.readText()") == "%quix_publish telemetry df"
    assert picker.kernel_says(ASK) == "sandbox-f1-dev pasted telemetry\n"
    notebook.run(FRAME)
    set_source(notebook, PUBLISH, "%quix_publish telemetry df")
    assert "3 rows" in picker.kernel_says(PUBLISH)
    expect(picker.option("telemetry")).to_have_attribute("aria-selected", "true")
    assert picker.problems() == []


def test_a_new_topic_is_made_and_what_is_wrong_with_one_stands_below_it(picker: PickerPage, sandbox: Sandbox) -> None:
    picker.paste(sandbox.environments["prod"].token_1.reveal())
    picker.expect_connected("sandbox-f1-prod")
    picker.button("New topic").click()
    name = picker.root.get_by_label("Name", exact=True)
    expect(name).to_be_focused()

    name.fill("la ps")
    name.press("Enter")
    expect(picker.root.locator(".qnb-new .qnb-error")).to_contain_text("may hold only ASCII letters")
    expect(name).to_have_attribute("aria-invalid", "true")
    assert picker.problems() == []
    name.fill("laps")
    name.press("Enter")

    expect(picker.option("sandbox-f1-prod-laps")).to_have_attribute("aria-selected", "true")
    expect(picker.code).to_have_text("%quix_publish laps df")
    expect(name).to_be_hidden()
    expect(picker.search).to_be_focused()


# ---- remembering


def test_a_pasted_token_is_kept_only_on_request_and_the_file_is_offered_where_there_is_no_keyring(
    picker: PickerPage, sandbox: Sandbox, server: JupyterLab
) -> None:
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_connected("sandbox-f1-dev")
    vault = server.home / ".local" / "share" / "quixnb" / "tokens.json"
    assert not vault.exists()

    picker.root.locator("summary").click()
    picker.root.get_by_label("As a profile").check()
    picker.root.get_by_label("Name of the profile").fill("mine")
    assert picker.problems() == []
    picker.button("Save").click()
    expect(picker.root.locator(".qnb-keep .qnb-error")).to_contain_text("no keyring that can be used")
    assert not vault.exists()
    picker.root.get_by_label("In a file that only you can read").check()
    picker.button("Save").click()

    expect(picker.root.locator("summary")).to_have_text("Remembered as profile mine")
    assert picker.problems() == []
    assert vault.stat().st_mode & 0o777 == 0o600
    vault.unlink()
    picker = shown(picker.notebook)
    expect(picker.button("mine")).to_contain_text("sandbox-f1-dev")
    (server.home / ".config" / "quixnb" / "profiles.toml").unlink()


# ---- the keyboard, and the page around it


def test_all_of_it_can_be_done_with_the_keyboard_alone(picker: PickerPage, sandbox: Sandbox) -> None:
    page = picker.page
    picker.field.focus()
    order = []
    for _ in range(4):
        order.append(page.evaluate("() => document.activeElement.ariaLabel || document.activeElement.textContent"))
        page.keyboard.press("Tab")
    assert [order[1], order[2]] == ["Show the token while held", "Connect"]

    picker.field.focus()
    page.keyboard.insert_text(sandbox.admin_token.reveal())
    page.keyboard.press("Tab")
    page.keyboard.down("Space")
    expect(picker.field).to_have_attribute("type", "text")
    page.keyboard.up("Space")
    expect(picker.field).to_have_attribute("type", "password")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(picker.search).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(picker.option("sandbox-f1-prod")).to_have_class(re.compile("qnb-active"))
    page.keyboard.press("Enter")
    picker.expect_connected("sandbox-f1-prod")
    expect(picker.search).to_be_focused()
    page.keyboard.type("weather")
    page.keyboard.press("Enter")
    expect(picker.code).to_have_text("%quix_publish weather df")
    page.keyboard.press("Escape")
    expect(picker.search).to_have_value("")
    page.keyboard.press("Tab")
    expect(picker.button("Copy")).to_be_focused()
    page.keyboard.press("Space")
    expect(picker.button("Copied")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(picker.root.get_by_label("In this kernel")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(picker.root.locator("summary")).to_have_text("Remembered for this connection only")


def test_keys_meant_for_the_notebook_reach_it_and_those_meant_for_the_picker_do_not(
    picker: PickerPage, notebook: NotebookPage
) -> None:
    page = picker.page
    cells = page.locator(".jp-Cell").count()
    picker.button("Sandbox").focus()
    page.keyboard.press("a")
    page.keyboard.press("b")
    page.keyboard.press("ArrowDown")
    expect(picker.button("Sandbox")).to_be_focused()
    assert page.locator(".jp-Cell").count() == cells

    picker.field.focus()
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = true }")
    page.keyboard.press("Control+s")

    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")


def test_while_a_cell_runs_the_picker_says_so_or_goes_on(
    picker: PickerPage, sandbox: Sandbox, server: JupyterLab
) -> None:
    notebook, flag = picker.notebook, server.home / "go on"
    set_source(
        notebook, PUBLISH, f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.02)"
    )
    notebook.start(PUBLISH)
    expect(notebook.cell(PUBLISH).locator(".jp-InputPrompt")).to_have_text("[*]:")

    picker.paste(sandbox.environments["dev"].token_2.reveal())

    # Kernels of today answer widgets in a thread of their own; others when the cell is over, and that is said.
    said = picker.root.get_by_text("The kernel has not answered yet.")
    expect(said.or_(picker.root.get_by_text("sandbox-f1-dev", exact=True))).to_be_visible(timeout=15_000)
    flag.touch()
    picker.expect_connected("sandbox-f1-dev")
    expect(said).to_be_hidden()


def test_two_views_of_one_picker_show_the_same(picker: PickerPage, sandbox: Sandbox) -> None:
    set_source(picker.notebook, PUBLISH, "Out[max(Out)]")
    picker.notebook.run(PUBLISH)
    other = PickerPage(picker.notebook, PUBLISH)
    other.wait_until_asked()

    other.paste(sandbox.environments["dev"].token_2.reveal())

    picker.expect_connected("sandbox-f1-dev")
    other.expect_connected("sandbox-f1-dev")
    picker.option("weather").click()
    expect(other.code).to_have_text("%quix_publish weather df")


def test_what_a_magic_connects_to_is_what_the_next_picker_shows(picker: PickerPage) -> None:
    set_source(picker.notebook, 0, "%quix_sandbox start --env prod")
    picker.notebook.run(0)
    picker.notebook.run(PICKER)

    picker.expect_connected("sandbox-f1-prod")


# ---- nothing of it stays


def test_the_token_is_in_no_file_no_storage_no_page_no_console_and_no_log_of_the_kernel(
    notebook: NotebookPage, sandbox: Sandbox, server: JupyterLab
) -> None:
    page, token = notebook.page, sandbox.environments["dev"].token_2
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    log = server.home / "kernel.log"
    set_source(notebook, 0, LOG_ALL.format(file=str(log)))
    notebook.run(0)
    picker = shown(notebook)

    picker.paste(token.reveal())
    picker.expect_connected("sandbox-f1-dev")
    picker.option("f1-data").click()
    expect(picker.code).to_have_text("%quix_publish f1-data df")
    notebook.save()

    widgets = notebook.saved()["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any("_esm" in each["state"] for each in widgets.values())  # the state is saved, and has nothing to say
    assert all("sandbox-f1-dev" not in str(each) for each in widgets.values())
    texts = {
        "the page or its storage": stored_in(page),
        "the console": "\n".join(console),
        "the log": "".join(server.log),
    }
    assert "'sealed': " in log.read_text()  # the message is there, and says nothing
    secrets = Secrets([token.reveal()], and_fakes=False)
    found = [str(leak) for place, text in texts.items() for leak in leaks.in_text(text, place, secrets)]
    state_file = sandbox.state_path
    found += map(str, leaks.in_files(leaks.files_below(server.home, [state_file]), secrets))
    assert found == []
    set_source(
        notebook,
        0,
        "%config QuixGuard.on_token_in_output = 'redact'\nlog.removeHandler(handler)\nlog.setLevel('WARNING')",
    )
    notebook.run(0)


def test_a_page_that_cannot_encrypt_says_so_and_asks_before_it_sends(
    context: BrowserContext, server: JupyterLab, sandbox: Sandbox
) -> None:
    page = context.new_page()
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")
    lab = Lab(page, server)
    lab.load()
    notebook = lab.notebook("plain.ipynb", setting_up(sandbox.portal_api), "%quix_token")
    notebook.run(0)
    notebook.run(1)
    picker = PickerPage(notebook, 1)
    picker.wait_until_asked()
    expect(picker.root).to_contain_text("This page cannot encrypt.")
    assert picker.problems() == []

    picker.paste(sandbox.environments["dev"].token_1.reveal())
    expect(picker.button("Do not send")).to_be_focused()
    assert picker.problems() == []
    picker.button("Do not send").click()
    expect(picker.field).to_be_focused()
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.button("Send it as it is").click()

    picker.expect_connected("sandbox-f1-dev")
    lab.close_all()
    page.close()


# ---- the kernel


def test_a_restarted_kernel_is_noticed_and_running_the_cell_again_brings_the_picker_back(
    lab: Lab, sandbox: Sandbox
) -> None:
    notebook = lab.notebook("restart.ipynb", setting_up(sandbox.portal_api), "%quix_token")
    picker = connected(notebook, sandbox)

    notebook.restart_kernel()

    expect(picker.root).to_contain_text("The kernel was restarted.")
    expect(picker.root).not_to_contain_text("sandbox-f1-dev")
    expect(picker.field).to_have_count(0)
    assert picker.problems() == []
    notebook.run(0)
    notebook.run(1)
    picker.wait_until_asked()


def test_a_notebook_that_is_opened_again_claims_nothing(lab: Lab, sandbox: Sandbox) -> None:
    notebook = lab.notebook("reopened.ipynb", setting_up(sandbox.portal_api), "%quix_token")
    picker = connected(notebook, sandbox)
    notebook.save()
    lab.close_all()

    # Without any kernel JupyterLab does not come as far as to show a widget.
    lab.command("docmanager:open", path="reopened.ipynb", kernelPreference={"shouldStart": False, "canStart": False})
    expect(notebook.output(1)).to_be_visible()
    expect(notebook.output(1)).not_to_contain_text("sandbox-f1-dev")
    lab.close_all()
    lab.open("reopened.ipynb")

    expect(picker.root).to_contain_text("Not connected to a kernel.")
    expect(picker.root).to_contain_text("Run this cell.")
    expect(picker.root).not_to_contain_text("sandbox-f1-dev")
    expect(picker.field).to_be_hidden()
    assert picker.problems() == []


def connected(notebook: NotebookPage, sandbox: Sandbox) -> PickerPage:
    """The picker of the second cell, after a token was pasted into it."""
    notebook.run(0)
    notebook.run(1)
    picker = PickerPage(notebook, 1)
    picker.wait_until_asked()
    picker.paste(sandbox.environments["dev"].token_1.reveal())
    picker.expect_connected("sandbox-f1-dev")
    return picker
