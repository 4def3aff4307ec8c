"""Where a token goes that meets a notebook: into the kernel's memory, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quixnb.sandbox import Sandbox
from tests import leaks
from tests.fakes import fake_token
from tests.kernel.conftest import FRAME, variables_for
from tests.kernel.notebook import Message, Notebook, Outputs, opened
from tests.leaks import Secrets

pytestmark = pytest.mark.kernel

# What IPython remembers of cells beside its database.
REMEMBERED = "(In, _ih, _i, _ii, _iii, _dh, Out, get_ipython().user_ns.get('_i1'), get_ipython().last_execution_result)"


def traces_of(token: str, notebook: Notebook, *outputs: Outputs) -> list[str]:
    """Where `token`, or a piece of it, is: in what cells sent, what IPython remembers, or the kernel's files."""
    texts = {
        "the outputs": repr([sent(each) for each in outputs]),
        "IPython's memory": notebook.run_well(f"print({REMEMBERED})", store_history=False).printed,
        "the history": notebook.history().decode("latin-1"),
    }
    found = [leak for place, text in texts.items() for leak in leaks.in_text(text, place, Secrets([token]))]
    found += leaks.in_files(leaks.files_below(notebook.folder), Secrets([token]))
    return sorted(map(str, found))


def sent(outputs: Outputs) -> list[Message]:
    """All that a cell sent but the echo of its source, which is the front end's own."""
    return [*(each for each in outputs if each["msg_type"] != "execute_input"), outputs.reply]


@pytest.fixture(autouse=True)
def _outputs_are_not_cleaned(notebook: Notebook) -> Iterator[None]:
    """The guard cleans outputs as a last resort; here it does not, since nothing of ours may need it."""
    notebook.run_well("%config QuixGuard.on_token_in_output = 'off'")
    yield
    notebook.run_well("%config QuixGuard.on_token_in_output = 'redact'")


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    return sandbox.environments["prod"].token_2.reveal()


def test_the_searching_finds_a_token_that_is_there(notebook: Notebook) -> None:
    token = "sdk-" + "0dd5" * 8

    outputs = notebook.run_well(f"other = '{token}'\nother")

    found = traces_of(token, notebook, outputs)
    assert {each.partition(" (")[0] for each in found} >= {"the outputs", "IPython's memory", "the history"}
    assert any("history.sqlite" in each for each in found)


def test_a_token_typed_into_the_hidden_prompt_connects_and_is_nowhere(notebook: Notebook, token: str) -> None:
    outputs = notebook.run_well("%quix_token", typed=[token])

    assert "sandbox-f1-prod" in outputs.text
    assert "pasted streaming token" in outputs.text
    assert traces_of(token, notebook, outputs) == []


def test_what_is_done_with_the_token_leaves_it_nowhere_either(notebook: Notebook, token: str) -> None:
    notebook.run_well("%quix_token", typed=[token])
    notebook.run_well(FRAME)
    cells = [
        "%quix_publish f1-data df",
        "%quix_status",
        "import quixnb\nsession = quixnb.current()\nsession, session.token, session.broker, session.portal",
        "%whos",
        "session.token",
        "vars(session)",
        "%quix_publish f1-dta df",
        "%xmode Verbose",
        "1 / (0 * len(repr(session)))",
        "f'{session.token}', str(session.token), session.token.source",
        "import json\njson.dumps({'token': session.token})",
        "import pickle\npickle.dumps(session.token)",
        "%xmode Context",
    ]

    outputs = [notebook.run(cell) for cell in cells]

    assert traces_of(token, notebook, *outputs) == []


def test_shift_tab_on_a_session_or_a_token_shows_none(notebook: Notebook, token: str) -> None:
    notebook.run_well("%quix_token", typed=[token])
    notebook.run_well("import quixnb\nsession = quixnb.current()\ntoken = session.token")

    shown = f"{notebook.inspect('session')}{notebook.inspect('token')}"

    assert "Quix pasted streaming token" in shown
    assert list(leaks.in_text(shown, "the tooltip", Secrets([token]))) == []


def test_a_token_cut_short_in_the_prompt_is_refused_and_not_repeated(notebook: Notebook, token: str) -> None:
    outputs = notebook.run("%quix_token", typed=[token[:-2]])

    assert outputs.error["ename"] == "TokenMalformed"
    assert len(outputs.error["traceback"]) == 3
    assert traces_of(token, notebook, outputs) == []


def test_a_refused_token_typed_into_the_prompt_is_not_repeated(notebook: Notebook) -> None:
    token = fake_token()

    outputs = notebook.run("%quix_token", typed=[token])

    assert outputs.error["ename"] == "TokenRejected"
    assert len(outputs.error["traceback"]) == 3
    assert traces_of(token, notebook, outputs) == []


@pytest.mark.parametrize(
    "cell",
    [
        "%quix_token {token}",
        "%quix_token --env {token}",
        "  %quix_token '{token}'",
        "1 + 1\nx = %quix_token {token}",
        "%quix_token \\\n{token}",
        "%quix_use {token}",
        "%quix_publish f1-data {token}",
        "%%quix_publish f1-data --stream {token}\ndf",
        "%%quix_publish f1-data\n'{token}'",
        "%quix_read f1-data --{token}",
        "%quix_topics --create {token}",
        "%time %quix_token {token}",
        "quix_token {token}",
    ],
)
def test_a_token_on_a_line_of_ours_is_refused_and_is_nowhere(notebook: Notebook, cell: str) -> None:
    token = fake_token()

    outputs = notebook.run(cell.format(token=token))

    assert outputs.reply["status"] == "error"
    assert traces_of(token, notebook, outputs) == []


def test_the_refusal_of_a_token_offers_the_way_out(notebook: Notebook) -> None:
    error = notebook.run(f"%quix_token {fake_token()}").error

    assert error["ename"] == "TokenOnLine"
    assert len(error["traceback"]) == 3
    assert "run %quix_token by itself" in error["traceback"][2]


def test_a_cell_with_a_token_in_plain_text_is_announced_before_it_runs_without_repeating_it(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> None:
    # A kernel of its own: the notice says that IPython's history has the token now, and so it has.
    token = fake_token()
    with opened(tmp_path_factory.mktemp("announced"), **variables_for(sandbox)) as notebook:
        notebook.run_well("%load_ext quixnb")

        outputs = notebook.run_well(f"print('mine')\ntoken = '{token}'", store_history=False)

    kinds = [each["msg_type"] for each in outputs if each["msg_type"] in ("display_data", "stream")]
    assert kinds == ["display_data", "stream"]
    [notice] = outputs.contents("display_data")
    assert notice["data"].keys() == {"text/plain", "text/html"}
    assert "a Quix streaming token in plain text (line 2, column 10)" in notice["data"]["text/plain"]
    assert list(leaks.in_text(repr(sent(outputs)), "the outputs", Secrets([token]))) == []
