"""The line from a page to quixnb in a kernel, in the kernel's own protocol."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from quixnb._version import __version__
from quixnb.sandbox import Sandbox
from tests.fakes import fake_token
from tests.kernel.conftest import FRAME, variables_for
from tests.kernel.notebook import Notebook, opened
from tests.lab.page import Page, Refused, find_lines, page_of
from tests.sealing import sealed

pytestmark = pytest.mark.kernel

NOTHING = {
    "health": "none",
    "environment": None,
    "token": None,
    "portal": None,
    "profile": None,
    "checkedAt": None,
    "problem": "",
    "advice": "",
}


def test_loading_announces_the_line_and_unloading_takes_it_down(tmp_path: Path, sandbox: Sandbox) -> None:
    with opened(tmp_path, **variables_for(sandbox)) as notebook, notebook.beside() as client:
        assert find_lines(client) == []
        announced = notebook.run_well("%load_ext quixnb").contents("comm_open")
        notebook.run_well("%load_ext quixnb")

        assert [each["target_name"] for each in announced] == ["quixnb"]
        assert find_lines(client) == [announced[0]["comm_id"]]
        closed = notebook.run_well("%unload_ext quixnb").contents("comm_close")
        assert [each["comm_id"] for each in closed] == [announced[0]["comm_id"]]
        assert find_lines(client) == []


def test_nothing_heavy_is_loaded_before_a_page_asks_for_it(tmp_path: Path, sandbox: Sandbox) -> None:
    loaded = "import sys; [name for name in ('cryptography', 'httpx2', 'pandas') if name in sys.modules]"
    with opened(tmp_path, **variables_for(sandbox)) as notebook:
        notebook.run_well("%load_ext quixnb")
        assert notebook.run_well(loaded).text == "[]"

        with page_of(notebook) as page:
            page.ask("hello")

        assert notebook.run_well(loaded).text == "['cryptography']"


def test_a_page_is_welcomed_with_the_version_a_key_and_the_state(page: Page) -> None:
    welcome = page.ask("hello")

    assert welcome == {"version": __version__, "key": welcome["key"], "state": NOTHING}


def test_a_connection_is_told_as_it_comes_and_goes(page: Page, notebook: Notebook, sandbox: Sandbox) -> None:
    notebook.run_well("%quix_sandbox start")
    state = page.state()
    notebook.run_well("%quix_token --forget")

    assert state["health"] == "connected"
    assert state["environment"] == "sandbox-f1-dev"
    assert state["token"] == "streaming token from sandbox"
    assert state["portal"] == sandbox.portal_api.removeprefix("http://")
    assert datetime.fromisoformat(state["checkedAt"]).utcoffset() is not None
    assert page.state() == NOTHING


def test_a_token_that_is_rotated_away_is_told_at_the_next_call(
    page: Page, notebook: Notebook, sandbox: Sandbox
) -> None:
    environment = sandbox.environments["prod"]
    notebook.run_well("%quix_token", typed=[environment.token_1.reveal()])
    assert page.state()["health"] == "connected"
    sandbox.rotate(environment.id)

    refused = notebook.run("%quix_topics")

    assert refused.error["ename"] == "TokenRejected"
    state = page.state()
    assert state["health"] == "problem"
    assert state["environment"] == environment.id
    assert state["problem"].startswith(f"The portal at {state['portal']} refused the pasted token (401).")
    assert "%quix_token" in state["advice"]


def test_no_connection_after_a_check_says_why(page: Page) -> None:
    page.ask("check")

    state = page.ask("hello")["state"]
    assert state["health"] == "none"
    assert state["problem"].startswith("No Quix token was found.")
    assert "%quix_token" in state["advice"]


def test_every_page_hears_of_changes(page: Page, notebook: Notebook) -> None:
    with page_of(notebook) as other:
        other.ask("hello")
        notebook.run_well("%quix_sandbox start")

        assert page.state() == other.state()


def test_a_page_that_does_not_know_the_line_closes_it_for_itself_alone(page: Page, notebook: Notebook) -> None:
    with page_of(notebook) as stranger:
        stranger.close_line()

        assert page.ask("frames") is not None
        assert find_lines(stranger._client) == page.comms
    closed = notebook.run_well("%reload_ext quixnb").contents("comm_close")
    assert [each["comm_id"] for each in closed] == page.comms


def test_check_asks_the_portal_again(page: Page, notebook: Notebook) -> None:
    notebook.run_well("%quix_sandbox start")
    before = page.state()

    page.ask("check")

    after = page.ask("hello")["state"]
    assert after["health"] == "connected"
    assert before["checkedAt"] <= after["checkedAt"]


def test_topics_come_with_what_the_portal_says_of_them(page: Page, notebook: Notebook) -> None:
    notebook.run_well("%quix_sandbox start")

    topics = page.ask("topics", refresh=True)

    assert {"name": "f1-data", "id": "sandbox-f1-dev-f1-data", "partitions": 4, "retention": "5.2 MB"}.items() <= next(
        topic for topic in topics if topic["name"] == "f1-data"
    ).items()


def test_topics_without_a_token_are_a_problem_in_words(page: Page) -> None:
    with pytest.raises(Refused, match=r"^No Quix token was found\."):
        page.ask("topics")


def test_frames_are_named_and_nothing_else(page: Page, notebook: Notebook) -> None:
    notebook.run_well(FRAME + "\n_hidden = df\nnumber = 1")

    assert "df" in page.ask("frames")
    assert not {"_hidden", "number", "times"} & set(page.ask("frames"))


def test_tokens_move_into_the_kernel_and_their_lines_come_back_without_them(page: Page, notebook: Notebook) -> None:
    token = fake_token()
    key = page.ask("hello")["key"]

    edits = page.ask("moveTokens", sealed=sealed(f"# a client\nimport quixnb\nkey = '{token}'\nprint(1)", key))

    assert edits == [{"from": 2, "to": 3, "lines": ['key = quixnb.token("key")']}]
    assert notebook.run_well("len(quixnb.token('key'))").text == str(len(token))
    assert token[4:12] not in repr(page.heard)


def test_a_token_that_no_code_can_replace_is_a_problem_that_does_not_repeat_it(page: Page) -> None:
    token = fake_token()
    key = page.ask("hello")["key"]

    with pytest.raises(Refused, match="no code can take its place"):
        page.ask("moveTokens", sealed=sealed(f"key = '{token}' 'more'", key))

    assert token[4:12] not in repr(page.heard)


def test_what_was_sealed_to_another_key_is_a_problem(page: Page) -> None:
    with pytest.raises(Refused, match="could not be opened"):
        page.ask("moveTokens", sealed="AAAA")


def test_what_is_not_understood_is_answered_or_ignored_and_breaks_nothing(page: Page) -> None:
    with pytest.raises(Refused, match="KeyError"):
        page.ask("nonsense")
    page._send("comm_msg", {"comm_id": page.comms[0], "data": {"neither": "id nor ask"}})

    assert page.ask("frames") is not None


def test_a_busy_kernel_answers_when_its_cell_is_done(page: Page, notebook: Notebook) -> None:
    running = notebook.begin("input_seen = []\nwhile not input_seen: input_seen.append(input())", allow_stdin=True)
    asked = page.send("frames")
    notebook._client.get_stdin_msg(timeout=60)
    notebook._client.input("go on")

    assert page.answer_to(asked) is not None
    notebook.end(running)
