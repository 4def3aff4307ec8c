"""Plain IPython: displays, results and tracebacks are cleaned."""

from __future__ import annotations

import pytest
from IPython.core.displayhook import DisplayHook

from tests.fakes import fake_token
from tests.magics.shells import Shell

HIDDEN = "[quix token]"


@pytest.fixture
def token(shell: Shell) -> str:
    shell.run("%config QuixGuard.on_plaintext_token = 'off'")
    token = shell.user_ns["t"] = fake_token()
    return token


def test_a_display_is_cleaned(shell: Shell, token: str) -> None:
    shell.run("from IPython.display import HTML, display\ndisplay(HTML(f'<b>{t}</b>'))")

    assert shell.shown[-1]["text/html"] == f"<b>{HIDDEN}</b>"


def test_a_result_is_cleaned(shell: Shell, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert type(shell.displayhook) is DisplayHook

    value = shell.run("{'a': t}")

    assert value == {"a": token}  # the user's value stays
    assert "{'a': '[quix token]'}" in capsys.readouterr().out


@pytest.mark.parametrize("cell", ["raise ValueError(t)", "%xmode Verbose\ndef f(x): 1 / 0\nf(t)"])
def test_a_traceback_is_cleaned(shell: Shell, token: str, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_quietly(cell)
    shell.run("%xmode Context")

    assert HIDDEN in shell.errors[-1]
    assert token[4:12] not in "".join(shell.errors)
    assert capsys.readouterr().err == ""


def test_what_ipython_keeps_for_notebook_is_cleaned_too(shell: Shell, token: str) -> None:
    shell.run("from IPython.display import display\ndisplay({'text/plain': t}, raw=True)\nt")
    shell.run_quietly("raise ValueError(t)")

    kept = repr([getattr(shell.history_manager, name, None) for name in ("outputs", "exceptions", "output_hist_reprs")])
    assert token[4:12] not in kept


def test_warn_shows_it_and_says_so(shell: Shell, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("%config QuixGuard.on_token_in_output = 'warn'")

    shell.run("from IPython.display import display\ndisplay({'text/plain': t}, raw=True)")

    assert shell.shown[-2]["text/plain"] == token
    assert "This cell's output shows a Quix token" in shell.shown[-1]["text/plain"]
