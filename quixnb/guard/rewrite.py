"""Writes a cell again without the literal tokens in it: `quixnb.token("name")` where each of them stood."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from quixnb.detect import Finding, find_tokens
from quixnb.notebook import is_python
from quixnb.redact import REPLACEMENT

_WISH = re.compile(r"([A-Za-z_]\w*)[\"']?\]?\s*[=:]\s*\(?\s*$")
_PREFIX = re.compile(r"[A-Za-z]*")
_MAGIC = re.compile(r"\s*[%!]")
_KINDS = {"sdk": "streaming", "pat": "personal", "jwt": "jwt", "jwt_generic": "jwt"}
_IMPORTS = re.compile(r"^\s*import quixnb\b", re.MULTILINE)

Namer = Callable[[str, str], str]


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


class Rewritten(NamedTuple):
    """A cell without tokens; `left` says how many it was left with, since no code can stand in their place."""

    cell: str
    left: int


def rewritten(cell: str, name_of: Namer) -> Rewritten:
    """`cell` with code in place of each literal token that a string literal or a line magic has.

    Parameters
    ----------
    cell
        As the user wrote it.
    name_of
        Called with each token and the name that the cell suggests for it; returns the name to write.
    """
    result, before = cell, len(cell)
    while finding := next((each for each in reversed(find_tokens(result)) if each.end <= before), None):
        before = finding.start
        result = _without(result, finding, name_of) or result
    if "quixnb.token(" in result and not _IMPORTS.search(result) and not result.lstrip().startswith("%%"):
        result = f"import quixnb\n{result}"
    if _parses(cell) and not _parses(result):
        return Rewritten(cell, len(find_tokens(cell)))
    return Rewritten(result, len(find_tokens(result)))


def _without(cell: str, finding: Finding, name_of: Namer) -> str | None:
    """`cell` without one token, or None if there is no way."""
    # In a cell of another language a call of Python's would be taken for that language.
    if finding.rule != "in one piece" or (finding.line > 1 and not is_python(cell)):
        return None
    value = cell[finding.start : finding.end]
    line = cell[cell.rfind("\n", 0, finding.start) + 1 : finding.start]
    literal = next((each for each in _literals(cell) if each.start <= finding.start and finding.end <= each.end), None)
    if literal is None and "#" in line and not _MAGIC.match(line):
        return cell[: finding.start] + REPLACEMENT + cell[finding.end :]
    if literal is not None and literal.has_neighbour:
        return None
    begin = literal.start if literal else finding.start
    wish = _WISH.search(cell[cell.rfind("\n", 0, begin) + 1 : begin])
    name = name_of(value, wish[1] if wish else _KINDS.get(finding.kind, "token"))
    if literal is None:
        return _in_magic(cell, finding, name) if _MAGIC.match(line) else None
    return _in_literal(cell, finding, literal, name)


def _in_magic(cell: str, finding: Finding, name: str) -> str:
    # IPython fills in what stands in braces on lines of magics and of the system's shell.
    return f"{cell[: finding.start]}{{quixnb.token('{name}')}}{cell[finding.end :]}"


def _in_literal(cell: str, finding: Finding, literal: Literal, name: str) -> str:
    if literal.is_formatted:
        quote = "'" if '"' in cell[literal.start : literal.body_start] else '"'
        return f"{cell[: finding.start]}{{quixnb.token({quote}{name}{quote})}}{cell[finding.end :]}"
    call = f'quixnb.token("{name}")' + (".encode()" if literal.is_bytes else "")
    head, tail = cell[literal.body_start : finding.start], cell[finding.end : literal.body_end]
    opening, closing = cell[literal.start : literal.body_start], cell[literal.body_end : literal.end]
    parts = [
        f"{opening}{head}{closing}" if head else "",
        call,
        f"{opening}{tail}{closing}" if tail else "",
    ]
    code = " + ".join(filter(None, parts))
    return cell[: literal.start] + (f"({code})" if head or tail else code) + cell[literal.end :]


def _literals(cell: str) -> Iterator[Literal]:
    """The string literals of the cell's Python; magics count as comments, and nothing is found behind an error."""
    starts = [0, *accumulate(len(line) for line in cell.splitlines(keepends=True))]
    tokens = list(_tokens(_without_magics(cell)))
    for number, token in enumerate(tokens):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        neighbours = [tokens[at].type for at in (number - 1, number + 1) if 0 <= at < len(tokens)]
        if token.type == tokenize.STRING:
            prefix = _PREFIX.match(token.string)
            begin = prefix.end() if prefix else 0
            quotes = 3 if token.string[begin : begin + 3] in ('"""', "'''") else 1
            kinds = token.string[:begin].lower()
            is_beside = tokenize.STRING in neighbours
            yield Literal(start, end, start + begin + quotes, end - quotes, "f" in kinds, "b" in kinds, is_beside)
        elif tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
            opening = next(
                each for each in reversed(tokens[:number]) if tokenize.tok_name[each.type] == "FSTRING_START"
            )
            opened = starts[opening.start[0] - 1] + opening.start[1]
            yield Literal(opened, end, opened + len(opening.string), end, True, False, False)


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in (tokenize.NL, tokenize.COMMENT):
                yield token
    except (tokenize.TokenError, SyntaxError):
        return


def _without_magics(cell: str) -> str:
    """`cell` as Python alone, every character in its place."""
    if cell.lstrip().startswith("%%"):
        first, newline, body = cell.partition("\n")
        return re.sub(r"\S", "#", first, count=1) + newline + _without_magics(body) if newline else "#"
    return "".join(
        re.sub(r"\S", "#", line, count=1) if _MAGIC.match(line) else line for line in cell.splitlines(keepends=True)
    )


def _parses(cell: str) -> bool:
    try:
        ast.parse(_without_magics(cell))
    except (SyntaxError, ValueError):
        return False
    return True
