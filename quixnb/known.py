"""The secrets that this process holds by now: what is cleaned for showing is searched for exactly these, too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from weakref import WeakValueDictionary

# Shorter ones would be replaced inside ordinary words, and then tell what they are.
_SHORTEST = 8


class Holder(Protocol):
    """Something that keeps secrets, such as a token."""

    def _secrets(self) -> Iterable[str]:
        """The secrets, in plain text."""


# By identity: tokens have no hash. Weak, so that a token that nobody uses any more is not kept for being hidden.
_holders: WeakValueDictionary[int, Holder] = WeakValueDictionary()


def remember(holder: Holder) -> None:
    """Know the secrets of `holder` for as long as it lives."""
    _holders[id(holder)] = holder


def known_secrets() -> list[str]:
    """All secrets known at this moment, the longest first."""
    # valuerefs() copies in one step; values() would fail while another thread makes a token.
    holders = [holder for reference in _holders.valuerefs() if (holder := reference()) is not None]
    secrets = {secret for holder in holders for secret in holder._secrets() if len(secret) >= _SHORTEST}
    return sorted(secrets, key=len, reverse=True)
