"""Every way in which a portal, or something that is none, can fail to give what was asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from werkzeug import Response

from quixnb.errors import EnvironmentNotFound, PortalError, PortalUnreachable, TokenRejected
from quixnb.portal import Portal
from quixnb.token import Token
from tests.fakes import fake_password, fake_token
from tests.portal.conftest import StandIn, a_page, a_refusal, an_answer
from tests.portal.failures import failure
from tests.portal.sockets import address_of, served


def test_401_names_the_tokens_source_and_what_to_do(stand_in: StandIn, portal: Portal, token: Token) -> None:
    stand_in.gives("/workspaces", a_refusal(401, "User is not authenticated", "c0-401"))

    error = failure(TokenRejected, portal.environments, without=(token.reveal(),))

    assert str(error) == (
        f"The portal at {stand_in.host} refused the token from Quix__Sdk__Token (401).\n"
        "It may have been rotated. A streaming token works only in its own environment. "
        "What already runs on Kafka keeps running. Correlation ID c0-401.\n"
        "Copy the current one from Settings > APIs and tokens (an Admin's page), then run %quix_token."
    )
    assert len(stand_in.requests) == 2  # once more, since a blip at a gateway is no rotation


def test_401_says_what_can_be_wrong_with_that_kind_of_token(stand_in: StandIn, connect: Callable[..., Portal]) -> None:
    stand_in.gives("/workspaces", a_refusal(401))
    portal = connect(stand_in.address, Token(fake_token("pat"), "PROD_TOKEN in /f1/.env"))

    error = failure(TokenRejected, portal.environments)

    assert "refused the token from PROD_TOKEN in /f1/.env" in error.what
    assert "revoked" in error.cause


def test_403_is_said_in_our_words_with_the_portals_reason(stand_in: StandIn, portal: Portal, token: Token) -> None:
    stand_in.gives("/workspaces/acme-f1-prod/broker/librdkafka", a_refusal(403, "Forbidden workspace", "c0-403"))

    error = failure(PortalError, portal.kafka_settings, "acme-f1-prod", without=(token.reveal(),))

    assert error.status_code == 403
    assert error.what == (
        "Reading the broker settings of environment 'acme-f1-prod' is not allowed "
        "with the token from Quix__Sdk__Token (403)."
    )
    assert error.cause == (
        "A streaming token works only in its own environment. "
        "The portal says: 'Forbidden workspace' (correlation ID c0-403)."
    )


def test_a_403_from_a_firewall_is_not_blamed_on_the_token(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces", a_page(403, "<html>Blocked by policy 17</html>"))

    error = failure(PortalError, portal.environments, without=("policy 17",))

    assert "proxy or firewall" in error.cause


def test_404_of_an_environment_names_it(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces/acme-f1-dve", a_refusal(404, "No such workspace", None))
    stand_in.gives("/acme-f1-dve/topics", Response(status=404))

    for call in (portal.environment, portal.topics):
        error = failure(EnvironmentNotFound, call, "acme-f1-dve")
        assert error.what == "There is no environment 'acme-f1-dve' for the token from Quix__Sdk__Token."


@pytest.mark.parametrize("path", ["/workspaces", "/workspaces/a", "/a/topics", "/a/topics/t"])
def test_a_404_page_of_another_server_is_no_portals_answer(stand_in: StandIn, portal: Portal, path: str) -> None:
    stand_in.gives(path, a_page(404))
    calls: dict[str, Callable[[], object]] = {
        "/workspaces": portal.environments,
        "/workspaces/a": lambda: portal.environment("a"),
        "/a/topics": lambda: portal.topics("a"),
        "/a/topics/t": lambda: portal.topic("a", "t"),
    }

    error = failure(PortalUnreachable, calls[path])

    assert error.what == f"What answers at {stand_in.host} did not answer as a Quix portal."
    assert error.status_code == 404


@pytest.mark.parametrize("status", [400, 409, 418, 500, 501])
def test_other_refusals_carry_the_portals_message_and_correlation_id(
    stand_in: StandIn, portal: Portal, status: int
) -> None:
    stand_in.gives("/a/topics", a_refusal(status, "Something\n  about \x1b[31mthat", "c0-500"))

    error = failure(PortalError, portal.topics, "a")

    assert error.status_code == status
    assert error.what.startswith("Listing the topics of environment 'a' failed: the portal at 127.0.0.1:")
    assert error.cause == "The portal says: 'Something about [31mthat' (correlation ID c0-500)."
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        an_answer(None, 500),
        an_answer([], 500),
        an_answer({"message": 5, "correlationId": ["x"]}, 500),
        an_answer({"message": "", "correlationId": "two words"}, 500),
        Response("System.NullReferenceException at Quix.Portal", 500, content_type="text/plain"),
        a_page(500, "<html>System.NullReferenceException</html>"),
        Response(b"\xff\xfe", 500),
        Response(b"[" * 100_000, 500, content_type="application/json"),
    ],
)
def test_a_500_without_a_usable_message_says_so_and_repeats_no_body(
    stand_in: StandIn, portal: Portal, answer: Response
) -> None:
    stand_in.gives("/workspaces", answer)

    error = failure(PortalError, portal.environments, without=("NullReference", "two words"))

    assert error.cause == "The portal gave no reason."


def test_a_message_that_repeats_the_token_is_scrubbed(stand_in: StandIn, portal: Portal, token: Token) -> None:
    text, other, password = token.reveal(), fake_token("pat"), fake_password()
    echo = f"Token {text} ({text.upper()}, {text[:16]}…, …{text[-10:]}) and {other}, sasl.password={password} refused"
    stand_in.gives("/workspaces", a_refusal(400, echo, text))
    secrets = (text, text.upper(), text[:12], text[-8:], other, password)

    error = failure(PortalError, portal.environments, without=secrets)

    assert error.cause == (
        "The portal says: 'Token [quix token] ([quix token], [quix token]…, …[quix token]) "
        "and [quix token], sasl.password=[hidden] refused'."
    )


def test_a_long_message_is_cut(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces", a_refusal(400, "x" * 5000, None))

    error = failure(PortalError, portal.environments)

    assert len(error.cause) < 350


@pytest.mark.parametrize(
    "answer",
    [
        a_page(),
        Response("", 200, content_type="application/json"),
        Response("[1, 2", 200, content_type="application/json"),
        Response(b"\xff\xfe\x00", 200, content_type="application/json"),
        Response(status=204),
        an_answer({"workspaces": []}),
        an_answer([1, "two"]),
        an_answer([{"id": "no workspace"}]),
        an_answer("Ready"),
    ],
)
def test_an_answer_of_another_form_is_not_taken_for_a_portals(
    stand_in: StandIn, portal: Portal, answer: Response
) -> None:
    stand_in.gives("/workspaces", answer)

    error = failure(PortalUnreachable, portal.environments, without=("Sign in", "no workspace"))

    assert error.what == f"What answers at {stand_in.host} did not answer as a Quix portal."


def test_a_sign_in_page_is_not_taken_for_a_change_that_was_made(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics/t", a_page(), method="DELETE")

    failure(PortalUnreachable, portal.delete_topic, "a", "t")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_reported_and_the_token_does_not_follow_it(
    stand_in: StandIn, other_host: StandIn, portal: Portal, token: Token, status: int
) -> None:
    password = fake_password()
    target = f"http://user:{password}@{other_host.host}/login?token={token.reveal()}"
    stand_in.gives("/workspaces", Response(status=status, headers={"Location": target}))

    error = failure(PortalUnreachable, portal.environments, without=(token.reveal(), password, "/login"))

    assert error.what == f"The portal at {stand_in.host} answers with a redirect to {other_host.host}."
    assert error.status_code == status
    assert other_host.requests == []


@pytest.mark.parametrize("location", [b"/elsewhere", b"", b"//", b"\xff\xfe", b"http://user@[::1]:8/?x#y"])
def test_a_redirect_to_nowhere_in_particular_is_reported_too(
    listener: socket.socket, connect: Callable[..., Portal], location: bytes
) -> None:
    thread = served(listener, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    error = failure(PortalUnreachable, connect(address_of(listener)).environments)

    thread.join()
    assert "answers with a redirect to" in error.what


@pytest.mark.parametrize("location", [b"http://[", b"http://host:port/"])
def test_a_redirect_that_cannot_be_read_is_no_portals_answer(
    listener: socket.socket, connect: Callable[..., Portal], location: bytes
) -> None:
    thread = served(listener, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    failure(PortalUnreachable, connect(address_of(listener), retry_for_s=0.0).environments)

    thread.join()


def test_a_redirect_to_a_host_made_of_the_token_does_not_show_it(
    stand_in: StandIn, portal: Portal, token: Token
) -> None:
    text = token.reveal()
    stand_in.gives("/workspaces", Response(status=302, headers={"Location": f"https://{text}.example/"}))

    failure(PortalUnreachable, portal.environments, without=(text,))
