"""Columns of rows that were written one by one, put together for one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from quixnb.errors import FrameError
from quixnb.timeseries import Cells, Column, Columns, Kind


class HeldColumn:
    """A `timeseries.Column` of cells in a list."""

    __slots__ = ("_cells", "dtype", "longest", "nulls")

    def __init__(self, cells: list[Any], dtype: str, longest: int) -> None:
        self._cells, self.dtype, self.longest = cells, dtype, longest
        self.nulls = cells.count(None)

    def cells(self, start: int, stop: int) -> Cells:  # noqa: D102 - see timeseries.Column
        return self._cells[start:stop]

    def take(self, rows: npt.NDArray[np.intp]) -> HeldColumn:  # noqa: D102
        return HeldColumn([self._cells[row] for row in rows.tolist()], self.dtype, self.longest)


def joined(parts: Sequence[Columns]) -> Columns:
    """One table of all rows in order; a column that a part does not have is null there.

    A name is of one kind in all parts that have a value of it (see `Kinds`).
    """
    if len(parts) == 1:
        return parts[0]
    kinds: dict[str, Kind] = {}
    for part in parts:
        for name, kind, column in part.parameters():
            if name not in kinds or column.nulls < len(part):
                kinds[name] = kind
    parameters = _stacked(parts, [_of_kinds(part, kinds) for part in parts])
    maps: dict[str, dict[str, Column]] = {"numeric": {}, "text": {}, "binary": {}}
    for name, column in parameters.items():
        maps[kinds[name]][name] = column
    times = np.concatenate([part.time for part in parts])
    tags = _stacked(parts, [part.tags for part in parts])
    return Columns(times, maps["numeric"], maps["text"], maps["binary"], tags)


def _of_kinds(part: Columns, kinds: Mapping[str, Kind]) -> dict[str, Column]:
    """The part's parameters; one that is of another kind has no values there."""
    return {
        name: column if kind == kinds[name] else absent(len(part), column.dtype)
        for name, kind, column in part.parameters()
    }


def _stacked(parts: Sequence[Columns], maps: Iterable[Mapping[str, Column]]) -> dict[str, Column]:
    total = sum(map(len, parts))
    cells: dict[str, list[Any]] = {}
    facts: dict[str, tuple[str, int]] = {}
    begin = 0
    for part, columns in zip(parts, maps, strict=True):
        end = begin + len(part)
        for name, column in columns.items():
            cells.setdefault(name, [None] * total)[begin:end] = listed(column.cells(0, len(part)))
            facts[name] = column.dtype, max(column.longest, facts[name][1] if name in facts else 0)
        begin = end
    return {name: HeldColumn(cells[name], *facts[name]) for name in cells}


def absent(rows: int, dtype: str) -> Column:
    """A column without values."""
    return HeldColumn([None] * rows, dtype, 4)


def listed(cells: Cells) -> list[Any]:
    """Cells as Python values; a float32 with its own digits, not with those that a float64 has behind them."""
    if not isinstance(cells, np.ndarray):
        return list(cells)
    if cells.dtype == np.float32:
        cells = cells.astype(str).astype(np.float64)
    values: list[Any] = cells.tolist()
    return values


class Kinds:
    """What kind each parameter of a stream is: the same in all of its rows, as in the rows of one frame.

    Attributes
    ----------
    known
        Parameter to its kind, once a value of it was seen.
    """

    def __init__(self) -> None:
        self.known: dict[str, Kind] = {}

    def settled(self, columns: Columns, first_row: int) -> Columns:
        """The same columns, with those that are null throughout among their kind.

        Raises
        ------
        FrameError
            A parameter is of another kind than before.
        """
        found = {name: (kind, column) for name, kind, column in columns.parameters()}
        maps: dict[str, dict[str, Column]] = {"numeric": {}, "text": {}, "binary": {}}
        for name, (kind, column) in found.items():
            known = self.known.get(name, kind)
            if known != kind and column.nulls < len(columns):
                raise _mixed(name, known, kind, first_row)
            maps[known][name] = column if known == kind else absent(len(columns), column.dtype)
        self.known |= {name: kind for name, (kind, column) in found.items() if column.nulls < len(columns)}
        return replace(columns, numeric=maps["numeric"], text=maps["text"], binary=maps["binary"])


def _mixed(name: str, known: Kind, kind: Kind, row: int) -> FrameError:
    return FrameError(
        f"Parameter {name!r} is {kind} in row {row:,}, and was {known} before in this stream.",
        cause="A timeseries parameter is of one type, and quixnb does not guess which.",
        fix="Convert it before it is written, or give the other type another name.",
    )
