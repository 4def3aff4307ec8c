"""Replaces known secrets and whatever looks like a Quix token, before a text is shown, logged or stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from quixnb.detect import spans_to_hide
from quixnb.detect.packed import token_offset, without_token

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
    parts, past = [], 0
    for span in spans_to_hide(text, known):
        parts += [text[past : span.start], replacement(text[span.start : span.end], is_encoded=span.rule == "encoded")]
        past = span.end
    return "".join([*parts, text[past:]])


def scrubbed(data: object, scrub: Callable[[str], str]) -> object:
    """Apply `scrub` to every text in a JSON value, keys included."""
    if isinstance(data, dict):
        return {scrub(key): scrubbed(value, scrub) for key, value in data.items()}
    if isinstance(data, list):
        return [scrubbed(each, scrub) for each in data]
    return scrub(data) if isinstance(data, str) else data


def replacement(found: str, *, is_encoded: bool) -> str:
    """What to write in place of a token: in base64 letters the same letters around it, so that they still decode."""
    before = token_offset(found) if is_encoded and len(found) < 200 else None
    return REPLACEMENT if before is None else without_token(found, before)
