"""Columns in, Quix timeseries out: one JSON object with many rows, cut so that every message stays below a size.

A column's way from frame to bytes: `frames` makes it a `Column`, `encode` asks it for the cells of a row range and
hands them to orjson, `messages` chooses the ranges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from quixnb import envelope
from quixnb.errors import MessageTooLarge

# Large enough that the cost of a message disappears, small enough that a consumer on a slow line gets its first rows
# at once. Quix Streams 0.5 splits above 998,988 bytes and librdkafka refuses above 1,000,000: 900,000 suits them all.
TARGET_BYTES: Final = 400_000
LIMIT_BYTES: Final = 900_000

STREAM_ID_BYTES: Final = 1024

_FIRST_GUESS_ROWS: Final = 256
# So many rows with cells longer than this may be far beyond any message; they are looked at, so many at a time.
_LONG_CHARACTERS: Final = 4096
_FEW_ROWS: Final = 64
_NUMPY: Final = orjson.OPT_SERIALIZE_NUMPY

Cells = npt.NDArray[Any] | Sequence[Any]
RowNumbers = Sequence[int] | npt.NDArray[np.intp]
Kind = Literal["numeric", "text", "binary"]


class Column(Protocol):
    """The values of one parameter or tag, ready for JSON."""

    @property
    def dtype(self) -> str:
        """The type as the frame names it, for people."""

    @property
    def nulls(self) -> int:
        """How many rows have no value."""

    @property
    def longest(self) -> int:
        """Characters of its longest cell, or an upper bound of it."""

    def cells(self, start: int, stop: int) -> Cells:
        """Values of rows `start` to `stop`, exclusive: numbers, text or None; NaN stands for null too."""

    def take(self, rows: npt.NDArray[np.intp]) -> Column:
        """The same column with its rows chosen and ordered by `rows`."""


class Streams(NamedTuple):
    """Which stream each row goes to: stream IDs, each once, and each row's place among them."""

    names: list[str]
    codes: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Columns:
    """`n` rows of a frame, by the maps of a timeseries message.

    Attributes
    ----------
    time
        int64 nanoseconds since 1970-01-01T00:00:00Z, shape (n,), in row order, not necessarily sorted.
    numeric, text, binary
        Parameter name to column of length n; a name is in one of the three only. Binary cells are base64 text.
    tags
        Tag name to a text column of length n.
    streams
        Where rows go to streams by a column's value; else None.
    notes
        What was decided on the user's behalf, said once in the report.
    """

    time: npt.NDArray[np.int64]
    numeric: Mapping[str, Column] = field(default_factory=dict)
    text: Mapping[str, Column] = field(default_factory=dict)
    binary: Mapping[str, Column] = field(default_factory=dict)
    tags: Mapping[str, Column] = field(default_factory=dict)
    streams: Streams | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    def parameters(self) -> Iterator[tuple[str, Kind, Column]]:
        """Name, kind and column of every parameter."""
        for name, column in self.numeric.items():
            yield name, "numeric", column
        for name, column in self.text.items():
            yield name, "text", column
        for name, column in self.binary.items():
            yield name, "binary", column

    def heaviest_row(self) -> int:
        r"""An upper bound in bytes of a message with one row: six bytes a character, as in `\u0001`."""
        named = [*((name, column) for name, _, column in self.parameters()), *self.tags.items()]
        return 256 + sum(6 * (len(name) + column.longest) + 8 for name, column in named)

    def take(self, rows: npt.NDArray[np.intp]) -> Columns:
        """The rows at `rows`, in that order, without their streams."""

        def chosen(columns: Mapping[str, Column]) -> dict[str, Column]:
            return {name: column.take(rows) for name, column in columns.items()}

        return Columns(self.time[rows], chosen(self.numeric), chosen(self.text), chosen(self.binary), chosen(self.tags))


class Rows(NamedTuple):
    """One message's worth of rows: the enveloped value, and which rows of the columns are in it."""

    value: bytes
    start: int
    stop: int


def encode(columns: Columns, start: int, stop: int) -> bytes:
    """Rows `start` to `stop` (exclusive) as the JSON of one ParameterData, UTF-8, without its envelope.

    All five maps are written, empty ones as `{}`: Quix Streams 0.5 throws where one is missing. A binary column with a
    null in the range is left out of it, because 0.5 loses a whole message over one null there; `messages` cuts
    ranges so that no value is left out.
    """
    body = {
        "Timestamps": columns.time[start:stop],
        "NumericValues": _cells(columns.numeric, start, stop),
        "StringValues": _cells(columns.text, start, stop),
        "BinaryValues": {name: c for name, c in _cells(columns.binary, start, stop).items() if None not in c},
        "TagValues": _cells(columns.tags, start, stop),
    }
    return orjson.dumps(body, option=_NUMPY)


def _cells(columns: Mapping[str, Column], start: int, stop: int) -> dict[str, Cells]:
    return {name: column.cells(start, stop) for name, column in columns.items()}


def messages(
    columns: Columns,
    begin: int,
    end: int,
    *,
    target_bytes: int = TARGET_BYTES,
    limit_bytes: int = LIMIT_BYTES,
    rows_per_message: int | None = None,
    numbers: RowNumbers | None = None,
) -> Iterator[Rows]:
    """Enveloped messages for rows `begin` to `end` (exclusive), in row order, each at most `limit_bytes` long.

    Parameters
    ----------
    columns
        n rows, checked (no infinities, no null times).
    target_bytes
        Size aimed at. The rows of a message are guessed from the bytes per row of the one before.
    limit_bytes
        No value is larger than this.
    rows_per_message
        Rows in one message at the most, 1 or more; None leaves it to the sizes.
    numbers
        The rows' numbers in everything that is published, for the error; None counts from 0.

    Raises
    ------
    MessageTooLarge
        One row alone is over `limit_bytes`.
    """
    target = min(target_bytes, limit_bytes)
    most = rows_per_message or end - begin
    rows = min(_FIRST_GUESS_ROWS, most)
    for start, last in _even_binary(columns, begin, end):
        while start < last:
            stop = _within(limit_bytes, columns, start, min(start + rows, last))
            taken = stop - start
            value = envelope.wrap(envelope.PARAMETER_DATA, encode(columns, start, stop))
            if len(value) <= limit_bytes:
                yield Rows(value, start, stop)
            elif taken == 1:
                raise too_large(columns, start, len(value), limit_bytes, numbers)
            else:
                stop = start
            bytes_per_row = len(value) / taken
            # At the first message the guess may be a hundred times too small; after it, a row differs little from its
            # neighbours. A message above the limit is made again, at half its rows or fewer.
            ceiling = rows * 64 if stop > start else taken // 2
            rows = max(1, min(int(target / bytes_per_row), ceiling, most))
            start = stop


def _within(limit_bytes: int, columns: Columns, start: int, stop: int) -> int:
    """`stop`, or the row before it from which on long texts alone go beyond the limit; at least one row is left.

    Where cells are short the guess of a message's rows may be wrong; where a cell may be a megabyte it must not be.
    """
    named = (*columns.text.values(), *columns.binary.values(), *columns.tags.values())
    long = [column for column in named if column.longest > _LONG_CHARACTERS]
    size = 0
    for first in range(start, stop if long else start, _FEW_ROWS):
        cells = zip(*(column.cells(first, min(first + _FEW_ROWS, stop)) for column in long), strict=True)
        for row, texts in enumerate(cells, first):
            size += sum(len(text) for text in texts if text is not None)
            if size > limit_bytes:
                return max(row, start + 1)
    return stop


def _even_binary(columns: Columns, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Ranges within `begin` to `end` in each of which every binary column is null in all rows or in none."""
    changes = np.zeros(max(end - begin - 1, 0), dtype=bool)
    for column in columns.binary.values():
        if column.nulls:
            absent = np.fromiter((cell is None for cell in column.cells(begin, end)), dtype=bool)
            changes |= absent[1:] != absent[:-1]
    edges = [begin, *(np.flatnonzero(changes) + begin + 1).tolist(), end]
    yield from pairwise(edges)


def too_large(columns: Columns, row: int, size: int, limit: int, numbers: RowNumbers | None) -> MessageTooLarge:
    """The error for a row that fits in no message, naming its largest column."""
    named = [*((name, column) for name, _, column in columns.parameters()), *columns.tags.items()]
    sizes = {name: len(orjson.dumps(column.cells(row, row + 1), option=_NUMPY)) for name, column in named}
    largest = max(sizes, key=sizes.__getitem__, default="")
    return MessageTooLarge(
        f"Row {row if numbers is None else int(numbers[row]):,} alone makes a message of {size:,} bytes; "
        f"the limit is {limit:,}.",
        cause=f"Column {largest!r} holds {sizes[largest]:,} bytes of it." if sizes else "",
        fix="Shrink that column, or leave it out with --columns.",
    )


# ---- the messages around the data


def properties(
    *,
    name: str | None = None,
    location: str | None = None,
    metadata: Mapping[str, str] | None = None,
    parents: Sequence[str] = (),
    time_of_recording: str | None = None,
) -> bytes:
    """The enveloped StreamProperties; what is None is left out, Metadata and Parents are always there."""
    body: dict[str, Any] = {"Name": name, "Location": location}
    body = {key: value for key, value in body.items() if value is not None}
    body |= {"Metadata": {key: str(value) for key, value in (metadata or {}).items()}, "Parents": list(parents)}
    if time_of_recording is not None:
        body["TimeOfRecording"] = time_of_recording
    return envelope.wrap(envelope.STREAM_PROPERTIES, orjson.dumps(body))


def is_stream_id(text: str) -> bool:
    r"""Whether all of Quix's clients take `text` as a stream's ID: not empty, no `/` or `\`, at most 1,024 bytes.

    Quix Streams 0.5 drops messages under one ID, its old sign of life, without a word.
    """
    if not text or text == "___KA___" or not {"/", "\\", "\0"}.isdisjoint(text):
        return False
    try:
        return len(text.encode()) <= STREAM_ID_BYTES
    except UnicodeEncodeError:  # a lone surrogate
        return False


EndType = Literal["Closed", "Aborted", "Terminated"]


def end(kind: EndType = "Closed") -> bytes:
    """The enveloped StreamEnd."""
    return envelope.wrap(envelope.STREAM_END, orjson.dumps({"StreamEndType": kind}))
