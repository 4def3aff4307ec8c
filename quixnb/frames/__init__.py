"""Any frame to typed columns, once, without a loop over rows; what cannot be sent exactly is refused here.

`chunks` says how the input comes (one frame, or many as they arrive), `to_columns` turns one frame into columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import narwhals.stable.v2 as nw
import numpy as np

from quixnb.errors import FrameError
from quixnb.frames import columns, times
from quixnb.frames.inputs import chunks, is_frame
from quixnb.frames.table import Table, table
from quixnb.timeseries import Column, Columns

__all__ = ["FrameOptions", "chunks", "is_frame", "to_columns"]

R = TypeVar("R")

_TIME_NAMES: Final = ("timestamp", "time", "datetime")
# What Quix's readers do with a parameter of these names: docs/wire-format.md, "Names".
_RESERVED: Final = {
    "Timestamp": "Quix Streams 3 cannot read a message with a parameter of that name",
    "Tags": "Quix Streams 3 replaces a parameter of that name by the row's tags",
    "timestamp": "Quix Streams 0.5 writes the row's time over a parameter of that name",
}


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """How a frame's columns are to be understood.

    Attributes
    ----------
    time
        Column of times; None takes a datetime index, else `timestamp`, `time` or `datetime` (any case).
    time_unit
        `s`, `ms`, `us` or `ns` since 1970-01-01 UTC, for a time column of numbers.
    tz
        Time zone of naive times, an IANA name; None is UTC.
    tags
        Columns sent as tags, that is as text.
    columns
        Parameters to send; None sends all that are neither time, tag nor stream.
    stream_by
        Column whose value names each row's stream; it is not sent as a parameter.
    inf
        What to do with infinities: `refuse`, or send `null`.
    """

    time: str | None = None
    time_unit: str | None = None
    tz: str | None = None
    tags: Sequence[str] = ()
    columns: Sequence[str] | None = None
    stream_by: str | None = None
    inf: Literal["refuse", "null"] = "refuse"


def to_columns(frame: Any, options: FrameOptions, *, first_row: int = 0) -> Columns:
    """The typed columns of one frame.

    Parameters
    ----------
    frame
        pandas or Polars frame, PyArrow table or record batch, dictionary of columns, or list of dictionaries or
        dataclasses; n rows, n may be 0.
    first_row
        Number of its first row in everything published by this call, for errors.

    Raises
    ------
    FrameError
        Anything that Quix's readers would not get as it is, with column, row number and value.
    """
    source = table(frame)
    time_name = _time_column(source, options)
    used = {time_name, *options.tags, options.stream_by}
    for name in (*options.tags, *filter(None, [options.stream_by]), *(options.columns or ())):
        _require(source, name)
    chosen = [name for name in source.names if name not in used] if options.columns is None else list(options.columns)
    _refuse_names(chosen, source)
    ns, naive = _times(time_name, source, options, first_row)
    maps: dict[str, dict[str, Column]] = {"numeric": {}, "text": {}, "binary": {}}
    for name in chosen:
        named = _column(name, source, first_row, options.inf)
        maps[named.kind][named.name] = named.column
    return Columns(
        ns,
        **maps,
        tags={_tag_name(name): _as_text(name, source, first_row) for name in options.tags},
        streams=None if options.stream_by is None else _streams(options.stream_by, source, first_row),
        notes=(times.NAIVE_NOTE,) if naive and options.tz is None and len(ns) else (),
    )


def _times(name: str, source: Table, options: FrameOptions, first_row: int) -> tuple[times.Nanoseconds, bool]:
    values = source[name]
    convert = _reader(values, times.from_series, times.from_array, times.from_values)
    return convert(name, values, unit=options.time_unit, tz=options.tz, first_row=first_row)


def _column(name: str, source: Table, first_row: int, inf: str) -> columns.Named:
    values = source[name]
    convert = _reader(values, columns.from_series, columns.from_array, columns.from_values)
    return convert(name, values, first_row=first_row, inf=inf)


def _reader(
    values: Any, series: Callable[..., R], array: Callable[..., R], other: Callable[..., R]
) -> Callable[..., R]:
    if isinstance(values, nw.Series):
        return series
    return array if isinstance(values, np.ndarray) else other


def _as_text(name: str, source: Table, first_row: int) -> Column:
    """A tag's column: whatever it is, as text; null stays null."""
    named = _column(name, source, first_row, "null")
    if named.kind == "text":
        return named.column
    cells = list(named.column.cells(0, len(source)))
    column = columns.ListColumn([None if c is None or c != c else str(c) for c in cells], "text")
    columns.check_text(name, column, len(source), first_row)
    return column


def _tag_name(name: str) -> str:
    return name.removeprefix("TAG__") or name


def _streams(name: str, source: Table, first_row: int) -> np.ndarray[Any, np.dtype[Any]]:
    cells = np.array(_as_text(name, source, first_row).cells(0, len(source)), dtype=object)
    for row, stream in enumerate(cells):
        if not stream or "/" in stream or "\\" in stream:
            raise FrameError(
                f"Column {name!r} gives row {first_row + row:,} no usable stream ID: {columns.shown(stream)}.",
                cause="A stream ID is not empty and holds neither '/' nor '\\'; Quix Streams 0.5 refuses such.",
                fix=f"Fill or rename those values before publishing by {name!r}.",
            )
    return cells


def _time_column(source: Table, options: FrameOptions) -> str:
    if options.time is not None:
        _require(source, options.time)
        return options.time
    if source.time_index is not None:
        return source.time_index
    lower = {name.lower(): name for name in reversed(source.names)}
    for name in _TIME_NAMES:
        if name in lower:
            return lower[name]
    dated = [name for name in source.names if source.is_datetime(name)]
    raise FrameError(
        f"No time column was found in a frame of {len(source):,} rows.",
        cause="Looked for a datetime index, then 'timestamp', 'time', 'datetime'; others are never guessed.",
        fix=f"Name it: --time {dated[0] if dated else 'COLUMN'} (time={dated[0] if dated else 'COLUMN'!r}).",
    )


def _require(source: Table, name: str) -> None:
    if name not in source:
        import difflib

        near = difflib.get_close_matches(name, source.names, n=1)
        raise FrameError(
            f"The frame has no column {name!r}.",
            cause=f"It has {_listed(source.names)}.",
            fix=f"Did you mean {near[0]!r}?" if near else "Name one of those.",
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown or "no columns"


def _refuse_names(chosen: Sequence[str], source: Table) -> None:
    for name in chosen:
        reason = _RESERVED.get(name)
        if name.startswith("TAG__"):
            reason = "Quix Streams 0.5 takes it for a tag"
        if reason:
            fix = f"Rename it: df = df.rename(columns={{{name!r}: {_renamed(name, source)!r}}})"
            if name.startswith("TAG__"):
                fix = f"Send it as a tag (--tag {name}, tags=[{name!r}]), or rename it."
            raise FrameError(f"A parameter cannot be called {name!r}.", cause=f"{reason}.", fix=fix)


def _renamed(name: str, source: Table) -> str:
    new = f"{name.lower()}_value"
    while new in source:
        new += "_"
    return new


def describe(columns_: Columns) -> Mapping[str, tuple[str, str, int]]:
    """Name to (kind, dtype, nulls) for every parameter and tag, for a dry run."""
    found = {name: (kind, column.dtype, column.nulls) for name, kind, column in columns_.parameters()}
    return found | {name: ("tag", column.dtype, column.nulls) for name, column in columns_.tags.items()}
