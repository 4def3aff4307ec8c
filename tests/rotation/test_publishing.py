"""No row is lost across a rotation, in whatever order it comes, and the right words are said each time."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from quixnb.connecting import connect
from quixnb.errors import PortalError, TokenRejected
from quixnb.portal import TokenSwitched
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from quixnb.token import Token
from tests.fakes import fake_token

Connect = Callable[..., Session]


def refused(call: Callable[[], object], *without: Token) -> TokenRejected:
    with pytest.raises(TokenRejected) as caught:
        call()
    assert len(caught.value._render_traceback_()) == 3
    assert not any(token.reveal() in str(caught.value) for token in without)
    return caught.value


def read_back(session: Session, topic: str = "f1-data") -> list[int]:
    return sorted(session.read(topic, timeout_s=20)["speed"])


def test_a_rotation_before_the_publish_costs_no_row(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one, two)
    sandbox.rotate("dev")

    with pytest.warns(TokenSwitched, match="switched to the token from TOKEN_2"):
        report = session.publish(frame, "f1-data")

    assert (report.rows_delivered, report.rows_failed) == (50, 0)
    assert read_back(session) == list(range(50))
    assert session.token is two


def test_a_rotation_during_the_publish_costs_no_row_and_is_not_even_noticed(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one, two)

    def frames() -> Iterator[pd.DataFrame]:
        yield frame.iloc[:20]
        sandbox.rotate("dev")
        yield frame.iloc[20:]

    report = session.publish(frames(), "f1-data")

    assert (report.rows_delivered, report.rows_failed) == (50, 0)
    assert session.token is one  # Kafka's credentials are separate
    with pytest.warns(TokenSwitched):
        session.topics(refresh=True)
    assert read_back(session) == list(range(50))


def test_a_rotation_after_the_publish_is_met_at_the_next_call(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one, two)
    session.publish(frame.iloc[:20], "f1-data")
    sandbox.rotate("dev")

    session.publish(frame.iloc[20:], "f1-data")  # topic and broker are known: the portal is not needed
    with pytest.warns(TokenSwitched):
        session.create_topic("after-rotation")

    assert read_back(session) == list(range(50))
    assert session.topic("after-rotation").name == "after-rotation"


def test_an_open_stream_goes_on_across_a_rotation(
    sandbox: Sandbox, one: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one)  # without any second token

    with session.stream("f1-data", stream="car-1") as car:
        car.write(frame.iloc[:20])
        sandbox.rotate("dev")
        car.write(frame.iloc[20:])

    assert read_back(session) == list(range(50))


def test_with_token_2_in_use_a_rotation_is_not_noticed(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(two, one)
    sandbox.rotate("dev")

    session.publish(frame, "f1-data")
    session.verify()

    assert session.token is two
    assert read_back(session) == list(range(50))


def test_two_rotations_are_too_many_and_said(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one, two)
    sandbox.rotate("dev")
    sandbox.rotate("dev")

    error = refused(lambda: session.publish(frame, "f1-data"), one, two)

    assert error.what == (
        "Both tokens of environment 'sandbox-f1-dev' are refused (401): the one from TOKEN_1 and the one from TOKEN_2."
    )
    assert "Nothing will be retried" in error.cause


def test_one_rotation_after_the_switch_stops_and_a_new_token_goes_on(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    session = connected(one, two)
    sandbox.rotate("dev")
    with pytest.warns(TokenSwitched):
        session.publish(frame.iloc[:20], "f1-data")
    sandbox.rotate("dev")
    error = refused(session.verify, one, two)
    assert "refused the token from TOKEN_2 (401)" in error.what

    again = connected(sandbox.environments["dev"].token_1)
    again.publish(frame.iloc[20:], "f1-data")

    assert read_back(again) == list(range(50))


def test_without_a_second_token_the_first_rotation_stops(sandbox: Sandbox, one: Token, connected: Connect) -> None:
    session = connected(one)
    sandbox.rotate("dev")

    error = refused(session.verify, one)

    assert "refused the token from TOKEN_1 (401)" in error.what
    assert "It may have been rotated." in error.cause


def test_a_second_token_of_another_environment_is_never_used(
    sandbox: Sandbox, one: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    elsewhere = Token(sandbox.environments["prod"].token_1.reveal(), "PROD_TOKEN")
    session = connected(one, elsewhere)
    sandbox.rotate("dev")

    error = refused(lambda: session.publish(frame, "f1-data"), one, elsewhere)

    assert error.what == (
        "The second token, from PROD_TOKEN, belongs to 'sandbox-f1-prod', not to 'sandbox-f1-dev'. It was not used."
    )
    prod = connected(elsewhere)
    assert prod.read("f1-data", timeout_s=5).empty


def test_a_viewers_token_meets_403_and_never_the_second_one(sandbox: Sandbox, two: Token, connected: Connect) -> None:
    viewer = Token(sandbox.viewer_token.reveal(), "VIEWER")
    session = connected(viewer, two, environment="sandbox-f1-dev")

    with pytest.raises(PortalError) as caught:
        session.create_topic("forbidden")

    assert caught.value.status_code == 403
    assert session.token is viewer
    assert session.portal.spare is None


def test_a_personal_token_does_not_notice_a_rotation(sandbox: Sandbox, connected: Connect) -> None:
    session = connected(sandbox.viewer_token, environment="sandbox-f1-dev")
    sandbox.rotate("dev")

    session.verify()


def test_a_token_that_was_rotated_out_is_known_when_it_is_given_again(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    session = connected(one, two)
    sandbox.rotate("dev")
    with pytest.warns(TokenSwitched):
        session.verify()

    error = refused(lambda: connected(Token(one.reveal(), "pasted")), one)

    assert error.what.startswith("The pasted token was refused on ")
    assert error.what.endswith(": it has been rotated out.")


def test_starting_with_a_dead_first_token_goes_on_with_the_second(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    sandbox.rotate("dev")

    with pytest.warns(TokenSwitched):
        session = connected(one, two, environment="sandbox-f1-dev")

    assert session.token is two
    assert session.environment.id == "sandbox-f1-dev"


def test_a_dead_first_token_of_an_unknown_environment_is_not_replaced(
    sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    sandbox.rotate("dev")

    error = refused(lambda: connected(one, two), one, two)

    assert "which environment the first one opens is unknown" in error.what
    assert "environment=" in error.fix


def test_ten_calls_at_once_switch_once(sandbox: Sandbox, one: Token, two: Token, connected: Connect) -> None:
    session = connected(one, two)
    sandbox.rotate("dev")

    with warnings.catch_warnings(record=True) as caught, ThreadPoolExecutor(10) as pool:
        warnings.simplefilter("always")
        lengths = list(pool.map(lambda _: len(session.topics(refresh=True)), range(10)))

    assert len(set(lengths)) == 1
    assert [each.category for each in caught] == [TokenSwitched]
    assert session.token is two


def test_a_profile_knows_both_tokens(sandbox: Sandbox, one: Token, two: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    from quixnb.profiles import Profile, save_profile

    monkeypatch.setenv("TOKEN_1", one.reveal())
    monkeypatch.setenv("TOKEN_2", two.reveal())
    places = {"token_source": "env:TOKEN_1", "second_token_source": "env:TOKEN_2"}
    save_profile(Profile("dev", sandbox.portal_api, "sandbox-f1-dev", **places))
    sandbox.rotate("dev")

    with pytest.warns(TokenSwitched, match=r"from profile 'dev' \(TOKEN_1\) was rotated out"):
        session = connect("dev")

    assert session.token.source == "profile 'dev' (TOKEN_2)"


def test_a_variable_that_was_mended_is_read_at_the_next_connection(
    sandbox: Sandbox, one: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUIX_ACTIVE_TOKEN", one.reveal())
    from quixnb.profiles import Profile, save_profile

    save_profile(Profile("dev", sandbox.portal_api, token_source="env:QUIX_ACTIVE_TOKEN"))
    session = connect("dev")
    sandbox.rotate("dev")
    refused(session.verify)

    monkeypatch.setenv("QUIX_ACTIVE_TOKEN", sandbox.environments["dev"].token_1.reveal())

    connect("dev").verify()


def test_a_second_token_that_is_not_there_stops_nobody(
    sandbox: Sandbox, one: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quixnb.profiles import Profile, save_profile

    monkeypatch.setenv("TOKEN_1", one.reveal())
    places = {"token_source": "env:TOKEN_1", "second_token_source": "env:TOKEN_2"}
    save_profile(Profile("dev", sandbox.portal_api, **places))

    session = connect("dev")

    assert session.second_token_problem == "No Quix token was found in profile 'dev' (TOKEN_2)."


def test_a_token_of_nobody_is_refused_without_a_word_of_it(connected: Connect) -> None:
    token = Token(fake_token(), "pasted")

    refused(lambda: connected(token), token)


def test_a_second_token_that_is_none_is_not_relied_on(
    sandbox: Sandbox, one: Token, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = Token(one.reveal(), "TOKEN_2")

    assert connected(one, again).second_token_problem == "It is the first one again."
    viewer = connected(one, sandbox.viewer_token)
    assert viewer.second_token_problem == "A personal access token has no second one, and is none."
