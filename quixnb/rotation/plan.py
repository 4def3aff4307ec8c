"""Which steps a rotation has, in which order, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from quixnb.errors import QuixnbError

Name = Literal["both valid", "move", "prove", "rotate", "restart", "connect", "spare"]

_WITHOUT: tuple[Name, ...] = ("both valid", "move", "prove", "rotate", "spare")

# (with downtime, which token leaked) → the steps.
PLANS: Final[dict[tuple[bool, int], tuple[Name, ...]]] = {
    (False, 1): _WITHOUT,
    # A leaked Token 2 survives the first rotation, as Token 1: everybody moves on once more.
    (False, 2): _WITHOUT + _WITHOUT[1:],
    (True, 1): ("rotate", "restart", "spare"),
    (True, 2): ("both valid", "rotate", "rotate", "connect", "restart", "spare"),
}
TITLES: Final[dict[Name, str]] = {
    "both valid": "Both tokens are valid",
    "move": "Everything runs on Token 2",
    "prove": "It is proven that nobody is left on Token 1",
    "rotate": "An Admin rotates; Token 1 is refused",
    "restart": "Everything is restarted with the new Token 1",
    "connect": "This notebook has the new Token 1",
    "spare": "The new Token 2 is at hand, for the next rotation",
}
FOR_PEOPLE: Final[frozenset[Name]] = frozenset({"move", "prove", "restart"})


class RotationError(QuixnbError):
    """A step of a rotation cannot be done, or not yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as people see it."""

    number: int
    title: str
    state: Literal["done", "now", "later"]
