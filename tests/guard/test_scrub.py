"""What has been stored already is cleaned, place by place."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from quixnb.guard import scrub_collaboration, scrub_database
from tests.fakes import fake_token
from tests.guard.kernels import Kernel, running
from tests.guard.test_history import everything_kept
from tests.magics.shells import Shell

HIDDEN = "[quix token]"


@pytest.fixture
def token(shell: Shell) -> str:
    """A token that stood in two cells."""
    token = fake_token()
    shell.run(f"t = '{token}'")
    shell.run_quietly(f"x = '{token}'\n1 / 0")
    return token


def row(listing: Any, begin: str) -> Any:
    [found] = [each for each in listing if each.place.startswith(begin)]
    return found


def test_the_kernels_history_and_its_database_are_cleaned(shell: Shell, token: str) -> None:
    assert token in everything_kept(shell)

    report = shell.run("%quix_scrub")

    assert token[4:16] not in everything_kept(shell)
    assert HIDDEN in shell.stored_history()
    assert row(report, "this kernel").texts >= 5
    assert row(report, ":memory:").texts == 2
    assert shell.user_ns["t"] == token  # a value of the user's stays


def test_the_report_says_what_where_and_no_character(shell: Shell, token: str) -> None:
    report = shell.run("%quix_scrub")

    assert "Tokens were taken out of" in repr(report)
    assert "rotate it" in repr(report)
    assert token[4:10] not in repr(report) + report._repr_html_()


def test_a_second_time_there_is_nothing_left_to_clean(shell: Shell, token: str) -> None:
    shell.run("%quix_scrub")

    assert [each.texts for each in shell.run("%quix_scrub")] == [0, 0, 0, 0]


def test_checkpoints_below_the_working_folder_are_cleaned(shell: Shell) -> None:
    token, folder = fake_token(), Path.cwd() / "deep" / ".ipynb_checkpoints"
    folder.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell(f"é = '{token}'", outputs=[nbformat.v4.new_output("stream", text=f"{token}\n")])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "a-checkpoint.ipynb")
    before = (folder / "a-checkpoint.ipynb").read_text(encoding="utf-8")
    (folder / "b-checkpoint.py").write_bytes(f"# {token}\r\n".encode())
    (folder / "c-checkpoint.png").write_bytes(b"\xff\xd8" + token.encode())
    (Path.cwd() / "mine.py").write_text(token)

    report = shell.run("%quix_scrub")

    assert row(report, "checkpoints").texts == 2
    assert (folder / "a-checkpoint.ipynb").read_text(encoding="utf-8") == before.replace(token, HIDDEN)
    assert (folder / "b-checkpoint.py").read_bytes() == f"# {HIDDEN}\r\n".encode()
    assert token in (Path.cwd() / "mine.py").read_text()
    assert len(list(folder.iterdir())) == 3


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="sockets are no files here")
def test_a_file_that_cannot_be_read_costs_no_other(shell: Shell) -> None:
    token, folder = fake_token(), Path.cwd() / ".ipynb_checkpoints"
    folder.mkdir()
    (folder / "b-checkpoint.py").write_text(token)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(".ipynb_checkpoints/a")  # a path from here: sockets take short ones only

        report = shell.run("%quix_scrub")

    assert row(report, "checkpoints")[1:] == (
        1,
        "2 looked at, jupyterlab-lsp's copies among them, 1 could not be read or written",
    )
    assert token not in (folder / "b-checkpoint.py").read_text()


def test_a_checkpoint_that_is_no_json_is_cleaned_as_text(shell: Shell) -> None:
    token, folder = fake_token(), Path.cwd() / ".ipynb_checkpoints"
    folder.mkdir()
    (folder / "a-checkpoint.ipynb").write_text('{"cells": [' + token)

    shell.run("%quix_scrub")

    assert (folder / "a-checkpoint.ipynb").read_text() == '{"cells": [' + HIDDEN


def test_the_debuggers_copies_of_cells_are_cleaned(shell: Shell) -> None:
    token, folder = fake_token(), Path(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")
    folder.mkdir()
    (folder / "123.py").write_text(f"t = '{token}'\n")

    report = shell.run("%quix_scrub")

    assert row(report, "the debugger").texts == 1
    assert (folder / "123.py").read_text() == f"t = '{HIDDEN}'\n"


def test_a_place_that_cannot_be_cleaned_stops_no_other(
    shell: Shell, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError(token)

    monkeypatch.setattr(scrub_database, "scrub", fails)

    report = shell.run("%quix_scrub")

    assert row(report, "IPython's history database") == (
        "IPython's history database",
        None,
        "could not be cleaned (RuntimeError)",
    )
    assert row(report, "this kernel").texts


def test_every_cell_is_kept_clean_by_setting(shell: Shell) -> None:
    token = fake_token()
    shell.run("%config QuixGuard.scrub_history = True")

    shell.run(f"t = '{token}'")

    assert token[4:16] not in everything_kept(shell)
    assert "It is now in this notebook; saving" in shell.shown[0]["text/plain"]


# ---- a real kernel, with its database in a file


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running(tmp_path_factory.mktemp("kernel")) as started:
        started.run("%load_ext quixnb")
        yield started


@pytest.mark.kernel
def test_no_byte_of_a_token_is_left_in_the_database(kernel: Kernel) -> None:
    token = fake_token()
    kernel.run(f"t = '{token}'")
    kernel.run("get_ipython().history_manager.writeout_cache()")
    folder = kernel.home / "profile_default"
    assert token.encode() in stored_below(folder)

    kernel.run("%quix_scrub")

    assert token[4:16].encode() not in stored_below(folder)
    assert HIDDEN.encode() in stored_below(folder)


@pytest.mark.kernel
def test_a_database_that_is_locked_is_said_to_be(kernel: Kernel) -> None:
    kernel.run("import quixnb.guard.scrub_database as d; d._WAIT_S = 0.1")
    kernel.run("get_ipython().history_manager.writeout_cache()")
    database = sqlite3.connect(kernel.home / "profile_default" / "history.sqlite")
    database.execute("BEGIN IMMEDIATE")

    shown = kernel.run("get_ipython().history_manager.writeout_cache = lambda: None\n%quix_scrub")

    database.rollback()
    database.close()
    assert "another kernel or terminal has it open" in shown.of("execute_result")["data"]["text/plain"]


@pytest.mark.kernel
def test_a_database_that_cannot_be_written_is_not_said_to_be_locked(kernel: Kernel) -> None:
    kernel.run(
        "history = get_ipython().history_manager; kept, history.hist_file = history.hist_file, '/nowhere/h.sqlite'"
    )

    shown = kernel.run("%quix_scrub").of("execute_result")["data"]["text/plain"]
    kernel.run("history.hist_file = kept")

    assert "cannot be cleaned (SQLITE_CANTOPEN)" in shown
    assert "another kernel" not in shown


@pytest.mark.kernel
def test_what_was_stored_before_the_history_was_turned_off_is_cleaned(kernel: Kernel) -> None:
    token, folder = fake_token(), kernel.home / "profile_default"
    kernel.run(f"t = '{token}'")
    kernel.run("get_ipython().history_manager.writeout_cache()")
    kernel.run("get_ipython().history_manager.enabled = False")

    kernel.run("%quix_scrub")
    kernel.run("get_ipython().history_manager.enabled = True")

    assert token[4:16].encode() not in stored_below(folder)


def stored_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("history.sqlite*"))


# ---- real-time collaboration


def store_with(file: Path, updates: list[bytes]) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE yupdates (path TEXT, yupdate BLOB, metadata BLOB, timestamp REAL)")
        rows = [("a.ipynb", update, b"", float(number)) for number, update in enumerate(updates)]
        database.executemany("INSERT INTO yupdates VALUES (?, ?, ?, ?)", rows)
    database.close()


def test_deleted_text_leaves_the_store_of_collaboration(shell: Shell, tmp_path: Path) -> None:
    pycrdt = pytest.importorskip("pycrdt")
    token, document, updates = fake_token(), pycrdt.Doc(), []
    document["source"] = text = pycrdt.Text()
    subscription = document.observe(lambda event: updates.append(event.update))
    text += f"keep {token}"
    del text[5:]
    document.unobserve(subscription)
    store_with(tmp_path / scrub_collaboration.NAME, updates)
    assert token.encode() in (tmp_path / scrub_collaboration.NAME).read_bytes()

    report = shell.run("%quix_scrub")

    assert row(report, str(tmp_path)).texts == 1
    assert token.encode() not in (tmp_path / scrub_collaboration.NAME).read_bytes()
    with sqlite3.connect(tmp_path / scrub_collaboration.NAME) as database:
        [[update]] = database.execute("SELECT yupdate FROM yupdates").fetchall()
    database.close()
    again = pycrdt.Doc()
    again["source"] = pycrdt.Text()
    again.apply_update(update)
    assert str(again["source"]) == "keep "


def test_a_store_is_left_alone_where_pycrdt_is_missing(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pycrdt", None)
    store_with(tmp_path / scrub_collaboration.NAME, [b"x"])

    report = shell.run("%quix_scrub")

    assert row(report, str(tmp_path)).texts is None
    assert "pycrdt is missing" in row(report, str(tmp_path)).says


@pytest.mark.parametrize("root", [".", "notebooks"])
def test_a_store_is_left_alone_while_its_server_runs(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    # The server is this process: started in the folder of the store, whatever folder it serves.
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    about = {"root_dir": str(tmp_path / root), "pid": os.getpid()}
    (tmp_path / "runtime" / "jpserver-1.json").write_text(json.dumps(about))
    store_with(tmp_path / scrub_collaboration.NAME, [b"x"])

    report = shell.run("%quix_scrub")

    assert "uses it; stop that, then run here: ipython" in row(report, str(tmp_path)).says


def test_a_store_is_found_from_a_folder_below(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "down")
    store_with(tmp_path / scrub_collaboration.NAME, [])

    report = shell.run("%quix_scrub")

    assert row(report, str(tmp_path / scrub_collaboration.NAME))
