"""Hidden input in a terminal and in a notebook, and where there is nobody to ask."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.fakes import fake_token
from tests.sources.conftest import child_environment

ASK = """
from quixnb.errors import PromptInterrupted, QuixnbError
from quixnb.sources import from_prompt
try:
    token = from_prompt()
    print("got", token, len(token.reveal()))
except (QuixnbError, PromptInterrupted) as error:
    print("\\n".join(error._render_traceback_()))
"""


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a Unix matter")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("TOKEN", "got <Quix pasted streaming token> 36"),
        ("", "TokenMissing: No Quix token was entered."),
        ("sdk-5ee", "TokenMalformed: The pasted text is not a Quix token: it has 3 digits behind 'sdk-'"),
        ("\x03", "PromptInterrupted: The question for a token was interrupted."),
        ("\x04", "TokenMissing: A Quix token is needed, and nobody can be asked for it here."),
    ],
)
def test_in_a_terminal_the_input_is_hidden(line: str, said: str) -> None:
    import pty

    text = fake_token()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-c", ASK], child_environment())  # the child becomes another program
    output = read_until(terminal, b"hidden while you type): ")
    os.write(terminal, line.replace("TOKEN", text).encode() + (b"" if line in "\x03\x04" and line else b"\n"))
    output += read_until(terminal, None)
    os.close(terminal)
    os.waitpid(pid, 0)

    assert said in output.decode()
    assert text not in output.decode()


def read_until(terminal: int, end: bytes | None) -> bytes:
    """What a terminal shows, up to `end` or to the end of the program in it."""
    output = b""
    while end is None or end not in output:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # how Linux says that the program has ended
            return output
        if not piece:
            return output
        output += piece
    return output


def test_without_a_terminal_nothing_is_read_and_nothing_shown() -> None:
    text = fake_token()

    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=f"{text}\n",
        capture_output=True,
        check=True,
        text=True,
        env=child_environment(),
        start_new_session=True,  # without the terminal that the tests may run in
    )

    assert done.stdout.splitlines() == [
        "TokenMissing: A Quix token is needed, and nobody can be asked for it here.",
        "Hidden input needs a terminal, or a notebook that is run by a person.",
        "Set Quix__Sdk__Token where this is started, or use a profile that says where the token is.",
    ]
    assert text not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def kernel() -> Any:
    manager = pytest.importorskip("jupyter_client.manager")
    manager, client = manager.start_new_kernel(kernel_name="python3", env=child_environment())
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.mark.kernel
def test_in_a_notebook_the_front_end_is_asked_to_hide_the_input(kernel: Any) -> None:
    text, asked, shown = fake_token(), [], []

    def answer(message: dict[str, Any]) -> None:
        asked.append(message["content"])
        kernel.input(text)

    kernel.execute_interactive(ASK, allow_stdin=True, stdin_hook=answer, output_hook=shown.append, timeout=60)

    assert [content["password"] for content in asked] == [True]
    assert "got <Quix pasted streaming token> 36" in str(shown)
    assert text not in str([message["content"] for message in shown])


@pytest.mark.kernel
def test_a_scheduled_notebook_cannot_be_asked(kernel: Any) -> None:
    shown: list[Any] = []

    kernel.execute_interactive(ASK, allow_stdin=False, output_hook=shown.append, timeout=60)

    assert "TokenMissing: A Quix token is needed, and nobody can be asked for it here." in str(shown)
