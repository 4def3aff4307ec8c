"""Errors are three lines in a notebook, keep their class, and can be told apart."""

from __future__ import annotations

import atexit
import inspect
import os
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from quixnb import errors
from quixnb.errors import PortalError, PortalUnreachable, QuixnbError, TokenMissing, TokenRejected
from tests.fakes import fake_token


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    config = Config({"HistoryManager": {"enabled": False}})
    # Not the process's one instance, which other tests may need.
    shell = InteractiveShell(config=config)
    yield shell
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()


def classes() -> list[type[QuixnbError]]:
    return [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, QuixnbError)]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^ +[·+] (\w+)", errors.__doc__ or "", re.MULTILINE)

    assert sorted([*drawn, "QuixnbError"]) == sorted(each.__name__ for each in classes())


def test_an_error_is_what_why_and_what_to_do() -> None:
    error = TokenMissing("What happened.", cause="Why.", fix="What to do.")

    assert (error.what, error.cause, error.fix) == ("What happened.", "Why.", "What to do.")
    assert str(error) == "What happened.\nWhy.\nWhat to do."
    assert error._render_traceback_() == ["TokenMissing: What happened.", "Why.", "What to do."]


def test_a_line_without_anything_to_say_is_left_out() -> None:
    assert QuixnbError("What happened.", fix="What to do.")._render_traceback_() == [
        "QuixnbError: What happened.",
        "What to do.",
    ]


def test_an_unreachable_portal_is_a_portal_error_with_a_status_or_without() -> None:
    assert issubclass(PortalUnreachable, PortalError)
    assert PortalUnreachable("x").status_code is None
    assert PortalError("x", status_code=403).status_code == 403


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(PortalError("What.", cause="Why.", fix="Do.", status_code=500)))

    assert (str(error), error.status_code) == ("What.\nWhy.\nDo.", 500)


def shown_in(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], mode: str) -> str:
    shell.run_line_magic("xmode", mode)
    shell.user_ns["text"] = fake_token()
    capsys.readouterr()

    result = shell.run_cell(
        "from quixnb.errors import TokenRejected\n"
        "def call(secret):\n"
        "    raise TokenRejected('The portal refused it.', cause='Why.', fix='Run %quix_token.')\n"
        "call(text)"
    )

    assert type(result.error_in_exec) is TokenRejected
    output = capsys.readouterr()
    assert shell.user_ns["text"] not in output.out + output.err
    return output.out.strip()


@pytest.mark.parametrize("mode", ["Context", "Verbose"])
def test_ipython_shows_three_lines_and_no_values(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    shown = shown_in(shell, capsys, mode)

    assert shown.splitlines() == ["TokenRejected: The portal refused it.", "Why.", "Run %quix_token."]


@pytest.mark.parametrize("mode", ["Plain", "Minimal", "Docs"])
def test_ipython_shows_neither_source_nor_frames_in_its_other_modes(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    # In a terminal these modes put nothing between the lines; a notebook puts line breaks there in every mode.
    shown = shown_in(shell, capsys, mode)

    assert "".join(shown.splitlines()) == "TokenRejected: The portal refused it.Why.Run %quix_token."


@pytest.mark.kernel
def test_a_kernel_sends_the_class_name_the_text_and_three_lines() -> None:
    jupyter_client = pytest.importorskip("jupyter_client.manager")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    source = (
        "%xmode Verbose\n"
        "from quixnb.errors import TokenMissing\n"
        "raise TokenMissing('None was found.', cause='Looked.', fix='Run it.')"
    )
    sent: list[dict[str, Any]] = []

    with jupyter_client.run_kernel(kernel_name="python3", env=environment) as client:
        client.execute_interactive(source, output_hook=sent.append, timeout=60)

    assert [message["content"] for message in sent if message["msg_type"] == "error"] == [
        {
            "ename": "TokenMissing",
            "evalue": "None was found.\nLooked.\nRun it.",
            "traceback": ["TokenMissing: None was found.", "Looked.", "Run it."],
        }
    ]
