"""Secrets that the search is given: found exactly, in every spelling, whatever they look like."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from urllib.parse import quote

from quixnb.detect.finding import Rule, Span
from quixnb.detect.patterns import pattern_file

_SHORTEST = 8  # a shorter one would be found in ordinary words once it is broken up or encoded


def known_spans(text: str, known: Iterable[str]) -> Iterator[Span]:
    """Where each of `known` stands in `text`."""
    for secret in {each for each in known if each}:
        for needle, rule in spellings(secret):
            yield from _found(text, needle, rule)
        if len(secret) >= _SHORTEST:
            for match in _broken_up(secret).finditer(text):
                is_whole = match.end() - match.start() == len(secret)
                yield Span(match.start(), match.end(), "known", "in one piece" if is_whole else "broken up")


@lru_cache(maxsize=64)
def spellings(secret: str) -> tuple[tuple[str, Rule], ...]:
    """`secret` as it is and in other letters, each once."""
    found: dict[str, Rule] = {secret: "in one piece"}
    if len(secret) >= _SHORTEST:
        for other in (quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], escape(secret)):
            found.setdefault(other, "broken up")
        for other in (*_base64(secret), secret.encode().hex()):
            found.setdefault(other, "encoded")
    return tuple(found.items())


def _base64(secret: str) -> Iterator[str]:
    data = secret.encode()
    for before in range(3):
        letters = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        # The first and last letters hold bits of the bytes around.
        inside = letters[(0, 2, 3)[before] : (before + len(data)) * 8 // 6]
        yield inside
        yield inside.replace("+", "-").replace("/", "_")


@lru_cache(maxsize=64)
def _broken_up(secret: str) -> re.Pattern[str]:
    # A character that can be noise itself, such as a quote, goes before the noise.
    return re.compile(f"{pattern_file().noise_once}{{0,{pattern_file().most_noise}}}?".join(map(re.escape, secret)))


def _found(text: str, needle: str, rule: Rule) -> Iterator[Span]:
    at = text.find(needle)
    while at >= 0:
        yield Span(at, at + len(needle), "known", rule)
        at = text.find(needle, at + len(needle))
