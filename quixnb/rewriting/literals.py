"""Where string literals, comments and the lines of magics stand in code as a person writes it: Python and IPython."""

from __future__ import annotations

import ast
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from IPython.core.inputtransformer2 import make_tokens_by_line

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_PREFIX = re.compile(r"[A-Za-z]*")
# These run the rest of their line as it is: IPython fills in nothing, and a literal in it is one of Python's.
_RUNS_LINE = re.compile(r"\s*%%?(?:time|timeit|prun|memit|lprun|mprun)\b")
_OUTSIDE_CODE = (tokenize.NL, tokenize.COMMENT)


class Literal(NamedTuple):
    """A string literal, `source[start:end]`; `body_start` and `body_end` leave out prefix and quotes.

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
    """A cell or a module, taken apart as far as it can be; nothing is found behind an error.

    Attributes
    ----------
    source
        As it was given.
    lines
        Its lines as Python counts them: a form feed, or a separator of Unicode, is not the end of one.
    literals
        Its string literals, in order.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = _LINE.findall(source)
        self._starts = [0, *accumulate(map(len, self.lines))]
        self._magics = {row: rows for rows in _magic_lines(self.lines) for row in rows}
        self.literals = list(self._find_literals())
        self._begins = [each.start for each in self.literals]

    def tree(self) -> ast.Module | None:
        """Its Python, with a statement that does nothing for each magic; None if it is no Python."""
        try:
            return ast.parse("".join(self._without_magics()))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def line(self, at: int) -> int:
        """The number, from 1, of the line that has character `at`."""
        return bisect_right(self._starts, at)

    def offset(self, line: int, column: int) -> int:
        """Where a line, from 1, has a column, in bytes of UTF-8 as in a tree."""
        return self._starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def literal_around(self, start: int, end: int) -> Literal | None:
        """The literal that `source[start:end]` is a part of."""
        for each in reversed(self.literals[: bisect_right(self._begins, start)]):
            if end <= each.end:
                return each
            if not each.is_formatted:  # those can be within one another, and their pieces begin together
                return None
        return None

    def magic_around(self, at: int) -> str | None:
        """The magic or the system's command, with all its lines, that stands at `at`; not one that runs Python."""
        rows = self._magics.get(self.line(at) - 1)
        if rows is None or _RUNS_LINE.match(self.lines[rows[0]]):
            return None
        return "".join(self.lines[row] for row in rows)

    def _without_magics(self) -> list[str]:
        lines = self.lines.copy()
        for row, rows in self._magics.items():
            lines[row] = _nothing(lines[row]) if row == rows[0] else _comment(lines[row])
        return lines

    def _for_literals(self) -> list[str]:
        """Its lines as Python alone, every character in its place; `_` takes that of the `%` of `%time`."""
        lines = self.lines.copy()
        for row in self._magics:
            if _RUNS_LINE.match(lines[row]):
                lines[row] = re.sub(r"%%?", lambda match: "_" * len(match.group()), lines[row], count=1)
            else:
                lines[row] = _comment(lines[row])
        return lines

    def _find_literals(self) -> Iterator[Literal]:
        tokens = [token for line in make_tokens_by_line(self._for_literals()) for token in line]
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


def _comment(line: str) -> str:
    return re.sub(r"\S", "#", line, count=1)


def _nothing(line: str) -> str:
    """A statement that does nothing, of the same length, in the same block."""
    blanks, length = len(line) - len(line.lstrip()), len(line.rstrip("\r\n"))
    code = "..." if length - blanks >= 3 else "0" * min(length - blanks, 1)
    return line[:blanks] + code.ljust(length - blanks) + line[length:]


def _magic_lines(lines: list[str]) -> Iterator[range]:
    """The numbers, from 0, of the lines of each magic, command and question: `%…`, `!…`, `x = %…`, `x = !…`, `x?`.

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
        if signs and (
            signs[0] in ("%", "!", "%%", "!!", "?") or signs[-1] == "?" or (at and signs[at : at + 1] in (["%"], ["!"]))
        ):
            begin = end = texts[0].start[0] - 1
            while end + 1 < len(lines) and lines[end].rstrip().endswith("\\"):
                end += 1
            yield range(begin, end + 1)
