"""Takes from an answer what was asked for, or raises the error that says why it is not there."""

from __future__ import annotations

from typing import TypeVar

from quixnb.portal.exchange import Answer, Exchange
from quixnb.portal.objects import Reader, read_many, read_one
from quixnb.portal.refusals import Question, not_a_portal, parsed, refusal

T = TypeVar("T")


def checked(answer: Answer, question: Question, exchange: Exchange) -> Answer:
    """Return an answer that is a success, and a portal's."""
    if not answer.is_success:
        raise refusal(answer, question, exchange)
    if answer.is_page:
        raise not_a_portal(answer, exchange)
    return answer


def one(answer: Answer, read: Reader[T], exchange: Exchange) -> T:
    """Read the thing in an answer."""
    # What is parsed may hold a broker's password, so it is in no variable of a frame that raises.
    thing = read_one(parsed(answer), read)
    if thing is None:
        raise not_a_portal(answer, exchange)
    return thing


def many(answer: Answer, read: Reader[T], exchange: Exchange) -> list[T]:
    """Read the list of things in an answer."""
    things = read_many(parsed(answer), read)
    if things is None:
        raise not_a_portal(answer, exchange)
    return things
