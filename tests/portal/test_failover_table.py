"""What each answer of the portal leads to: for every kind of token, before the start, running, and for a new topic."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Iterator

import pytest
from werkzeug import Response

from quixnb.errors import PortalError, QuixnbError, TokenRejected
from quixnb.portal import Portal, TokenSwitched
from quixnb.token import Token
from quixnb.vault import RefusedTokens
from tests.fakes import fake_token
from tests.portal.conftest import StandIn, a_refusal
from tests.portal.test_failover import DEV, PROD, Gate, a_jwt

# Case → answers to the first token, to the second, and what is said of it, if it is an error.
CASES: dict[str, tuple[list[int | str], list[int | str], str]] = {
    "accepted": ([DEV], [DEV], ""),
    "a blip": ([401, DEV], [DEV], ""),
    "rotated": ([401], [DEV], ""),
    "rotated twice": ([401], [401], "Both tokens of environment"),
    "a second of another environment": ([401], [PROD], f"belongs to '{PROD}', not to '{DEV}'"),
    "a second that cannot be tried": ([401], [500], "The second token could not be tried"),
    "no right": ([403], [DEV], "(403)"),
    "not there": ([404], [DEV], ""),
    "in the way": ([409], [DEV], "(409)"),
    "not understood": ([422], [DEV], "(422)"),
    "too much": ([429], [DEV], "(429)"),
    "out of order": ([500], [DEV], "(500)"),
    "unavailable": ([503], [DEV], "(503)"),
}
KINDS: dict[str, Callable[[], str]] = {
    "sdk": fake_token,
    "pat": lambda: fake_token("pat"),
    "jwt": lambda: a_jwt(jti=secrets.token_hex(4)).reveal(),
}
MOMENTS: dict[str, Callable[[Portal], object]] = {
    "before the start": lambda portal: portal.environments(),
    "running": lambda portal: portal.topics(DEV),
    "a new topic": lambda portal: portal.create_topic(DEV, "laps"),
}


@pytest.fixture
def outcome(stand_in: StandIn, tmp_path: object) -> Iterator[Callable[..., tuple[Portal, Gate, list[str], object]]]:
    gate = Gate(stand_in)
    portals: list[Portal] = []

    def run(kind: str, case: str, moment: str) -> tuple[Portal, Gate, list[str], object]:
        first, second = Token(KINDS[kind](), "TOKEN_1"), Token(fake_token(), "TOKEN_2")
        to_first, to_second, _ = CASES[case]
        gate.knows(first, *map(_answer, to_first))
        gate.knows(second, *map(_answer, to_second))
        memory = RefusedTokens(tmp_path)  # type: ignore[arg-type]
        portal = Portal(
            gate.address, first, spare=second, environment=DEV, memory=memory, retry_for_s=0.01, _first_wait_s=0.001
        )
        portals.append(portal)
        if moment != "before the start":
            portal.bind(DEV)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result: object = MOMENTS[moment](portal)
            except QuixnbError as error:
                result = error
        return portal, gate, [str(each.message) for each in caught if each.category is TokenSwitched], result

    yield run
    for portal in portals:
        portal.close()


def _answer(given: int | str) -> Response | str:
    return a_refusal(given) if isinstance(given, int) else given


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("case", "kind"),
    [(case, kind) for case in CASES for kind in KINDS if kind == "sdk" or case.startswith(("a blip", "rotated"))],
)
def test_only_a_401_that_repeats_itself_leads_to_the_second_token_and_only_of_a_pair(
    outcome: Callable[..., tuple[Portal, Gate, list[str], object]], case: str, kind: str, moment: str
) -> None:
    portal, gate, warned, result = outcome(kind, case, moment)

    to_first, _, says = CASES[case]
    is_dead, has_second = to_first == [401], kind != "pat"
    switches = case == "rotated" and has_second
    assert portal.token.source == ("TOKEN_2" if switches else "TOKEN_1")
    assert len(warned) == switches
    assert any(each.startswith("TOKEN_2") for each in gate.seen) == (is_dead and has_second)
    assert sum("POST" in each for each in gate.seen) <= 2
    if switches or case in ("accepted", "a blip"):
        assert not isinstance(result, QuixnbError)
    elif is_dead:
        assert isinstance(result, TokenRejected)
        assert (says if has_second else "It may have been revoked or have expired") in str(result)
    else:
        assert isinstance(result, PortalError | QuixnbError)
        assert not isinstance(result, TokenRejected)
        assert says in str(result)
