"""Takes tokens out of Python code in a way that still runs: `quixnb.token("name")` where a literal was one."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from quixnb.detect import Finding
from quixnb.notebook import is_python
from quixnb.scan.json_places import Edit, applied

_MAGIC = re.compile(r"\s*[%!?]|.*\?\s*$")
_ASSIGNED_MAGIC = re.compile(r"([^=#'\"\r\n]*[^=#'\"\r\n!<>]=[ \t]*)(?:!|%[A-Za-z])")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_WISHES = {"sdk": "streaming", "pat": "personal"}


class Names:
    """Names for the tokens of one file: a token has one, and no two have the same."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._wished = Counter[str]()

    def of(self, token: str, wish: str) -> str:
        """The name of a token, by preference `wish`."""
        if token not in self._names:
            self._names[token] = self._new(wish)
        return self._names[token]

    def _new(self, wish: str) -> str:
        self._wished[wish] += 1
        number = self._wished[wish]
        return wish if number == 1 else f"{wish}-{number}"


def code_edits(source: str, findings: Sequence[Finding], names: Names) -> list[Edit]:
    """Edits for those of `findings` that are a whole string literal; none where the result would not be Python."""
    tree = _parsed(source)
    if tree is None:
        return []
    edits: list[Edit] = []
    begins = [each.start for each in findings]
    for start, end, value, wish in sorted(_literals(source, tree)):
        number = bisect_left(begins, start)
        if number == len(findings) or (finding := findings[number]).end > end or not _is_all(value, finding, source):
            continue
        name = names.of(value.strip(), wish or _WISHES.get(finding.kind, "token"))
        edits.append(Edit(start, end, f'quixnb.token("{name}")'))
    if edits and not _imports_before(tree, source.count("\n", 0, edits[0].start) + 1):
        at = _import_place(source, tree)
        edits.insert(0, Edit(at, at, f"import quixnb{_line_end(source)}"))
    return edits if edits and _parsed(applied(source, edits)) is not None else []


def _is_all(value: str, finding: Finding, source: str) -> bool:
    """Whether the literal is the token and nothing else."""
    if finding.rule == "in one piece":
        return value.strip() == source[finding.start : finding.end]
    from quixnb.detect import find_tokens

    return [(each.start, each.end) for each in find_tokens(value)] == [(0, len(value))]


def _literals(source: str, tree: ast.Module) -> Iterator[tuple[int, int, str, str | None]]:
    """String constants, and such joined by `+`: where they stand, their value, the name they are given."""
    lines = _lines(source)
    starts = [0, *accumulate(len(line) for line in lines)]

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    for node, wish in _values(tree):
        value = _text(node)
        if value is not None and node.end_lineno is not None and node.end_col_offset is not None:
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            yield start, end, value, wish


def _values(tree: ast.Module) -> Iterator[tuple[ast.expr, str | None]]:
    """Expressions in which a call can stand in place of a literal, with the name that each is bound to."""
    wishes: dict[ast.AST, str] = {}
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
                wishes[value] = name
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(name)))], value=value):
                wishes[value] = name
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                wishes[value] = name
            case ast.keyword(arg=str(name), value=value):
                wishes[value] = name
            case ast.Dict(keys=keys, values=values):
                named = zip(keys, values, strict=True)
                wishes |= {value: key.value for key, value in named if isinstance(key, ast.Constant)}  # type: ignore[misc]
            case ast.JoinedStr() | ast.MatchValue():
                left_out.update(ast.walk(node))
            case ast.Expr(value=ast.Constant()):
                left_out.add(node.value)  # a docstring, or a text that nobody uses
        if node in left_out:
            continue
        if isinstance(node, ast.Constant | ast.BinOp):
            wish = wishes.get(node)
            if isinstance(node, ast.BinOp) and _text(node) is not None:
                left_out.update(set(ast.walk(node)) - {node})
            yield node, wish if isinstance(wish, str) and re.fullmatch(r"\w{3,60}", wish) else None


def _text(node: ast.AST) -> str | None:
    """The text that a constant or a sum of constants is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    return None


def _lines(source: str) -> list[str]:
    """The lines as Python counts them: a form feed, or a separator of Unicode, is not the end of one."""
    return _LINE.findall(source)


def _line_end(source: str) -> str:
    first = next(iter(_lines(source)), "")
    return "\r\n" if first.endswith("\r\n") else "\n"


def _imports_before(tree: ast.Module, line: int) -> bool:
    """Whether the module's own code, and not only a function of it, has imported quixnb by then."""
    return any(
        isinstance(node, ast.Import) and node.lineno < line and any(_is_quixnb(alias) for alias in node.names)
        for node in tree.body
    )


def _is_quixnb(alias: ast.alias) -> bool:
    return alias.name.partition(".")[0] == "quixnb" and alias.asname is None


def _import_place(source: str, tree: ast.Module) -> int:
    """Where an import can stand: behind a cell magic, a coding line, a docstring and `from __future__`."""
    last = 0
    for index, node in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and _text(node.value) is not None
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            break
        last = node.end_lineno or 0
    lines = _lines(source)
    while (
        last < len(lines)
        and (last == 0 or lines[last - 1].rstrip().endswith("\\"))
        and re.match(r"#!|#.*coding[:=]|\s*%%", lines[last])
    ):
        last += 1
    return sum(map(len, lines[:last]))


def _parsed(source: str) -> ast.Module | None:
    """The tree of a cell, its magics taken for comments; None if it is not Python."""
    if not is_python(source):
        return None
    plain = "".join(map(_plain, _lines(source)))
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _plain(line: str) -> str:
    """A line as Python alone; of the same length."""
    if _MAGIC.match(line):
        return _blanked(line)
    assigned = _ASSIGNED_MAGIC.match(line)
    return line if assigned is None else assigned[1] + _blanked(line[assigned.end(1) :])


def _blanked(line: str) -> str:
    """A magic as Python that does nothing, of the same length."""
    blanks = len(line) - len(line.lstrip())
    length = len(line.rstrip("\r\n")) - blanks
    code = "..." if length >= 3 else "0" * min(length, 1)
    return line[:blanks] + code.ljust(length) + line[blanks + length :]
