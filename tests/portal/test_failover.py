"""A refused token: once more, then the environment's second one, once; and everything that is no refusal."""

from __future__ import annotations

import base64
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from quixnb.errors import PortalError, PortalUnreachable, QuixnbError, TokenRejected
from quixnb.portal import Portal, TokenSwitched
from quixnb.portal import failover as failover_module
from quixnb.token import Token
from quixnb.vault import RefusedTokens
from tests.fakes import fake_token, remember
from tests.portal.conftest import StandIn, a_page, a_refusal, an_answer
from tests.portal.failures import failure

DEV, PROD = "acme-f1-dev", "acme-f1-prod"
ENVIRONMENTS = {name: {"workspaceId": name, "name": name[-4:].strip("-"), "status": "Ready"} for name in (DEV, PROD)}
Answers = Callable[[Request], Response]


class Gate:
    """A portal that knows tokens: each opens an environment, or is answered with whatever it was told to.

    Attributes
    ----------
    seen
        Which token asked for what, by its source, in order.
    """

    def __init__(self, stand_in: StandIn) -> None:
        self.address, self.host = stand_in.address, stand_in.host
        self.seen: list[str] = []
        self._answers: dict[str, list[Response | str]] = {}
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()
        for method in ("GET", "POST"):
            stand_in.server.expect_request("/workspaces", method=method).respond_with_handler(self._answer)
            stand_in.server.expect_request(f"/{DEV}/topics", method=method).respond_with_handler(self._answer)

    def knows(self, token: Token, *answers: Response | str) -> None:
        """Give these answers to `token`, in turn, the last for ever; a text is the environment it opens."""
        self._answers[token.reveal()], self._names[token.reveal()] = list(answers), token.source

    def _answer(self, request: Request) -> Response:
        text = request.headers["Authorization"].removeprefix("Bearer ")
        with self._lock:
            self.seen.append(f"{self._names.get(text, 'unknown')} {request.method} {request.path}")
            left = self._answers.get(text, [a_refusal(401)])
            answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Response):
            return answer
        if request.method == "POST":
            return an_answer(a_topic())
        return an_answer([ENVIRONMENTS[answer]] if request.path == "/workspaces" else [a_topic()])


def a_topic() -> dict[str, Any]:
    return {"id": f"{DEV}-laps", "name": "laps", "workspaceId": DEV, "status": "Ready"}


@pytest.fixture
def gate(stand_in: StandIn) -> Gate:
    return Gate(stand_in)


@pytest.fixture
def first() -> Token:
    return Token(fake_token(), "TOKEN_1")


@pytest.fixture
def second() -> Token:
    return Token(fake_token(), "TOKEN_2")


@pytest.fixture
def memory(tmp_path: Path) -> RefusedTokens:
    return RefusedTokens(tmp_path / "memory")


@pytest.fixture
def open_portal(gate: Gate, first: Token, second: Token, memory: RefusedTokens) -> Iterator[Callable[..., Portal]]:
    portals: list[Portal] = []

    def make(**options: Any) -> Portal:
        settings = {"spare": second, "environment": DEV, "memory": memory, "retry_for_s": 0.05} | options
        portals.append(Portal(gate.address, settings.pop("token", first), _first_wait_s=0.001, **settings))
        return portals[-1]

    yield make
    for portal in portals:
        portal.close()


def test_a_blip_at_the_gateway_is_no_rotation(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401), DEV)
    portal = open_portal()

    assert [each.id for each in portal.environments()] == [DEV]

    assert gate.seen == ["TOKEN_1 GET /workspaces"] * 2
    assert portal.token is first
    assert portal.spare is second


def test_the_second_token_takes_over_and_says_so_once(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, DEV)
    portal = open_portal()

    with pytest.warns(TokenSwitched) as warned:
        topics = portal.topics(DEV)

    portal.topics(DEV)
    assert [each.name for each in topics] == ["laps"]
    assert len(warned) == 1
    assert str(warned[0].message) == (
        "The token from TOKEN_1 was rotated out; switched to the token from TOKEN_2, "
        f"of the same environment '{DEV}'.\n"
        "There is no spare left; the next rotation would stop this notebook. What runs on Kafka keeps running.\n"
        "Ask an Admin for the new Token 2 before the next rotation, then run %quix_token --second."
    )
    assert (portal.token, portal.spare) == (second, None)
    assert gate.seen == [
        f"TOKEN_1 GET /{DEV}/topics",
        f"TOKEN_1 GET /{DEV}/topics",
        "TOKEN_2 GET /workspaces",
        f"TOKEN_2 GET /{DEV}/topics",
        f"TOKEN_2 GET /{DEV}/topics",
    ]


def test_the_second_token_takes_over_before_the_start(
    gate: Gate, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(second, DEV)
    portal = open_portal(environment="dev")  # its name is enough as long as no ID is known

    with pytest.warns(TokenSwitched):
        assert [each.id for each in portal.environments()] == [DEV]


def test_both_dead_is_said_and_nothing_is_retried(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, a_refusal(401))
    portal = open_portal()

    error = failure(TokenRejected, portal.environments, without=(first.reveal(), second.reveal()))

    assert str(error) == (
        f"Both tokens of environment '{DEV}' are refused (401): the one from TOKEN_1 and the one from TOKEN_2.\n"
        "Either two rotations have happened or the environment is gone. Nothing will be retried.\n"
        "Ask an Admin for the environment's current Token 1, then run %quix_token."
    )
    asked = len(gate.seen)
    failure(TokenRejected, portal.environments)
    assert gate.seen[asked:] == ["TOKEN_1 GET /workspaces"]  # the call itself, no probe in the cool-down


def test_a_second_token_of_another_environment_is_not_used(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, PROD)
    portal = open_portal()

    error = failure(TokenRejected, portal.environments, without=(first.reveal(), second.reveal()))

    assert error.what == f"The second token, from TOKEN_2, belongs to '{PROD}', not to '{DEV}'. It was not used."
    assert "from TOKEN_1, was refused (401)" in error.cause
    assert portal.token is first


def test_a_second_token_is_not_used_where_nothing_says_which_environment_is_meant(
    gate: Gate, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(second, DEV)

    error = failure(TokenRejected, open_portal(environment=None).environments)

    assert "which environment the first one opens is unknown" in error.what


@pytest.mark.parametrize("answer", [a_refusal(503), a_refusal(403), a_page(200), an_answer({"odd": 1})])
def test_a_second_token_that_cannot_be_tried_decides_nothing(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal], memory: RefusedTokens, answer: Response
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, answer)
    portal = open_portal()

    error = failure(TokenRejected, portal.environments)

    assert "The second token could not be tried: the portal answered with status" in error.cause
    assert (portal.token, portal.spare) == (first, second)
    assert memory.find(gate.host, first) is None
    failure(TokenRejected, portal.environments)
    assert gate.seen.count("TOKEN_2 GET /workspaces") == 1  # once in the cool-down


def test_a_second_token_can_be_tried_again_after_the_cool_down(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failover_module, "COOL_DOWN_S", 0.0)
    gate.knows(first, a_refusal(401))
    gate.knows(second, a_refusal(503), DEV)
    portal = open_portal()
    failure(TokenRejected, portal.environments)

    with pytest.warns(TokenSwitched):
        portal.environments()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 502, 503, 504])
def test_what_is_no_401_never_leads_to_the_second_token(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal], status: int
) -> None:
    gate.knows(first, a_refusal(status))
    gate.knows(second, DEV)
    portal = open_portal()

    with pytest.raises(QuixnbError) as caught:
        portal.topics(DEV)

    assert not isinstance(caught.value, TokenRejected)
    assert not any(each.startswith("TOKEN_2") for each in gate.seen)
    assert portal.token is first


def test_silence_never_leads_to_the_second_token(
    gate: Gate, first: Token, second: Token, listener: Any, open_portal: Callable[..., Portal]
) -> None:
    from tests.portal.sockets import address_of

    with Portal(address_of(listener), first, spare=second, environment=DEV, timeout_s=0.05, retry_for_s=0.0) as portal:
        failure(PortalUnreachable, portal.environments)
        assert portal.token is first


def test_a_page_with_401_is_a_proxys_and_no_rotation(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal], memory: RefusedTokens
) -> None:
    gate.knows(first, a_page(401))
    gate.knows(second, DEV)

    error = failure(TokenRejected, open_portal().environments)

    assert "A web page came back" in error.cause
    assert gate.seen == ["TOKEN_1 GET /workspaces"]
    assert memory.find(gate.host, first) is None


@pytest.mark.parametrize(("one", "two"), [("pat", "sdk"), ("sdk", "pat"), ("pat", "pat")])
def test_a_personal_token_has_no_second_and_is_none(
    gate: Gate, open_portal: Callable[..., Portal], one: str, two: str
) -> None:
    mine, other = Token(fake_token(one), "ONE"), Token(fake_token(two), "TWO")
    gate.knows(mine, a_refusal(401))
    gate.knows(other, DEV)
    portal = open_portal(token=mine, spare=other)

    failure(TokenRejected, portal.environments)

    assert portal.spare is None
    assert not any(each.startswith("TWO") for each in gate.seen)


def test_the_same_token_twice_is_no_pair(first: Token, open_portal: Callable[..., Portal]) -> None:
    assert open_portal(spare=Token(first.reveal(), "COPY")).spare is None


def test_a_topic_is_created_with_the_second_token_and_posted_twice_at_most(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, DEV)

    with pytest.warns(TokenSwitched):
        topic = open_portal().create_topic(DEV, "laps")

    assert topic.name == "laps"
    assert gate.seen[:4] == [
        f"TOKEN_1 POST /{DEV}/topics",
        "TOKEN_1 GET /workspaces",
        "TOKEN_2 GET /workspaces",
        f"TOKEN_2 POST /{DEV}/topics",
    ]
    assert sum("POST" in each for each in gate.seen) == 2


def test_a_topic_is_created_after_a_blip_and_posted_twice_at_most(
    gate: Gate, first: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401), DEV)

    open_portal().create_topic(DEV, "laps")

    assert gate.seen[:3] == [f"TOKEN_1 POST /{DEV}/topics", "TOKEN_1 GET /workspaces", f"TOKEN_1 POST /{DEV}/topics"]


def test_a_topic_is_not_posted_again_while_the_portal_is_out_of_order(
    gate: Gate, first: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401), a_refusal(500))

    error = failure(TokenRejected, open_portal().create_topic, DEV, "laps")

    assert "out of order" in error.cause
    assert sum("POST" in each for each in gate.seen) == 1


def test_ten_calls_at_once_make_one_failover(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, DEV)
    portals = [open_portal() for _ in range(2)]  # the decision is the process's, not one connection's
    together = threading.Barrier(10)

    def call(number: int) -> int:
        together.wait()
        return len(portals[number % 2].topics(DEV))

    with warnings.catch_warnings(record=True) as caught, ThreadPoolExecutor(10) as pool:
        warnings.simplefilter("always")
        found = list(pool.map(call, range(10)))

    assert found == [1] * 10
    assert [each.category for each in caught] == [TokenSwitched]
    assert gate.seen.count("TOKEN_2 GET /workspaces") == 1
    assert all(portal.token is second for portal in portals)


def test_a_dead_token_is_asked_for_once_only(
    gate: Gate, first: Token, open_portal: Callable[..., Portal], memory: RefusedTokens
) -> None:
    gate.knows(first, a_refusal(401))
    failure(TokenRejected, open_portal(spare=None).environments)
    assert len(gate.seen) == 2

    error = failure(TokenRejected, open_portal(spare=None).environments)

    assert len(gate.seen) == 3
    assert "It was refused on " in error.cause
    assert "already: it has been rotated out or revoked." in error.cause


def test_a_token_that_was_certainly_rotated_out_is_not_sent_again(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, DEV)
    with pytest.warns(TokenSwitched):
        open_portal().environments()
    asked = len(gate.seen)

    error = failure(TokenRejected, open_portal(spare=None).environments, without=(first.reveal(),))

    assert len(gate.seen) == asked
    assert error.what.startswith("The token from TOKEN_1 was refused on ")
    assert error.what.endswith("it has been rotated out.")


def test_a_token_that_is_accepted_again_is_forgiven(
    gate: Gate, first: Token, open_portal: Callable[..., Portal], memory: RefusedTokens
) -> None:
    gate.knows(first, a_refusal(401), a_refusal(401), DEV)
    failure(TokenRejected, open_portal(spare=None).environments)
    assert memory.find(gate.host, first) is not None

    open_portal(spare=None).environments()

    assert memory.find(gate.host, first) is None


def test_a_second_token_can_be_given_later_and_is_tried_at_once(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, DEV)
    gate.knows(second, DEV)
    dead, elsewhere = Token(fake_token(), "DEAD"), Token(fake_token(), "PROD_TOKEN")
    gate.knows(elsewhere, PROD)
    portal = open_portal(spare=None)

    portal.take_spare(second)

    assert portal.spare is second
    assert "from DEAD (401)" in failure(TokenRejected, portal.take_spare, dead).what
    assert f"belongs to '{PROD}'" in failure(TokenRejected, portal.take_spare, elsewhere).what
    same = failure(TokenRejected, portal.take_spare, Token(first.reveal(), "pasted"))
    assert same.what.startswith("The pasted token is the one in use already.")
    assert same.cause == "That is the token from TOKEN_1."
    personal = failure(TokenRejected, portal.take_spare, Token(fake_token("pat"), "pasted"))
    assert personal.what.startswith("A personal access token is no second token, and has none.")
    assert portal.spare is second


def test_neither_token_is_in_what_a_portal_says(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401))
    gate.knows(second, DEV, a_refusal(500, f"odd: {first.reveal()} {second.reveal()[:12]} {second.reveal()[-10:]}"))
    portal = open_portal()

    with pytest.warns(TokenSwitched):
        error = failure(PortalError, portal.topics, DEV, without=(first.reveal(), second.reveal()[:12]))

    assert second.reveal()[-10:] not in str(error)


def a_jwt(**claims: Any) -> Token:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "RS256"}, {"sub": "acme", **claims})
    )
    return Token(remember(f"{head}.{body}.{'c2lnbmF0dXJl' * 3}"), "JWT_TOKEN")


def test_a_jwt_that_has_expired_says_so_by_its_own_date(gate: Gate, open_portal: Callable[..., Portal]) -> None:
    token = a_jwt(aud="quix", exp=1_700_000_000)
    gate.knows(token, a_refusal(401))

    error = failure(TokenRejected, open_portal(token=token, spare=None).environments, without=(token.reveal(),))

    assert error.cause == "It expired on 2023-11-14 22:13 UTC. Correlation ID c0-1."


def test_a_jwt_of_another_service_is_told_apart(gate: Gate, open_portal: Callable[..., Portal]) -> None:
    token = a_jwt(iss="https://login.example/")
    gate.knows(token, a_refusal(401))

    assert "does not name Quix" in failure(TokenRejected, open_portal(token=token, spare=None).environments).cause


def test_an_older_streaming_token_has_a_second_one_too(
    gate: Gate, second: Token, open_portal: Callable[..., Portal]
) -> None:
    token = a_jwt(aud="quix")
    gate.knows(token, a_refusal(401))
    gate.knows(second, DEV)

    with pytest.warns(TokenSwitched):
        open_portal(token=token).environments()


def test_a_token_on_trial_is_refused_only_twice(
    gate: Gate, first: Token, second: Token, open_portal: Callable[..., Portal]
) -> None:
    gate.knows(first, a_refusal(401), DEV)
    gate.knows(second, a_refusal(401))
    portal = open_portal()

    assert portal.try_token(first).outcome == "accepted"
    assert portal.try_token(second).outcome == "refused"
    assert len(gate.seen) == 4


def test_pasted_tokens_are_named_as_people_say(gate: Gate, second: Token, open_portal: Callable[..., Portal]) -> None:
    first = Token(fake_token(), "pasted")
    gate.knows(second, PROD)

    elsewhere = failure(TokenRejected, open_portal(token=first).environments)
    both = failure(TokenRejected, open_portal(token=first, spare=Token(fake_token(), "pasted")).environments)

    assert elsewhere.cause.startswith("The first one, pasted, was refused (401).")
    assert both.what == f"Both tokens of environment '{DEV}' are refused (401): the pasted one and the pasted one."


def test_a_refused_token_with_capitals_says_so(gate: Gate, open_portal: Callable[..., Portal]) -> None:
    token = Token(remember(fake_token().upper()), "TOKEN_1")

    assert "It has capital letters" in failure(TokenRejected, open_portal(token=token, spare=None).environments).cause
