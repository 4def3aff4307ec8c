"""Which lines of a cell are quixnb's own magics: a token on one is refused, so the history need not keep it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quixnb.detect import is_nearly_token
from quixnb.redact import REPLACEMENT, redact

# `%quix_token …` anywhere (behind `x =`, behind `%time`), `quix_token …` by automagic, and what IPython makes of it.
_OWN_MAGIC = re.compile(r"%quix_\w|^\s*quix_\w+\s+[^=\s.([,]|run_(?:line|cell)_magic\(\s*['\"]quix_")
_OWN_CELL = re.compile(r"\s*%%quix_\w|\s*get_ipython\(\)\.run_cell_magic\(\s*['\"]quix_")
_WORD = re.compile(r"[^\s\"'=,;:()\[\]\\]+")
_BARE_DIGITS = re.compile(r"[0-9A-Fa-f]{24,}")


def without_own_tokens(cell: str) -> str:
    """`cell` with `[quix token]` for each token on a line of quixnb's magics, and in the body of a cell magic."""
    if "quix_" not in cell:
        return cell
    cleared = "\n".join(_cleared(line) if is_own else line for line, is_own in _lines(cell))
    return redact(cleared) if _OWN_CELL.match(cell) else cleared


def without_own_lines(cell: str) -> str:
    """`cell` with its lines of quixnb's magics emptied; every other line stays where it is."""
    if "quix_" not in cell:
        return cell
    return "\n".join("" if is_own else line for line, is_own in _lines(cell))


def _lines(cell: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to a magic of ours, which a backslash at the end carries on."""
    carried_on = False
    for line in cell.split("\n"):
        is_own = carried_on or _OWN_MAGIC.search(line) is not None
        carried_on = is_own and line.rstrip().endswith("\\")
        yield line, is_own


def _cleared(line: str) -> str:
    # What was cut short, or pasted without its `sdk-`, is the better half of a token all the same. Digits alone may
    # be a stream's ID, but not where a token is asked for.
    is_for_tokens = "quix_token" in line

    def replacement(match: re.Match[str]) -> str:
        word = match.group()
        is_piece = is_nearly_token(word.lstrip("-")) or (is_for_tokens and _BARE_DIGITS.fullmatch(word))
        return REPLACEMENT if is_piece else word

    return _WORD.sub(replacement, redact(line))
