"""`%quix_scan`."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from quixnb.token import Hidden, Token
from tests.fakes import fake_password, fake_token
from tests.magics.shells import Shell
from tests.scan.corpus import code, notebook


def test_it_lists_the_tokens_of_the_working_folder(shell: Shell) -> None:
    token = fake_token()
    Path("a.ipynb").write_text(json.dumps(notebook(code("x"), code(["import os\n", f"t = '{token}'"]))))

    found = shell.run("%quix_scan")

    assert [(each.path, each.location, each.line) for each in found] == [("a.ipynb", "/cells/1/source", 2)]
    assert "1 token in " in repr(found)
    assert "Rotate" in repr(found)
    assert token[4:12] not in repr(found) + found._repr_html_()


def test_it_finds_what_the_kernel_knows(shell: Shell) -> None:
    token = Token(fake_token(), "pasted")
    Path("a.md").write_text(f"k: {token.reveal()}")

    [found] = shell.run("%quix_scan a.md")

    assert found.kind in ("sdk", "known")


def test_the_past_is_searched_for_what_the_kernel_knows_too(shell: Shell) -> None:
    password = Hidden(fake_password(), "a test")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    Path("a.md").write_text(f"k: {password.reveal()}")
    for command in (("init", "-q"), ("add", "a.md"), ("commit", "-qm", "one"), ("rm", "-q", "a.md")):
        subprocess.run([*git, *command], check=True)

    [found] = shell.run("%quix_scan --history")

    assert (found.path, found.kind) == ("a.md", "known")
    assert found.commit


def test_what_could_not_be_read_is_counted(shell: Shell) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")

        assert repr(shell.run("%quix_scan socket")) == "No tokens in 0 files; 1 could not be read"


def test_a_path_may_begin_at_home(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path("at-home").absolute()))
    Path("at-home").mkdir()
    Path("at-home/a.md").write_text(fake_token())

    assert "1 token in 1 file" in repr(shell.run("%quix_scan ~"))


def test_a_clean_folder_is_said_to_be(shell: Shell) -> None:
    Path("empty").mkdir()

    assert repr(shell.run("%quix_scan empty")) == "No tokens in 0 files"


def test_a_path_that_is_not_there_is_a_mistyped_line(shell: Shell) -> None:
    with pytest.raises(UsageError, match="there is no 'nowhere'"):
        shell.run("%quix_scan nowhere")


def test_a_tilde_is_the_home_as_in_a_shell(shell: Shell) -> None:
    Path("~").expanduser().joinpath("notes.md").write_text(f"k: {fake_token()}")

    assert len(shell.run("%quix_scan ~/notes.md")) == 1

    Path("~").expanduser().joinpath("notes.md").unlink()
