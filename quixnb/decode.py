"""Messages back to rows: one message to one block of columns; `gathering` makes a frame of many blocks.

Readers are tolerant where writers are exact: integers, floats, `"NaN"` texts and booleans in NumericValues, missing
maps, and both envelopes are understood, because all of them exist on topics.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from quixnb import envelope

Numbers = npt.NDArray[Any]  # float64, int64 or uint64; object (int or None) where integers have nulls

# Making an array takes as long as its first hundred numbers do: few rows wait for company.
MANY_ROWS: Final = 100
# Python hands out a C long faster than a long long; where both have 64 bits, as everywhere but on Windows, it is one.
_INT64: Final = "l" if struct.calcsize("l") == 8 else "q"
_PLAIN_NUMBERS: Final = frozenset({float, int, type(None)})


class NotData(ValueError):
    """The message holds no rows; the text says why, as the rest of a sentence. Empty for lifecycle messages."""


@dataclass(slots=True)
class Block:
    """The rows of one message, or of several with the same columns.

    Attributes
    ----------
    time
        n nanoseconds since 1970-01-01 UTC: an int64 array, or with less than `MANY_ROWS` rows a list.
    numeric
        Name to n numbers: an array, or with less than `MANY_ROWS` rows a list of floats, integers and None.
    text, binary, tags
        Name to n cells, None where there is none.
    """

    stream: str
    time: npt.NDArray[np.int64] | list[int]
    numeric: Mapping[str, Numbers | list[Any]]
    text: Mapping[str, Sequence[str | None]]
    binary: Mapping[str, Sequence[bytes | None]]
    tags: Mapping[str, Sequence[str | None]]

    def __len__(self) -> int:
        return len(self.time)


def block(
    stream: str,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
    timestamp_ms: int,
    *,
    events: bool = False,
) -> Block | None:
    """The rows of one Kafka message; None for messages that only describe the stream, and for the other sort of rows.

    With `events`, rows are events: text `id` and `value`, and tags; else they are timeseries. A message that is a plain
    JSON object is one row; its time is its `Timestamp` in ns, or the broker's.

    Raises
    ------
    NotData
        It is no Quix message and no JSON object, or its columns are of unequal lengths.
    """
    try:
        unwrapped = envelope.unwrap(value, headers)
    except envelope.NotQuix as error:
        if not events and value and value.startswith(b"{") and (row := _plain(value, headers)) is not None:
            return _row(stream, row, timestamp_ms)
        raise NotData(str(error)) from None
    if unwrapped.is_events:
        return _events(stream, unwrapped.body) if events else None
    if unwrapped.is_timeseries and isinstance(unwrapped.body, dict):
        return None if events else _timeseries(stream, unwrapped.body)
    if unwrapped.is_lifecycle:
        return None
    raise NotData(f"its model {unwrapped.model!r} is unknown")


def _plain(value: bytes, headers: Sequence[tuple[str, bytes | None]]) -> dict[str, Any] | None:
    if any(name.startswith("__Q_") for name, _ in headers):
        return None
    try:
        row = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and not {"C", "K", "V"} <= row.keys() else None


def _row(stream: str, row: dict[str, Any], timestamp_ms: int) -> Block:
    given = row.pop("Timestamp", None)
    tags = row.pop("Tags", None)
    time = given if isinstance(given, int) and abs(given) < 2**63 else timestamp_ms * 1_000_000
    numeric = {name: _numeric([cell]) for name, cell in row.items() if isinstance(cell, (int, float))}
    text = {name: [_text(cell)] for name, cell in row.items() if name not in numeric}
    tagged = {name: [_text(cell)] for name, cell in tags.items()} if isinstance(tags, dict) else {}
    return Block(stream, [time], numeric, text, {}, tagged)


def _timeseries(stream: str, body: dict[str, Any]) -> Block:
    try:
        time = _nanoseconds(body["Timestamps"])
        n = len(time)
        return Block(
            stream,
            time,
            {name: _numeric(cells) for name, cells in _map(body, "NumericValues", n).items()},
            {name: _texts(cells) for name, cells in _map(body, "StringValues", n).items()},
            {name: _bytes(cells) for name, cells in _map(body, "BinaryValues", n).items()},
            {name: _texts(cells) for name, cells in _map(body, "TagValues", n).items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise NotData("its columns are malformed") from None


def _nanoseconds(cells: list[Any]) -> npt.NDArray[np.int64] | list[int]:
    if len(cells) == 1 and type(cells[0]) is int and -(2**63) <= cells[0] < 2**63:
        return cells
    packed = _packed(cells)
    time = packed if packed is not None and packed.dtype == np.int64 else np.array(cells, dtype=np.int64)
    return time if len(time) >= MANY_ROWS else time.tolist()


def _events(stream: str, body: Any) -> Block:
    listed = body if isinstance(body, list) else [body]
    try:
        tags = [event.get("Tags") or {} for event in listed]
        return Block(
            stream,
            _nanoseconds([event["Timestamp"] for event in listed]),
            {},
            {"id": [_text(event["Id"]) for event in listed], "value": [_text(event.get("Value")) for event in listed]},
            {},
            {name: [_text(each.get(name)) for each in tags] for name in {tag: None for each in tags for tag in each}},
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise NotData("its events are malformed") from None


def _map(body: dict[str, Any], name: str, n: int) -> dict[str, Any]:
    columns: dict[str, Any] = body.get(name) or {}
    if not columns:
        return {}
    lengths = {len(cells) if isinstance(cells, list) else -1 for cells in columns.values()}
    if min(lengths) < n:
        raise ValueError("a column is no list, or shorter than Timestamps")
    return columns if lengths == {n} else {name: cells[:n] for name, cells in columns.items()}


def _numeric(cells: list[Any]) -> Numbers | list[Any]:
    if len(cells) >= MANY_ROWS:
        return numbers(cells)
    return cells if _PLAIN_NUMBERS.issuperset(map(type, cells)) else numbers(cells).tolist()


def numbers(cells: list[Any]) -> Numbers:
    """JSON numbers as an array: float64 if any has a fraction, else integers exactly; null is NaN or None."""
    if (packed := _packed(cells)) is not None:
        return packed
    kinds = set(map(type, cells))
    if kinds <= {float, type(None)} and float in kinds:
        return np.array(cells, dtype=np.float64)  # None becomes NaN
    if kinds == {int}:
        return integers(cells)
    if str in kinds:  # Quix Streams 0.5 writes "NaN" and "Infinity" as text
        return np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
    if float in kinds:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    array = np.empty(len(cells), dtype=object)
    array[:] = [None if cell is None else int(cell) for cell in cells]
    return array


def _packed(cells: list[Any]) -> Numbers | None:
    """Floats, or integers that int64 holds, three times as fast as numpy makes them; None for anything else."""
    try:
        if type(cells[0]) is float:  # integers among them become floats, as they should
            return np.frombuffer(struct.pack(f"{len(cells)}d", *cells), dtype=np.float64)
        return np.frombuffer(struct.pack(f"{len(cells)}{_INT64}", *cells), dtype=np.int64)
    except (IndexError, OverflowError, struct.error):
        return None


def integers(cells: list[int]) -> Numbers:
    """Integers as int64, as uint64 where they need it, or as objects where neither holds them all."""
    try:
        return np.array(cells, dtype=np.int64)
    except OverflowError:
        pass
    if min(cells) >= 0 and max(cells) < 2**64:  # numpy 1 would wrap around what does not fit
        return np.array(cells, dtype=np.uint64)
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def _texts(cells: list[Any]) -> list[str | None]:
    if set(map(type, cells)) <= {str, type(None)}:
        return cells
    return [_text(cell) for cell in cells]


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return orjson.dumps(cell).decode()


def _bytes(cells: list[str | None]) -> list[bytes | None]:
    return [None if cell is None else base64.b64decode(cell, validate=True) for cell in cells]
