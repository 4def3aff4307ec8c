"""Moves the tokens of a cell into the kernel, and puts the cell without them before the user."""

from __future__ import annotations

from typing import NamedTuple

from IPython.core.interactiveshell import InteractiveShell

from quixnb import named_tokens
from quixnb.detect import find_tokens
from quixnb.guard.rewrite import rewritten
from quixnb.token import Token


class Fix(NamedTuple):
    """What became of a cell.

    Attributes
    ----------
    cell
        It without the tokens that were moved.
    names
        Names that the moved tokens have in this kernel now.
    left
        Tokens that are still in the cell.
    """

    cell: str
    names: list[str]
    left: int


def fix(shell: InteractiveShell, cell: str) -> Fix:
    """Move the tokens of `cell` into the kernel; the front end replaces the cell that runs now, where it can."""
    result = move(shell, cell)
    if result.cell != cell:
        shell.set_next_input(result.cell, replace=True)
    return result


def move(shell: InteractiveShell, cell: str) -> Fix:
    """Move the tokens of `cell` into the kernel; what it gives back runs there."""
    names: list[str] = []

    def moved(value: str, wish: str) -> str:
        name = named_tokens.name_for(value, wish)
        named_tokens.keep(name, Token(value, f"a cell, as {name!r}"))
        if name not in names:
            names.append(name)
        return name

    result = rewritten(cell, moved)
    if result.cell != cell:
        shell.user_ns.setdefault("quixnb", __import__("quixnb"))
    return Fix(result.cell, names, result.left)


def latest_with_token(shell: InteractiveShell) -> str | None:
    """The latest cell of this kernel that has a token in it, as its history has it."""
    cells: list[str] = list(getattr(shell.history_manager, "input_hist_raw", []))
    return next((cell for cell in reversed(cells) if find_tokens(cell)), None)
