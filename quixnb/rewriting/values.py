"""The expressions of Python code that are a text and nothing else: where they stand, and what each is called."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Value(NamedTuple):
    """A string literal, or several that Python joins, `source[start:end]`; `wish` is the name that it is given."""

    start: int
    end: int
    text: str
    wish: str | None


def values(tree: ast.Module, offset: Callable[[int, int], int]) -> Iterator[Value]:
    """String constants, and such joined by `+`, in whose place a call can stand.

    Parameters
    ----------
    tree
        The code.
    offset
        Where a line, from 1, and a column in bytes of UTF-8 are in its source.
    """
    for node, wish in _expressions(tree):
        text = text_of(node)
        if text is not None and node.end_lineno is not None and node.end_col_offset is not None:
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            yield Value(start, end, text, wish)


def patterns(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands behind `case`: no call can take its place, for it would be a pattern for a class."""
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.MatchValue))


def text_of(node: ast.AST) -> str | None:
    """The text that a constant or a sum of constants is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is None or right is None else left + right
    return None


def _expressions(tree: ast.Module) -> Iterator[tuple[ast.expr, str | None]]:
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
            case ast.Dict(keys=keys, values=items):
                named = zip(keys, items, strict=True)
                wishes |= {value: key.value for key, value in named if isinstance(key, ast.Constant)}  # type: ignore[misc]
            case ast.JoinedStr() | ast.MatchValue():
                left_out.update(ast.walk(node))
            case ast.Expr(value=ast.Constant()):
                left_out.add(node.value)  # a docstring, or a text that nobody uses
        if node in left_out:
            continue
        if isinstance(node, ast.Constant | ast.BinOp):
            wish = wishes.get(node)
            if isinstance(node, ast.BinOp) and text_of(node) is not None:
                left_out.update(set(ast.walk(node)) - {node})
            yield node, wish if isinstance(wish, str) and re.fullmatch(r"\w{1,60}", wish) else None
