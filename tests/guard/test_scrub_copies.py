"""What is left of cells and commands outside of IPython: in other tools' copies, and in what shells remember."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.fakes import fake_token
from tests.guard.test_scrub import HIDDEN, row
from tests.magics.shells import Shell


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "a home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


def test_copies_for_language_servers_are_cleaned_in_all_their_folders(shell: Shell) -> None:
    token, copy = fake_token(), Path.cwd() / ".virtual_documents" / "deep" / "a.ipynb"
    copy.parent.mkdir(parents=True)
    copy.write_text(f"t = '{token}'\n")

    report = shell.run("%quix_scrub")

    assert row(report, "checkpoints").texts == 1
    assert copy.read_text() == f"t = '{HIDDEN}'\n"


@pytest.mark.parametrize("name", [".bash_history", ".zsh_history", ".local/share/fish/fish_history"])
def test_what_shells_remember_is_cleaned_whatever_its_encoding(shell: Shell, home: Path, name: str) -> None:
    token, file = fake_token(), home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"echo \xe9\x83\nquix login " + token.encode() + b"\nls\n")
    file.chmod(0o600)

    report = shell.run("%quix_scrub")

    assert file.read_bytes() == b"echo \xe9\x83\nquix login " + HIDDEN.encode() + b"\nls\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "open terminal" in row(report, str(file)).says


def test_a_history_that_is_kept_elsewhere_is_cleaned_there(shell: Shell, home: Path) -> None:
    token, elsewhere = fake_token(), home / "elsewhere"
    elsewhere.write_text(f"quix login {token}\n")
    (home / ".bash_history").symlink_to(elsewhere)

    shell.run("%quix_scrub")

    assert (home / ".bash_history").is_symlink()
    assert elsewhere.read_text() == f"quix login {HIDDEN}\n"


def test_a_history_that_is_no_file_stops_no_other(shell: Shell, home: Path) -> None:
    token = fake_token()
    (home / ".bash_history").symlink_to(home / "a folder that is gone" / "history")
    (home / ".history").mkdir()
    (home / ".python_history").write_text(f"t = '{token}'\n")

    report = shell.run("%quix_scrub")

    assert row(report, str(home / ".python_history")).texts == 1
    assert not [each for each in report if each.texts is None]
