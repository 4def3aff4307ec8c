"""Profiles are kept and found again, and no secret gets into their file or is taken from it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quixnb.errors import PortalUnreachable, QuixnbError
from quixnb.profiles import (
    Profile,
    ProfileError,
    config_folder,
    load_profile,
    load_profiles,
    path,
    portal_address,
    save_profile,
    without_tokens,
)
from quixnb.profiles.file import _to_toml
from tests.fakes import fake_password, fake_token
from tests.sources.conftest import child_environment

DEV = Profile(
    "dev",
    portal_api="https://portal-api.acme.example",
    environment="acme-f1-dev",
    token_source="env:DEV_TOKEN",
    kafka={"client.id": 'ana "the\tfast" \\ é', "message.timeout.ms": 5000, "enable.idempotence": True},
)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config" / "profiles.toml"
    monkeypatch.setenv("QUIXNB_CONFIG", str(file))
    return file


def written(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def refused(text: str, file: Path, *, kind: type[QuixnbError] = ProfileError) -> QuixnbError:
    written(file, text)
    with pytest.raises(kind) as caught:
        load_profiles()
    assert len(caught.value._render_traceback_()) == 3
    assert caught.value.__context__ is None
    return caught.value


def test_what_was_saved_is_loaded() -> None:
    save_profile(DEV)
    save_profile(Profile("prod"))

    assert load_profiles() == {"dev": DEV, "prod": Profile("prod")}
    assert load_profile("dev") == DEV


@pytest.mark.parametrize(
    "source",
    ["env:TOKEN_2", "dotenv:A@/f1/.env", "file:/run/secrets/2", "keyring:dev-2", "vault:dev-2", "colab:A", "kaggle:A"],
)
def test_the_place_of_a_second_token_is_kept(source: str) -> None:
    both = Profile("dev", token_source="env:TOKEN_1", second_token_source=source)

    save_profile(both)

    assert load_profile("dev") == both


@pytest.mark.parametrize("source", ["nowhere", "env:", "prompt:"])
def test_a_second_place_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(ProfileError, match="second_token_source does not say where a token is"):
        Profile("dev", second_token_source=source)


def test_a_second_place_holds_no_token() -> None:
    text = fake_token()

    with pytest.raises(ProfileError) as caught:
        Profile("dev", second_token_source=f"env:{text}")

    assert text not in str(caught.value)


def test_saving_again_replaces_one_and_keeps_the_others() -> None:
    save_profile(DEV)
    save_profile(Profile("prod"))

    save_profile(Profile("dev", environment="acme-f1-test"))

    assert load_profiles() == {"dev": Profile("dev", environment="acme-f1-test"), "prod": Profile("prod")}


def test_without_a_file_there_are_none() -> None:
    assert load_profiles() == {}


def test_a_name_that_is_not_there_comes_with_the_nearest(file: Path) -> None:
    save_profile(DEV)

    with pytest.raises(ProfileError) as caught:
        load_profile("dve")

    assert str(caught.value) == (
        "There is no profile 'dve'.\n"
        f"The nearest is 'dev'; {file} has dev.\n"
        "Run %quix_token --save NAME to make one, or %quix_use with a name that is there."
    )


def test_a_token_given_as_a_profiles_name_is_not_repeated() -> None:
    text = fake_token()

    for call in (load_profile, Profile):
        with pytest.raises(ProfileError) as caught:
            call(text)
        assert text not in str(caught.value)


@pytest.mark.parametrize("name", ["", "two words", "a.b", "ä", "a" * 65, "a\n", "[x]", "a'b"])
def test_a_name_is_a_plain_word(name: str) -> None:
    with pytest.raises(ProfileError):
        Profile(name)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=50, deadline=None)
@given(
    name=st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True),
    environment=st.none() | texts,
    kafka=st.dictionaries(texts, texts | st.integers(-(2**63), 2**63 - 1) | st.booleans(), max_size=4),
)
def test_any_text_survives_the_way_through_toml(name: str, environment: str | None, kafka: dict[str, Any]) -> None:
    kafka = {key: value for key, value in kafka.items() if "secret" not in key.lower()}
    profile = Profile(name, environment=environment, kafka=kafka)

    table = tomllib.loads(_to_toml(profile))["profile"][name]

    assert Profile(name, **table) == profile


@pytest.mark.parametrize("place", ["name", "environment", "portal_api", "token_source", "key", "value", "jwt"])
def test_no_profile_holds_a_token(place: str) -> None:
    text = fake_token("pat")
    options: dict[str, Any] = {
        "name": {"name": text},
        "environment": {"name": "dev", "environment": f"see {text}"},
        "portal_api": {"name": "dev", "portal_api": f"https://h/{text}"},
        "token_source": {"name": "dev", "token_source": text},
        "key": {"name": "dev", "kafka": {text: 1}},
        "value": {"name": "dev", "kafka": {"client.id": text[:24]}},
        "jwt": {
            "name": "dev",
            "environment": ".".join(["eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiIxIn0", "c2lnbmF0dXJlLW9mLWl0"]),
        },
    }[place]

    with pytest.raises(QuixnbError) as caught:
        Profile(**options)

    assert text[:24] not in str(caught.value)
    assert "eyJ" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "sasl.password",
        "SASL.PASSWORD",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
        "sasl.jaas.config",
        "schema.registry.basic.auth.user.info",
        "sasl.kerberos.kinit.cmd",
    ],
)
def test_no_profile_holds_a_password(key: str, file: Path) -> None:
    password = fake_password()

    with pytest.raises(ProfileError, match="is a secret") as caught:
        Profile("dev", kafka={key: password})
    error = refused(f'[profile.dev.kafka]\n"{key}" = "{password}"', file)

    assert password not in f"{caught.value}{error}"


def test_a_private_key_under_another_name_is_a_secret_too() -> None:
    for value in ("-----BEGIN RSA PRIVATE KEY-----\n", "https://ana:secret@login.example/token"):
        with pytest.raises(ProfileError, match="is a secret"):
            Profile("dev", kafka={"x": value})


@pytest.mark.parametrize("form", ["{}", "sdk_{}", "sdk\u2013{}", "SDK{}"])
def test_a_tokens_digits_are_no_name(form: str) -> None:
    text = form.format(fake_token().partition("-")[2])

    for options in ({"name": text}, {"name": "dev", "token_source": f"env:{text}"}):
        with pytest.raises(ProfileError) as caught:
            Profile(**options)
        assert text not in str(caught.value)


def test_two_notebooks_that_save_at_once_lose_nothing(file: Path) -> None:
    code = """
import sys
from quixnb.profiles import Profile, save_profile
for number in range(10):
    save_profile(Profile(f"{sys.argv[1]}-{number}"))
"""
    environment = child_environment()
    started = [subprocess.Popen([sys.executable, "-c", code, name], env=environment) for name in ("a", "b")]

    assert [each.wait() for each in started] == [0, 0]
    assert len(load_profiles()) == 20


@pytest.mark.parametrize("where", ["# {}", "x = '{}'", "[profile.dev]\nenvironment = '{}'", "[profile.'{}']", "{}"])
def test_a_file_that_holds_a_token_is_refused_wherever_it_stands(file: Path, where: str) -> None:
    text = fake_token()

    error = refused(where.format(text), file)

    assert error.what == "The profiles file holds a Quix token in plain text, so it is not used."
    assert text not in str(error)


def test_a_file_that_holds_a_token_is_not_written_over(file: Path) -> None:
    text = f"# {fake_token()}\n"
    written(file, text)

    with pytest.raises(ProfileError):
        save_profile(DEV)

    assert file.read_text() == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profile.dev", "it is not TOML (at"),
        ("x = " + "[" * 5000, "it is not TOML."),
        ("profile = 1", "'profile' is not a set of tables"),
        ("[profiles.dev]\n", "it has 'profiles' where only tables such as [profile.dev] belong"),
        ("default = 'dev'\n[profile.dev]\n", "it has 'default' where only tables"),
        ("profile.dev = 1", "'profile' is not a set of tables"),
        ("[profile.dev]\nportal-api = 'x'", "profile 'dev' has 'portal-api', which is none of portal_api"),
        ("[profile.dev]\nenvironment = 5", "environment is not a text"),
        ("[profile.dev]\ntoken_source = 'DEV_TOKEN'", "token_source does not say where a token is"),
        ("[profile.dev]\nkafka = 'x'", "kafka is not a table"),
        ("[profile.dev.kafka]\nclient.id = 'x'", "kafka setting 'client' is not a text"),
        ("[profile.dev.kafka]\nx = 1.5", "kafka setting 'x' is not a text"),
        ("[profile.'two words']", "cannot be the name of a profile"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(file: Path, text: str, said: str) -> None:
    assert said in str(refused(text, file))


def test_a_portal_address_with_credentials_is_refused(file: Path) -> None:
    password = fake_password()

    error = refused(f"[profile.dev]\nportal_api = 'https://u:{password}@h'", file, kind=PortalUnreachable)

    assert password not in str(error)


def test_a_file_that_is_not_text_is_said(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ProfileError, match="it is not UTF-8"):
        load_profiles()


def test_a_folder_in_the_files_place_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file / "profiles.toml").mkdir(parents=True)

    with pytest.raises(ProfileError, match="cannot be used: Is a directory"):
        load_profiles()


def test_a_file_that_cannot_be_written_is_said(file: Path) -> None:
    file.parent.write_text("a file where the folder belongs")

    with pytest.raises(ProfileError) as caught:
        save_profile(DEV)

    assert len(caught.value._render_traceback_()) == 3


def test_half_a_character_is_refused_and_nothing_is_written(file: Path) -> None:
    with pytest.raises(ProfileError, match="half a character"):
        save_profile(Profile("dev", environment="\ud800"))

    assert not file.exists()


def test_saving_leaves_nothing_but_the_file(file: Path) -> None:
    save_profile(DEV)
    save_profile(DEV)

    assert os.listdir(file.parent) == [file.name]


def test_a_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    file.parent.mkdir()
    file.symlink_to(tmp_path / "dotfiles" / "quixnb.toml")

    save_profile(DEV)

    assert file.is_symlink()
    assert load_profiles() == {"dev": DEV}


def test_the_variable_may_name_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path))

    assert path() == tmp_path / "profiles.toml"


def test_without_the_variable_it_is_in_the_users_config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUIXNB_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))

    assert path().parts[-2:] == ("quixnb", "profiles.toml")


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "/home/ana/.config"),
        ("linux", {"XDG_CONFIG_HOME": "/etc/ana"}, "/etc/ana"),
        ("linux", {"XDG_CONFIG_HOME": "relative"}, "/home/ana/.config"),
        ("darwin", {"XDG_CONFIG_HOME": "/etc/ana"}, "/home/ana/Library/Application Support"),
        ("win32", {"APPDATA": "/roaming"}, "/roaming"),
        ("win32", {}, "/home/ana/AppData/Roaming"),
    ],
)
def test_the_config_folder_is_the_platforms(platform: str, environ: dict[str, str], folder: str) -> None:
    assert config_folder(platform, environ, Path("/home/ana")) == Path(folder)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("portal-api.platform.quix.io", "https://portal-api.platform.quix.io"),
        (" 'https://portal-api.cloud.quix.io/' ", "https://portal-api.cloud.quix.io"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:8080", "https://localhost:8080"),
        ("https://acme.example/quix/api/", "https://acme.example/quix/api"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_gets_its_scheme_and_loses_its_last_slash(text: str, address: str) -> None:
    assert portal_address(text, "the argument") == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://h",
        "http://",
        "https://u:p@h",
        "h?x=1",
        "h#x",
        "h:port",
        "h:99999",
        "a b",
        "a\\b",
        "a..b",
        "[::1",
        "\0",
    ],
)
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(PortalUnreachable, match="from the argument cannot be used"):
        portal_address(text, "the argument")


def test_half_a_token_is_replaced_too() -> None:
    text = fake_token()

    assert without_tokens(f"from {text} and {text[:20]}… in my-sdk-2024") == (
        "from [quix token] and [quix token]… in my-sdk-2024"
    )
