"""Remembers which tokens a portal has refused for good, by a keyed hash: no token can be had from it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quixnb.token import Token
from quixnb.vault.places import data_folder, is_private, locked, replace

_MOST = 200  # entries; the oldest go first
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is remembered of a dead token.

    Attributes
    ----------
    at
        When it was refused first, UTC.
    is_proven
        Whether the portal accepted another token of the same environment at that moment, so that it is certain that
        this one was rotated out, and not the portal out of order.
    """

    at: datetime
    is_proven: bool


class RefusedTokens:
    """The dead tokens of this installation. A folder that cannot be read or written to makes it forget, no more.

    Parameters
    ----------
    folder
        Where it is kept; None for `data_folder()`, looked up at each use.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def find(self, host: str, token: Token) -> Refusal | None:
        """What is remembered of `token` at the portal `host`, or None."""
        entry = self._entries().get(self._digest(host, token, self._key()))
        try:
            return Refusal(datetime.fromisoformat(entry["at"]), bool(entry["proven"])) if entry else None
        except (KeyError, TypeError, ValueError):
            return None

    def add(self, host: str, token: Token, *, is_proven: bool) -> None:
        """Remember that the portal `host` refused `token`; the time of the first refusal stays."""

        def change(entries: dict[str, Any], digest: str) -> None:
            old = entries.pop(digest, None) or {"at": datetime.now(UTC).isoformat(timespec="seconds"), "proven": False}
            entries[digest] = {**old, "proven": is_proven or bool(old.get("proven"))}

        self._change(host, token, change)

    def remove(self, host: str, token: Token) -> None:
        """Forget it: the portal has accepted the token again."""
        if self.find(host, token):
            self._change(host, token, lambda entries, digest: entries.pop(digest, None))

    def _change(self, host: str, token: Token, change: Any) -> None:
        with suppress(OSError), locked(self._file):
            entries = self._entries()
            change(entries, self._digest(host, token, self._key(make=True)))
            kept = dict(list(entries.items())[-_MOST:])
            content = {"note": "Keyed hashes of Quix tokens that were refused; no token can be had from them."}
            replace(self._file, json.dumps({**content, "refused": kept}, indent=1).encode())

    @property
    def _file(self) -> Path:
        return (self._folder or data_folder()) / "refused.json"

    def _entries(self) -> dict[str, Any]:
        try:
            entries = json.loads(self._file.read_text(encoding="utf-8"))["refused"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def _key(self, *, make: bool = False) -> bytes:
        file = (self._folder or data_folder()) / "installation.key"
        with suppress(OSError):
            if is_private(file) and len(key := file.read_bytes()) == _KEY_BYTES:
                return key
        key = secrets.token_bytes(_KEY_BYTES)
        if make:
            replace(file, key)
        return key

    @staticmethod
    def _digest(host: str, token: Token, key: bytes) -> str:
        # With the host: the same text may be dead at one portal and mean nothing to another.
        text = f"{host}\0{token.reveal()}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
