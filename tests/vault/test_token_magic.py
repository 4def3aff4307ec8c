"""`%quix_token` keeps a token only where it was told to, and finds it there again."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from IPython.core.error import UsageError

import quixnb.sandbox
from quixnb.connecting import current, forget
from quixnb.errors import EnvironmentAmbiguous, EnvironmentNotFound, TokenMissing, TokenRejected
from quixnb.profiles import load_profiles
from quixnb.sandbox import Sandbox
from quixnb.token import Token
from quixnb.vault import VaultError
from tests.magics.shells import Shell, running_shell


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    from tests.search import planted

    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("QUIXNB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.core.load_keyring("keyring.backends.fail.Keyring"))
    with running_shell(tmp_path) as running:
        yield running
    keyring.set_keyring(before)
    forget()
    planted(tmp_path / "data" / "tokens.json")


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[[Token], None]:
    """Let a person paste a token into the next hidden prompts."""
    return lambda token: monkeypatch.setattr(getpass, "getpass", lambda prompt="": token.reveal())


@pytest.fixture
def one(sandbox: Sandbox) -> Token:
    return sandbox.environments["dev"].token_1


@pytest.fixture
def two(sandbox: Sandbox) -> Token:
    return sandbox.environments["dev"].token_2


def test_a_pasted_token_is_kept_in_the_keyring_on_request(
    shell: Shell, types: Callable[[Token], None], one: Token
) -> None:
    keyring.set_keyring(keyring.core.load_keyring("tests.sources.keyrings.InMemory"))
    types(one)

    shell.run("%quix_token --save dev --store keyring")
    shell.run("%quix_token --forget")
    status = shell.run("%quix_use dev")

    assert load_profiles()["dev"].token_source == "keyring:dev"
    assert status["token"] == "streaming token from profile 'dev' (keyring entry 'dev')"
    assert status["profile"] == "dev"


def test_without_a_keyring_the_notebook_is_connected_and_the_file_is_offered(
    shell: Shell, types: Callable[[Token], None], one: Token, tmp_path: Path
) -> None:
    types(one)

    with pytest.raises(VaultError, match="--store file"):
        shell.run("%quix_token --save dev --store keyring")

    assert current().environment.id == "sandbox-f1-dev"
    assert load_profiles() == {}
    assert not (tmp_path / "data" / "tokens.json").exists()
    shell.run("%quix_token --save dev --store file")
    assert shell.run("%quix_use dev")["token"] == "streaming token from profile 'dev' (vault file entry 'dev')"
    assert shell.run("%quix_token --vault dev")["token"] == "streaming token from vault file entry 'dev'"


def test_both_tokens_are_kept_each_under_a_name_of_its_own(
    shell: Shell, types: Callable[[Token], None], one: Token, two: Token
) -> None:
    types(one)
    shell.run("%quix_token --save dev --store file")
    types(two)
    shell.run("%quix_token --second --save dev --store file")
    shell.run("%quix_token --forget")

    status = shell.run("%quix_use dev")

    profile = load_profiles()["dev"]
    assert (profile.token_source, profile.second_token_source) == ("vault:dev", "vault:dev-2")
    assert status["second token"] == "streaming token from profile 'dev' (vault file entry 'dev-2')"
    assert current().token.is_same(one)


def test_a_new_second_token_never_takes_the_place_of_the_one_in_use(
    shell: Shell, types: Callable[[Token], None], one: Token, two: Token
) -> None:
    from dataclasses import replace

    from quixnb.profiles import save_profile

    types(one)
    shell.run("%quix_token --save dev --store file")
    # As a rotation leaves it: the second entry holds the token in use.
    save_profile(replace(load_profiles()["dev"], token_source="vault:dev-2"))
    types(two)

    shell.run("%quix_token --second --save dev --store file")

    assert load_profiles()["dev"].second_token_source == "vault:dev"


def test_a_second_token_of_another_environment_is_refused(
    shell: Shell, types: Callable[[Token], None], one: Token, sandbox: Sandbox
) -> None:
    types(one)
    shell.run("%quix_token")
    types(sandbox.environments["prod"].token_1)

    with pytest.raises(TokenRejected, match="belongs to 'sandbox-f1-prod'"):
        shell.run("%quix_token --second")

    assert "second token" not in shell.run("%quix_status")


def test_a_dotenv_can_name_it_as_it_likes(shell: Shell, one: Token, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"PROD_TOKEN={one.reveal()}\n")

    for options in ("--dotenv --name PROD_TOKEN", "--dotenv .env --name PROD_TOKEN"):
        status = shell.run(f"%quix_token {options} --save prod")
        assert status["token"] == f"streaming token from PROD_TOKEN in {tmp_path}/.env"
        assert load_profiles()["prod"].token_source == f"dotenv:PROD_TOKEN@{tmp_path}/.env"


def test_a_personal_token_is_used_with_a_word_of_advice(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_PAT", sandbox.viewer_token.reveal())
    monkeypatch.setenv("Quix__Workspace__Id", "sandbox-f1-dev")

    for line in ("%quix_token --env MY_PAT", "%quix_status"):
        assert "the streaming token of 'sandbox-f1-dev' is enough" in shell.run(line).advice


def test_a_connection_that_was_saved_is_that_profiles(
    shell: Shell, one: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEV_TOKEN", one.reveal())

    saved = shell.run("%quix_token --env DEV_TOKEN --save dev")

    assert saved["profile"] == "dev (saved)"
    assert shell.run("%quix_status")["profile"] == "dev"


def test_a_token_of_several_environments_waits_for_one_to_be_named(
    shell: Shell, sandbox: Sandbox, one: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEV_TOKEN", one.reveal())
    monkeypatch.setenv("MY_PAT", sandbox.viewer_token.reveal())
    shell.run("%quix_token --env DEV_TOKEN")
    with pytest.raises(EnvironmentAmbiguous, match="Run %quix_use ENVIRONMENT"):
        shell.run("%quix_token --env MY_PAT --save mine")

    status = shell.run("%quix_use prod")

    assert status["token"] == "personal access token from MY_PAT"
    assert status["environment"].startswith("sandbox-f1-prod")
    assert load_profiles()["mine"].environment == "sandbox-f1-prod"


def test_a_name_that_is_nothing_is_told_both(shell: Shell, one: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEV_TOKEN", one.reveal())
    shell.run("%quix_token --env DEV_TOKEN --save laps")

    with pytest.raises(EnvironmentNotFound, match="no profile of that name either; the nearest is 'laps'"):
        shell.run("%quix_use lap")


def test_where_nobody_can_be_asked_it_is_said_where_it_looked(shell: Shell) -> None:
    with pytest.raises(TokenMissing) as caught:
        shell.run("%quix_token")

    assert "nobody can be asked for it here" in caught.value.what
    assert "Looked in: Quix__Sdk__Token (not set)" in caught.value.cause


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are Unix's")
def test_a_file_that_others_may_read_is_used_with_a_word_of_advice(shell: Shell, one: Token, tmp_path: Path) -> None:
    file = tmp_path / "a token"
    file.write_text(one.reveal())
    file.chmod(0o644)

    open_to_others = shell.run(f"%quix_token --file '{file}'")
    file.chmod(0o600)
    closed = shell.run(f"%quix_token --file '{file}'")

    assert open_to_others.advice == f"Other users of this machine may read {file}: chmod 600 '{file}'"
    assert closed.advice == ""


def test_a_mounted_secret_that_is_swapped_is_read_anew(shell: Shell, one: Token, two: Token, tmp_path: Path) -> None:
    # As Kubernetes does: the file is a link into a folder that is itself a link, and the second is replaced.
    for name, token in (("old", one), ("new", two)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(token.reveal())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "now").symlink_to(tmp_path / "old")
    (tmp_path / "token").symlink_to(tmp_path / "data" / "now" / "token")
    shell.run(f"%quix_token --file {tmp_path}/token --save mounted")

    (tmp_path / "data" / "next").symlink_to(tmp_path / "new")
    (tmp_path / "data" / "next").rename(tmp_path / "data" / "now")
    shell.run("%quix_use mounted")

    assert current().token.is_same(two)


@pytest.mark.parametrize(
    "line", ["--store keyring", "--name A", "--forget --second", "--save x --store cloud", "--env A --vault B"]
)
def test_options_that_make_no_sense_together_are_a_usage_error(shell: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_token: "):
        shell.run(f"%quix_token {line}")
