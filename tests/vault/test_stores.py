"""A token is kept only where a person said, and nobody else can read it there."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quixnb import vault
from quixnb.sources import from_source, from_vault
from quixnb.token import Token
from quixnb.vault import VaultError, data_folder
from tests.fakes import fake_token
from tests.search import planted
from tests.sources.conftest import child_environment

keyring = pytest.importorskip("keyring")
unix = pytest.mark.skipif(sys.platform == "win32", reason="permissions are Unix's")


@pytest.fixture(autouse=True)
def use() -> Iterator[Callable[[str], None]]:
    """Make `keyring` use a backend by its class's name; at first the one of a machine without any."""
    before = keyring.get_keyring()

    def use(name: str) -> None:
        keyring.set_keyring(keyring.core.load_keyring(name))

    use("keyring.backends.fail.Keyring")
    yield use
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "data"
    monkeypatch.setenv("QUIXNB_DATA_DIR", str(folder))
    yield folder
    planted(folder / "tokens.json")  # by now it is written


@pytest.fixture
def token() -> Token:
    return Token(fake_token(), "pasted")


def refused(call: Callable[[], object], without: Token) -> VaultError:
    with pytest.raises(VaultError) as caught:
        call()
    assert len(caught.value._render_traceback_()) == 3
    assert caught.value.__context__ is None
    assert without.reveal() not in str(caught.value)
    return caught.value


def test_the_keyring_keeps_a_token_and_gives_it_back(use: Callable[[str], None], token: Token) -> None:
    use("tests.sources.keyrings.InMemory")

    spec = vault.save("dev", token)

    assert spec == "keyring:dev"
    assert from_source(spec).is_same(token)
    assert keyring.get_password("quixnb", "dev") == token.reveal()


def test_a_machine_without_a_keyring_is_explained_and_no_file_is_written(token: Token, folder: Path) -> None:
    error = refused(lambda: vault.save("dev", token), token)

    assert str(error) == (
        "The token was not kept as 'dev'.\n"
        "This machine has no keyring that can be used; containers and servers seldom have one.\n"
        "Keep it for this session only, or in a file of yours (0600): %quix_token --save dev --store file"
    )
    assert not folder.exists()


def test_a_locked_keyring_is_said(use: Callable[[str], None], token: Token) -> None:
    use("tests.sources.keyrings.Locked")

    assert "KeyringLocked" in refused(lambda: vault.save("dev", token), token).cause


def test_a_keyring_that_keeps_nothing_is_noticed(use: Callable[[str], None], token: Token) -> None:
    use("keyring.backends.null.Keyring")

    assert "its backend keeps nothing" in refused(lambda: vault.save("dev", token), token).cause


@unix
def test_the_file_is_for_its_owner_alone_and_says_first_what_it_holds(token: Token, folder: Path) -> None:
    before = os.umask(0)  # nothing but quixnb narrows the permissions
    try:
        spec = vault.save("dev", token, "file")
    finally:
        os.umask(before)

    file = folder / "tokens.json"
    assert spec == "vault:dev"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert next(iter(json.loads(file.read_text()))) == "note"
    assert "holds Quix tokens in plain text" in file.read_text().splitlines()[1]
    assert sorted(each.name for each in folder.iterdir()) == ["tokens.json"]


def test_the_file_gives_back_what_it_keeps_by_name(token: Token) -> None:
    other = Token(fake_token("pat"), "pasted")

    vault.save("dev", token, "file")
    vault.save("me", other, "file")

    assert from_vault("dev").is_same(token)
    assert from_vault("me", profile="mine").source == "profile 'mine' (vault file entry 'me')"


def test_saving_again_replaces_one_and_removing_takes_it_away(token: Token) -> None:
    newer = Token(fake_token(), "pasted")
    vault.save("dev", token, "file")

    vault.save("dev", newer, "file")

    assert from_vault("dev").is_same(newer)
    vault.remove("dev", "file")
    vault.remove("dev", "file")
    assert vault.read_file("dev")[0] == ""


def test_removing_takes_it_out_of_the_keyring(use: Callable[[str], None], token: Token) -> None:
    use("tests.sources.keyrings.InMemory")
    vault.save("gone", token)

    vault.remove("gone")
    vault.remove("gone")

    assert vault.read_keyring("gone")[0] == ""


@unix
def test_a_file_that_others_may_read_is_not_used(token: Token, folder: Path) -> None:
    vault.save("dev", token, "file")
    (folder / "tokens.json").chmod(0o644)

    text, problem = vault.read_file("dev")

    assert text == ""
    assert "Others may read" in problem
    assert "chmod 600" in problem
    assert "Others may read" in refused(lambda: vault.save("dev", token, "file"), token).cause


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_another_user_is_not_used_and_not_called_open(token: Token, folder: Path) -> None:
    vault.save("dev", token, "file")
    os.chown(folder / "tokens.json", 65534, -1)

    assert vault.read_file("dev") == ("", f"{folder / 'tokens.json'} belongs to another user, so it is not used.")


@pytest.mark.parametrize("content", ["", "no json", "[]", "[" * 100_000, '{"tokens": []}', '{"tokens": {"dev": 1}}'])
def test_a_file_of_another_kind_is_not_touched(token: Token, folder: Path, content: str) -> None:
    folder.mkdir(mode=0o700)
    file = folder / "tokens.json"
    file.touch(0o600)
    file.write_text(content)

    assert "not a file that quixnb wrote" in refused(lambda: vault.save("dev", token, "file"), token).cause
    assert file.read_text() == content


@unix
def test_a_file_that_is_a_link_stays_one_and_what_it_names_is_closed_to_others(
    token: Token, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir(mode=0o700)
    real = tmp_path / "elsewhere.json"
    (folder / "tokens.json").symlink_to(real)

    vault.save("dev", token, "file")

    planted(real)
    assert (folder / "tokens.json").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert from_vault("dev").is_same(token)


def test_a_folder_that_cannot_be_written_is_said(token: Token, folder: Path) -> None:
    folder.write_text("a file, not a folder")

    assert "could not be written" in refused(lambda: vault.save("dev", token, "file"), token).cause


def test_processes_that_keep_tokens_at_the_same_time_lose_none(tmp_path: Path) -> None:
    code = """
import sys
from quixnb import vault
from quixnb.token import Token
from tests.fakes import fake_token
for number in range(5):
    vault.save(f"{sys.argv[1]}-{number}", Token(fake_token(), "pasted"), "file")
"""
    environment = child_environment()
    started = [subprocess.Popen([sys.executable, "-c", code, name], env=environment) for name in ("a", "b")]

    assert [each.wait() for each in started] == [0, 0]
    assert len(vault.names_in_file()) == 10


def test_a_place_that_is_none_is_said(token: Token) -> None:
    assert "no place for a token" in refused(lambda: vault.save("dev", token, "cloud"), token).what  # type: ignore[arg-type]


def test_tokens_kept_at_the_same_time_are_all_kept() -> None:
    tokens = {f"t{number}": Token(fake_token(), "pasted") for number in range(8)}
    threads = [threading.Thread(target=vault.save, args=(name, token, "file")) for name, token in tokens.items()]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(from_vault(name).is_same(token) for name, token in tokens.items())


def test_the_folder_is_the_platforms_and_not_the_one_of_the_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUIXNB_DATA_DIR")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    home = data_folder()
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    ignored = data_folder()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert home == ignored
    assert "config" not in str(home)
    if sys.platform not in ("win32", "darwin"):
        assert home == Path.home() / ".local" / "share" / "quixnb"
        assert data_folder() == tmp_path / "quixnb"
