"""Tokens in a database, a pickle or another file that is no text, as far as they stand there as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from quixnb.detect.finding import Finding, Span, apart
from quixnb.detect.known import known_spans
from quixnb.detect.patterns import kind_of_jwt, pattern_file

# What stands before and behind a text in such a file is of another text, or a number: it may also be a letter. The
# dash comes first, since a literal makes the search quick.
_PREFIX = r"(?<![0-9A-Za-z]-...-)(?:(?<=[Ss][Dd][Kk]-)|(?<=[Pp][Aa][Tt]-))"
_TOKEN = re.compile(rf"-{_PREFIX}(?!([0-9A-Fa-f])\1{{31}})[0-9A-Fa-f]{{32}}(?![0-9A-Fa-f])")


def find_in_binary(data: bytes, known: Iterable[str] = ()) -> list[Finding]:
    """The tokens in `data`, in order; `start` and `end` are bytes, and all is one line."""
    text = data.decode("latin-1")
    return [
        Finding(span.kind, span.start, span.end, 1, span.start + 1)
        for span in apart([*_by_look(text), *known_spans(text, known)])
        if span.rule == "in one piece"
    ]


def _by_look(text: str) -> Iterator[Span]:
    for match in _TOKEN.finditer(text):
        start = match.start() - len("sdk")
        yield Span(start, match.end(), "sdk" if text[start] in "sS" else "pat", "in one piece")
    for pattern in pattern_file().patterns:
        for match in pattern.matches(text) if pattern.kind == "jwt" else ():
            if kind_of_jwt(match.group()) == "jwt":  # others are in many files, and say little about Quix
                yield Span(match.start(), match.end(), "jwt", "in one piece")
