"""From asking for a topic to a topic that can be used."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug import Response

from quixnb.errors import EnvironmentNotFound, PortalError, PortalUnreachable
from quixnb.portal import Portal, Topic
from quixnb.token import Token
from tests.portal.conftest import StandIn, a_page, a_refusal, an_answer
from tests.portal.failures import failure
from tests.portal.sockets import address_of


def described(status: str | None, name: str = "laps", **fields: Any) -> dict[str, Any]:
    return {"id": f"kafka.{name}", "name": name, "workspaceId": "a", "status": status, **fields}


def test_a_new_topic_is_returned_when_it_is_ready(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", an_answer(described("Creating")), method="POST")
    other = described("Ready", "f1-data")
    stand_in.gives(
        "/a/topics",
        an_answer([other]),
        an_answer([other, described("Creating")]),
        an_answer([other, described("Ready")]),
    )

    topic = portal.create_topic("a", "laps", partitions=4, retention_minutes=60)

    assert topic == Topic("kafka.laps", "laps", "a", "Ready")
    sent, *looks = stand_in.requests
    assert sent.json == {
        "name": "laps",
        "configuration": {
            "partitions": 4,
            "replicationFactor": None,
            "retentionInMinutes": 60,
            "retentionInBytes": None,
            "cleanupPolicy": None,
        },
    }
    assert len(looks) == 3


@pytest.mark.parametrize("answer", [Response(status=201), an_answer({}), an_answer({"id": None, "name": "laps"})])
def test_an_answer_without_the_topic_is_enough(stand_in: StandIn, portal: Portal, answer: Response) -> None:
    stand_in.gives("/a/topics", answer, method="POST")
    stand_in.gives("/a/topics", an_answer([described("Ready", "laps2"), described("Ready")]))

    assert portal.create_topic("a", "laps").id == "kafka.laps"


def test_the_topic_is_told_from_others_by_the_id_that_the_portal_gave(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", an_answer(described("Creating") | {"id": "new"}), method="POST")
    stand_in.gives("/a/topics", an_answer([described("Ready") | {"id": "old"}, described("Ready") | {"id": "new"}]))

    assert portal.create_topic("a", "laps").id == "new"


@pytest.mark.parametrize("status", [400, 409])
def test_a_topic_that_is_there_already_is_returned_as_it_is(stand_in: StandIn, portal: Portal, status: int) -> None:
    stand_in.gives("/a/topics", a_refusal(status, "Topic with name similar to 'laps' already exists."), method="POST")
    stand_in.gives("/a/topics", an_answer([described("Ready", configuration={"partitions": 1})]))

    assert portal.create_topic("a", "laps", partitions=9).partitions == 1


def test_a_topic_with_a_similar_name_is_another_one(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", a_refusal(400, "Topic with name similar to 'Laps' already exists."), method="POST")
    stand_in.gives("/a/topics", an_answer([described("Ready", "laps")]))

    error = failure(PortalError, portal.create_topic, "a", "Laps")

    assert error.status_code == 400
    assert error.what.startswith("Creating topic 'Laps' in environment 'a' failed:")
    assert "similar to 'Laps' already exists" in error.cause


def test_a_topic_that_could_not_be_made_says_why(stand_in: StandIn, portal: Portal, token: Token) -> None:
    stand_in.gives("/a/topics", an_answer(described("Creating")), method="POST")
    reason = f"Quota of {token.reveal()} exceeded"
    stand_in.gives("/a/topics", an_answer([described("Creating")]), an_answer([described("Error", lastError=reason)]))

    error = failure(PortalError, portal.create_topic, "a", "laps", without=(token.reveal(),))

    assert error.cause == "The portal says: 'Quota of [quix token] exceeded'."


@pytest.mark.parametrize(
    ("listed", "cause"),
    [
        ([], "The portal does not list it yet."),
        ([described("Creating")], "Its status is 'Creating'."),
        ([described("Marinating")], "Its status is 'Marinating'."),
    ],
)
def test_a_topic_that_is_never_ready_is_not_waited_for_for_ever(
    stand_in: StandIn, portal: Portal, listed: list[Any], cause: str
) -> None:
    stand_in.gives("/a/topics", an_answer(described("Creating")), method="POST")
    stand_in.gives("/a/topics", an_answer(listed))

    error = failure(PortalError, lambda: portal.create_topic("a", "laps", timeout_s=0.05))

    assert error.what == "Topic 'laps' is not ready after 0.05 s."
    assert error.cause == cause


def test_a_portal_without_statuses_lists_what_can_be_used(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", an_answer(described(None)), method="POST")
    stand_in.gives("/a/topics", an_answer([described(None)]))

    assert portal.create_topic("a", "laps").name == "laps"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (a_refusal(403), PortalError),
        (a_refusal(404), EnvironmentNotFound),
        (a_refusal(400, "Invalid name"), PortalError),
        (a_page(200), PortalUnreachable),
        (a_refusal(503), PortalUnreachable),
    ],
)
def test_a_refusal_is_said_at_once(
    stand_in: StandIn, portal: Portal, answer: Response, kind: type[PortalError]
) -> None:
    stand_in.gives("/a/topics", answer, method="POST")

    failure(kind, portal.create_topic, "a", "laps")

    assert len(stand_in.requests) == 1


def test_a_creation_that_was_not_answered_is_not_repeated(
    listener: socket.socket, connect: Callable[..., Portal]
) -> None:
    portal = connect(address_of(listener), timeout_s=0.1)

    failure(PortalUnreachable, portal.create_topic, "a", "laps")

    listener.setblocking(False)
    listener.accept()[0].close()
    with pytest.raises(BlockingIOError):
        listener.accept()
