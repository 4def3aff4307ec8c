"""A cell with a token in plain text: announced, refused or let through, as configured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.displaypub import DisplayPublisher

from quixnb.guard import TokenInCell
from tests.fakes import fake_token
from tests.magics.shells import Shell


def test_a_cell_with_a_token_is_announced_and_runs(shell: Shell) -> None:
    shell.run(f"import os\ntoken = '{fake_token()}'")

    [notice] = shell.shown
    assert notice["text/plain"].splitlines() == [
        "TokenInCell: This cell holds a Quix streaming token in plain text (line 2, column 10).",
        "It is now in this notebook and in IPython's history; saving or sharing shares the token.",
        "Run the cell with %%quix_fix as its first line: that takes it out. Rotate it in the portal "
        "(Settings > APIs and tokens), then use %quix_token. "
        'Not a token? Add "# quixnb: not-a-token" to the line.',
    ]
    assert "token" in shell.user_ns


def test_the_notice_is_announced_to_screen_readers_in_the_themes_colours(shell: Shell) -> None:
    shell.run(f"token = '{fake_token('pat')}'")

    html = shell.shown[0]["text/html"]
    assert 'role="alert"' in html
    assert "var(--jp-warn-color1" in html
    assert "personal access token" in html


def test_neither_form_shows_a_character_of_the_token(shell: Shell) -> None:
    token = fake_token()

    shell.run(f"token = '{token}'")

    assert token[4:8] not in repr(shell.shown)


def test_several_tokens_make_one_notice(shell: Shell) -> None:
    shell.run("\n".join(f"t{n} = '{fake_token()}'" for n in range(7)))

    [notice] = shell.shown
    assert "7 tokens in plain text (line 1, column 7; line 2, column 7;" in notice["text/plain"]
    assert "and 2 more" in notice["text/plain"]


@pytest.mark.parametrize(
    "cell", ["# t = '{}'", "!echo {} > /dev/null", "%%capture\n'{}'", "%time x = '{}'", "def broken(:\n    '{}'"]
)
def test_a_token_is_announced_wherever_it_stands(shell: Shell, cell: str) -> None:
    shell.run_quietly(cell.format(fake_token()))

    assert "in plain text" in shell.shown[0]["text/plain"]


def test_quix_fix_is_not_offered_where_it_can_do_nothing(shell: Shell) -> None:
    shell.run(f"%%bash\n: {fake_token()}")

    assert "Take it out by hand. Rotate it in the portal" in shell.shown[0]["text/plain"]


def test_an_ordinary_cell_is_not_remarked_on(shell: Shell) -> None:
    shell.run("sdk = 'sdk-12345'")

    assert shell.shown == []


def test_a_silenced_line_is_not_remarked_on(shell: Shell) -> None:
    shell.run(f"t = '{fake_token()}'  # quixnb: not-a-token")

    assert shell.shown == []


def test_off_says_nothing(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'off'")

    shell.run(f"t = '{fake_token()}'")

    assert shell.shown == []


def test_block_does_not_run_the_cell(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")

    result = shell.run_quietly(f"ran = True\nt = '{fake_token()}'")

    assert isinstance(result.error_before_exec, TokenInCell)
    assert "ran" not in shell.user_ns
    assert shell.errors[0].startswith(
        "TokenInCell: This cell was not run: it holds a Quix streaming token in plain text (line 2, column 6)."
    )


def test_block_refuses_a_cell_of_nothing_but_a_comment(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")

    assert isinstance(shell.run_quietly(f"# {fake_token()}").error_before_exec, TokenInCell)


def test_a_cell_that_python_cannot_read_is_refused_in_words_too(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")

    shell.run_quietly(f"t = (('{fake_token()}'")

    assert shell.shown[0]["text/plain"].startswith("TokenInCell: This cell was not run: it holds")
    assert shell.run("1 + 1") == 2


def test_a_refused_cell_is_not_remembered(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")
    token = fake_token()

    shell.run_quietly(f"t = '{token}'")

    assert token not in repr([shell.user_ns["In"], shell.user_ns["_i2"], vars(shell.last_execution_result.info)])
    assert token not in shell.stored_history()


def test_the_cell_behind_a_refused_one_runs(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")
    shell.run_quietly(f"def broken(: '{fake_token()}'")
    shell.run_quietly(f"t = '{fake_token()}'")

    assert shell.run("1 + 1") == 2


def test_a_cell_is_not_refused_for_one_that_another_thread_runs(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'block'")
    info = SimpleNamespace(raw_cell=f"t = '{fake_token()}'", store_history=True)

    subshell = threading.Thread(target=shell.events.trigger, args=["pre_run_cell", info])
    subshell.start()
    subshell.join()

    assert shell.run("1 + 1") == 2


def test_nothing_is_rejected_any_more_when_the_mode_is_another(shell: Shell) -> None:
    for mode in ("block", "warn"):
        shell.run(f"%config QuixGuard.on_plaintext_token = '{mode}'")
        shell.run("1 + 1")

    assert shell.ast_transformers == []


def test_an_unknown_mode_changes_nothing(shell: Shell) -> None:
    shell.run("%config QuixGuard.on_plaintext_token = 'maybe'")

    assert shell.run("%config QuixGuard.on_plaintext_token") == "warn"


class GoneFrontEnd(DisplayPublisher):
    """A front end that went away: every display fails."""

    def publish(self, *args: Any, **kwargs: Any) -> None:
        raise BrokenPipeError("the front end is gone")


def test_a_guard_that_fails_does_not_cost_the_cell(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.display_pub = GoneFrontEnd()

    shell.run(f"t = '{fake_token()}'")

    assert len(shell.user_ns["t"]) == 36
    assert capsys.readouterr() == ("", "")


def test_a_cell_that_is_no_text_does_not_break_the_guard(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.events.trigger("pre_run_cell", SimpleNamespace(raw_cell=None, store_history=True))

    assert capsys.readouterr() == ("", "")


@pytest.mark.alone
def test_an_ordinary_cell_is_looked_at_in_less_time_than_python_needs_to_compile_it(shell: Shell) -> None:
    cell = "import pandas as pd\nframe = pd.DataFrame({'quix_speed': [1.0]})\nframe.describe()\n" * 10
    info = SimpleNamespace(raw_cell=cell, store_history=True)
    [look] = [each for each in shell.events.callbacks["pre_run_cell"] if each.__qualname__.startswith("Guard.")]

    def seconds(do: Callable[[], object]) -> float:
        started = time.process_time()
        for _ in range(100):
            do()
        return time.process_time() - started

    looking = min(seconds(lambda: look(info)) for _ in range(3))

    assert looking < min(seconds(lambda: compile(cell, "cell", "exec")) for _ in range(3))


def test_nothing_is_left_when_the_extension_is_unloaded(shell: Shell) -> None:
    shell.run("%unload_ext quixnb")

    shell.run(f"t = '{fake_token()}'")

    assert shell.shown == []
    assert "store_inputs" not in vars(shell.history_manager)
    shell.run("%load_ext quixnb")
