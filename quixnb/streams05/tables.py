"""Frames by Quix Streams 0.5's convention, as columns and as rows."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from quixnb import frames
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.streaming.joining import listed
from quixnb.streaming.rows import Row, to_columns
from quixnb.streams05.times import is_relative
from quixnb.timeseries import Cells, Columns, Kind

if TYPE_CHECKING:
    import pandas as pd

TAG: Final = "TAG__"
_TIME_NAMES: Final = ("time", "timestamp", "datetime")


def names_of(frame: Any) -> list[str]:
    """A frame's column names, in order."""
    if isinstance(frame, Mapping):
        return list(map(str, frame))
    return [str(name) for name in getattr(frame, "column_names", getattr(frame, "columns", ()))]


def columns_of(frame: Any, epoch_ns: int = 0) -> Columns:
    """A frame's columns: its time is the first of `time`, `timestamp`, `datetime` in any case; `TAG__x` are tags.

    Without such a column a datetime index is taken. Times that are numbers are nanoseconds since the epoch.

    Raises
    ------
    FrameError
        It is no frame; else as `frames.to_columns`. An integer column of another name is not taken for the time, as
        Quix Streams 0.5 does.
    """
    frame = framed(frame, "TimeseriesData, TimeseriesDataRaw, TimeseriesDataTimestamp")
    names = names_of(frame)
    time = next((name for name in names if name.lower() in _TIME_NAMES), None)
    tags = [name for name in names if name.startswith(TAG)]
    columns = frames.to_columns(frame, FrameOptions(time=time, time_unit="ns", tags=tags))
    return columns if time is None else since(columns, frame[time], epoch_ns)


def since(columns: Columns, times: Iterable[Any], epoch_ns: int) -> Columns:
    """The columns with their times counted from an epoch, if those were numbers."""
    if epoch_ns and is_relative(next(iter(times), None)):
        return replace(columns, time=columns.time + epoch_ns)
    return columns


def with_tags(columns: Columns, tags: Mapping[str, str]) -> Columns:
    """The columns with tags where they have none."""
    if not tags:
        return columns
    rows = len(columns)
    filled: dict[str, list[Any]] = {name: [tag] * rows for name, tag in tags.items()}
    for name in columns.tags.keys() & tags.keys():
        filled[name] = [tags[name] if own is None else own for own in columns.tags[name].cells(0, rows)]
    return replace(columns, tags={**columns.tags, **to_columns(columns.time.tolist(), {}, filled).tags})


def rows_of(columns: Columns) -> Iterator[Row]:
    """The columns' rows, one by one; a null is None."""
    n = len(columns)
    values = {name: decoded(kind, column.cells(0, n)) for name, kind, column in columns.parameters()}
    tags = {name: listed(column.cells(0, n)) for name, column in columns.tags.items()}
    for i, time_ns in enumerate(columns.time.tolist()):
        row = {name: cells[i] for name, cells in values.items()}
        yield Row(time_ns, row, {name: cells[i] for name, cells in tags.items()})


def decoded(kind: Kind, cells: Cells) -> list[Any]:
    """A column's cells as Python values; a null is None."""
    if kind == "binary":
        return [None if cell is None else base64.b64decode(cell) for cell in cells]
    return [None if cell != cell else cell for cell in listed(cells)]


def dataframe(rows: Sequence[Row]) -> pd.DataFrame:
    """A pandas DataFrame: `timestamp` (int64 ns), the parameters, and `TAG__<tag>` columns."""
    import pandas as pd

    names = list(dict.fromkeys(name for row in rows for name in row.values))
    tags = list(dict.fromkeys(name for row in rows for name in row.tags))
    table: dict[str, Any] = {"timestamp": pd.array([row.time_ns for row in rows], dtype="int64")}
    table |= {name: exact([row.values.get(name) for row in rows]) for name in names}
    table |= {TAG + name: [row.tags.get(name) for row in rows] for name in tags}
    return pd.DataFrame(table)


def exact(cells: Sequence[Any]) -> Any:
    """Cells for a pandas column, which would make floats of integers for the sake of a null."""
    import pandas as pd

    kinds = set(map(type, cells))
    return pd.array(cells, dtype="Int64") if kinds == {int, type(None)} else cells


def merged(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows of equal time and tags put together where they have no parameter in common, so that nothing is lost."""
    if len({row.time_ns for row in rows}) == len(rows):
        return rows
    kept: list[Row] = []
    latest: dict[Any, Row] = {}
    for row in rows:
        key = row.time_ns, frozenset(row.tags.items())
        twin = latest.get(key)
        if twin is not None and twin.values.keys().isdisjoint(row.values):
            twin.values.update(row.values)  # type: ignore[attr-defined]
            continue
        latest[key] = Row(row.time_ns, dict(row.values), row.tags)
        kept.append(latest[key])
    return kept


def framed(frame: Any, what: str) -> Any:
    """A frame whose columns can be asked for by name.

    Raises
    ------
    FrameError
        It is none; `what` and frames can be published.
    """
    if not frames.is_frame(frame):
        raise FrameError(
            f"A value of type {type(frame).__name__!r} cannot be published here.",
            cause=f"{what} or a frame can.",
        )
    if isinstance(frame, Sequence) and all(isinstance(row, Mapping) for row in frame):
        return {name: [row.get(name) for row in frame] for name in dict.fromkeys(name for row in frame for name in row)}
    return frame
