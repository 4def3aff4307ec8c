"""The typing guard in a real JupyterLab and Notebook 7: marks, tooltips, and what their buttons do."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.guarded import PLACEHOLDER, act, marks, wait_until_clean_on_disk, with_quixnb
from tests.browser.notebook import Lab, NotebookPage, write_notebook
from tests.browser.server import JupyterLab
from tests.fakes import fake_token

LOAD = "%load_ext quixnb"
SOURCE = "panel.content.widgets[given[0]].model.sharedModel.getSource()"
LOADED = "sys.modules.get('quixnb') is not None"


def source_without(notebook: NotebookPage, number: int, token: str) -> str:
    """Wait until a cell's source has no token any more; returns the source."""
    notebook.wait_for(f"!{SOURCE}.includes(given[1])", number, token)
    return notebook.source(number)


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_a_token_is_marked_as_it_is_typed_and_not_before_it_is_whole(lab: Lab, kind: str) -> None:
    token = fake_token()
    notebook = lab.notebook("typed.ipynb", (kind, "a"))
    cell = notebook.cell(0)
    if kind == "markdown":
        cell.dblclick()

    notebook.type(0, f" '{token[:-1]}")
    expect(marks(cell)).to_have_count(0)
    notebook.page.keyboard.type(token[-1] + "'")

    expect(marks(cell)).to_have_count(1)
    assert marks(cell).text_content() == token
    assert "Quix streaming token" in (marks(cell).get_attribute("aria-description") or "")


def test_a_token_that_is_pasted_is_marked_and_a_line_that_says_that_it_is_none_is_not(lab: Lab) -> None:
    notebook = lab.notebook("pasted.ipynb", "")

    notebook.insert(0, f"a = '{fake_token()}'\nb = '{fake_token('pat')}'  # quixnb: not-a-token")

    expect(marks(notebook.cell(0))).to_have_count(1)


def test_moving_a_token_to_the_kernel_leaves_a_cell_that_runs_and_undo_does_not_bring_it_back(lab: Lab) -> None:
    token = fake_token()
    notebook = with_quixnb(lab.notebook("moved.ipynb", LOAD, ""))
    notebook.insert(1, f"secret = '{token}'\nassert len(secret) == 36; print('it runs')")
    notebook.save()

    act(lab.page, notebook.cell(1), "Move to the kernel")
    source = source_without(notebook, 1, token)
    notebook.page.keyboard.press("Control+z")
    notebook.page.keyboard.press("Control+z")
    notebook.page.keyboard.press("Control+Shift+z")

    assert 'quixnb.token("secret")' in source
    assert token not in notebook.source(1)
    wait_until_clean_on_disk(notebook.path, token)
    notebook.evaluate("panel.content.widgets[1].model.sharedModel.setSource(given[0])", source)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("it runs")


def test_a_kernel_without_quixnb_loads_it_first(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("unloaded.ipynb", f"t = '{token}'", f"import sys; print({LOADED}, len(t))")

    act(lab.page, notebook.cell(0), "Load quixnb and move to the kernel")

    assert 'quixnb.token("t")' in source_without(notebook, 0, token)
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("True 36")


def test_where_no_code_can_stand_in_a_cell_it_says_so_and_offers_a_placeholder(lab: Lab) -> None:
    token = fake_token()
    notebook = with_quixnb(lab.notebook("bash.ipynb", LOAD, f"%%bash\ncurl -H 'Authorization: {token}' localhost"))

    act(lab.page, notebook.cell(1), "Move to the kernel")
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("The token was not moved")
    assert token in notebook.source(1)
    dialog.get_by_role("button", name="Replace by a placeholder").click()

    assert PLACEHOLDER in source_without(notebook, 1, token)
    wait_until_clean_on_disk(notebook.path, token)


def test_after_a_restart_of_the_kernel_a_token_moves_to_the_new_one(lab: Lab) -> None:
    token = fake_token()
    notebook = with_quixnb(lab.notebook("restarted.ipynb", LOAD, ""))
    notebook.restart_kernel()
    notebook.insert(1, f"t = '{token}'")

    act(lab.page, notebook.cell(1), "Load quixnb and move to the kernel")
    source_without(notebook, 1, token)
    notebook.insert(1, "\nprint(len(t))")
    notebook.run(1)

    expect(notebook.output(1)).to_contain_text("36")


def test_not_a_token_is_said_in_the_comment_of_the_language_and_can_be_undone(lab: Lab) -> None:
    notebook = lab.notebook("none.ipynb", f"a = '{fake_token()}'", ("markdown", f"Like {fake_token()} here"))
    notebook.cell(1).dblclick()

    act(lab.page, notebook.cell(0), "Not a token")
    act(lab.page, notebook.cell(1), "Not a token")

    assert notebook.source(0).endswith("'  # quixnb: not-a-token")
    assert notebook.source(1).endswith("  <!-- quixnb: not-a-token -->")
    expect(marks(lab.page.locator(".jp-Notebook"))).to_have_count(0)
    notebook.page.keyboard.press("Control+z")
    expect(marks(notebook.cell(1))).to_have_count(1)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_where_no_code_runs_a_placeholder_takes_the_tokens_place(lab: Lab, kind: str) -> None:
    token = fake_token()
    notebook = lab.notebook("placeholder.ipynb", (kind, f"Use {token} here"))
    notebook.cell(0).dblclick()

    act(lab.page, notebook.cell(0), "Replace by a placeholder")

    assert source_without(notebook, 0, token) == f"Use {PLACEHOLDER} here"
    wait_until_clean_on_disk(notebook.path, token)


def test_a_file_is_guarded_and_saved_clean_but_a_dotenv_file_is_left_alone(lab: Lab) -> None:
    token = fake_token()
    script, dotenv = lab.server.notebooks / "script.py", lab.server.notebooks / "dev.env"
    script.write_text(f"T = '{token}'\n", encoding="utf-8")
    dotenv.write_text(f"Quix__Sdk__Token={fake_token()}\n", encoding="utf-8")
    editor = lab.page.locator(".jp-Document:not(.lm-mod-hidden) .jp-FileEditor")

    lab.command("docmanager:open", path="script.py", factory="Editor")
    expect(marks(editor)).to_have_count(1)
    act(lab.page, editor, "Replace by a placeholder")
    wait_until_clean_on_disk(script, token)
    lab.command("docmanager:open", path="dev.env", factory="Editor")

    expect(editor.locator(".cm-line").first).to_contain_text("Quix__Sdk__Token")
    lab.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(marks(editor)).to_have_count(0)
    assert script.read_text(encoding="utf-8") == f"T = '{PLACEHOLDER}'\n"


def test_the_prompt_of_a_console_is_guarded(lab: Lab) -> None:
    token = fake_token()
    lab.command("console:create", kernelPreference={"name": "python3"}, activate=True)
    prompt = lab.page.locator(".jp-CodeConsole-promptCell")
    prompt.locator(".cm-content").click()
    lab.page.wait_for_selector(".jp-CodeConsole-banner >> text=IPython", timeout=30_000)

    lab.page.keyboard.insert_text(f"t = '{token}'")
    act(lab.page, prompt, "Load quixnb and move to the kernel")

    expect(prompt).to_contain_text('quixnb.token("t")', timeout=20_000)


def test_the_way_by_keyboard_alone(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("keyboard.ipynb", "")
    notebook.insert(0, f"a = 1\nt = '{token}'")
    page = lab.page
    tip = page.locator(".qnb-Tip")

    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Alt+k")
    expect(tip.get_by_role("button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    expect(notebook.cell(0).locator(".cm-content")).to_be_focused()
    page.keyboard.press("Control+Alt+k")
    page.keyboard.press("Tab")
    expect(tip.get_by_role("button", name="Not a token")).to_be_focused()
    page.keyboard.press("Enter")

    expect(tip).to_have_count(0)
    assert notebook.source(0).endswith("# quixnb: not-a-token")


def test_how_to_rotate_says_who_can_and_what_to_send(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("rotate.ipynb", f"t = '{token}'")

    act(lab.page, notebook.cell(0), "How to rotate")
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("An Admin of the environment opens Settings > APIs and tokens")
    dialog.get_by_role("button", name="Copy the text for an Admin").click()

    dialog.wait_for(state="detached")
    copied = lab.page.evaluate("async () => await navigator.clipboard.readText()")
    assert "rotate" in copied
    assert token not in copied


def test_switched_off_it_takes_its_marks_away_and_switched_on_again_it_brings_them_back(lab: Lab) -> None:
    notebook = lab.notebook("switched.ipynb", f"t = '{fake_token()}'")
    expect(marks(notebook.cell(0))).to_have_count(1)

    lab.command("settingeditor:open", query="Quix Token Guard")
    switch = lab.page.get_by_role("checkbox", name="Mark tokens while typing")
    switch.uncheck()
    expect(marks(lab.page.locator(".jp-Notebook"))).to_have_count(0)
    switch.check()

    expect(marks(lab.page.locator(".jp-Notebook"))).to_have_count(1)


def test_in_notebook_7_tokens_are_marked_and_moved_as_well(context: BrowserContext, server: JupyterLab) -> None:
    token = fake_token()
    write_notebook(server.notebooks / "seven.ipynb", f"t = '{token}'")
    page = context.new_page()
    page.goto(server.url("notebooks/seven.ipynb"))
    cell = page.locator(".jp-Notebook .jp-Cell").first
    page.wait_for_selector(".jp-Notebook .qnb-Token", timeout=30_000)
    NotebookPage(page, server, "seven.ipynb").wait_until_open()

    act(page, cell, "Load quixnb and move to the kernel")

    expect(cell).to_contain_text('quixnb.token("t")', timeout=20_000)
    wait_until_clean_on_disk(server.notebooks / "seven.ipynb", token)
    page.close()
