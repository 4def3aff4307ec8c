"""No object of a live session shows the token or the broker's password, in any of the ways that objects are shown."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import pickle
import traceback
from collections.abc import Iterator
from pprint import pformat
from typing import Any

import pytest

import quixnb
import quixnb.broker
import quixnb.sandbox
from quixnb.clean_log import CleanLog
from quixnb.connecting import connect, forget
from quixnb.errors import TokenMalformed
from quixnb.seal import Seal
from quixnb.token import Hidden, KafkaSettings, Token
from quixnb.widgets.conversation import Conversation
from tests.fakes import fake_password, fake_token

# Attributes that hold the objects of other libraries; those are searched as texts, not walked.
_DEPTH = 6


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Any], list[str]]]:
    """Everything of ours that is reachable from a session that has published and read, and its secrets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        with quixnb.sandbox.start(creating_s=0.05) as sandbox:
            token = sandbox.environments["dev"].token_1
            # The sandbox's broker asks for no password; one that is given is kept all the same.
            given = {"sasl.password": fake_password()}
            session = connect(token=token, portal_api=sandbox.portal_api, kafka=given)
            report = session.publish({"timestamp": [1, 2], "speed": [1.5, 2.5]}, "f1-data", time_unit="s")
            session.read("f1-data", last=1)
            settings = session.portal.kafka_settings(session.environment.id)
            plan = session.publish({"timestamp": [1], "speed": [1.5]}, "f1-data", time_unit="s", dry_run=True)
            patch.setenv("Quix__Portal__Api", sandbox.portal_api)
            of_05 = quixnb.QuixStreamingClient(token.reveal(), properties=given)
            security = quixnb.SecurityOptions(None, "anybody", given["sasl.password"])
            clients = [of_05, quixnb.KafkaStreamingClient("127.0.0.1:9", security, properties=given), security]
            made = [session, report, plan, sandbox, session.portal, settings, session.topics(), *clients]
            picker = quixnb.TokenPicker()
            made += [session.stream("f1-data"), session.tail("f1-data"), Conversation(Seal()), picker]
            yield list(walk(made)), [token.reveal(), *given.values()]
            picker.close()
            forget()


def walk(value: Any, depth: int = _DEPTH, seen: set[int] | None = None) -> Iterator[Any]:
    """`value` and what it holds, as far as it is ours or a container."""
    seen = set() if seen is None else seen
    if id(value) in seen or depth == 0:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        inside: list[Any] = [*value, *value.values()]
    elif isinstance(value, (list, tuple, set)):
        inside = list(value)
    elif type(value).__module__.startswith("quixnb") and not isinstance(value, Hidden):
        yield value
        inside = list(held_by(value).values())
    else:
        yield value
        return
    for each in inside:
        yield from walk(each, depth - 1, seen)


def held_by(value: Any) -> dict[str, Any]:
    held = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        for name in getattr(kind, "__slots__", ()):
            with contextlib.suppress(AttributeError):
                held[name] = getattr(value, name)
    return held


def test_there_is_something_to_look_at(objects: tuple[list[Any], list[str]]) -> None:
    found, secrets = objects

    assert len(secrets) >= 2
    assert {type(each).__name__ for each in found} >= {
        *("Session", "Portal", "Sandbox", "PublishReport", "PublishPlan", "Token", "KafkaSettings", "Topic"),
        *("Environment", "QuixStreamingClient", "KafkaStreamingClient", "SecurityOptions", "StreamWriter", "Tail"),
        *("TokenPicker", "Conversation", "Broker"),
    }


@pytest.mark.parametrize("show", [repr, str, "{}".format, pformat, lambda each: repr(held_by(each))])
def test_no_object_shows_a_secret(objects: tuple[list[Any], list[str]], show: Any) -> None:
    found, secrets = objects

    shown = {
        type(each).__name__ for each in found if not isinstance(each, Hidden) and any(s in show(each) for s in secrets)
    }

    assert shown == set()


def test_a_hidden_value_shows_its_kind_and_source_alone(objects: tuple[list[Any], list[str]]) -> None:
    found, secrets = objects

    for each in [each for each in found if isinstance(each, Hidden)]:
        assert not any(secret in show(each) for show in (repr, str, "{}".format, pformat) for secret in secrets)
        with pytest.raises(TypeError):
            vars(each)


def test_no_pickle_holds_a_secret(objects: tuple[list[Any], list[str]]) -> None:
    found, secrets = objects

    for each in found:
        try:
            data = pickle.dumps(each)
        except Exception:  # whatever refuses to be pickled is safe
            continue
        assert not any(secret.encode() in data for secret in secrets), type(each)


def test_no_copy_shows_a_secret(objects: tuple[list[Any], list[str]]) -> None:
    found, secrets = objects

    for each in [each for each in found if type(each).__module__.startswith("quixnb")]:
        try:
            shown = repr(held_by(copy.copy(each)))
        except Exception:  # as above
            continue
        assert isinstance(each, Hidden) or not any(secret in shown for secret in secrets), type(each)


def test_a_traceback_with_variables_shows_no_token_that_was_refused() -> None:
    half = fake_token()[:-3]

    with pytest.raises(TokenMalformed) as caught:
        Token(half, "test")

    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    shown = {name: value for frame in frames for name, value in (frame.locals or {}).items()}
    assert shown["self"] == "<Quix token from test>"


def test_the_log_of_the_broker_is_clean() -> None:
    token, password = fake_token(), fake_password()
    settings = KafkaSettings({"sasl.password": password}, "test")
    log, stream = logging.getLogger("quixnb.broker"), io.StringIO()
    handler, level = logging.StreamHandler(stream), log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        log.debug("CONF client.id=%s, password=%s", token, password)
        log.warning("%d rows", "many")
        try:
            raise ValueError(token)
        except ValueError:
            log.exception("it failed")
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    del settings

    said = stream.getvalue()
    assert token[4:12] not in said
    assert password[4:12] not in said
    assert "CONF client.id=[quix token], password=[quix token]" in said
    assert "ValueError: [quix token]" in said
    assert any(isinstance(each, CleanLog) for each in log.filters)
