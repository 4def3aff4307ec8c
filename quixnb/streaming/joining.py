"""Columns of rows that were written one by one, put together for one message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    A name is of one kind in all parts (see `Kinds`).
    """
    if len(parts) == 1:
        return parts[0]
    return Columns(
        np.concatenate([part.time for part in parts]),
        numeric=_stacked(parts, [part.numeric for part in parts]),
        text=_stacked(parts, [part.text for part in parts]),
        binary=_stacked(parts, [part.binary for part in parts]),
        tags=_stacked(parts, [part.tags for part in parts]),
    )


def _stacked(parts: Sequence[Columns], maps: Iterable[Mapping[str, Column]]) -> dict[str, Column]:
    total = sum(map(len, parts))
    stacked: dict[str, HeldColumn] = {}
    cells: dict[str, list[Any]] = {}
    begin = 0
    for part, columns in zip(parts, maps, strict=True):
        end = begin + len(part)
        for name, column in columns.items():
            cells.setdefault(name, [None] * total)[begin:end] = listed(column.cells(0, len(part)))
            longest = max(column.longest, stacked[name].longest if name in stacked else 0)
            stacked[name] = HeldColumn([], column.dtype, longest)
        begin = end
    return {name: HeldColumn(cells[name], held.dtype, held.longest) for name, held in stacked.items()}


def listed(cells: Cells) -> list[Any]:
    """Cells as Python values; a float32 with its own digits, not with those that a float64 has behind them."""
    if not isinstance(cells, np.ndarray):
        return list(cells)
    if cells.dtype == np.float32:
        cells = cells.astype(str).astype(np.float64)
    values: list[Any] = cells.tolist()
    return values


class Kinds:
    """What kind each parameter of a stream is: the same in all of its rows, as in the rows of one frame."""

    def __init__(self) -> None:
        self._known: dict[str, Kind] = {}

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
            known = self._known.get(name, kind)
            if known != kind and column.nulls < len(columns):
                raise _mixed(name, known, kind, first_row)
            maps[known][name] = column
        self._known |= {name: kind for name, (kind, column) in found.items() if column.nulls < len(columns)}
        return Columns(columns.time, **maps, tags=columns.tags, notes=columns.notes)


def _mixed(name: str, known: Kind, kind: Kind, row: int) -> FrameError:
    return FrameError(
        f"Parameter {name!r} is {kind} in row {row:,}, and was {known} before in this stream.",
        cause="A timeseries parameter is of one type, and quixnb does not guess which.",
        fix="Convert it before it is written, or give the other type another name.",
    )
