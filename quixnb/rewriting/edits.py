"""Changes to a text, each at its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Write `new` in place of `text[start:end]`."""

    start: int
    end: int
    new: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all `edits`, which are apart, made."""
    parts, past = [], 0
    for edit in sorted(edits):
        parts += [text[past : edit.start], edit.new]
        past = edit.end
    return "".join([*parts, text[past:]])
