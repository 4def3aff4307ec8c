"""Rows written one at a time, gathered as they are and turned into columns together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from quixnb import frames
from quixnb.frames import FrameOptions
from quixnb.timeseries import Columns, Kind

# Values that change no more, and of which a column is sure to be one once each of them is (see `RowRun.takes`).
_PLAIN: Final[Mapping[type, Kind]] = {float: "numeric", int: "numeric", bool: "numeric", str: "text", bytes: "binary"}
# Longer ones are measured against the largest message first.
_PLAIN_LENGTH: Final = 1000
_INFINITY: Final = float("inf")
_TIME: Final = "timestamp"
_EPOCH: Final = dt.datetime(1970, 1, 1)
_EPOCH_UTC: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Row(NamedTuple):
    """One row: nanoseconds since 1970 UTC, parameters, and tags (text or None)."""

    time_ns: int
    values: Mapping[str, Any]
    tags: Mapping[str, Any]


Inf = Literal["refuse", "null"]
Combine = Callable[[Sequence[Row]], Sequence[Row]]


def same(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows as they are."""
    return rows


def is_simple(row: Row) -> bool:
    """Whether rows of such values and tags go together in one table."""
    return all(value is None or type(value) in _PLAIN for value in row.values.values()) and all(
        tag is None or type(tag) is str for tag in row.tags.values()
    )


def is_plain(row: Row, known: Mapping[str, Kind]) -> bool:
    """Whether a row needs no closer look: it is simple, of parameters whose kinds are known, and short."""
    for name, value in row.values.items():
        if (kind := known.get(name)) is None:
            return False
        if value is not None and (_PLAIN.get(type(value)) != kind or not _is_harmless(value)):
            return False
    return all(tag is None or (type(tag) is str and _is_harmless(tag)) for tag in row.tags.values())


def _is_harmless(value: Any) -> bool:
    if isinstance(value, float):
        return value not in (_INFINITY, -_INFINITY)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if len(value) > _PLAIN_LENGTH:
        return False
    return isinstance(value, bytes) or (value.isascii() and "\0" not in value)


class RowRun:
    """Rows that follow each other and go into one table.

    Parameters
    ----------
    combine
        Applied to the rows before they become columns.
    """

    is_events = False

    def __init__(self, combine: Combine = same) -> None:
        self._combine = combine
        self._rows: list[Row] = []
        self._booleans: dict[str, bool] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def takes(self, row: Row) -> bool:
        """Whether a row fits in: the engine refuses a column of booleans and other numbers."""
        return all(
            self._booleans.get(name, type(value) is bool) == (type(value) is bool)
            for name, value in row.values.items()
            if value is not None
        )

    def add(self, row: Row) -> None:
        """Take a row in; its mappings must not change any more."""
        self._rows.append(row)
        for name, value in row.values.items():
            if value is not None:
                self._booleans[name] = type(value) is bool

    def columns(self, inf: Inf) -> Columns:
        """The rows as columns.

        Raises
        ------
        FrameError
            A row that `is_plain` did not let pass, and that was not tried on its own.
        """
        return as_columns(self._combine(self._rows), inf)


def as_columns(rows: Sequence[Row], inf: Inf, *, first_row: int = 0) -> Columns:
    """Rows as columns; what a row does not have is null.

    Raises
    ------
    FrameError
    """
    values = {
        name: [row.values.get(name) for row in rows] for name in dict.fromkeys(n for row in rows for n in row.values)
    }
    tags = {name: [row.tags.get(name) for row in rows] for name in dict.fromkeys(n for row in rows for n in row.tags)}
    return to_columns([row.time_ns for row in rows], values, tags, inf, first_row=first_row)


def to_columns(
    time_ns: Sequence[int],
    values: Mapping[str, Sequence[Any]],
    tags: Mapping[str, Sequence[Any]],
    inf: Inf = "refuse",
    *,
    first_row: int = 0,
) -> Columns:
    """Columns of times (nanoseconds since 1970 UTC), parameters and tags, whatever their names.

    Raises
    ------
    FrameError
        As `frames.to_columns`.
    """
    time = _free(values)
    tagged = {f"TAG__{name}": cells for name, cells in tags.items()}
    if tagged.keys() & values.keys():
        tagged = {}  # the engine refuses the parameter
    options = FrameOptions(time=time, time_unit="ns", tags=list(tagged), inf=inf)
    return frames.to_columns({time: time_ns, **values, **tagged}, options, first_row=first_row)


def _free(names: Iterable[str]) -> str:
    """A name for the column of times that no parameter has."""
    time = _TIME
    while time in names:
        time += "_"
    return time


def datetime_ns(moment: dt.datetime) -> int:
    """A datetime in nanoseconds since 1970 UTC, exact to its microseconds; one without a zone is in UTC."""
    since = moment - (_EPOCH if moment.tzinfo is None else _EPOCH_UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
