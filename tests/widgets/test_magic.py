"""`%quix_token` shows the picker where a person can use it, and asks with hidden input everywhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from quixnb.sandbox import Sandbox
from tests.kernel.notebook import WAIT_S, Notebook, opened

pytestmark = pytest.mark.kernel
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Notebook]:
    with opened(tmp_path_factory.mktemp("magic"), Quix__Portal__Api=sandbox.portal_api) as notebook:
        notebook.run_well("%load_ext quixnb")
        yield notebook


def begin(notebook: Notebook, cell: str, *, takes_input: bool = True) -> str:
    """Run a cell as JupyterLab does: it names the cell."""
    client: BlockingKernelClient = notebook._client
    content = {
        "code": cell,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": takes_input,
        "stop_on_error": True,
    }
    message = client.session.msg("execute_request", content, metadata={"cellId": "c0"})
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def test_in_a_notebook_it_is_the_picker(notebook: Notebook) -> None:
    value = notebook.end(begin(notebook, "%quix_token")).value

    assert value.keys() == {WIDGET, "text/plain"}
    assert "elsewhere run %quix_token --prompt" in value["text/plain"]


def test_a_semicolon_silences_it_and_a_name_keeps_it(notebook: Notebook) -> None:
    outputs = notebook.end(begin(notebook, "%quix_token;"))
    kept = notebook.end(begin(notebook, "picker = %quix_token\npicker"))

    assert outputs.contents("execute_result") == []
    assert WIDGET in kept.value


def test_with_prompt_it_asks_there_too(notebook: Notebook, sandbox: Sandbox) -> None:
    request = begin(notebook, "%quix_token --prompt")
    asked = notebook._client.get_stdin_msg(timeout=WAIT_S)
    notebook._client.input(sandbox.environments["dev"].token_1.reveal())

    assert asked["content"]["password"]
    assert "sandbox-f1-dev" in notebook.end(request).text
    notebook.run_well("%quix_token --forget")


def test_with_a_place_it_connects_at_once(notebook: Notebook) -> None:
    error = notebook.end(begin(notebook, "%quix_token --env NOWHERE")).error

    assert error["ename"] == "TokenMissing"


def test_in_a_scheduled_run_there_is_no_picker_that_nobody_would_use(notebook: Notebook) -> None:
    error = notebook.end(begin(notebook, "%quix_token", takes_input=False)).error

    assert error["ename"] == "TokenMissing"
    assert "nobody can be asked for it here" in "".join(error["traceback"])


def test_a_console_is_asked_with_hidden_input(notebook: Notebook, sandbox: Sandbox) -> None:
    outputs = notebook.run_well("%quix_token", typed=[sandbox.environments["prod"].token_1.reveal()])

    assert "sandbox-f1-prod" in outputs.text
    notebook.run_well("%quix_token --forget")


def test_a_cell_behind_a_picker_that_waits_says_what_to_do(notebook: Notebook) -> None:
    notebook.end(begin(notebook, "%quix_token"))

    error = notebook.end(begin(notebook, "%quix_topics")).error

    assert error["ename"] == "TokenMissing"
    assert error["traceback"] == [
        "TokenMissing: No Quix token has been chosen yet.",
        "The picker above waits for a choice, and no other place has a token.",
        "Choose one in the picker above, then run this cell again.",
    ]
