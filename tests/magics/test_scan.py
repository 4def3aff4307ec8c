"""`%quix_scan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from quixnb.token import Token
from tests.fakes import fake_token
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
