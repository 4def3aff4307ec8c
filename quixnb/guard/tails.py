"""Holds back the end of a stream's text while it may be the beginning of a token, so that none is shown in halves."""

from __future__ import annotations

import re

from quixnb.known import known_secrets

# A token cut short, at the end of a text; its first letters alone only where no word is before them, for many end so. A
# whole one has been replaced by then.
_HALF = re.compile(
    r"(?<![0-9A-Za-z-])(?:s|sd|sdk|p|pa|pat)$|(?:sdk|pat)-[0-9a-f]{0,31}$|(?<![\w-])(?:e|ey|eyj[\w.-]*)$",
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 4096  # a JWT is shorter
# So few characters tell nothing, and need not wait for the end of the cell.
HARMLESS = 8


def split(text: str) -> tuple[str, str]:
    """`text` in two: what can be shown, and what may be the first half of a token or of a known secret."""
    at = min(_half_token(text), _half_secret(text))
    return text[:at], text[at:]


def _half_token(text: str) -> int:
    begin = max(0, len(text) - _LONGEST)
    match = _HALF.search(text[begin:])
    return begin + match.start() if match else len(text)


def _half_secret(text: str) -> int:
    at = len(text)
    for secret in known_secrets():
        lengths = range(min(len(secret) - 1, len(text)), 0, -1)
        half = next((length for length in lengths if text.endswith(secret[:length])), 0)
        at = min(at, len(text) - half)
    return at
