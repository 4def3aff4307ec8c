"""Any frame to typed columns, once, without a loop over rows; what cannot be sent exactly is refused here.

`chunks` says how the input comes (one frame, or many as they arrive), `to_columns` turns one frame into columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import narwhals.stable.v2 as nw
import numpy as np

from quixnb import events
from quixnb.errors import FrameError
from quixnb.frames import columns, series, strings, times, values
from quixnb.frames.inputs import chunks, is_frame
from quixnb.frames.table import Table, table
from quixnb.frames.texts import shown
from quixnb.timeseries import Column, Columns, Streams, is_stream_id

__all__ = ["FrameOptions", "chunks", "is_frame", "to_columns"]

R = TypeVar("R")
Definitions = Mapping[str, Mapping[str, Any]]

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
    events
        Rows are events: columns `id` and `value`, and tags. Parameters are not sent.
    """

    time: str | None = None
    time_unit: str | None = None
    tz: str | None = None
    tags: Sequence[str] = ()
    columns: Sequence[str] | None = None
    stream_by: str | None = None
    inf: Literal["refuse", "null"] = "refuse"
    events: bool = False


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
    if not len(source):
        return Columns(np.empty(0, dtype=np.int64))
    time_name = _time_column(source, options)
    used = {time_name, *options.tags, options.stream_by}
    for name in (*options.tags, *filter(None, [options.stream_by]), *(options.columns or ())):
        _require(source, name)
    chosen = [name for name in (source.names if options.columns is None else options.columns) if name not in used]
    if options.events:
        chosen = _event_columns(chosen, source)
    else:
        _refuse_names(chosen, source)
    ns, naive = _times(time_name, source, options, first_row)
    maps: dict[str, dict[str, Column]] = {"numeric": {}, "text": {}, "binary": {}}
    for name in chosen:
        if options.events:
            maps["text"][name] = _as_text(name, source, first_row, options.inf)
            continue
        named = _column(name, source, first_row, options.inf)
        maps[named.kind][named.name] = named.column
    if options.events and maps["text"][events.ID].nulls:
        row = list(maps["text"][events.ID].cells(0, len(source))).index(None)
        raise FrameError(
            f"The event in row {first_row + row:,} has no ID.",
            cause="Quix Streams 3 cannot read an event without one.",
            fix=f"Drop such rows: df = df.dropna(subset=[{events.ID!r}])",
        )
    return Columns(
        ns,
        **maps,
        tags={tag: _as_text(name, source, first_row, options.inf) for tag, name in _tag_names(options.tags).items()},
        streams=None if options.stream_by is None else _streams(options.stream_by, source, first_row),
        notes=(times.NAIVE_NOTE,) if naive and options.tz is None and len(ns) else (),
    )


def _event_columns(chosen: Sequence[str], source: Table) -> list[str]:
    for name in (events.ID, events.VALUE):
        _require(source, name)
    others = [name for name in chosen if name not in (events.ID, events.VALUE)]
    if others:
        raise FrameError(
            f"Column {others[0]!r} has no place in an event.",
            cause="An event has a time, an 'id', a 'value' and tags.",
            fix=f"Send it as a tag (--tag {others[0]}), or leave it out (--columns id,value).",
        )
    return [events.ID, events.VALUE]


def _times(name: str, source: Table, options: FrameOptions, first_row: int) -> tuple[times.Nanoseconds, bool]:
    column = source[name]
    if isinstance(column, nw.Series) and column.dtype in (nw.Categorical, nw.Enum):
        column = series.uncategorised(column)
    convert = _reader(column, times.from_series, times.from_array, times.from_values)
    return convert(name, column, unit=options.time_unit, tz=options.tz, first_row=first_row)


def _column(name: str, source: Table, first_row: int, inf: str) -> columns.Named:
    convert = _reader(source[name], series.from_series, series.from_array, values.from_values)
    return convert(name, source[name], first_row=first_row, inf=inf)


def _reader(
    column: Any, of_series: Callable[..., R], of_array: Callable[..., R], of_values: Callable[..., R]
) -> Callable[..., R]:
    if isinstance(column, nw.Series):
        return of_series
    return of_array if isinstance(column, np.ndarray) else of_values


def _as_text(name: str, source: Table, first_row: int, inf: str) -> Column:
    """A tag's column: whatever it is, as text; null stays null."""
    named = _column(name, source, first_row, inf)
    if named.kind == "text":
        return named.column
    cells = list(named.column.cells(0, len(source)))
    column = columns.ListColumn([None if c is None or c != c else str(c) for c in cells], "text")
    columns.check_text(name, column, len(source), first_row)
    return column


def _tag_names(names: Sequence[str]) -> dict[str, str]:
    """Tag to column; `TAG__car` is the column of the tag `car`, as Quix Streams 0.5 delivers it."""
    tags: dict[str, str] = {}
    for name in names:
        tag = name.removeprefix("TAG__") or name
        if tags.setdefault(tag, name) != name:
            raise FrameError(
                f"Columns {tags[tag]!r} and {name!r} are both the tag {tag!r}.",
                cause="A row has one value for each tag.",
                fix="Leave one of the two out.",
            )
    return tags


def _streams(name: str, source: Table, first_row: int) -> Streams:
    values = source[name]
    coded = strings.factorized(values) if isinstance(values, nw.Series) and series.is_text(values) else None
    if coded is None:
        cells = _as_text(name, source, first_row, "null").cells(0, len(source))
        places = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
        coded = np.fromiter(map(places.__getitem__, cells), dtype=np.intp, count=len(source)), list(places)
    codes, distinct = coded
    bad = [code for code, stream in enumerate(distinct) if not (stream and is_stream_id(stream))]
    unusable = np.isin(codes, [-1, *bad])  # -1 is a null's
    if bad or unusable.any():
        row = int(unusable.argmax())
        stream = None if codes[row] < 0 else distinct[codes[row]]
        raise FrameError(
            f"Column {name!r} gives row {first_row + row:,} no usable stream ID: {shown(stream)}.",
            cause="A stream ID is not empty, has at most 1,024 bytes and neither '/' nor '\\' in it.",
            fix=f"Fill or rename those values before publishing by {name!r}.",
        )
    return Streams(distinct, codes)


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

        near = difflib.get_close_matches(str(name), source.names, n=1)
        raise FrameError(
            f"The frame has no column {name!r}.",
            cause=f"It has {_listed(source.names)}.",
            fix=f"Did you mean {near[0]!r}?" if near else "Name one of those.",
        )


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(repr(name) for name in names[:8])
    return f"{first} and {len(names) - 8} more" if len(names) > 8 else first or "no columns"


def _refuse_names(chosen: Sequence[str], source: Table) -> None:
    for name in chosen:
        if not columns.is_sendable(name):
            raise FrameError(
                f"A parameter cannot be called {shown(name)}.",
                cause="U+0000, and halves of surrogate pairs, do not reach Quix's readers.",
                fix="Rename the column.",
            )
        reason = _RESERVED.get(name)
        if name.startswith("TAG__"):
            reason = "Quix Streams 0.5 takes it for a tag"
        if reason:
            new = _renamed(name, source)
            fix = f"Rename it: df = df.rename(columns={{{name!r}: {new!r}}})"
            if name == source.time_index:
                fix = f"Rename the index: df = df.rename_axis({new!r}), or drop it: df = df.reset_index(drop=True)"
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


def definitions_of(frame: Any) -> Definitions:
    """What the frame itself says of its columns, in `frame.attrs["definitions"]`."""
    attrs = getattr(frame, "attrs", None)
    said = attrs.get("definitions") if isinstance(attrs, Mapping) else None
    return said if isinstance(said, Mapping) else {}
