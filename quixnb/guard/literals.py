"""Where string literals, comments and the lines of magics stand in a cell as a person writes it: Python and IPython."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from IPython.core.inputtransformer2 import make_tokens_by_line

_PREFIX = re.compile(r"[A-Za-z]*")
# These run the rest of their line as it is: IPython fills in nothing, and a literal in it is one of Python's.
_RUNS_LINE = re.compile(r"\s*%%?(?:time|timeit|prun|memit|lprun|mprun)\b")
_OUTSIDE_CODE = (tokenize.NL, tokenize.COMMENT)


class Literal(NamedTuple):
    """A string literal of a cell, `cell[start:end]`; `body_start` and `body_end` leave out prefix and quotes.

    A piece of an f-string between two `{}` has neither, and `is_formatted`.
    """

    start: int
    end: int
    body_start: int
    body_end: int
    is_formatted: bool
    is_bytes: bool
    has_neighbour: bool
    is_docstring: bool


class Code:
    """A cell, taken apart as far as it can be; nothing is found behind an error.

    Attributes
    ----------
    literals
        Its string literals, in order.
    """

    def __init__(self, cell: str) -> None:
        self.cell = cell
        self._lines = io.StringIO(cell).readlines()  # not splitlines(): a form feed ends no line of Python's
        self._starts = [0, *accumulate(map(len, self._lines))]
        self._magics = list(_magic_lines(self._lines))
        self.literals = list(self._find_literals())

    def parses(self) -> bool:
        """Whether it is Python but for its magics."""
        return self.tree() is not None

    def tree(self) -> ast.Module | None:
        """Its Python, without the magics; None if it is none."""
        try:
            return ast.parse("".join(self._as_python("#")))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def literal_around(self, start: int, end: int) -> Literal | None:
        """The literal that `cell[start:end]` is a part of."""
        return next((each for each in self.literals if each.start <= start and end <= each.end), None)

    def magic_around(self, at: int) -> str | None:
        """The magic or the system's command, with all its lines, that stands at `at`; not one that runs Python."""
        row = bisect_right(self._starts, at) - 1
        lines = next((each for each in self._magics if row in each), None)
        if lines is None or _RUNS_LINE.match(self._lines[lines[0]]):
            return None
        return "".join(self._lines[number] for number in lines)

    def _as_python(self, mark: str) -> list[str]:
        """Its lines as Python alone, every character in its place; `mark` takes that of the `%` of `%time`."""
        lines = self._lines.copy()
        for numbers in self._magics:
            for number in numbers:
                line = lines[number]
                if _RUNS_LINE.match(line):
                    lines[number] = re.sub(r"%%?", lambda match: mark * len(match.group()), line, count=1)
                else:
                    lines[number] = re.sub(r"\S", "#", line, count=1)
        return lines

    def _find_literals(self) -> Iterator[Literal]:
        tokens = [token for line in make_tokens_by_line(self._as_python("_")) for token in line]
        code = [token for token in tokens if token.type not in _OUTSIDE_CODE]
        opened: list[tuple[int, int]] = []  # f-strings that are not closed yet: where each begins, and its body
        for number, token in enumerate(code):
            start, end = (self._starts[row - 1] + column for row, column in (token.start, token.end))
            kind = tokenize.tok_name[token.type]
            if kind == "STRING":
                around = [
                    code[at].type if 0 <= at < len(code) else tokenize.ENDMARKER for at in (number - 1, number + 1)
                ]
                yield _literal(token.string, start, end, around)
            elif kind == "FSTRING_START":
                opened.append((start, end))
            elif kind == "FSTRING_MIDDLE" and opened:
                begin, body = opened[-1]
                yield Literal(begin, end, body, end, True, False, False, False)
            elif kind == "FSTRING_END" and opened:
                opened.pop()


def _literal(text: str, start: int, end: int, around: Sequence[int]) -> Literal:
    prefix = _PREFIX.match(text)
    begin = prefix.end() if prefix else 0
    quotes = 3 if text[begin : begin + 3] in ('"""', "'''") else 1
    kinds = text[:begin].lower()
    return Literal(
        start,
        end,
        start + begin + quotes,
        end - quotes,
        is_formatted="f" in kinds,
        is_bytes="b" in kinds,
        has_neighbour=tokenize.STRING in around,
        is_docstring=around == [tokenize.INDENT, tokenize.NEWLINE],
    )


def _magic_lines(lines: list[str]) -> Iterator[range]:
    """The numbers, from 0, of the lines of each magic and system command: `%…`, `!…`, `x = %…`, `x = !…`.

    Of a cell magic it is the first line: the others are what the magic makes of them.
    """
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].lstrip().startswith("%%"):
        yield range(first, first + 1)
        lines = ["\n"] * (first + 1) + lines[first + 1 :]
    for tokens in make_tokens_by_line(lines):
        texts = [token for token in tokens if token.string.strip() and token.type != tokenize.COMMENT]
        signs = [token.string for token in texts]
        at = signs.index("=") + 1 if "=" in signs else 0
        if signs and (signs[0] in ("%", "!", "%%", "!!") or (at and signs[at : at + 1] in (["%"], ["!"]))):
            begin = end = texts[0].start[0] - 1
            while end + 1 < len(lines) and lines[end].rstrip().endswith("\\"):
                end += 1
            yield range(begin, end + 1)
