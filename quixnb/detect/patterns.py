"""The pattern file that Python and the editor share, and what a JWT's parts say."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

PatternKind = Literal["sdk", "pat", "jwt"]

# What begins neither noise nor an escape, for a set; and blanks that do not end a line.
NEITHER_NOISE_NOR_ESCAPE = r"!#$()*+,./:;=?@\[\]^_{}~-"
BLANKS_IN_LINE = r" ++[^ \t\r\n|>\u2502\u2503\u2551\\]"
# Most characters begin no noise: to see that first saves trying all of it.
NOT_WITHIN_TEXT = f"(?![0-9A-Za-z{NEITHER_NOISE_NOR_ESCAPE}]|{BLANKS_IN_LINE})"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One token's look: each match of `regex` begins with what `hint` matches, whose last character is rare."""

    kind: PatternKind
    hint: re.Pattern[str]
    hint_length: int
    regex: re.Pattern[str]

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Tokens in `text` that stand in one piece."""
        for hint in self.hint.finditer(text):
            if match := self.regex.match(text, hint.end() - self.hint_length):
                yield match


@dataclass(frozen=True, slots=True)
class PatternFile:
    """The patterns that Python and the editor extension share, compiled.

    `noise` is a regular expression for all that may stand between two characters of a token, be it nothing;
    `noise_once` for one piece of it.
    """

    patterns: tuple[Pattern, ...]
    silence: re.Pattern[str]
    nearly: re.Pattern[str]
    quix_marks: tuple[str, ...]
    noise: str
    noise_once: str
    most_noise: int


@cache
def pattern_file() -> PatternFile:
    """The shared pattern file, read and compiled on first use."""
    data = json.loads((Path(__file__).parents[1] / "patterns.json").read_text(encoding="utf-8"))
    return PatternFile(
        tuple(_pattern(**each) for each in data["patterns"]),
        re.compile(data["silence"]),
        re.compile(data["nearly"]),
        tuple(data["quix_marks"]),
        *_noise(data),
        data["most_noise"],
    )


def _pattern(kind: PatternKind, hint: str, regex: str) -> Pattern:
    letters = [f"[{letter}{letter.upper()}]" if letter.islower() else letter for letter in hint]
    # To search for the last of them and look back is several times as quick as to search for the first.
    return Pattern(kind, re.compile(f"{letters[-1]}(?<={''.join(letters)})"), len(hint), re.compile(regex))


def _noise(data: Mapping[str, Any]) -> tuple[str, str]:
    """All that stands between two characters of a token, and once; possessive, so that a text is looked at once."""
    most, gap = data["most_noise"], data["gap"]
    once = "|".join(data["noise"].values())
    literals = f"(?:{gap['quote']})(?>{'|'.join(gap['items'].values())}){{0,{gap['most_items']}}}+"
    several = f"(?>{once}){{0,{most}}}+"
    return f"(?>{NOT_WITHIN_TEXT}{several}(?:{literals}{several}){{0,2}}+|)", f"(?>{once}|{literals})"


def is_nearly_token(word: str) -> bool:
    """Whether `word` begins as only a token does: whole, cut short or with something behind it."""
    return pattern_file().nearly.match(word) is not None


def is_silenced(text: str, start: int, end: int) -> bool:
    """Whether a comment in that part of `text` says that there is no token."""
    return pattern_file().silence.search(text, start, end) is not None


def kind_of_jwt(text: str) -> Literal["jwt", "jwt_generic"] | None:
    """What kind of JWT `text` is, None if its first part is no JSON object: then it is three words with dots."""
    header, payload, _ = text.split(".")
    head, body = decoded_part(header), decoded_part(payload)
    if head is None:
        return None
    # Which claims Quix writes is not documented; its addresses are in all that is known of.
    claims = f"{head} {body}".lower()
    return "jwt" if any(mark in claims for mark in pattern_file().quix_marks) else "jwt_generic"


def decoded_part(part: str) -> str | None:
    """The JSON object in a part of a JWT; None if there is none."""
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
        return text if isinstance(json.loads(text), dict) else None
    except (ValueError, RecursionError):
        return None
