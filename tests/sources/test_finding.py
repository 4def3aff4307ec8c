"""In which order the token, the portal's address and the environment are found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quixnb.errors import PortalUnreachable, TokenMalformed, TokenMissing
from quixnb.profiles import Profile
from quixnb.sources import FoundSource, find_environment, find_portal_api, find_token, found_sources
from quixnb.token import Token
from quixnb.vault import save
from tests.fakes import fake_token
from tests.sources.conftest import child_environment


def dotenv(folder: Path, **values: str) -> Path:
    file = folder / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return file


def test_each_place_gives_way_to_the_one_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [fake_token() for _ in range(7)]
    monkeypatch.setenv("PROD_TOKEN", tokens[2])
    monkeypatch.setenv("Quix__Sdk__Token", tokens[3])
    monkeypatch.setenv("STREAMING_TOKEN", tokens[4])
    file = dotenv(folder, STREAMING_TOKEN=tokens[6], Quix__Sdk__Token=tokens[5])
    picked = Token(tokens[1], "pasted")
    profile = Profile("prod", token_source="env:PROD_TOKEN")

    found = [find_token(explicit=tokens[0], picked=picked, profile=profile)]
    found.append(find_token(picked=picked, profile=profile))
    found.append(find_token(profile=profile))
    found.append(find_token())
    monkeypatch.delenv("Quix__Sdk__Token")
    found.append(find_token())
    monkeypatch.delenv("STREAMING_TOKEN")
    found.append(find_token())
    dotenv(folder, STREAMING_TOKEN=tokens[6])
    found.append(find_token())

    assert [token.reveal() for token in found] == tokens
    assert [token.source for token in found] == [
        "argument",
        "pasted",
        "profile 'prod' (PROD_TOKEN)",
        "Quix__Sdk__Token",
        "STREAMING_TOKEN",
        f"Quix__Sdk__Token in {file}",
        f"STREAMING_TOKEN in {file}",
    ]


def test_a_token_object_is_taken_as_it_is() -> None:
    token = Token(fake_token(), "sandbox")

    assert find_token(explicit=token) is token


def test_a_text_is_taken_with_what_comes_along_when_pasting() -> None:
    text = fake_token()

    assert find_token(explicit=f'  "Bearer {text}"\n').reveal() == text


@pytest.mark.parametrize("given", ["", 5, b"bytes", ["list"]])
def test_an_argument_that_is_no_token_is_not_passed_over(given: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", fake_token())

    with pytest.raises(TokenMalformed, match="argument"):
        find_token(explicit=given)  # type: ignore[arg-type]


def test_what_is_no_token_is_named_by_its_place_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", "sdk-your-token-here")
    monkeypatch.setenv("STREAMING_TOKEN", fake_token())

    with pytest.raises(TokenMalformed, match="from Quix__Sdk__Token is not a Quix token") as caught:
        find_token()

    assert "your-token-here" not in str(caught.value)


def test_an_empty_variable_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake_token()
    monkeypatch.setenv("Quix__Sdk__Token", "")
    monkeypatch.setenv("STREAMING_TOKEN", "  ")
    dotenv(folder, Quix__Sdk__Token='""', STREAMING_TOKEN=text)

    assert find_token().reveal() == text


def test_a_profile_that_names_a_place_means_that_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", fake_token())

    with pytest.raises(TokenMissing) as caught:
        find_token(profile=Profile("prod", token_source="env:PROD_TOKEN"))

    assert caught.value.what == "No Quix token was found in profile 'prod' (PROD_TOKEN)."


def test_a_profile_that_names_no_place_means_the_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", fake_token())

    assert find_token(profile=Profile("prod")).source == "Quix__Sdk__Token"


def test_the_nearest_dotenv_upward_is_read_without_touching_the_process(folder: Path) -> None:
    text = fake_token()
    file = dotenv(folder.parent, Quix__Sdk__Token=text, OTHER="x")
    dotenv(folder.parent.parent, Quix__Sdk__Token=fake_token())
    before = dict(os.environ)

    token = find_token()

    assert (token.reveal(), token.source) == (text, f"Quix__Sdk__Token in {file}")
    assert dict(os.environ) == before


def test_where_it_looked_is_said_without_a_dotenv(
    folder: Path, own_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMING_TOKEN", " ")

    with pytest.raises(TokenMissing) as caught:
        find_token()

    assert str(caught.value) == (
        "No Quix token was found.\n"
        f"Looked in: Quix__Sdk__Token (not set), STREAMING_TOKEN (empty), .env (none from {folder} upward), "
        "Colab and Kaggle (this is neither), 'default' in the keyring (this machine has none), "
        f"'default' in quixnb's own file (there is no file {own_file}); none had one.\n"
        "Run %quix_token to choose or paste one without putting it in the notebook."
    )


def test_where_it_looked_is_said_with_a_dotenv(folder: Path) -> None:
    file = dotenv(folder.parent, OTHER="x", PROD_TOKEN="y")

    with pytest.raises(TokenMissing) as caught:
        find_token()

    assert f".env (that in {file.parent} has no value of that name; it has PROD_TOKEN), Colab" in caught.value.cause


def test_an_own_file_that_others_may_read_is_said(own_file: Path) -> None:
    save("default", Token(fake_token(), "pasted"), "file")
    own_file.chmod(0o644)

    with pytest.raises(TokenMissing, match=r"others may read .*, so it is not used: chmod 600"):
        find_token()


@pytest.mark.parametrize("backend", ["nowhere.Keyring", "nothing", "os.path"])
def test_a_keyring_that_is_set_up_wrong_stops_nobody_and_is_said(backend: str) -> None:
    # In a process of its own, since `keyring` loads its backend once.
    code = "from quixnb.sources import find_token; find_token()"
    environment = child_environment() | {"PYTHON_KEYRING_BACKEND": backend}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True, env=environment)

    assert "TokenMissing: No Quix token was found." in done.stderr
    assert "the keyring cannot be used as PYTHON_KEYRING_BACKEND or keyringrc.cfg says (" in done.stderr


def test_a_dotenv_that_is_not_text_is_said_and_not_shown(folder: Path) -> None:
    text = fake_token()
    (folder / ".env").write_bytes(f"Quix__Sdk__Token={text}".encode("utf-16"))

    with pytest.raises(TokenMissing) as caught:
        find_token()

    assert f".env (that in {folder} could not be read: it is not UTF-8 text)" in caught.value.cause
    assert text not in str(caught.value)


def test_a_working_folder_that_is_gone_is_said(folder: Path) -> None:
    shutil.rmtree(folder)

    with pytest.raises(TokenMissing, match="which is gone"):
        find_token()


def test_found_sources_are_named_without_their_values(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake_token()
    monkeypatch.setenv("STREAMING_TOKEN", text)
    monkeypatch.setenv("Quix__Sdk__Token", "")
    file = dotenv(folder, Quix__Sdk__Token="not even a token")

    found = found_sources()

    assert found == [
        FoundSource("STREAMING_TOKEN", "env:STREAMING_TOKEN"),
        FoundSource(f"Quix__Sdk__Token in {file}", f"dotenv:Quix__Sdk__Token@{file}"),
    ]
    assert text not in repr(found)


def test_the_portals_address_is_found_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = Profile("dev", portal_api="portal-api.dev.example")
    found = [find_portal_api(), find_portal_api(profile=Profile("other"))]
    dotenv(folder, Quix__Portal__Api="http://127.0.0.1:8080/")
    found.append(find_portal_api())
    monkeypatch.setenv("Quix__Portal__Api", "portal-api.platform.quix.io")
    found.append(find_portal_api())
    found.append(find_portal_api(profile=profile))
    found.append(find_portal_api("https://portal-api.acme.example//", profile))

    assert found == [
        "https://portal-api.cloud.quix.io",
        "https://portal-api.cloud.quix.io",
        "http://127.0.0.1:8080",
        "https://portal-api.platform.quix.io",
        "https://portal-api.dev.example",
        "https://portal-api.acme.example",
    ]


def test_an_address_that_cannot_be_one_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake_token()
    monkeypatch.setenv("Quix__Portal__Api", text)

    with pytest.raises(
        PortalUnreachable, match="from Quix__Portal__Api cannot be used: it holds a Quix token"
    ) as caught:
        find_portal_api()

    assert text not in str(caught.value)


def test_the_environment_is_found_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [find_environment()]
    dotenv(folder, Quix__Workspace__Id="acme-f1-dotenv")
    found.append(find_environment())
    monkeypatch.setenv("Quix__Workspace__Id", "acme-f1-variable")
    found.append(find_environment(profile=Profile("other")))
    profile = Profile("dev", environment="acme-f1-profile")
    found.append(find_environment(profile=profile))
    found.append(find_environment("acme-f1-argument", profile))

    assert found == [None, "acme-f1-dotenv", "acme-f1-variable", "acme-f1-profile", "acme-f1-argument"]
