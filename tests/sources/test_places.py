"""What each place gives, and what it says when it has nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quixnb.errors import QuixnbError, TokenMalformed, TokenMissing
from quixnb.sources import from_dotenv, from_env, from_file, from_keyring, from_source
from quixnb.token import Token
from tests.fakes import fake_token
from tests.sources.conftest import child_environment


def missing(call: Callable[[], Token], kind: type[QuixnbError] = TokenMissing) -> QuixnbError:
    with pytest.raises(kind) as caught:
        call()
    assert len(caught.value._render_traceback_()) == 3
    assert caught.value.__cause__ is None
    return caught.value


def test_a_variable_of_any_name_can_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake_token("pat")
    monkeypatch.setenv("PROD_TOKEN", text)

    token = from_env("PROD_TOKEN")

    assert (token.reveal(), token.source, token.kind) == (text, "PROD_TOKEN", "personal access token")


@pytest.mark.parametrize("name", ["PROD_TOKEN", "", "A=B", "\0"])
def test_a_variable_that_is_not_set_is_said(name: str) -> None:
    assert "not set, or empty" in missing(lambda: from_env(name)).cause


def test_a_token_given_where_a_name_belongs_is_not_repeated(folder: Path) -> None:
    text = fake_token()
    (folder / ".env").write_text("A=1\n")

    for call in (from_env, from_file, from_keyring, lambda name: from_dotenv(None, name), from_dotenv, from_source):
        error = missing(lambda call=call: call(text))  # type: ignore[misc]
        assert text not in f"{error}{error!r}"
        assert text[:20] not in str(missing(lambda call=call: call(text[:20])))  # type: ignore[misc]


def test_a_dotenv_file_or_its_folder_can_be_named(folder: Path) -> None:
    first, second = fake_token(), fake_token()
    file = folder / ".env"
    file.write_text(f"# comment\nexport STREAMING_TOKEN='{first}'\nPROD_TOKEN = \"{second}\"  # prod\n")

    tokens = [from_dotenv(), from_dotenv(folder), from_dotenv(str(file)), from_dotenv(".env", "PROD_TOKEN")]

    assert [token.reveal() for token in tokens] == [first, first, first, second]
    assert {token.source for token in tokens} == {f"STREAMING_TOKEN in {file}", f"PROD_TOKEN in {file}"}


def test_a_dotenv_with_a_byte_order_mark_is_read(folder: Path) -> None:
    text = fake_token()
    (folder / ".env").write_text(f"Quix__Sdk__Token={text}\n", encoding="utf-8-sig")

    assert from_dotenv().reveal() == text


def test_a_dollar_in_a_dotenv_is_a_dollar(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIDDEN", fake_token())
    (folder / ".env").write_text("Quix__Sdk__Token=${HIDDEN}\n")

    missing(from_dotenv, TokenMalformed)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        (None, "There is no .env from"),
        ("none", "The file could not be read: there is no such file."),
        ("..", "The file could not be read: there is no such file."),
    ],
)
def test_a_dotenv_that_is_not_there_is_said(path: str | None, cause: str) -> None:
    assert missing(lambda: from_dotenv(path)).cause.startswith(cause)


def test_a_dotenv_without_the_variable_is_said(folder: Path) -> None:
    (folder / ".env").write_text("PROD_TOKEN=\n")

    error = missing(lambda: from_dotenv(None, "PROD_TOKEN"))

    assert error.what == f"No Quix token was found in PROD_TOKEN in {folder / '.env'}."
    assert error.cause == "The file has no value of that name."


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("A=1\nquix__sdk__token={}\nPASSWORD=x\n", "The file has no value of that name; it has quix__sdk__token."),
        ("A=1\nQuix__Sdk__Token: {}\n", "The file could not be read in line 2; a line of it is NAME=value."),
        ("Quix__Sdk__Token='{}\nB=1\n", "The file could not be read in line 1; a line of it is NAME=value."),
        ("{}\n", "The file holds a token without a name; a line of it is NAME=token."),
    ],
    ids=["another name", "another sign", "a quote left open", "no name"],
)
def test_what_a_dotenv_has_instead_is_said_and_nothing_of_its_values(
    folder: Path, content: str, cause: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text(content.format(fake_token()))

    assert missing(from_dotenv).cause == cause
    assert capfd.readouterr() == ("", "")  # python-dotenv would print a line of its own


def test_a_variable_with_nearly_that_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROD_TOKEN", fake_token())

    assert missing(lambda: from_env("PROD_TOKN")).cause.endswith(" The nearest that is set is PROD_TOKEN.")


def test_a_file_can_hold_nothing_but_the_token(folder: Path) -> None:
    text = fake_token()
    file = folder / "token"
    file.write_text(f"{text}\n")

    token = from_file(file)

    assert (token.reveal(), token.source) == (text, str(file))


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "no such file or directory"),
        (b" \n", "it is empty"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
    ],
)
def test_a_file_that_holds_none_is_said(folder: Path, content: bytes | None, cause: str) -> None:
    file = folder / "token"
    if content is not None:
        file.write_bytes(content)

    assert missing(lambda: from_file(file)).cause == f"The file could not be read: {cause}."


def test_a_folder_or_an_impossible_name_is_no_file(folder: Path) -> None:
    assert "is a directory" in missing(lambda: from_file(folder)).cause
    assert "could not be read" in missing(lambda: from_file("a\0b")).cause


def test_a_file_with_more_than_a_token_is_refused(folder: Path) -> None:
    (folder / "token").write_text(f"{fake_token()}\n{fake_token()}\n")

    assert "it holds 2 tokens" in missing(lambda: from_file("token"), TokenMalformed).what


def test_each_place_can_be_spelled_for_a_profile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = fake_token()
    monkeypatch.setenv("PROD_TOKEN", text)
    (folder / "prod@home.env").write_text(f"PROD_TOKEN={text}\nSTREAMING_TOKEN={text}\n")
    (folder / ".env").symlink_to(folder / "prod@home.env")
    (folder / "token").write_text(text)

    specs = [
        "env:PROD_TOKEN",
        "dotenv:",
        "dotenv:PROD_TOKEN",
        "dotenv:PROD_TOKEN@prod@home.env",
        "dotenv:@prod@home.env",
        "file:token",
    ]
    tokens = [from_source(spec, profile="prod") for spec in specs]

    assert {token.reveal() for token in tokens} == {text}
    assert tokens[0].source == "profile 'prod' (PROD_TOKEN)"
    assert tokens[3].source == f"profile 'prod' (PROD_TOKEN in {folder / 'prod@home.env'})"


@pytest.mark.parametrize("spec", ["", "PROD_TOKEN", "prompt:", "vault:x"])
def test_a_place_that_is_none_is_said(spec: str) -> None:
    missing(lambda: from_source(spec))


@pytest.fixture
def keyring_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Make `keyring` use one of its own backends, by its class's name, for this test."""
    keyring = pytest.importorskip("keyring")
    before = keyring.get_keyring()

    def use(name: str) -> None:
        keyring.set_keyring(keyring.core.load_keyring(name))

    yield use
    keyring.set_keyring(before)


def test_a_machine_without_a_keyring_is_said(keyring_in: Callable[[str], None]) -> None:
    keyring_in("keyring.backends.fail.Keyring")

    assert "no keyring that can be used" in missing(lambda: from_keyring("prod")).cause


def test_a_keyring_without_the_entry_is_said(keyring_in: Callable[[str], None]) -> None:
    keyring_in("keyring.backends.null.Keyring")

    error = missing(lambda: from_source("keyring:prod", profile="prod"))

    assert error.what == "No Quix token was found in profile 'prod' (keyring entry 'prod')."
    assert error.cause == "The keyring holds nothing of that name for 'quixnb'."


def test_a_keyring_gives_what_it_keeps_for_quixnb(keyring_in: Callable[[str], None]) -> None:
    keyring_in("tests.sources.keyrings.InMemory")
    import keyring

    text = fake_token()
    keyring.set_password("quixnb", "prod", text)

    token = from_keyring("prod")

    assert (token.reveal(), token.source) == (text, "keyring entry 'prod'")


def test_a_keyring_that_stays_locked_is_said(keyring_in: Callable[[str], None]) -> None:
    keyring_in("tests.sources.keyrings.Locked")

    assert (
        missing(lambda: from_keyring("prod")).cause == "The keyring did not answer (KeyringLocked); it may be locked."
    )


def test_without_the_package_the_way_to_it_is_said() -> None:
    # In a process of its own, where `keyring` cannot be imported.
    code = """
import json, sys
sys.modules["keyring"] = None
from quixnb.errors import TokenMissing
from quixnb.sources import from_keyring
try:
    from_keyring("prod")
except TokenMissing as error:
    print(json.dumps(error._render_traceback_()))
"""

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, env=child_environment()
    )

    assert json.loads(done.stdout)[1] == "The package 'keyring' is not installed: pip install 'quixnb[keyring]'."


def test_importing_the_sources_does_not_import_keyring() -> None:
    code = "import quixnb.sources, sys; sys.exit('keyring' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, env=child_environment()).returncode == 0
