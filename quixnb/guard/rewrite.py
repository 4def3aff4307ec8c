"""Writes a cell again without the literal tokens in it: `quixnb.token("name")` where each of them stood."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from quixnb.detect import Finding, find_tokens
from quixnb.guard.literals import Code, Literal
from quixnb.notebook import is_python
from quixnb.redact import REPLACEMENT

# `name = `, `name=`, `name: str = `, `"name": `, `d["name"] = `, and a bracket that opens behind it.
_WISH = re.compile(r"([A-Za-z_]\w{0,40})[\"']?\]?\s*(?::[\w\s.\[\],|]+=|[=:])\s*\(?\s*$")
_KINDS = {"sdk": "streaming", "pat": "personal", "jwt": "jwt", "jwt_generic": "jwt"}
_IMPORTS = re.compile(r"^\s*import quixnb\b", re.MULTILINE)

Namer = Callable[[str, str], str]


class Edit(NamedTuple):
    """`text` in place of `cell[start:end]`."""

    start: int
    end: int
    text: str


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
    findings = find_tokens(cell)
    result = _applied(cell, _Edits(cell, findings, name_of).all()) if findings else cell
    if "quixnb.token(" in result and not _IMPORTS.search(result) and not result.lstrip().startswith("%%"):
        result = f"import quixnb\n{result}"
    if result != cell and Code(cell).parses() and not _runs(result):
        return Rewritten(cell, len(findings))
    return Rewritten(result, len(find_tokens(result)))


class _Edits:
    """What to change in one cell."""

    def __init__(self, cell: str, findings: list[Finding], name_of: Namer) -> None:
        self._cell, self._code, self._name_of, self._all = cell, Code(cell), name_of, findings
        # In a cell of another language a call of Python's would be taken for that language.
        python = is_python(cell)
        self._movable = [each for each in findings if each.rule == "in one piece" and (each.line == 1 or python)]

    def all(self) -> list[Edit]:
        """Those that are possible, in order."""
        edits: list[Edit] = []
        groups: dict[Literal, list[Finding]] = {}
        for each in self._movable:
            magic = self._code.magic_around(each.start)
            literal = self._code.literal_around(each.start, each.end)
            line = self._cell[self._cell.rfind("\n", 0, each.start) + 1 : each.start]
            if magic is not None:
                edits += self._in_magic(each, magic)
            elif literal is None:
                edits += [Edit(each.start, each.end, REPLACEMENT)] if "#" in line else []
            elif not literal.has_neighbour:
                groups.setdefault(literal, []).append(each)
        for literal, inside in groups.items():
            edits += self._in_literal(literal, inside)
        return sorted(edits)

    def _in_magic(self, finding: Finding, magic: str) -> list[Edit]:
        # IPython fills in what stands in braces on such a line, and nothing at all if it cannot for one of them.
        # Our own magics take their lines as they are.
        if "{" in magic or "}" in magic or "%quix_" in magic:
            return []
        return [Edit(finding.start, finding.end, f"{{quixnb.token('{self._name(finding, finding.start)}')}}")]

    def _in_literal(self, literal: Literal, findings: list[Finding]) -> list[Edit]:
        if literal.is_docstring:
            return [Edit(each.start, each.end, REPLACEMENT) for each in findings]
        if literal.is_formatted:
            quote = "'" if '"' in self._cell[literal.start : literal.body_start] else '"'
            calls = (f"{{quixnb.token({quote}{self._name(each, literal.start)}{quote})}}" for each in findings)
            return [Edit(each.start, each.end, call) for each, call in zip(findings, calls, strict=True)]
        opening, closing = self._cell[literal.start : literal.body_start], self._cell[literal.body_end : literal.end]
        parts, past = [], literal.body_start
        for each in findings:
            parts += _quoted(self._cell[past : each.start], opening, closing)
            call = f'quixnb.token("{self._name(each, literal.start)}")'
            parts.append(f"{call}.encode()" if literal.is_bytes else call)
            past = each.end
        parts += _quoted(self._cell[past : literal.body_end], opening, closing)
        code = " + ".join(parts)
        return [Edit(literal.start, literal.end, f"({code})" if len(parts) > 1 else code)]

    def _name(self, finding: Finding, begin: int) -> str:
        """A name for the token that is the value of what stands before `begin`."""
        start = self._cell.rfind("\n", 0, begin) + 1
        wish = _WISH.search(self._cell[start:begin])
        # A key may be a token itself: its letters are not to be written down as a name.
        is_taken = wish and any(
            each.start < start + wish.end(1) and start + wish.start(1) < each.end for each in self._all
        )
        name = wish[1] if wish and not is_taken else _KINDS.get(finding.kind, "token")
        return self._name_of(self._cell[finding.start : finding.end], name)


def _quoted(text: str, opening: str, closing: str) -> list[str]:
    return [f"{opening}{text}{closing}"] if text else []


def _applied(cell: str, edits: Iterable[Edit]) -> str:
    parts, past = [], 0
    for edit in edits:
        parts += [cell[past : edit.start], edit.text]
        past = edit.end
    return "".join([*parts, cell[past:]])


def _runs(cell: str) -> bool:
    """Whether the result is Python, and no call has become a pattern, which would be one for a class."""
    tree = Code(cell).tree()
    return tree is not None and not any(
        isinstance(node, ast.MatchClass) and ast.unparse(node.cls) == "quixnb.token" for node in ast.walk(tree)
    )
