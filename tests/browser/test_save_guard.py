"""The save guard: what it asks of a save by hand, what it says of an autosave, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, expect

from tests.browser.guarded import PLACEHOLDER, prints, wait_until_clean_on_disk, with_quixnb
from tests.browser.notebook import Lab, NotebookPage
from tests.fakes import fake_token
from tests.stream.arrived import until


def dialog(lab: Lab) -> Locator:
    return lab.page.locator(".jp-Dialog")


def answer(lab: Lab, label: str) -> None:
    """Answer the guard's question, and wait until it is gone."""
    dialog(lab).get_by_role("button", name=label, exact=True).click()
    dialog(lab).wait_for(state="detached")


def notification(lab: Lab, about: str = "") -> Locator:
    return lab.page.locator(".Toastify__toast", has_text=about)


def save_by_hand(notebook: NotebookPage) -> None:
    """Ctrl+S in a cell."""
    notebook.cell(0).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+s")


def wait_until_saved(notebook: NotebookPage, text: str) -> None:
    assert until(lambda: text in notebook.path.read_text(encoding="utf-8"))


@contextmanager
def save_ended(notebook: NotebookPage) -> Iterator[None]:
    """Wait behind the block for the end of the save by hand that is begun in it: JupyterLab takes no other before."""
    notebook.evaluate(
        "window.ended = new Promise(done => window.jupyterapp.commands.commandExecuted.connect("
        "(_, {id, result}) => id === 'docmanager:save' && result.finally(done)))"
    )
    yield
    notebook.evaluate("await window.ended")


def test_a_quick_save_behind_the_last_key_is_asked_about_and_redacted(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("quick.ipynb", "")

    notebook.type(0, f"t = '{token}'")
    notebook.page.keyboard.press("Control+s")
    expect(dialog(lab)).to_contain_text("“quick.ipynb” holds 1 token in plain text")
    expect(dialog(lab)).to_contain_text("Cell 1, line 1: Quix streaming token")
    assert token not in notebook.path.read_text(encoding="utf-8")
    assert token not in (dialog(lab).text_content() or "")
    answer(lab, "Redact and save")

    wait_until_saved(notebook, PLACEHOLDER)
    wait_until_clean_on_disk(notebook.path, token)
    notebook.page.keyboard.press("Control+z")
    assert token not in notebook.source(0)


def test_redact_and_save_moves_tokens_to_a_kernel_that_has_quixnb_and_redacts_outputs(lab: Lab) -> None:
    first, second = fake_token(), fake_token("pat")
    notebook = lab.notebook("both.ipynb", prints(second), "%load_ext quixnb", f"t = '{first}'", ("raw", second))
    notebook.run(0)
    with_quixnb(notebook, 1)

    save_by_hand(notebook)
    answer(lab, "Redact and save")

    expect(notification(lab, "Redacted").first).to_contain_text(
        "Redacted: 1 token moved to the kernel, 2 replaced by [quix token]."
    )
    wait_until_saved(notebook, "quixnb.token(")
    wait_until_clean_on_disk(notebook.path, first)
    assert 'quixnb.token("t")' in notebook.source(2)
    assert notebook.source(3) == PLACEHOLDER
    [output] = notebook.saved()["cells"][0]["outputs"]
    assert "".join(output["text"]).strip() == PLACEHOLDER
    assert second not in notebook.path.read_text(encoding="utf-8")


def test_saved_anyway_it_does_not_ask_again_until_there_is_another_token(lab: Lab) -> None:
    first, second = fake_token(), fake_token()
    notebook = lab.notebook("anyway.ipynb", f"t = '{first}'")

    with save_ended(notebook):
        save_by_hand(notebook)
        answer(lab, "Save anyway")
    notebook.insert(0, "\n# more")
    with save_ended(notebook):
        notebook.page.keyboard.press("Control+s")
    expect(dialog(lab)).to_have_count(0)
    assert all(text in notebook.path.read_text(encoding="utf-8") for text in (first, "# more"))
    notebook.insert(0, f"\nu = '{second}'")
    notebook.page.keyboard.press("Control+s")

    expect(dialog(lab)).to_contain_text("holds 2 tokens")
    answer(lab, "Save anyway")
    wait_until_saved(notebook, second)


def test_show_me_saves_nothing_and_selects_the_token(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("show.ipynb", "a = 1", *["x = 1\n" * 30] * 3, "")
    notebook.insert(4, f"t = '{token}'")

    save_by_hand(notebook)
    answer(lab, "Show me")

    lab.page.wait_for_function(
        "token => window.getSelection().toString() === token && document.activeElement.closest('.cm-editor') !== null",
        arg=token,
    )
    assert token not in notebook.path.read_text(encoding="utf-8")
    assert is_dirty(notebook)


def test_escape_saves_nothing_and_the_document_stays_changed(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("escape.ipynb", "")
    notebook.insert(0, f"t = '{token}'")

    with save_ended(notebook):
        notebook.page.keyboard.press("Control+s")
        dialog(lab).wait_for()
        notebook.page.keyboard.press("Escape")
        dialog(lab).wait_for(state="detached")

    assert token not in notebook.path.read_text(encoding="utf-8")
    assert is_dirty(notebook)
    notebook.page.keyboard.press("Control+s")
    answer(lab, "Save anyway")
    wait_until_saved(notebook, token)


def test_save_all_and_save_as_ask_too(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("all.ipynb", "")
    notebook.insert(0, f"t = '{token}'")

    lab.command("docmanager:save-as")
    dialog(lab).wait_for()
    expect(dialog(lab)).to_contain_text("holds 1 token")
    answer(lab, "Show me")
    lab.command("docmanager:save-all")
    dialog(lab).wait_for()
    answer(lab, "Redact and save")

    wait_until_saved(notebook, PLACEHOLDER)


def test_an_autosave_goes_through_and_leaves_one_notification_until_there_is_another_token(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("auto.ipynb", "")
    notebook.insert(0, f"t = '{token}'")

    notebook.save()  # as JupyterLab's timer does: no command
    expect(notification(lab, "auto.ipynb")).to_have_count(1)
    expect(notification(lab, "auto.ipynb")).to_contain_text("“auto.ipynb” was saved with 1 token in plain text.")
    notebook.save()
    expect(dialog(lab)).to_have_count(0)
    assert token in notebook.path.read_text(encoding="utf-8")
    notification(lab, "auto.ipynb").get_by_role("button", name="Redact and save").click()

    wait_until_clean_on_disk(notebook.path, token)
    expect(notification(lab, "auto.ipynb")).to_have_count(0)
    notebook.insert(0, f"\nt = '{token}'")
    notebook.save()
    expect(notification(lab, "auto.ipynb")).to_have_count(1)


def test_a_save_as_the_tab_is_closed_is_not_held_up_and_is_told(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("closed.ipynb", "")
    notebook.insert(0, f"t = '{token}'")

    lab.command("application:close")
    dialog(lab).get_by_role("button", name="Save", exact=True).click()

    wait_until_saved(notebook, token)
    expect(notification(lab, "closed.ipynb")).to_contain_text("was saved with 1 token in plain text")
    notification(lab, "closed.ipynb").get_by_role("button", name="Open").click()
    expect(lab.page.locator(".qnb-Token")).to_have_count(1)


def test_what_the_server_took_out_of_outputs_is_told(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("server.ipynb", prints(token))
    notebook.run(0)

    notebook.save()

    expect(notification(lab, "server.ipynb")).to_contain_text(
        "was saved; the server took 1 out of the file, not out of the open notebook."
    )
    [output] = json.loads(notebook.path.read_text(encoding="utf-8"))["cells"][0]["outputs"]
    assert "".join(output["text"]).strip() == PLACEHOLDER
    expect(notebook.output(0)).to_contain_text(token)


def test_set_to_warn_it_asks_nothing(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("warn.ipynb", f"t = '{token}'")
    set_save(lab, "warn")
    lab.command("docmanager:open", path="warn.ipynb")
    notebook.insert(0, "\n# more")

    with save_ended(notebook):
        notebook.page.keyboard.press("Control+s")

    assert "# more" in notebook.path.read_text(encoding="utf-8")
    expect(notification(lab, "warn.ipynb")).to_contain_text("was saved with 1 token in plain text")
    expect(dialog(lab)).to_have_count(0)
    set_save(lab, "ask")


def set_save(lab: Lab, choice: str) -> None:
    """Choose in the settings editor, and wait until it counts: settings come in the order in which they were made."""
    lab.command("settingeditor:open", query="Quix Token Guard")
    badges = lab.page.get_by_role("checkbox", name="Badges on cells")
    lab.page.locator("select[id$='guard_save']").select_option(label=choice)
    badges.uncheck()
    expect(lab.page.locator(".qnb-hasToken")).to_have_count(0)
    badges.check()
    expect(lab.page.locator(".qnb-hasToken")).not_to_have_count(0)


def is_dirty(notebook: NotebookPage) -> bool:
    dirty: bool = notebook.evaluate("return panel.context.model.dirty")
    return dirty


def test_where_the_server_refuses_it_is_said_once_and_autosave_does_not_try_the_same_again(lab: Lab) -> None:
    token = fake_token()
    folder = lab.server.notebooks / "refusing"
    folder.mkdir(exist_ok=True)
    (folder / ".quixnb.toml").write_text('on_save = "refuse"\n', encoding="utf-8")
    notebook = lab.notebook("refusing/refused.ipynb", "")
    notebook.insert(0, f"t = '{token}'")

    assert autosave(notebook) != "ModalCancelError"
    dialog(lab).get_by_role("button").last.click()
    expect(notification(lab, "refused.ipynb")).to_contain_text("is not saved: this server refuses")
    assert autosave(notebook) == "ModalCancelError"

    expect(dialog(lab)).to_have_count(0)
    assert is_dirty(notebook)
    assert token not in notebook.path.read_text(encoding="utf-8")
    notification(lab, "refused.ipynb").get_by_role("button", name="Redact and save").click()
    wait_until_clean_on_disk(notebook.path, token)
    wait_until_saved(notebook, PLACEHOLDER)


def autosave(notebook: NotebookPage) -> str:
    """Save as JupyterLab's timer does; the name of the error, if there is one."""
    name: str = notebook.evaluate("try { await panel.context.save(); return ''; } catch (error) { return error.name; }")
    return name
