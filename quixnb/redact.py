"""Replaces known secrets and whatever looks like a Quix token, before a text is shown, logged or stored."""

from __future__ import annotations

import re
from collections.abc import Iterable

from quixnb.detect import patterns_for

REPLACEMENT = "[quix token]"


def redact(text: str, known: Iterable[str] = ()) -> str:
    """`text` with `[quix token]` in place of each token and of each value in `known`.

    Unlike `find_tokens`, it heeds no `not-a-token` comment and no doubt about a JWT: what is hidden once too often
    can be looked up, what is shown once too often cannot be taken back.

    Parameters
    ----------
    text
        Any text. Time is linear in its length.
    known
        Secrets to replace wherever they stand, whatever they look like: a broker's password, a token in use.

    Examples
    --------
    >>> redact("token=sdk-" + "0f" * 16 + "&x=1")
    'token=[quix token]&x=1'
    """
    # Longest first: of two secrets of which one begins with the other, the whole one goes.
    if secrets := sorted(filter(None, known), key=len, reverse=True):
        text = re.sub("|".join(map(re.escape, secrets)), REPLACEMENT, text)
    for pattern in patterns_for(text):
        text = pattern.regex.sub(REPLACEMENT, text)
    return text
