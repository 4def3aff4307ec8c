"""`%quix_token`, `%quix_use`, `%quix_status`, through a real shell and a real portal."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from quixnb.errors import EnvironmentAmbiguous, TokenMissing, TokenRejected
from quixnb.magics.arguments import TokenOnLine
from quixnb.profiles import ProfileError, load_profiles
from quixnb.sandbox import Sandbox
from quixnb.session import current, default
from quixnb.token import Token
from tests.fakes import fake_token
from tests.magics.shells import Shell


@pytest.fixture(autouse=True)
def _portal(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)


@pytest.fixture
def dev(sandbox: Sandbox) -> Token:
    return sandbox.environments["dev"].token_1


class Person:
    """Types into hidden prompts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.types, self.was_asked = "", ""
        monkeypatch.setattr(getpass, "getpass", self._answer)

    def _answer(self, prompt: str = "") -> str:
        self.was_asked = prompt
        return self.types


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(monkeypatch)


# ---- %quix_token


def test_a_pasted_token_connects_and_is_shown_nowhere(shell: Shell, person: Person, dev: Token) -> None:
    person.types = f" '{dev.reveal()}' "

    status = shell.run("%quix_token")

    assert status["environment"] == "sandbox-f1-dev (Ready)"
    assert status["token"] == "pasted streaming token"
    assert current().environment.id == "sandbox-f1-dev"
    assert dev.reveal() not in repr(status) + status._repr_html_() + shell.stored_history()


def test_enter_takes_what_is_found(shell: Shell, person: Person, dev: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMING_TOKEN", dev.reveal())

    status = shell.run("%quix_token")

    assert person.was_asked == "Quix token (hidden; Enter takes STREAMING_TOKEN): "
    assert status["token"] == "streaming token from STREAMING_TOKEN"


def test_enter_with_nothing_to_be_found_is_an_error(shell: Shell, person: Person) -> None:
    with pytest.raises(TokenMissing, match="No Quix token was entered"):
        shell.run("%quix_token")


def test_where_nobody_can_be_asked_it_takes_what_is_found(
    shell: Shell, dev: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", dev.reveal())

    assert shell.run("%quix_token")["token"] == "streaming token from Quix__Sdk__Token"


def test_a_token_comes_from_a_variable(shell: Shell, dev: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", dev.reveal())

    assert shell.run("%quix_token --env MINE")["token"] == "streaming token from MINE"


def test_a_token_comes_from_a_file(shell: Shell, dev: Token, tmp_path: Path) -> None:
    (tmp_path / "my secret").write_text(dev.reveal() + "\n")

    assert "my secret" in shell.run("%quix_token --file 'my secret'")["token"]


@pytest.mark.parametrize("option", ["--dotenv", "--dotenv .env", "--dotenv ."])
def test_a_token_comes_from_a_dotenv_file(shell: Shell, dev: Token, tmp_path: Path, option: str) -> None:
    (tmp_path / ".env").write_text(f"Quix__Sdk__Token={dev.reveal()}\n")

    assert shell.run(f"%quix_token {option}")["token"].startswith("streaming token from Quix__Sdk__Token in ")


def test_a_variable_that_is_not_set_is_an_error(shell: Shell) -> None:
    with pytest.raises(TokenMissing, match="NOWHERE"):
        shell.run("%quix_token --env NOWHERE")


def test_a_token_that_the_portal_refuses_is_an_error(shell: Shell, person: Person) -> None:
    person.types = fake_token()

    with pytest.raises(TokenRejected):
        shell.run("%quix_token")


@pytest.mark.parametrize("word", ["{token}", "'{token}'", "{half}", "{digits}", "'sdk-{blank}'", "whatever"])
def test_a_word_on_the_line_is_refused_and_not_repeated(shell: Shell, person: Person, word: str) -> None:
    token = fake_token()
    word = word.format(token=token, half=token[:20], digits=token[4:], blank=token[4:12] + " " + token[12:])

    with pytest.raises(TokenOnLine) as caught:
        shell.run(f"%quix_token {word}")

    assert token[4:12] not in repr(shell.errors) + str(caught.value)
    assert person.was_asked == ""
    assert default() is None


@pytest.mark.parametrize("line", ["--env A --file B", "--forget --save x", "--env", "--nothing"])
def test_options_that_contradict_each_other_are_a_usage_error(shell: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_token: "):
        shell.run(f"%quix_token {line}")


def test_forget_closes_the_connection(connected: Shell) -> None:
    shown = connected.run("%quix_token --forget")

    assert repr(shown).startswith("The token is forgotten")
    assert default() is None


def test_save_remembers_where_the_token_comes_from_and_not_the_token(
    shell: Shell, dev: Token, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEV_TOKEN", dev.reveal())

    shell.run("%quix_token --env DEV_TOKEN --save dev")

    profile = load_profiles()["dev"]
    assert (profile.token_source, profile.environment) == ("env:DEV_TOKEN", "sandbox-f1-dev")
    assert profile.portal_api == sandbox.portal_api
    assert dev.reveal() not in (tmp_path / "profiles.toml").read_text()


def test_save_remembers_a_dotenv_file_by_its_path(shell: Shell, dev: Token, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"STREAMING_TOKEN={dev.reveal()}\n")

    shell.run("%quix_token --dotenv --save dev")

    assert load_profiles()["dev"].token_source == f"dotenv:STREAMING_TOKEN@{tmp_path}/.env"


def test_a_pasted_token_connects_but_cannot_be_saved(shell: Shell, person: Person, dev: Token) -> None:
    person.types = dev.reveal()

    with pytest.raises(ProfileError, match="connected, but profile 'dev' was not saved") as caught:
        shell.run("%quix_token --save dev")

    assert "%quix_token --env NAME --save dev" in caught.value.fix
    assert current().environment.id == "sandbox-f1-dev"


# ---- %quix_use


def test_use_switches_to_a_profile(connected: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROD_TOKEN", sandbox.environments["prod"].token_1.reveal())
    connected.run("%quix_token --env PROD_TOKEN --save prod")
    connected.run("%quix_token --forget")

    status = connected.run("%quix_use prod")

    assert (status["environment"], status["profile"]) == ("sandbox-f1-prod (Ready)", "prod")


def test_use_switches_the_environment_of_a_personal_token(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_PAT", sandbox.viewer_token.reveal())
    monkeypatch.setenv("Quix__Workspace__Id", "sandbox-f1-dev")
    shell.run("%quix_token --env MY_PAT")

    status = shell.run("%quix_use sandbox-f1-prod")

    assert status["environment"] == "sandbox-f1-prod (Ready)"
    assert status["token"] == "personal access token from MY_PAT"


def test_use_names_the_environment_of_a_token_that_could_not_choose(
    shell: Shell, person: Person, sandbox: Sandbox
) -> None:
    person.types = sandbox.admin_token.reveal()
    with pytest.raises(EnvironmentAmbiguous):
        shell.run("%quix_token")

    status = shell.run("%quix_use sandbox-f1-prod")

    assert status["environment"] == "sandbox-f1-prod (Ready)"


def test_use_alone_lists_profiles_and_environments(
    connected: Shell, dev: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEV_TOKEN", dev.reveal())
    connected.run("%quix_token --env DEV_TOKEN --save mine")

    assert list(connected.run("%quix_use")) == ["mine", "sandbox-f1-dev"]


def test_use_alone_says_what_to_do_when_there_is_nothing(shell: Shell) -> None:
    shown = shell.run("%quix_use")

    assert len(shown) == 0
    assert "Run %quix_token first" in repr(shown)


# ---- %quix_status


def test_status_says_everything_in_one_look(connected: Shell, sandbox: Sandbox) -> None:
    status = connected.run("%quix_status")

    assert status["environment"] == "sandbox-f1-dev (Ready)"
    assert status["token"] == "streaming token from sandbox"
    assert status["portal"] == sandbox.portal_api.removeprefix("http://")
    assert status["broker"] == f"{sandbox.bootstrap_servers} (answers)"
    assert status["checked"].endswith(" UTC")
    assert "problem" not in status


def test_status_without_a_token_says_what_to_do(shell: Shell) -> None:
    status = shell.run("%quix_status")

    assert status["problem"].startswith("TokenMissing: No Quix token was found.")
    assert "%quix_token" in status.advice


def test_status_says_that_a_token_was_rotated_away(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import quixnb.sandbox

    with quixnb.sandbox.start() as own:
        monkeypatch.setenv("Quix__Portal__Api", own.portal_api)
        monkeypatch.setenv("Quix__Sdk__Token", own.environments["dev"].token_1.reveal())
        shell.run("%quix_token")
        own.rotate("dev")

        status = shell.run("%quix_status")

    assert status["problem"].startswith("TokenRejected: ")
    assert status["environment"] == "sandbox-f1-dev (Ready)"


def test_status_takes_no_words(shell: Shell) -> None:
    with pytest.raises(UsageError):
        shell.run("%quix_status now")
