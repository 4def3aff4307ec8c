"""Where tokens can stand that noise breaks up or that have escaped characters; and quickly, that none can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property

from quixnb.detect.escapes import either, escaped, escapes
from quixnb.detect.patterns import BLANKS_IN_LINE, NEITHER_NOISE_NOR_ESCAPE, pattern_file

_HEX = "0123456789abcdefABCDEF"
_WORD = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
# Spellings of `-` and `.`, in the order of `escapes`: a literal begins each, which makes the search quick.
_ESCAPED_MARKS = (
    re.compile(r"%(?:25)?(?:u00)?2[dDeE]"),
    re.compile(r"\\(?:u00(?:2[dDeE]|26)|u\{0{0,4}2[dDeE]|U0{6}2[dDeE]|x2[dDeE]|05[56]|PYZhy)"),
    re.compile(r"&(?:amp;)?(?:#0{0,5}4[56];|#[xX]0{0,5}2[dDeE];|hyphen;|dash;|period;)"),
)
# How a part is left out: `…`, `...`, rich's `'+12`, IPython's `<...>` and reprlib's `...` in the middle.
_LEFT_OUT = r"(?:\.\.\.[0-9A-Fa-f]{6,}+|(?=\u2026|\.\.\.|\\{0,4}[\"'] ?\+ ?[0-9])|<\.\.\.>[0-9A-Za-z_.-]*+)"
# What can stand before a token's dash, by its length: the last letter as it is, or what noise and escapes end with.
_ENDS_OF_TWO = (
    r"[;:?\[\\()][0-9A-Za-z]",  # `\x1b[H`, `\x1b(B`, `\n`
    "[0-9][A-Zg-z]",  # `\x1b[0m`
    "[04-7][b-dB-D2-47]|[1-356][0134eE]|[aAfF][dDfF]",  # `%6b`, `\x74`, `\153`, `\ufeff`, `\u003e`
    "[06][0-9a-fA-F]|2[a-eA-E]|4[fF]|1[cC]",  # `\u200b`, `\u2060`, `\ufe0f`, `\u202a`, `\u034f`, `\u061c`
)
_END_OF_THREE = r"[0-9;:?\[][ -,./][@-~]"
_ENDS = (
    "[^0-9A-Za-z]",
    "|".join(["[dDaA][kKtT]", "[^0-9A-Za-z][kKtT]", *_ENDS_OF_TWO]),
    "|".join([f"(?:{'|'.join(_ENDS_OF_TWO)})[kKtT]", _END_OF_THREE]),
    f"{_END_OF_THREE}[kKtT]",
)


class BrokenUp:
    """Regular expressions for tokens with noise between their characters, or with characters escaped.

    All are possessive, and noise has bounds, so that time is linear in a text's length; each is compiled when first
    asked for.
    """

    @cached_property
    def digits(self) -> re.Pattern[str]:
        """A dash and 32 hexadecimal digits."""
        return re.compile(f"{self._dash}{self._digit}{{32}}")

    @cached_property
    def escaped_digits(self) -> tuple[re.Pattern[str], ...]:
        """The same with the dash escaped, one for each way of escaping."""
        return tuple(re.compile(f"{dash}{self._not_other_text}{self._digit}{{32}}") for dash in escapes("-"))

    @cached_property
    def fewer_digits(self) -> re.Pattern[str]:
        """A dash and fewer digits, the rest of which is left out."""
        return re.compile(f"{self._dash}{self._digit}{{12,31}}+{pattern_file().noise}(?=\u2026)")

    @cached_property
    def cut_short(self) -> re.Pattern[str]:
        """The mark where whoever shows a token leaves out a part, behind the part that is shown; a dash begins it."""
        part = r"(?:[0-9A-Fa-f]{12,31}+(?![0-9A-Fa-f])|[0-9A-Fa-f]{4,31}+(?=<\.|\u2026|\.\.\.[0-9A-Fa-f]{6}))"
        return re.compile(rf"-(?:(?<=[Ss][Dd][Kk]-)|(?<=[Pp][Aa][Tt]-))(?<![0-9A-Za-z-]...-){part}{_LEFT_OUT}")

    @cached_property
    def jwt_cut_short(self) -> re.Pattern[str]:
        """The same of a JWT; the J of its first letters begins it."""
        return re.compile(rf"J(?<=eyJ)(?<![0-9A-Za-z_-]eyJ)[0-9A-Za-z_-]{{13,}}+(?:\.[0-9A-Za-z_-]+)*+{_LEFT_OUT}")

    @cached_property
    def prefix(self) -> re.Pattern[str]:
        """The letters before the dash, at the end of a text; the group that matches is called like the kind."""
        gap = pattern_file().noise
        words = ((word, gap.join(either(letter + letter.upper()) for letter in word)) for word in ("sdk", "pat"))
        return re.compile(f"(?:{'|'.join(f'(?P<{word}>{letters})' for word, letters in words)}){gap}\\Z")

    @cached_property
    def payload(self) -> re.Pattern[str]:
        """A dot and the letters that a JWT's second part begins with."""
        return re.compile(rf"\.{self._payload}")

    @cached_property
    def escaped_payload(self) -> tuple[re.Pattern[str], ...]:
        """The same with the dot escaped, one for each way of escaping."""
        return tuple(re.compile(f"{dot}{self._payload}") for dot in escapes("."))

    @cached_property
    def jwt(self) -> re.Pattern[str]:
        """A run of all that a JWT may consist of."""
        return re.compile(f"(?>[0-9A-Za-z_.-]|{escaped(_WORD + '.')}|{pattern_file().noise_once})++")

    @cached_property
    def unit(self) -> re.Pattern[str]:
        """Characters of a token, in group 1 as they are, in group 2 one escaped; or noise, with neither."""
        return re.compile(f"([0-9A-Za-z_.-]++)|({escaped(_WORD + '.')})|{pattern_file().noise_once}")

    @cached_property
    def apart_before(self) -> re.Pattern[str]:
        """What can stand before a token, at the end of a text."""
        escape = r"\\[nrt]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%(?:25)?[0-9A-Fa-f]{2}|=[0-9A-F]{2}"
        return re.compile(rf"(?:^|[^0-9A-Za-z-]|{escape}|{pattern_file().noise_once})\Z")

    @cached_property
    def goes_on(self) -> re.Pattern[str]:
        """What cannot stand behind a token: the word goes on."""
        letter = f"[0-9A-Za-z]|{escaped(_WORD[:-2])}"
        return re.compile(f"{letter}|-(?:{letter})")

    @cached_property
    def _not_other_text(self) -> str:
        """No word and no number, coloured or in a table or not: what stands behind most dashes, seen quickly."""
        other = f"(?:[G-Zg-z{NEITHER_NOISE_NOR_ESCAPE}]|{BLANKS_IN_LINE}|&(?:nbsp|[gl]t);)"
        noise = r"(?:\u001b\[[0-9;]*+m|<[^<>]*+>)++"
        few, blanks = "[0-9A-Fa-f]{0,4}+", r"[ \t\r\n]*+"
        cells = f"{few}</t[dh]>{blanks}(?:</tr>|<t[dh][^<>]*+>{few}(?:</t[dh]>|{other}))"
        return f"(?!{cells}|(?>[0-9A-Fa-f]{{0,31}}+)(?:{other}|{noise}{other}))"

    @cached_property
    def _dash(self) -> str:
        """One that a token's letters can stand before, and its digits behind."""
        ends = "|".join(f"(?<=(?:{each})-)" for each in _ENDS)
        return f"-{self._not_other_text}(?:{ends})"

    @cached_property
    def _digit(self) -> str:
        digit = f"[0-9A-Fa-f]|{escaped(_HEX)}"
        return f"(?>{digit}|{pattern_file().noise}(?:{digit}))"

    @cached_property
    def _payload(self) -> str:
        letters = "".join(f"{pattern_file().noise}{either(letter)}" for letter in "eyJ")
        # A sentence's end that is a line's end in a notebook's file, and what begins the next line.
        prefix = r"(?![rRbBuUfF]{1,2}\\{0,8}[\"'`])"
        line = rf'(?:\\n)?",?[ \r\n]*+(?:[\]}}]|" *+{prefix}[0-9A-Za-df-z!$/:;=?@\[\]^_{{}}~-])'
        other = f"e?[0-9A-Za-df-xz{NEITHER_NOISE_NOR_ESCAPE}]|y|{BLANKS_IN_LINE}|{line}"
        return f"(?!{other}){letters}"


@cache
def broken_up() -> BrokenUp:
    """The one of this process."""
    return BrokenUp()


def may_hold_token(text: str) -> bool:
    """Whether a closer look at `text` can find a token in one piece or broken up; quick, and never wrongly False.

    `text` may also be a whole notebook as it is in its file: what JSON escapes is seen through.
    """
    looks = broken_up()
    jwts = (match for each in pattern_file().patterns if each.kind == "jwt" for match in each.matches(text))
    if looks.digits.search(text) or next(jwts, None):
        return True
    anchors = [looks.payload] if _may_hold_payload(text) else []
    if any(_escaped_marks(text)):
        anchors += [*looks.escaped_digits, *looks.escaped_payload]
    return any(anchor.search(text) for anchor in anchors)


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


def _may_hold_payload(text: str) -> bool:
    """Whether there is a J in `text`, as it is or escaped; a number has none."""
    return any(letter in text for letter in "J\\%&")


def _escaped_marks(text: str) -> Iterator[bool]:
    """Whether a dash or a dot is written in each of the other ways."""
    # To look for one character first takes no time, and most texts have no % and no &.
    return (mark.pattern[0] in text and mark.search(text) is not None for mark in _ESCAPED_MARKS)
