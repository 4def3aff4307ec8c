"""Messages back to rows: one message to a block of typed columns, blocks to one pandas DataFrame.

Readers are tolerant where writers are exact: integers, floats, `"NaN"` texts and booleans in NumericValues, missing
maps, and both envelopes are understood, because all of them exist on topics.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    numeric = {name: numbers([cell]) for name, cell in row.items() if isinstance(cell, (int, float))}
    text = {name: [_text(cell)] for name, cell in row.items() if name not in numeric}
    tagged = {name: [_text(cell)] for name, cell in tags.items()} if isinstance(tags, dict) else {}
    return Block(stream, np.array([time], dtype=np.int64), numeric, text, {}, tagged)


def _timeseries(stream: str, body: dict[str, Any]) -> Block:
    try:
        time = _nanoseconds(body["Timestamps"])
        n = len(time)
        return Block(
            stream,
            time,
            {name: numbers(cells) for name, cells in _map(body, "NumericValues", n).items()},
            {name: _texts(cells) for name, cells in _map(body, "StringValues", n).items()},
            {name: _bytes(cells) for name, cells in _map(body, "BinaryValues", n).items()},
            {name: _texts(cells) for name, cells in _map(body, "TagValues", n).items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise NotData("its columns are malformed") from None


def _nanoseconds(cells: list[Any]) -> npt.NDArray[np.int64]:
    packed = _packed(cells)
    return packed if packed is not None and packed.dtype == np.int64 else np.array(cells, dtype=np.int64)


def _events(stream: str, body: Any) -> Block:
    listed = body if isinstance(body, list) else [body]
    try:
        tags = [event.get("Tags") or {} for event in listed]
        return Block(
            stream,
            np.array([event["Timestamp"] for event in listed], dtype=np.int64),
            {},
            {"id": [_text(event["Id"]) for event in listed], "value": [_text(event.get("Value")) for event in listed]},
            {},
            {name: [_text(each.get(name)) for each in tags] for name in {tag: None for each in tags for tag in each}},
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise NotData("its events are malformed") from None


def _map(body: dict[str, Any], name: str, n: int) -> dict[str, Any]:
    columns: dict[str, Any] = body.get(name) or {}
    if any(not isinstance(cells, list) or len(cells) < n for cells in columns.values()):
        raise ValueError("a column is no list, or shorter than Timestamps")
    return {name: cells if len(cells) == n else cells[:n] for name, cells in columns.items()}


def numbers(cells: list[Any]) -> Numbers:
    """JSON numbers as an array: float64 if any has a fraction, else integers exactly; null is NaN or None."""
    if (packed := _packed(cells)) is not None:
        return packed
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


def _packed(cells: list[Any]) -> Numbers | None:
    """Floats, or integers that int64 holds, three times as fast as numpy makes them; None for anything else."""
    try:
        if type(cells[0]) is float:  # integers among them become floats, as they should
            return np.frombuffer(struct.pack(f"{len(cells)}d", *cells), dtype=np.float64)
        return np.frombuffer(struct.pack(f"{len(cells)}q", *cells), dtype=np.int64)
    except (IndexError, OverflowError, struct.error):
        return None


def _integers(cells: list[int]) -> Numbers:
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
    for name in _names(maps for item in blocks for maps in (item.numeric, item.text, item.binary)):
        columns[_apart(name, columns)] = _parameter(name, blocks, lengths)
    for name in _names(item.tags for item in blocks):
        columns[_TAG + name] = _text_column(_gathered([item.tags.get(name) for item in blocks], lengths))
    if with_stream:
        columns[_STREAM] = _text_column([item.stream for item in blocks]).repeat(lengths).reset_index(drop=True)
    result = pd.DataFrame(columns, copy=False)  # nobody else has the columns
    return result if keep is None else result.iloc[keep].reset_index(drop=True)


def _apart(name: str, taken: Collection[str]) -> str:
    """A parameter's column name, kept apart from the frame's own columns and from those before it."""
    while name in taken or name in (_TIME, _STREAM) or (name.startswith(_TAG) and not name.endswith("_")):
        name += "_"
    return name


def _names(maps: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {name: None for columns in maps for name in columns}


def _parameter(name: str, blocks: Sequence[Block], lengths: Sequence[int]) -> Any:
    """One parameter's column; what is null in all rows of a message says nothing of its sort."""
    import pandas as pd

    sorts = [[_given(item.numeric.get(name)) for item in blocks]]
    sorts += [[_given(item.text.get(name)) for item in blocks], [_given(item.binary.get(name)) for item in blocks]]
    numbers_, texts, _ = sorts
    present = [parts for parts in sorts if any(part is not None for part in parts)]
    if present == [numbers_] or (not present and any(name in item.numeric for item in blocks)):
        return _number_column(numbers_, lengths)
    if present == [texts] or (not present and any(name in item.text for item in blocks)):
        return _text_column(_gathered(texts, lengths))
    # One name with values of several sorts comes from writers that disagree; nothing is converted.
    first = [next((list(part) for part in parts if part is not None), None) for parts in zip(*sorts, strict=True)]
    return pd.Series(_gathered(first, lengths), dtype=object)


def _given(cells: Any) -> Any:
    """The cells, or None where all are null."""
    if cells is None or (not _is_typed(cells) and all(cell is None for cell in cells)):
        return None
    return cells


def _is_typed(cells: Any) -> bool:
    return isinstance(cells, np.ndarray) and cells.dtype != object


def _gathered(cells: Sequence[Sequence[Any] | None], lengths: Sequence[int]) -> list[Any]:
    gathered: list[Any] = []
    for part, length in zip(cells, lengths, strict=True):
        gathered.extend(part if part is not None else [None] * length)
    return gathered


def _text_column(cells: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    if int(pd.__version__.partition(".")[0]) < 3:
        return pd.Series(cells, dtype=object)
    text = pd.StringDtype(na_value=np.nan)
    try:
        if text.storage == "pyarrow":  # which pandas itself asks only after it has looked at each cell three times
            import pyarrow as pa

            return pd.Series(pd.array(pa.array(cells, pa.large_string()), dtype=text))
        return pd.Series(cells, dtype=text)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can escape but Arrow cannot hold
        return _text_column([cell and cell.encode("utf-8", "replace").decode() for cell in cells])


def _number_column(parts: Sequence[Numbers | None], lengths: Sequence[int]) -> Any:
    import pandas as pd

    kinds = {part.dtype.kind for part in parts if part is not None}
    if "f" in kinds or not kinds:
        floats = [_as_floats(part, length) for part, length in zip(parts, lengths, strict=True)]
        return np.concatenate(floats)
    present = [part for part in parts if part is not None]
    if len(present) == len(parts) and kinds in ({"i"}, {"u"}):
        return np.concatenate(present)
    cells = _gathered([None if part is None else part.tolist() for part in parts], lengths)
    if None not in cells:
        return _integers(cells)
    dtype = _integers([cell for cell in cells if cell is not None]).dtype
    return pd.Series(cells, dtype={"i": "Int64", "u": "UInt64"}.get(dtype.kind, object))


def _as_floats(part: Numbers | None, length: int) -> npt.NDArray[np.float64]:
    if part is None:
        return np.full(length, np.nan)
    if part.dtype == object:
        return np.array([np.nan if cell is None else float(cell) for cell in part], dtype=np.float64)
    return part.astype(np.float64, copy=False)
