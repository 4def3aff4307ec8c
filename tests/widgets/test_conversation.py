"""What the picker shows after each thing that a person can do in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pytest

import quixnb.sandbox
from quixnb import connecting
from quixnb.connecting import connect, current, default
from quixnb.errors import TokenMissing
from quixnb.profiles import Profile, load_profiles, save_profile
from quixnb.sandbox import Sandbox
from quixnb.seal import Seal
from quixnb.widgets.conversation import Conversation
from quixnb.widgets.state import in_words
from tests.acceptance.fronts import nobody
from tests.fakes import fake_token
from tests.sealing import sealed
from tests.widgets.conftest import Person

fake_words = "what nobody is to see"


class TalkativeKeyring(keyring.backend.KeyringBackend):
    """A backend with an error of its own kind, and everything in its text."""

    priority = -1  # nobody gets it who does not ask for it

    def get_password(self, service: str, username: str) -> str | None:
        raise ValueError(fake_words)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(fake_words)


# ---- the first look


def test_it_begins_with_what_there_is_to_choose_from(
    person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", sandbox.environments["dev"].token_1.reveal())

    first, *_, last = person.sees("hello")

    assert (first.step, first.sources) == ("choose", None)  # the keyring may take a while, and the field need not wait
    assert [offer.name for offer in last.sources or ()] == ["Quix__Sdk__Token"]
    assert last.portal == sandbox.portal_api.removeprefix("http://")
    assert default() is None


def test_a_connection_that_is_there_is_shown(person: Person, sandbox: Sandbox) -> None:
    connect(token=sandbox.environments["prod"].token_1)

    state = person.says("hello")

    assert state.connection is not None
    assert (state.step, state.connection.environment.id) == ("connected", "sandbox-f1-prod")


def test_a_connection_that_a_magic_has_closed_is_shown_no_more(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())
    connecting.forget()

    state = person.says("hello")

    assert (state.step, state.connection, state.topics) == ("choose", None, None)


# ---- choosing a token


def test_a_sealed_token_is_opened_here_and_connects(sandbox: Sandbox) -> None:
    seal = Seal()
    conversation = Conversation(seal)
    token = sandbox.environments["dev"].token_1

    *_, state = conversation.hear({"type": "token", "sealed": sealed(f" '{token.reveal()}'\n", seal.public)})

    assert state.connection is not None
    assert (state.connection.kind, state.connection.source) == ("streaming token", "pasted")
    assert current().token.is_same(token)


def test_one_that_was_sealed_to_another_key_is_refused(person: Person) -> None:
    state = person.says("token", sealed=sealed(fake_token(), Seal().public))

    assert state.problem is not None
    assert state.problem.what == "What the front end sent could not be opened."


def test_each_step_of_connecting_is_shown(person: Person, sandbox: Sandbox) -> None:
    states = person.sees("token", plain=sandbox.environments["dev"].token_1.reveal())

    assert [state.step for state in states] == ["checking", "connected", "connected", "connected", "connected"]
    assert states[0].checking == "the pasted token"
    assert [state.topics is not None for state in states[1:]] == [False, False, True, True]
    assert [state.broker is not None for state in states[1:]] == [False, False, False, True]
    assert states[-1].broker is not None
    assert states[-1].broker.answers


def test_no_state_has_a_character_of_the_token(person: Person, sandbox: Sandbox) -> None:
    token = sandbox.environments["dev"].token_1.reveal()

    states = [*person.sees("token", plain=token), *person.sees("keep", how="profile", name="x", store="file")]

    said = json.dumps([state.as_json() for state in states])
    assert not any(token[at : at + 8] in said for at in range(4, len(token) - 7))


def test_a_place_that_was_offered_is_read_and_no_other(person: Person, sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(sandbox.environments["dev"].token_1.reveal())
    (tmp_path / ".env").write_text(f"PROD_TOKEN={sandbox.environments['prod'].token_1.reveal()}\n")
    person.says("hello")

    refused = person.says("source", spec=f"file:{secret}")
    state = person.says("source", spec=f"dotenv:PROD_TOKEN@{tmp_path}/.env")

    assert refused.step == "choose"
    assert state.connection is not None
    assert state.connection.environment.id == "sandbox-f1-prod"
    assert state.connection.source == f"PROD_TOKEN in {tmp_path}/.env"


def test_a_profile_connects_to_its_environment(
    person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", sandbox.environments["prod"].token_1.reveal())
    person.says("hello")
    person.says("source", spec="env:MY_TOKEN")
    person.says("keep", how="profile", name="prod", store=None)
    person.says("forget")
    offered = person.says("hello")

    state = person.says("profile", name="prod")

    assert [(each.name, each.source) for each in offered.profiles] == [("prod", "MY_TOKEN")]
    assert (state.step, state.kept.profile) == ("connected", "prod")
    assert state.connection is not None
    assert state.connection.keeping == "no"  # it is remembered already


def test_the_sandbox_is_joined_with_both_its_tokens(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path / "run"))
    running = quixnb.sandbox.shared(creating_s=0.05)
    try:
        state = person.says("sandbox")

        assert state.connection is not None
        assert state.connection.environment.id == "sandbox-f1-dev"
        assert current().portal.spare is not None
    finally:
        connecting.forget()
        running.stop()


# ---- what can be wrong


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("{token:.20}", "16 digits behind 'sdk-'; a token has 32 (cut short)"),
        ("{token}0", "(something is attached to it)"),
        ("sdk-…cafe", "its middle is hidden"),
        ("Quix__Sdk__Token={token}", "only what stands behind that is the token"),
        ("<your token>", "a placeholder"),
        ("https://portal.platform.quix.io", "it is an address"),
        ("eyJhbGciOi.x", "begins like a JWT"),
    ],
)
def test_what_is_no_token_is_said_in_its_own_words(person: Person, text: str, words: str) -> None:
    state = person.says("token", plain=text.format(token=fake_token()))

    assert state.problem is not None
    assert state.problem.kind == "malformed"
    assert state.problem.what.startswith("That is not a Quix token: ")
    assert words in state.problem.what
    assert state.problem.fix.endswith("then paste it here.")


def test_a_token_that_the_portal_refuses_connects_nobody(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("token", plain=fake_token())

    assert state.problem is not None
    assert (state.step, state.problem.kind) == ("choose", "rejected")
    assert "%quix_token" not in state.problem.fix
    assert person.says("back").step == "connected"  # the connection before it is still there


def test_one_that_was_rotated_away_meanwhile_is_noticed_at_the_next_question(person: Person) -> None:
    with quixnb.sandbox.start(creating_s=0.05) as own:
        conversation = Conversation(Seal(), own.portal_api)
        *_, before = conversation.hear({"type": "token", "plain": own.environments["dev"].token_1.reveal()})
        own.rotate("dev")

        *_, after = conversation.hear({"type": "refresh"})

        assert before.step == "connected"
        assert after.problem is not None
        assert (after.step, after.problem.kind) == ("choose", "rejected")


def test_a_token_of_another_environment_than_the_one_wanted_is_offered_its_own(
    person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Quix__Workspace__Id", "sandbox-f1-prod")
    state = person.says("token", plain=sandbox.environments["dev"].token_1.reveal())
    assert state.problem is not None
    assert (state.step, state.problem.kind) == ("environments", "environment")
    assert [place.id for place in state.environments] == ["sandbox-f1-dev"]

    state = person.says("environment", id="sandbox-f1-dev")

    assert (state.step, state.problem) == ("connected", None)


def test_a_portal_that_cannot_be_reached_is_asked_again_on_request(
    person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody() as address:
        monkeypatch.setenv("Quix__Portal__Api", f"http://{address}")
        state = person.says("token", plain=sandbox.environments["dev"].token_1.reveal())
        assert state.problem is not None
        assert (state.step, state.problem.kind) == ("choose", "unreachable")
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)

    assert person.says("again").step == "connected"


def test_a_profiles_file_that_cannot_be_used_is_said_and_stops_nobody(person: Person, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text("= nonsense")

    state = person.says("hello")

    assert state.problem is not None
    assert "profiles file cannot be used" in state.problem.what
    assert state.sources == ()


@pytest.mark.parametrize("message", [{}, {"type": "no such thing"}, {"type": ["token"]}, {"type": "environment"}])
def test_a_message_that_means_nothing_changes_nothing(message: dict[str, Any]) -> None:
    conversation = Conversation(Seal())

    assert list(conversation.hear(message)) == [conversation.state]


def test_a_keyring_with_an_error_of_its_own_stops_nobody_and_is_not_quoted(person: Person, sandbox: Sandbox) -> None:
    keyring.set_keyring(TalkativeKeyring())

    state = person.says("hello")

    assert (state.problem, state.sources) == (None, ())
    assert fake_words not in json.dumps(state.as_json())
    assert person.says("token", plain=sandbox.environments["dev"].token_1.reveal()).step == "connected"


def test_an_error_that_is_not_ours_is_shown_by_its_type_alone(person: Person, sandbox: Sandbox) -> None:
    class Odd:
        """What no picker sends: its text cannot be had."""

        def __str__(self) -> str:
            raise ValueError(fake_words)

    state = person.says("token", plain=Odd())

    assert state.problem is not None
    assert state.problem.what == "That did not work (ValueError)."
    assert fake_words not in json.dumps(state.as_json())
    assert person.says("token", plain=sandbox.environments["dev"].token_1.reveal()).step == "connected"


# ---- environments


def test_a_personal_token_chooses_an_environment(person: Person, sandbox: Sandbox) -> None:
    state = person.says("token", plain=sandbox.viewer_token.reveal())
    assert state.step == "environments"
    assert [(place.id, place.project) for place in state.environments] == [
        ("sandbox-f1-dev", "sandbox-f1"),
        ("sandbox-f1-prod", "sandbox-f1"),
    ]
    assert default() is None

    state = person.says("environment", id="sandbox-f1-prod")

    assert state.connection is not None
    assert (state.connection.kind, state.connection.sees_more) == ("personal access token", True)
    assert "the streaming token of 'sandbox-f1-prod' is enough" in state.connection.advice


def test_it_can_change_to_another_one_or_stay(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.viewer_token.reveal())
    person.says("environment", id="sandbox-f1-prod")

    listed = person.says("environments")
    stayed = person.says("back")
    person.says("environments")
    changed = person.says("environment", id="sandbox-f1-dev")

    assert len(listed.environments) == 2
    assert stayed.step == "connected"
    assert changed.connection is not None
    assert changed.connection.environment.id == current().environment.id == "sandbox-f1-dev"


def test_an_environment_that_was_not_offered_is_not_entered(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.viewer_token.reveal())

    assert person.says("environment", id="acme-f1-dev").step == "environments"


# ---- two things at once


def test_a_choice_made_while_another_is_being_checked_goes_before_it(person: Person, sandbox: Sandbox) -> None:
    slow = person.conversation.hear({"type": "token", "plain": sandbox.environments["dev"].token_1.reveal()})
    assert next(slow).step == "checking"
    person.says("token", plain=sandbox.environments["prod"].token_1.reveal())

    assert list(slow) == []  # it has opened its session, and closed it again
    assert current().environment.id == "sandbox-f1-prod"


def test_what_was_cancelled_does_not_connect_later(person: Person, sandbox: Sandbox) -> None:
    slow = person.conversation.hear({"type": "token", "plain": sandbox.environments["dev"].token_1.reveal()})
    next(slow)

    person.says("back")

    assert list(slow) == []
    assert default() is None


def test_a_failure_that_was_overtaken_is_not_shown(person: Person, sandbox: Sandbox) -> None:
    slow = person.conversation.hear({"type": "token", "plain": fake_token()})
    next(slow)
    person.says("token", plain=sandbox.environments["prod"].token_1.reveal())

    list(slow)

    assert person.conversation.state.problem is None
    assert person.conversation.state.step == "connected"


# ---- topics


def test_topics_are_listed_without_internal_ones(person: Person, sandbox: Sandbox) -> None:
    state = person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    names = [topic.name for topic in state.topics or ()]
    assert {"cpu-load", "f1-data", "telemetry", "weather"} <= set(names)
    assert not any(name.startswith("changelog__") for name in names)
    assert all((topic.partitions, topic.retention) == (4, "5.2 MB") for topic in state.topics or ())


def test_a_chosen_topic_is_the_sessions_default_and_comes_with_its_line(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("topic", id="sandbox-f1-dev-telemetry-7c1e")

    assert (state.chosen, state.code) == ("sandbox-f1-dev-telemetry-7c1e", "%quix_publish telemetry df")
    assert current().default_topic == "telemetry"


def test_a_new_topic_is_made_and_chosen(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("new topic", name=" laps ", partitions=None)

    assert state.making is None
    assert (state.chosen, current().default_topic) == ("sandbox-f1-dev-laps", "laps")


@pytest.mark.parametrize(
    ("name", "partitions", "words"),
    [
        ("", None, "Give the topic a name."),
        ("x", 0, "A topic has 1 to 1,000 partitions."),
        ("x", 2.5, "A topic has 1 to 1,000 partitions."),
        ("x y", None, "may hold only ASCII letters"),
    ],
)
def test_what_is_wrong_with_a_new_topic_stands_with_it(
    person: Person, sandbox: Sandbox, name: str, partitions: Any, words: str
) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("new topic", name=name, partitions=partitions)

    assert (state.step, state.problem) == ("connected", None)
    assert state.making is not None
    assert words in state.making.problem


def test_a_viewer_is_told_that_they_may_make_no_topic(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.viewer_token.reveal())
    person.says("environment", id="sandbox-f1-dev")

    state = person.says("new topic", name="mine", partitions=None)

    assert state.making is not None
    assert "403" in state.making.problem


# ---- remembering


def test_a_choice_is_kept_for_the_kernel_unless_only_this_connection_was_meant(
    person: Person, sandbox: Sandbox
) -> None:
    token = sandbox.environments["dev"].token_1
    state = person.says("token", plain=token.reveal())
    assert state.kept.how == "kernel"
    assert connect().token.is_same(token)
    person.says("hello")

    state = person.says("keep", how="once")

    assert state.kept.how == "once"
    assert current().token.is_same(token)
    with pytest.raises(TokenMissing):
        connect()


def test_a_kept_choice_is_shown_to_no_other_portal(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    with nobody() as address, pytest.raises(TokenMissing):
        connect(portal_api=f"http://{address}")


def test_another_choice_takes_its_place(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())
    connect(token=sandbox.environments["prod"].token_1)

    with pytest.raises(TokenMissing):
        connect()


def test_a_pasted_token_goes_into_the_keyring_on_request(person: Person, sandbox: Sandbox) -> None:
    keyring.set_keyring(keyring.core.load_keyring("tests.sources.keyrings.InMemory"))
    token = sandbox.environments["dev"].token_1
    person.says("token", plain=token.reveal())

    state = person.says("keep", how="profile", name="dev", store="keyring")

    assert (state.kept.profile, state.kept.where) == ("dev", "keyring")
    assert load_profiles()["dev"].token_source == "keyring:dev"
    assert connect("dev").token.is_same(token)


def test_without_a_keyring_the_file_is_offered_and_taken_only_then(
    person: Person, sandbox: Sandbox, tmp_path: Path
) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())
    file = tmp_path / "data" / "tokens.json"

    refused = person.says("keep", how="profile", name="dev", store="keyring")
    assert (refused.kept.offers_file, refused.kept.profile, file.exists()) == (True, "", False)
    assert "no keyring that can be used" in refused.kept.problem
    state = person.says("keep", how="profile", name="dev", store="file")

    assert (state.kept.profile, state.kept.where) == ("dev", "file that only you can read")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_profile_needs_a_name_that_can_be_one(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("keep", how="profile", name="my team", store="file")

    assert state.kept.problem == "That cannot be the name of a profile."
    assert load_profiles() == {}


def test_disconnecting_forgets_everything(person: Person, sandbox: Sandbox) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    state = person.says("forget")

    assert (state.step, state.connection, state.topics, state.code) == ("choose", None, None, "")
    assert default() is None
    with pytest.raises(TokenMissing):
        connect()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("env:A", "A"),
        ("dotenv:A@/x/.env", "A in /x/.env"),
        ("dotenv:A", "A"),
        ("file:/run/secrets/quix", "/run/secrets/quix"),
        ("keyring:dev", "keyring"),
        ("vault:dev", "file that only you can read"),
        ("colab:A", "Colab secret"),
    ],
)
def test_a_place_is_called_what_people_call_it(spec: str, words: str) -> None:
    assert in_words(spec) == words


def test_a_profile_that_was_picked_is_connected_to_with_its_own_settings_again(
    person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", sandbox.environments["prod"].token_1.reveal())
    save_profile(Profile("prod", sandbox.portal_api, "sandbox-f1-prod", "env:MY_TOKEN", kafka={"linger.ms": 7}))
    person.says("profile", name="prod")

    session = connect()

    assert (session.profile, session.environment.id) == ("prod", "sandbox-f1-prod")
