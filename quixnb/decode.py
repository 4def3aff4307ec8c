"""Messages back to rows: one message to a block of typed columns, blocks to one pandas DataFrame.

Readers are tolerant where writers are exact: integers, floats, `"NaN"` texts and booleans in NumericValues, missing
maps, and both envelopes are understood, because all of them exist on topics.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from quixnb import envelope

if TYPE_CHECKING:
    import pandas as pd

Numbers = npt.NDArray[Any]  # float64, int64 or uint64; object (int or None) where integers have nulls

_TIME: Final = "timestamp"
_STREAM: Final = "stream_id"
_TAG: Final = "TAG__"


class NotData(ValueError):
    """The message holds no rows; the text says why, as the rest of a sentence. Empty for lifecycle messages."""


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one message.

    Attributes
    ----------
    time
        int64 nanoseconds since 1970-01-01 UTC, shape (n,).
    numeric
        Name to n numbers.
    text, binary, tags
        Name to n cells, None where there is none.
    """

    stream: str
    time: npt.NDArray[np.int64]
    numeric: Mapping[str, Numbers]
    text: Mapping[str, Sequence[str | None]]
    binary: Mapping[str, Sequence[bytes | None]]
    tags: Mapping[str, Sequence[str | None]]

    def __len__(self) -> int:
        return len(self.time)


def block(
    stream: str, value: bytes | None, headers: Sequence[tuple[str, bytes | None]], timestamp_ms: int
) -> Block | None:
    """The rows of one Kafka message; None for messages that only describe the stream.

    A message that is a plain JSON object is one row; its time is its `Timestamp` in ns, or the broker's.

    Raises
    ------
    NotData
        It is no Quix message and no JSON object, or its columns are of unequal lengths.
    """
    try:
        unwrapped = envelope.unwrap(value, headers)
    except envelope.NotQuix as error:
        if value and value.startswith(b"{") and (row := _plain(value)) is not None:
            return _row(stream, row, timestamp_ms)
        raise NotData(str(error)) from None
    if unwrapped.is_timeseries and isinstance(unwrapped.body, dict):
        return _timeseries(stream, unwrapped.body)
    if unwrapped.is_lifecycle or unwrapped.is_events:
        return None
    raise NotData(f"its model {unwrapped.model!r} is unknown")


def _plain(value: bytes) -> dict[str, Any] | None:
    try:
        row = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) and not {"C", "K", "V"} <= row.keys() else None


def _row(stream: str, row: dict[str, Any], timestamp_ms: int) -> Block:
    given = row.pop("Timestamp", None)
    tags = row.pop("Tags", None)
    time = given if isinstance(given, int) else timestamp_ms * 1_000_000
    numeric = {name: numbers([cell]) for name, cell in row.items() if isinstance(cell, (int, float))}
    text = {name: [_text(cell)] for name, cell in row.items() if name not in numeric}
    tagged = {name: [_text(cell)] for name, cell in tags.items()} if isinstance(tags, dict) else {}
    return Block(stream, np.array([time], dtype=np.int64), numeric, text, {}, tagged)


def _timeseries(stream: str, body: dict[str, Any]) -> Block:
    try:
        time = np.array(body["Timestamps"], dtype=np.int64)
        n = len(time)
        return Block(
            stream,
            time,
            {name: numbers(cells[:n]) for name, cells in _map(body, "NumericValues", n).items()},
            {name: _texts(cells[:n]) for name, cells in _map(body, "StringValues", n).items()},
            {name: _bytes(cells[:n]) for name, cells in _map(body, "BinaryValues", n).items()},
            {name: _texts(cells[:n]) for name, cells in _map(body, "TagValues", n).items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise NotData("its columns are malformed") from None


def _map(body: dict[str, Any], name: str, n: int) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = body.get(name) or {}
    if any(len(cells) < n for cells in columns.values()):
        raise ValueError("a column is shorter than Timestamps")
    return columns


def numbers(cells: list[Any]) -> Numbers:
    """JSON numbers as an array: float64 if any has a fraction, else integers exactly; null is NaN or None."""
    kinds = set(map(type, cells))
    if kinds <= {float, type(None)} and float in kinds:
        return np.array(cells, dtype=np.float64)  # None becomes NaN
    if kinds == {int}:
        return _integers(cells)
    if str in kinds:  # Quix Streams 0.5 writes "NaN" and "Infinity" as text
        return np.array([np.nan if cell is None else float(cell) for cell in cells], dtype=np.float64)
    if float in kinds:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    array = np.empty(len(cells), dtype=object)
    array[:] = [None if cell is None else int(cell) for cell in cells]
    return array


def _integers(cells: list[int]) -> Numbers:
    for dtype in (np.int64, np.uint64):
        try:
            return np.array(cells, dtype=dtype)
        except OverflowError:
            continue
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


# ---- blocks to a frame


def frame(blocks: Sequence[Block], *, with_stream: bool, keep: slice | None = None) -> pd.DataFrame:
    """The rows of `blocks` in order, those in `keep` only.

    Returns
    -------
    pandas.DataFrame
        `timestamp` (datetime64[ns, UTC]), then every parameter: numeric as int64 (Int64 with nulls, UInt64 beyond
        2**63) or float64 (null is NaN), text as str, binary as bytes in an object column; then tags as `TAG__<name>`,
        text; with `with_stream` last `stream_id`, text. A parameter that a message does not have is null in its rows.
        Integers and fractions in one parameter make float64.
    """
    import pandas as pd

    lengths = [len(item) for item in blocks]
    time = np.concatenate([item.time for item in blocks]) if blocks else np.empty(0, dtype=np.int64)
    columns: dict[str, Any] = {_TIME: pd.DatetimeIndex(time.view("datetime64[ns]"), tz="UTC")}
    numeric, text = _names(item.numeric for item in blocks), _names(item.text for item in blocks)
    binary, tags = _names(item.binary for item in blocks), _names(item.tags for item in blocks)
    for name in [*numeric, *(name for name in (*text, *binary) if name not in numeric)]:
        columns.setdefault(_apart(name), _parameter(name, blocks, name in numeric, name in text, name in binary))
    for name in tags:
        columns[_TAG + name] = _text_column(_gathered([item.tags.get(name) for item in blocks], lengths))
    if with_stream:
        streams = [item.stream for item in blocks for _ in range(len(item))]
        columns[_STREAM] = _text_column(streams)
    result = pd.DataFrame(columns)
    return result if keep is None else result.iloc[keep].reset_index(drop=True)


def _apart(name: str) -> str:
    """A parameter's column name, kept apart from the frame's own columns."""
    return f"{name}_" if name in (_TIME, _STREAM) or name.startswith(_TAG) else name


def _names(maps: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {name: None for columns in maps for name in columns}


def _parameter(name: str, blocks: Sequence[Block], is_numeric: bool, is_text: bool, is_binary: bool) -> Any:
    lengths = [len(item) for item in blocks]
    if is_numeric and not is_text and not is_binary:
        return _number_column([item.numeric.get(name) for item in blocks], lengths)
    if is_text and not is_numeric and not is_binary:
        return _text_column(_gathered([item.text.get(name) for item in blocks], lengths))
    import pandas as pd

    # One name with values of several sorts comes from writers that disagree; nothing is converted.
    mixed = [_first(item.numeric.get(name), item.text.get(name), item.binary.get(name)) for item in blocks]
    return pd.Series(_gathered(mixed, lengths), dtype=object)


def _first(*maps: Any) -> Any:
    return next((list(cells) for cells in maps if cells is not None), None)


def _gathered(cells: Sequence[Sequence[Any] | None], lengths: Sequence[int]) -> list[Any]:
    gathered: list[Any] = []
    for part, length in zip(cells, lengths, strict=True):
        gathered.extend(part if part is not None else [None] * length)
    return gathered


def _text_column(cells: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(cells, dtype="str" if int(pd.__version__.partition(".")[0]) >= 3 else object)


def _number_column(parts: Sequence[Numbers | None], lengths: Sequence[int]) -> Any:
    import pandas as pd

    kinds = {part.dtype.kind for part in parts if part is not None and not _is_all_null(part)}
    if "f" in kinds or not kinds:
        floats = [_as_floats(part, length) for part, length in zip(parts, lengths, strict=True)]
        return np.concatenate(floats)
    present = [part for part in parts if part is not None]
    if len(present) == len(parts) and kinds in ({"i"}, {"u"}) and all(part.dtype != object for part in present):
        return np.concatenate(present)
    cells = _gathered([None if part is None else part.tolist() for part in parts], lengths)
    for dtype in ("Int64", "UInt64") if None in cells else ("int64", "uint64"):
        try:
            return pd.array(cells, dtype=dtype)
        except (OverflowError, TypeError, ValueError):
            continue
    return pd.Series(cells, dtype=object)


def _is_all_null(part: Numbers) -> bool:
    return part.dtype == object and all(cell is None for cell in part)


def _as_floats(part: Numbers | None, length: int) -> npt.NDArray[np.float64]:
    if part is None:
        return np.full(length, np.nan)
    if part.dtype == object:
        return np.array([np.nan if cell is None else float(cell) for cell in part], dtype=np.float64)
    return part.astype(np.float64, copy=False)
