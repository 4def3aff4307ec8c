"""Writes a cell again without the literal tokens in it."""

from __future__ import annotations

from typing import NamedTuple

from quixnb.detect import find_tokens
from quixnb.rewriting.code import Namer, code_edits
from quixnb.rewriting.edits import applied


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
    result = applied(cell, code_edits(cell, findings, name_of)) if findings else cell
    return Rewritten(result, len(find_tokens(result)))
