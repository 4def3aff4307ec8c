"""Tokens that do not stand in one piece: noise between their characters, or characters escaped."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

from quixnb.detect.broken_up import broken_up, dashes_before_digits, dots_before_payloads
from quixnb.detect.escapes import unescaped
from quixnb.detect.finding import Kind, Span
from quixnb.detect.patterns import decoded_part, kind_of_jwt

# How far before a dash its three letters are looked for, and what can stand before those.
_PREFIX_WINDOW, _BEFORE_WINDOW = 300, 1100
_FIRST_LETTER = re.compile(r"[sSpP%&\\]")
_SHORT_FRAGMENT, _MANY = 4, 3
_HEX = re.compile("[0-9A-Fa-f]")
_AT_A_LINES_END = re.compile(r"[ \t]*(?:\Z|[\r\n\"'`<|\u2502\u2503\u2551\u001b]|\\{1,8}[nr\"'])")
# A comma, and the end of a line that a backslash does not continue.
_SEPARATES = re.compile(r",|(?<![\\\r])\r?\n|(?<!\\)\\n")
# Lengths of signatures in base64url, without padding: HS, ES, RS and PS of all sizes.
_SIGNATURES = {43, 64, 86, 128, 171, 176, 256, 342, 512, 683}
_MOST_BEGINNINGS = 8  # of a JWT's first part in one word


class Units:
    """The characters of a token in `text[start:end]` without the noise, and where each stands."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._pieces = [
            (match[1] or unescaped(match[2]), match.start(), match.end(), match[2] is not None)
            for match in broken_up().unit.finditer(text, start, end)
            if match[1] or match[2]
        ]
        self._ends = list(accumulate(len(piece[0]) for piece in self._pieces))
        self.text = "".join(piece[0] for piece in self._pieces)

    def start(self, index: int) -> int:
        """Where character `index` begins in the text."""
        number = bisect_right(self._ends, index)
        piece, start, _, is_escaped = self._pieces[number]
        return start if is_escaped else start + index - (self._ends[number] - len(piece))

    def end(self, index: int) -> int:
        """Where character `index` ends in the text."""
        number = bisect_right(self._ends, index)
        return self._pieces[number][2] if self._pieces[number][3] else self.start(index) + 1

    def gap(self, text: str, index: int) -> str:
        """The noise before character `index`."""
        return text[self.end(index - 1) : self.start(index)]

    def gaps(self, first: int, last: int) -> Iterator[int]:
        """Each of the characters `first` to `last` that has noise before it."""
        for number in range(bisect_right(self._ends, first), len(self._pieces)):
            begin = self._ends[number] - len(self._pieces[number][0])
            if begin > last:
                return
            if begin > first and self._pieces[number][1] > self._pieces[number - 1][2]:
                yield begin


def tokens_in_pieces(text: str, *, with_doubtful: bool = False) -> Iterator[Span]:
    """Streaming and personal access tokens, also those in one piece; the doubtful ones stand inside a longer word."""
    for match in dashes_before_digits(text):
        yield from _token(text, match, with_doubtful=with_doubtful)


def tokens_cut_short(text: str) -> Iterator[Span]:
    """The part that is shown of one in pieces, before a `…`: as rich does it with a link or an address."""
    for match in broken_up().fewer_digits.finditer(text):
        if prefix := _prefix(text, match.start()):
            yield Span(prefix[1], match.end(), prefix[0], "broken up")


def jwts_in_pieces(text: str) -> Iterator[Span]:
    """JWTs that noise breaks up, or with escaped characters; also those in one piece, if both parts are JSON."""
    anchors = dots_before_payloads(text)
    if not anchors:
        return
    for run in broken_up().jwt.finditer(text):
        if any(anchor.search(text, run.start(), run.end()) for anchor in anchors):
            yield from _jwts(Units(text, run.start(), run.end()))


def _token(text: str, digits: re.Match[str], *, with_doubtful: bool) -> Iterator[Span]:
    prefix = _prefix(text, digits.start())
    if prefix is None:
        return
    kind, start, end = *prefix, digits.end()
    units = Units(text, start, end)
    is_token = len(set(units.text[4:].lower())) > 1 and not _is_other_text(text, units, end)
    if is_token and (_stands_apart(text, start, end) or (with_doubtful and not _HEX.match(text, end))):
        yield Span(start, end, kind, "in one piece" if end - start == len(units.text) else "broken up")


def _prefix(text: str, end: int) -> tuple[Kind, int] | None:
    """The kind that the letters before a dash stand for, and where they begin."""
    letters = text[max(0, end - 3) : end].lower()
    if letters in ("sdk", "pat"):
        return ("sdk" if letters == "sdk" else "pat"), end - 3
    for first in _FIRST_LETTER.finditer(text, max(0, end - _PREFIX_WINDOW), end):
        if match := broken_up().prefix.match(text, first.start(), end):
            return ("sdk" if match["sdk"] else "pat"), match.start()
    return None


def _stands_apart(text: str, start: int, end: int) -> bool:
    if broken_up().goes_on.match(text, end):
        return False
    if start == 0 or not (text[start - 1] == "-" or text[start - 1].isalnum()):
        return True
    return broken_up().apart_before.search(text[max(0, start - _BEFORE_WINDOW) : start]) is not None


def _is_other_text(text: str, units: Units, end: int) -> bool:
    """Whether lines or items behind a name such as `pat-1` only look like a token's digits."""
    gaps = {index: units.gap(text, index) for index in units.gaps(0, len(units.text))}
    apart = [index for index, gap in gaps.items() if "+" not in gap and _SEPARATES.search(gap)]
    if not apart or apart[0] < len("sdk-"):  # none, or each letter of a prefix by itself
        return False
    if len(apart) >= _MANY and min(after - before for before, after in pairwise(apart)) < _SHORT_FRAGMENT:
        return True
    if len(units.text) - apart[-1] >= _SHORT_FRAGMENT:
        return False
    # As in `sdk-…` one digit short, and `a = 5` in the next line, or `'a'` behind a comma.
    return "," in gaps[apart[-1]] or _AT_A_LINES_END.match(text, end) is None


def _jwts(units: Units) -> Iterator[Span]:
    begin, parts = 0, units.text.split(".")
    begins = [0, *accumulate(len(part) + 1 for part in parts)]
    for number in range(len(parts) - 2):
        head, payload, signature = parts[number : number + 3]
        if begins[number] < begin or not payload.startswith("eyJ") or len(signature) < 16:
            continue
        offset = _beginning(head)
        if offset is None or (kind := kind_of_jwt(f"{head[offset:]}.{payload}.")) is None:
            continue
        first = begins[number] + offset
        last = begins[number + 2] + _signature_length(units, begins[number + 2], len(signature)) - 1
        start, end = units.start(first), units.end(last)
        begin = last
        yield Span(start, end, kind, "in one piece" if end - start == last + 1 - first else "broken up")


def _beginning(head: str) -> int | None:
    """Where in a word a JWT's first part begins: a line before it may be glued to it."""
    at = head.find("eyJ")
    for _ in range(_MOST_BEGINNINGS):
        if at < 0:
            return None
        if decoded_part(head[at:]) is not None:
            return at
        at = head.find("eyJ", at + 1)
    return None


def _signature_length(units: Units, first: int, length: int) -> int:
    """How much of a word is the signature: the next line may be glued to it."""
    lengths = [gap - first for gap in units.gaps(first, first + length - 1)]
    return next((each for each in lengths if each in _SIGNATURES), length)
