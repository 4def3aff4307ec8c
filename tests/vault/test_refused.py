"""Dead tokens are remembered by a hash from which none can be had."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quixnb.token import Token
from quixnb.vault import RefusedTokens
from tests.fakes import fake_token

HOST = "portal-api.acme.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def token() -> Token:
    return Token(fake_token(), "pasted")


def test_a_dead_token_is_known_again_in_another_session(folder: Path, token: Token) -> None:
    RefusedTokens(folder).add(HOST, token, is_proven=False)

    found = RefusedTokens(folder).find(HOST, Token(token.reveal(), "another place"))

    assert found is not None
    assert datetime.now(UTC) - found.at < timedelta(minutes=1)
    assert not found.is_proven


def test_another_token_and_another_portal_are_not_meant(folder: Path, token: Token) -> None:
    refused = RefusedTokens(folder)
    refused.add(HOST, token, is_proven=True)

    assert refused.find(HOST, Token(fake_token(), "x")) is None
    assert refused.find("portal-api.other.example", token) is None


def test_what_is_proven_stays_proven_and_the_first_time_stays(folder: Path, token: Token) -> None:
    refused = RefusedTokens(folder)
    refused.add(HOST, token, is_proven=True)
    first = refused.find(HOST, token)

    refused.add(HOST, token, is_proven=False)

    assert refused.find(HOST, token) == first


def test_a_token_can_be_forgiven(folder: Path, token: Token) -> None:
    refused = RefusedTokens(folder)
    refused.add(HOST, token, is_proven=True)

    refused.remove(HOST, token)

    assert refused.find(HOST, token) is None


def test_no_token_and_no_bare_hash_of_it_is_written(folder: Path, token: Token) -> None:
    import hashlib

    RefusedTokens(folder).add(HOST, token, is_proven=True)

    written = b"".join(file.read_bytes() for file in folder.iterdir())
    assert token.reveal().encode() not in written
    assert hashlib.sha256(token.reveal().encode()).hexdigest().encode() not in written


def test_the_same_token_has_another_hash_in_another_installation(tmp_path: Path, token: Token) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        RefusedTokens(folder).add(HOST, token, is_proven=True)

    one, two = ((folder / "refused.json").read_text().split('"refused"')[1] for folder in folders)
    assert one.split('"')[1] != two.split('"')[1]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are Unix's")
def test_key_and_hashes_are_for_their_owner_alone(folder: Path, token: Token) -> None:
    RefusedTokens(folder).add(HOST, token, is_proven=True)

    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_list_does_not_grow_for_ever(folder: Path) -> None:
    refused = RefusedTokens(folder)
    tokens = [Token(fake_token(), "x") for _ in range(203)]
    for token in tokens:
        refused.add(HOST, token, is_proven=False)

    assert refused.find(HOST, tokens[0]) is None
    assert refused.find(HOST, tokens[-1]) is not None


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"refused": 5}'])
def test_a_broken_file_makes_it_forget_and_no_more(folder: Path, token: Token, content: str) -> None:
    folder.mkdir()
    (folder / "refused.json").write_text(content)
    refused = RefusedTokens(folder)

    assert refused.find(HOST, token) is None
    refused.add(HOST, token, is_proven=True)
    assert refused.find(HOST, token) is not None


def test_a_folder_that_cannot_be_written_makes_it_forget_and_no_more(folder: Path, token: Token) -> None:
    folder.write_text("not a folder")
    refused = RefusedTokens(folder)

    refused.add(HOST, token, is_proven=True)

    assert refused.find(HOST, token) is None
