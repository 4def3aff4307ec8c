"""Finds Quix tokens in text and says where they stand, never what they are."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["sdk", "pat", "jwt", "jwt_generic"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a token stands. It holds no character of it, so it can be shown, logged and compared.

    Attributes
    ----------
    kind
        `sdk` (streaming token), `pat` (personal access token), `jwt` (a JWT that names Quix), `jwt_generic` (another).
    start, end
        Code points of the text, `text[start:end]` being the token.
    line, column
        The same start for people, both from 1.
    """

    kind: Kind
    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One token's look: `regex` cannot match a text whose lower-case form lacks `hint`."""

    kind: Kind
    hint: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PatternFile:
    """The patterns that Python and the editor extension share, compiled."""

    patterns: tuple[Pattern, ...]
    silence: re.Pattern[str]
    nearly: re.Pattern[str]
    quix_marks: tuple[str, ...]


@cache
def pattern_file() -> PatternFile:
    """The shared pattern file, read and compiled on first use."""
    data = json.loads(Path(__file__).with_name("patterns.json").read_text(encoding="utf-8"))
    patterns = tuple(Pattern(each["kind"], each["hint"], re.compile(each["regex"])) for each in data["patterns"])
    return PatternFile(patterns, re.compile(data["silence"]), re.compile(data["nearly"]), tuple(data["quix_marks"]))


def find_tokens(text: str) -> list[Finding]:
    """The tokens in `text`, in order, without those on a line that says `# quixnb: not-a-token`.

    Time is linear in the length of `text`, and close to nothing where no token can be.

    Examples
    --------
    >>> [(each.kind, each.line, each.column) for each in find_tokens("token = 'sdk-" + "0f" * 16 + "'")]
    [('sdk', 1, 10)]
    """
    spans = sorted((start, end, kind) for pattern in patterns_for(text) for kind, start, end in _spans(pattern, text))
    return list(_located(text, spans)) if spans else []


def patterns_for(text: str) -> list[Pattern]:
    """The patterns that can match in `text` at all: a cheap look before the regular expressions."""
    lowered = text.lower()
    return [pattern for pattern in pattern_file().patterns if pattern.hint in lowered]


def is_nearly_token(word: str) -> bool:
    """Whether `word` begins as only a token does: whole, cut short or with something behind it."""
    return pattern_file().nearly.match(word) is not None


def _spans(pattern: Pattern, text: str) -> Iterator[tuple[Kind, int, int]]:
    for match in pattern.regex.finditer(text):
        kind = _kind_of_jwt(match.group()) if pattern.kind == "jwt" else pattern.kind
        if kind is not None:
            yield kind, match.start(), match.end()


def _kind_of_jwt(text: str) -> Kind | None:
    header, payload, _ = text.split(".")
    head, body = _decoded(header), _decoded(payload)
    if head is None:
        return None  # three words with dots between them, not a JWT
    # Which claims Quix writes is not documented; its addresses are in all that is known of.
    claims = f"{head} {body}".lower()
    return "jwt" if any(mark in claims for mark in pattern_file().quix_marks) else "jwt_generic"


def _decoded(part: str) -> str | None:
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
        return text if isinstance(json.loads(text), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def _located(text: str, spans: list[tuple[int, int, Kind]]) -> Iterator[Finding]:
    """`spans` with line and column; one pass over the text, each line looked at for its silencing comment once."""
    line, line_start, line_end, silenced, past = 1, 0, -1, False, 0
    for start, end, kind in spans:
        if start < past:
            continue  # inside the token before it
        if start > line_end:
            line += text.count("\n", line_start, start)
            line_start = max(line_start, text.rfind("\n", line_start, start) + 1)
            line_end = text.find("\n", start) % (len(text) + 1)  # -1 is the text's end
            silenced = pattern_file().silence.search(text, line_start, line_end) is not None
        past = end
        if not silenced:
            yield Finding(kind, start, end, line, start - line_start + 1)
