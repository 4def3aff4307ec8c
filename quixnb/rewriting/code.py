"""What to change in code so that no literal token is in it and it still runs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from quixnb.detect import Finding, find_tokens
from quixnb.notebook import is_python
from quixnb.redact import REPLACEMENT
from quixnb.rewriting.edits import Edit, applied
from quixnb.rewriting.imports import import_edit
from quixnb.rewriting.literals import Code, Literal
from quixnb.rewriting.values import Value, patterns, values

# `name = `, `name=`, `name: str = `, `"name": `, `d["name"] = `, and a bracket that opens behind it.
_WISH = re.compile(r"([A-Za-z_]\w{0,40})[\"']?\]?\s*(?::[\w\s.\[\],|]+=|[=:])\s*\(?\s*$")
_KINDS = {"sdk": "streaming", "pat": "personal", "jwt": "jwt", "jwt_generic": "jwt"}

Namer = Callable[[str, str], str]


def code_edits(source: str, findings: Sequence[Finding], name_of: Namer, *, is_module: bool = False) -> list[Edit]:
    """Edits for those of `findings` that code can replace, or that stand in a comment or a docstring; and an import.

    Parameters
    ----------
    source
        A cell, or a module of Python.
    findings
        What is to go, in order.
    name_of
        Called with each token and the name that the code suggests for it; returns the name to write.
    is_module
        Whether its first statement can be a docstring.

    Returns
    -------
    list of Edit
        Apart, in order. Empty where the result would not be Python any more.
    """
    writer = _Writer(source, findings, name_of, is_module=is_module)
    edits = writer.edits()
    return edits if edits and writer.still_parses(edits) else []


class _Writer:
    def __init__(self, source: str, findings: Sequence[Finding], name_of: Namer, *, is_module: bool) -> None:
        self._source, self._findings, self._name_of = source, findings, name_of
        self._begins = [each.start for each in findings]
        self._code = Code(source)
        # In a cell of another language a call of Python's would be taken for that language.
        self._is_python = is_python(source)
        self._tree = self._code.tree() if self._is_python else None
        self._patterns = (
            {self._code.offset(each.lineno, each.col_offset) for each in patterns(self._tree)} if self._tree else set()
        )
        first = next(iter(self._code.literals), None)
        self._docstring = first if is_module and first and not source[: first.start].strip() else None

    def edits(self) -> list[Edit]:
        calls = list(self._whole())
        calls += self._parts([each.start for each in calls], [each.end for each in calls])
        calls.sort()
        first = next((each for each in calls if "quixnb.token(" in each.new), None)
        needed = import_edit(self._code, self._tree, first.start) if first else None
        return [needed, *calls] if needed else calls

    def still_parses(self, edits: list[Edit]) -> bool:
        return self._tree is None or Code(applied(self._source, edits)).tree() is not None

    # ---- literals that are a token and nothing else

    def _whole(self) -> Iterator[Edit]:
        for value in sorted(values(self._tree, self._code.offset)) if self._tree else ():
            number = bisect_left(self._begins, value.start)
            if number < len(self._findings) and self._is_all(value, finding := self._findings[number]):
                name = self._name_of(value.text.strip(), value.wish or _KINDS.get(finding.kind, "token"))
                yield Edit(value.start, value.end, f'quixnb.token("{name}")')

    def _is_all(self, value: Value, finding: Finding) -> bool:
        if finding.end > value.end:
            return False
        if finding.rule == "in one piece":
            return value.text.strip() == self._source[finding.start : finding.end]
        return [(each.start, each.end) for each in find_tokens(value.text)] == [(0, len(value.text))]

    # ---- tokens with something else around them

    def _parts(self, starts: list[int], ends: list[int]) -> Iterator[Edit]:
        groups: dict[Literal, list[Finding]] = {}
        for each in self._findings:
            number = bisect_right(starts, each.start)
            is_done = number > 0 and each.start < ends[number - 1]
            if is_done or each.rule != "in one piece" or not (each.line == 1 or self._is_python):
                continue
            magic = self._code.magic_around(each.start)
            literal = self._code.literal_around(each.start, each.end)
            line = self._source[self._source.rfind("\n", 0, each.start) + 1 : each.start]
            if magic is not None:
                yield from self._in_magic(each, magic)
            elif literal is None:
                yield from [Edit(each.start, each.end, REPLACEMENT)] if "#" in line else []
            elif not literal.has_neighbour and literal.start not in self._patterns:
                groups.setdefault(literal, []).append(each)
        for literal, inside in groups.items():
            yield from self._in_literal(literal, inside)

    def _in_magic(self, finding: Finding, magic: str) -> list[Edit]:
        # IPython fills in what stands in braces on such a line, and nothing at all if it cannot for one of them.
        # Our own magics take their lines as they are.
        if "{" in magic or "}" in magic or "%quix_" in magic:
            return []
        return [Edit(finding.start, finding.end, f"{{quixnb.token('{self._name(finding, finding.start)}')}}")]

    def _in_literal(self, literal: Literal, findings: list[Finding]) -> list[Edit]:
        if literal.is_docstring or literal == self._docstring:
            return [Edit(each.start, each.end, REPLACEMENT) for each in findings]
        if literal.is_formatted:
            quote = "'" if '"' in self._source[literal.start : literal.body_start] else '"'
            calls = (f"{{quixnb.token({quote}{self._name(each, literal.start)}{quote})}}" for each in findings)
            return [Edit(each.start, each.end, call) for each, call in zip(findings, calls, strict=True)]
        opening = self._source[literal.start : literal.body_start]
        closing = self._source[literal.body_end : literal.end]
        parts, past = [], literal.body_start
        for each in findings:
            parts += _quoted(self._source[past : each.start], opening, closing)
            call = f'quixnb.token("{self._name(each, literal.start)}")'
            parts.append(f"{call}.encode()" if literal.is_bytes else call)
            past = each.end
        parts += _quoted(self._source[past : literal.body_end], opening, closing)
        code = " + ".join(parts)
        return [Edit(literal.start, literal.end, f"({code})" if len(parts) > 1 else code)]

    def _name(self, finding: Finding, begin: int) -> str:
        """A name for the token that is the value of what stands before `begin`."""
        start = self._source.rfind("\n", 0, begin) + 1
        wish = _WISH.search(self._source[start:begin])
        name = wish[1] if wish and not self._is_in_token(start + wish.start(1), start + wish.end(1)) else None
        return self._name_of(self._source[finding.start : finding.end], name or _KINDS.get(finding.kind, "token"))

    def _is_in_token(self, start: int, end: int) -> bool:
        """Whether a name is a part of a token: a key may be one, and its letters are not to be written down."""
        number = bisect_left(self._begins, end)
        return number > 0 and self._findings[number - 1].end > start


def _quoted(text: str, opening: str, closing: str) -> list[str]:
    return [f"{opening}{text}{closing}"] if text else []
