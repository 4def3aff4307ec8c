"""What is offered as a token on this machine: by name, without a character of it."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest

from quixnb import vault
from quixnb.sources import offers
from quixnb.token import Token
from tests.fakes import fake_token


def names() -> list[str]:
    return [each.name for each in offers()]


def test_variables_with_a_quix_token_are_offered_the_usual_ones_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALPHA_TOKEN", "STREAMING_TOKEN", "MY_PAT"):
        monkeypatch.setenv(name, fake_token())

    assert names() == ["STREAMING_TOKEN", "ALPHA_TOKEN", "MY_PAT"]


def test_tokens_of_others_are_not_offered_and_a_usual_one_that_is_wrong_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_abc")
    monkeypatch.setenv("EMPTY_TOKEN", "")
    monkeypatch.setenv("SOMETHING", fake_token())
    monkeypatch.setenv("Quix__Sdk__Token", "sdk-...")

    assert names() == ["Quix__Sdk__Token"]


def test_entries_of_the_nearest_dotenv_that_look_like_a_token_by_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"PROD_TOKEN={fake_token()}\nQUIX_API_KEY=later\nPORT=80\nQuix__Sdk__Token=x\n")

    assert [(each.name, each.place) for each in offers()] == [
        (name, f"{tmp_path}/.env") for name in ("Quix__Sdk__Token", "PROD_TOKEN", "QUIX_API_KEY")
    ]


def test_a_token_that_stands_where_a_name_belongs_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{fake_token()}_TOKEN=x\n")

    assert offers() == []


def test_what_the_keyring_and_the_file_keep(tmp_path: Path) -> None:
    keyring.set_keyring(keyring.core.load_keyring("tests.sources.keyrings.InMemory"))
    vault.save("default", Token(fake_token(), "a test"), "keyring")
    vault.save("team", Token(fake_token(), "a test"), "file")

    assert [each.spec for each in offers()] == ["keyring:default", "vault:team"]


def test_no_offer_has_a_character_of_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    token = fake_token()
    monkeypatch.setenv("MY_TOKEN", token)

    assert token[4:12] not in repr(offers())
