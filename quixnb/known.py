"""The secrets that this process holds by now: what is cleaned for showing is searched for exactly these, too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from weakref import ReferenceType, ref

# Shorter ones would be replaced inside ordinary words, and then tell what they are.
_SHORTEST = 8


class Holder(Protocol):
    """Something that keeps secrets, such as a token."""

    def _secrets(self) -> Iterable[str]:
        """The secrets, in plain text."""


# By identity: tokens have no hash. Weak, so that a token that nobody uses any more is not kept for being hidden. No
# callbacks: a Ctrl-C that strikes in one is swallowed by Python, and the publish under way would go on.
_holders: dict[int, ReferenceType[Holder]] = {}


def remember(holder: Holder) -> None:
    """Know the secrets of `holder` for as long as it lives."""
    # list() copies in one step; a plain loop would fail while another thread makes a token.
    for key, reference in list(_holders.items()):
        if reference() is None:
            _holders.pop(key, None)
    _holders[id(holder)] = ref(holder)


def known_secrets() -> list[str]:
    """All secrets known at this moment, the longest first."""
    holders = [holder for reference in list(_holders.values()) if (holder := reference()) is not None]
    secrets = {secret for holder in holders for secret in holder._secrets() if len(secret) >= _SHORTEST}
    return sorted(secrets, key=len, reverse=True)
