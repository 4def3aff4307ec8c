"""The patterns that Python and the editor share, and what Python makes of them: tokens broken up and escaped."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

PatternKind = Literal["sdk", "pat", "jwt"]

_HEX = "0123456789abcdefABCDEF"
_WORD = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
# Spellings of `-` and `.`, in the order of `_escapes`: a literal begins each, which makes the search quick.
_ESCAPED_MARKS = (
    re.compile(r"%(?:25)?2[dDeE]"),
    re.compile(r"\\(?:u00(?:2[dDeE]|26)|u\{0{0,4}2[dDeE]|x2[dDeE]|05[56])"),
    re.compile(r"&(?:amp;)?(?:#0{0,5}4[56];|#[xX]0{0,5}2[dDeE];|hyphen;|dash;|period;)"),
)
_NAMED = {"-": "hyphen|dash", ".": "period", "_": "lowbar"}
# Neither noise nor an escape begins with one of these, or with a blank before a word. To see that first saves trying
# all of them behind each dash and dot of a text.
_NO_NOISE = r"!#$()*+,./:;=>?@\[\]^_{}~-"
_BLANK_BEFORE_WORD = " [0-9A-Za-z]"
# How a part is left out: `…`, `...`, rich's `'+12`, IPython's `<...>` in the middle.
_LEFT_OUT = r"(?:(?=\u2026|\.\.\.|\\{0,4}[\"'] ?\+ ?[0-9])|<\.\.\.>[0-9A-Za-z_.-]*+)"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One token's look: `regex` cannot match a text whose lower-case form lacks `hint`."""

    kind: PatternKind
    hint: str
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PatternFile:
    """The patterns that Python and the editor extension share, compiled."""

    patterns: tuple[Pattern, ...]
    silence: re.Pattern[str]
    nearly: re.Pattern[str]
    quix_marks: tuple[str, ...]
    noise: str


@cache
def pattern_file() -> PatternFile:
    """The shared pattern file, read and compiled on first use."""
    data = json.loads((Path(__file__).parents[1] / "patterns.json").read_text(encoding="utf-8"))
    patterns = tuple(Pattern(each["kind"], each["hint"], re.compile(each["regex"])) for each in data["patterns"])
    noise = "(?>" + "|".join(data["noise"].values()) + ")"
    return PatternFile(
        patterns, re.compile(data["silence"]), re.compile(data["nearly"]), tuple(data["quix_marks"]), noise
    )


class BrokenUp:
    """Regular expressions for tokens with noise between their characters, or with characters escaped.

    All are possessive, so that a text is looked at once; each is compiled when first asked for.
    """

    @cached_property
    def digits(self) -> re.Pattern[str]:
        """A dash and 32 hexadecimal digits."""
        return re.compile(f"-{self._digits}")

    @cached_property
    def escaped_digits(self) -> tuple[re.Pattern[str], ...]:
        """The same with the dash escaped, one for each way of escaping."""
        return tuple(re.compile(f"{dash}{self._digits}") for dash in _escapes("-"))

    @cached_property
    def cut_short(self) -> re.Pattern[str]:
        """The mark where whoever shows a token leaves out a part, behind the part that is shown; a dash begins it."""
        part = r"(?:[0-9A-Fa-f]{12,31}+(?![0-9A-Fa-f])|[0-9A-Fa-f]{4,31}+(?=<\.|\u2026))"
        return re.compile(rf"-(?:(?<=[Ss][Dd][Kk]-)|(?<=[Pp][Aa][Tt]-))(?<![0-9A-Za-z-]...-){part}{_LEFT_OUT}")

    @cached_property
    def jwt_cut_short(self) -> re.Pattern[str]:
        """The same of a JWT; the J of its first letters begins it."""
        return re.compile(rf"J(?<=eyJ)(?<![0-9A-Za-z_-]eyJ)[0-9A-Za-z_-]{{13,}}+(?:\.[0-9A-Za-z_-]+)*+{_LEFT_OUT}")

    @cached_property
    def prefix(self) -> re.Pattern[str]:
        """The letters before the dash, at the end of a text; the group that matches is called like the kind."""
        gap = f"{pattern_file().noise}*+"
        words = ((word, gap.join(_either(letter + letter.upper()) for letter in word)) for word in ("sdk", "pat"))
        return re.compile(f"(?:{'|'.join(f'(?P<{word}>{letters})' for word, letters in words)}){gap}\\Z")

    @cached_property
    def jwt_in_one_piece(self) -> re.Pattern[str]:
        """What the pattern for JWTs matches; a rare literal begins it, which makes the search quick."""
        escapes = r"\\[nrt]", r"\\x[0-9A-Fa-f]{2}", r"\\u[0-9A-Fa-f]{4}", "%[0-9A-Fa-f]{2}"
        apart = "|".join(["(?<![0-9A-Za-z_-]eyJ)", *(f"(?<={escape}eyJ)" for escape in escapes)])
        word = "[0-9A-Za-z_-]"
        return re.compile(rf"J(?<=eyJ)(?:{apart}){word}{{8,}}+\.{word}{{8,}}+\.{word}{{16}}")

    @cached_property
    def payload(self) -> re.Pattern[str]:
        """A dot and the letters that a JWT's second part begins with."""
        return re.compile(rf"\.{self._payload}")

    @cached_property
    def escaped_payload(self) -> tuple[re.Pattern[str], ...]:
        """The same with the dot escaped, one for each way of escaping."""
        return tuple(re.compile(f"{dot}{self._payload}") for dot in _escapes("."))

    @cached_property
    def jwt(self) -> re.Pattern[str]:
        """A run of all that a JWT may consist of."""
        return re.compile(f"(?>[0-9A-Za-z_.-]|{_escaped(_WORD + '.')}|{pattern_file().noise})++")

    @cached_property
    def unit(self) -> re.Pattern[str]:
        """Characters of a token, in group 1 as they are, in group 2 one escaped; or noise, with neither."""
        return re.compile(f"([0-9A-Za-z_.-]++)|({_escaped(_WORD + '.')})|{pattern_file().noise}")

    @cached_property
    def apart_before(self) -> re.Pattern[str]:
        """What can stand before a token, at the end of a text."""
        escape = r"\\[nrt]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}"
        return re.compile(rf"(?:^|[^0-9A-Za-z-]|{escape}|{pattern_file().noise})\Z")

    @cached_property
    def goes_on(self) -> re.Pattern[str]:
        """What cannot stand behind a token: the word goes on."""
        letter = f"[0-9A-Za-z]|{_escaped(_WORD[:-2])}"
        return re.compile(f"{letter}|-(?:{letter})")

    @cached_property
    def _digits(self) -> str:
        digit = f"[0-9A-Fa-f]|{_escaped(_HEX)}"
        no_more = f"[0-9A-Fa-f]{{0,31}}+(?:[G-Zg-z{_NO_NOISE}]|{_BLANK_BEFORE_WORD})"
        return f"(?!{no_more})(?>{digit}|{pattern_file().noise}++(?:{digit})){{32}}"

    @cached_property
    def _payload(self) -> str:
        letters = "".join(f"{pattern_file().noise}*+{_either(letter)}" for letter in "eyJ")
        return f"(?!e?[0-9A-Za-df-xz{_NO_NOISE}]|y|{_BLANK_BEFORE_WORD}){letters}"


@cache
def broken_up() -> BrokenUp:
    """The one of this process."""
    return BrokenUp()


def may_hold_token(text: str) -> bool:
    """Whether a closer look at `text` can find a token in one piece or broken up; quick, and never wrongly False.

    `text` may also be a whole notebook as it is in its file: what JSON escapes is seen through.
    """
    looks = broken_up()
    if looks.digits.search(text) or looks.jwt_in_one_piece.search(text) or looks.payload.search(text):
        return True
    for anchors in (looks.escaped_digits, looks.escaped_payload) if any(_escaped_marks(text)) else ():
        if any(anchor.search(text) for anchor in anchors):
            return True
    return False


def dashes_before_digits(text: str) -> Iterator[re.Match[str]]:
    """Dashes with a token's digits behind them, also those that are written in another way."""
    yield from broken_up().digits.finditer(text)
    for is_there, anchor in zip(_escaped_marks(text), broken_up().escaped_digits, strict=True):
        if is_there:
            yield from anchor.finditer(text)


def dots_before_payloads(text: str) -> list[re.Pattern[str]]:
    """What finds a dot before a JWT's second part in `text`, also one that is written in another way."""
    anchors = [broken_up().payload]
    anchors += [
        anchor for is_there, anchor in zip(_escaped_marks(text), broken_up().escaped_payload, strict=True) if is_there
    ]
    return [anchor for anchor in anchors if anchor.search(text)]


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


def _escaped_marks(text: str) -> Iterator[bool]:
    """Whether a dash or a dot is written in each of the other ways."""
    # To look for one character first takes no time, and most texts have no % and no &.
    return (mark.pattern[0] in text and mark.search(text) is not None for mark in _ESCAPED_MARKS)


def _either(letters: str) -> str:
    """One of `letters`, as it is or escaped."""
    return f"(?:[{letters}]|{_escaped(letters)})"


def _escaped(letters: str) -> str:
    """One of `letters` as a percent, backslash or HTML escape, also where JSON has escaped that again."""
    return f"(?>{'|'.join(_escapes(letters))})"


def _escapes(letters: str) -> tuple[str, str, str]:
    """The three ways of escaping one of `letters`; a literal begins each."""
    numbers = [ord(letter) for letter in letters]
    hexadecimal = "|".join(_hexadecimal(numbers))
    decimal = "|".join(str(number) for number in sorted(numbers, reverse=True))
    octal = "|".join(f"{number:03o}" for number in numbers)
    named = "|".join(_NAMED[letter] for letter in letters if letter in _NAMED)
    html = rf"(?:amp;)?(?:#0{{0,5}}(?:{decimal});|#[xX]0{{0,5}}(?:{hexadecimal});{f'|(?:{named});' if named else ''})"
    backslash = rf"u00(?:{hexadecimal})|u\{{0{{0,4}}(?:{hexadecimal})\}}|x(?:{hexadecimal})|(?:{octal})|u0026{html}"
    return rf"%(?:25)?(?:{hexadecimal})", rf"\\\\{{0,7}}(?:{backslash})", f"&{html}"


def _hexadecimal(numbers: Iterable[int]) -> Iterable[str]:
    """The numbers in two digits, those with the same first one together: `3[0-9]`."""
    by_first: dict[str, set[str]] = {}
    for number in numbers:
        digits = f"{number:02x}"
        by_first.setdefault(digits[0], set()).update((digits[1], digits[1].upper()))
    return (f"{first}[{''.join(sorted(seconds))}]" for first, seconds in by_first.items())
