"""What is known of tokens: by this process, for all its sessions, and by this installation, across them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from quixnb.portal.trial import Trial
from quixnb.token import Token


class Remembered(Protocol):
    """What is remembered of a dead token."""

    @property
    def at(self) -> datetime:
        """When it was refused first."""

    @property
    def is_proven(self) -> bool:
        """Whether the portal accepted another token of its environment then."""


class Memory(Protocol):
    """Where tokens that were refused for good are remembered, across sessions."""

    def find(self, host: str, token: Token, /) -> Remembered | None:
        """What is remembered of `token` at `host`."""

    def add(self, host: str, token: Token, /, *, is_proven: bool) -> None:
        """Remember that `host` refused `token`."""

    def remove(self, host: str, token: Token, /) -> None:
        """Forget it: `host` accepts `token` again."""


@dataclass
class Fates:
    """What this process has found out about tokens, each by a hash that only this process can make.

    One decision at a time is made in the whole process, and all sessions learn of it: ten cells that meet the same
    dead token ask once, and switch once.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    dead: set[bytes] = field(default_factory=set)
    accepted_at: dict[bytes, float] = field(default_factory=dict)
    trials: dict[bytes, tuple[float, Trial]] = field(default_factory=dict)
    told: set[bytes] = field(default_factory=set)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def of(self, host: str, token: Token) -> bytes:
        """The hash of `token` at the portal `host`, under which the rest is found."""
        return hmac.digest(self.key, f"{host}\0{token.reveal()}".encode(), hashlib.sha256)


fates = Fates()
