"""Secrets that the search is given: found exactly, in every spelling, whatever they look like."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from html import escape
from urllib.parse import quote

from quixnb.detect.finding import Rule, Span
from quixnb.detect.patterns import NOT_WITHIN_TEXT, pattern_file

# What a pattern holds of a secret, the rest is walked through: the pattern of a whole JWT takes a second to compile.
_BEGINNING = 4
_SHORTEST = 8  # a shorter one would be found in ordinary words once it is broken up or encoded


def known_spans(text: str, known: Iterable[str]) -> Iterator[Span]:
    """Where each of `known` stands in `text`."""
    for secret in {each for each in known if each}:
        for needle, rule in spellings(secret):
            yield from _found(text, needle, rule)
        if len(secret) >= _SHORTEST:
            yield from _broken_up(text, secret)


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


def _broken_up(text: str, secret: str) -> Iterator[Span]:
    """Where `secret` stands with noise between its characters, or without."""
    at = 0
    while match := _beginning(secret[:_BEGINNING]).search(text, at):
        end = _end(text, match.end(), secret[_BEGINNING:])
        if end is not None:
            is_whole = end - match.start() == len(secret)
            yield Span(match.start(), end, "known", "in one piece" if is_whole else "broken up")
        at = match.start() + 1 if end is None else end


def _end(text: str, at: int, rest: str) -> int | None:
    """Where `rest` ends, with noise before any of its characters; None if it does not stand at `at`."""
    for character in rest:
        # A character that can be noise itself, such as a quote, goes before the noise.
        pieces = 0
        while not text.startswith(character, at):
            noise = _noise().match(text, at)
            pieces += 1
            if noise is None or noise.end() == at or pieces > pattern_file().most_noise:
                return None
            at = noise.end()
        at += 1
    return at


@lru_cache(maxsize=64)
def _beginning(letters: str) -> re.Pattern[str]:
    """`letters` with noise before any but the first; as little as can be, for a quote is noise and can be a letter."""
    once, most = pattern_file().noise_once, pattern_file().most_noise
    first, *others = map(re.escape, letters)
    return re.compile(first + "".join(f"(?:{each}|{NOT_WITHIN_TEXT}{once}{{1,{most}}}?{each})" for each in others))


@cache
def _noise() -> re.Pattern[str]:
    return re.compile(pattern_file().noise_once)


def _found(text: str, needle: str, rule: Rule) -> Iterator[Span]:
    at = text.find(needle)
    while at >= 0:
        yield Span(at, at + len(needle), "known", rule)
        at = text.find(needle, at + len(needle))
