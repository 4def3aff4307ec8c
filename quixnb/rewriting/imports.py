"""Where `import quixnb` has to stand, so that a call behind it finds the name."""

from __future__ import annotations

import ast
import re

from quixnb.rewriting.edits import Edit
from quixnb.rewriting.literals import Code
from quixnb.rewriting.values import text_of


def import_edit(code: Code, tree: ast.Module | None, before: int) -> Edit | None:
    """The import that a call at `before` needs; None if it is there, or cannot be.

    It cannot before a cell magic: what its first line runs has to find the name already.
    """
    source = code.source
    if tree is not None and _imports_before(tree, code.line(before)):
        return None
    at = _place(code, tree) if tree is not None else 0
    if at > before or tree is None:
        if source.lstrip().startswith("%%"):
            return None
        at = 0
    return Edit(at, at, f"import quixnb{_line_end(code)}")


def _imports_before(tree: ast.Module, line: int) -> bool:
    """Whether the module's own code, and not only a function of it, has imported quixnb by then."""
    return any(
        isinstance(node, ast.Import) and node.lineno < line and any(_is_quixnb(alias) for alias in node.names)
        for node in tree.body
    )


def _is_quixnb(alias: ast.alias) -> bool:
    return alias.name.partition(".")[0] == "quixnb" and alias.asname is None


def _place(code: Code, tree: ast.Module) -> int:
    """Behind a cell magic, a coding line, a docstring and `from __future__`."""
    last = 0
    for index, node in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and text_of(node.value) is not None
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            break
        last = node.end_lineno or 0
    lines = code.lines
    while (
        last < len(lines)
        and (last == 0 or lines[last - 1].rstrip().endswith("\\"))
        and re.match(r"#!|#.*coding[:=]|\s*%%", lines[last])
    ):
        last += 1
    return sum(map(len, lines[:last]))


def _line_end(code: Code) -> str:
    return "\r\n" if code.lines and code.lines[0].endswith("\r\n") else "\n"
