"""One row one message: a JSON object as Quix Streams 3 hands it to a row function, whichever format it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import orjson

from quixnb.timeseries import Column, Columns, RowNumbers, Rows, too_large

_SLICE_ROWS: Final = 4096
_PRETTY_CHARACTERS: Final = 2000


def messages(
    columns: Columns,
    begin: int,
    end: int,
    *,
    limit_bytes: int,
    rows_per_message: int | None = None,
    numbers: RowNumbers | None = None,
) -> Iterator[Rows]:
    """A message for each of the rows `begin` to `end`: its parameters, `Timestamp` in ns, and `Tags` if there are any.

    `rows_per_message` is here for the other formats' sake: it is one.

    Raises
    ------
    MessageTooLarge
        A row is over `limit_bytes`.
    """
    for start in range(begin, end, _SLICE_ROWS):
        stop = min(start + _SLICE_ROWS, end)
        names = [name for name, _, _ in columns.parameters()]
        values = [_listed(column, start, stop) for _, _, column in columns.parameters()]
        tags = [_listed(column, start, stop) for column in columns.tags.values()]
        times = columns.time[start:stop].tolist()
        for offset, time_ns in enumerate(times):
            row: dict[str, Any] = {name: column[offset] for name, column in zip(names, values, strict=True)}
            row["Timestamp"] = time_ns
            if tags:
                row["Tags"] = {tag: column[offset] for tag, column in zip(columns.tags, tags, strict=True)}
            value = orjson.dumps(row)
            if len(value) > limit_bytes:
                raise too_large(columns, start + offset, len(value), limit_bytes, numbers)
            yield Rows(value, start + offset, start + offset + 1)


def _listed(column: Column, start: int, stop: int) -> list[Any]:
    cells = column.cells(start, stop)
    if not isinstance(cells, np.ndarray):
        return list(cells)
    if cells.dtype == np.float32:  # as float64 it would show digits that float32 never had
        shortest: list[Any] = orjson.loads(orjson.dumps(cells, option=orjson.OPT_SERIALIZE_NUMPY))
        return shortest
    listed: list[Any] = cells.tolist()
    return listed


def pretty(value: bytes) -> str:
    """A message's JSON, indented, for a person to look at; long ones are cut."""
    if not value:
        return ""
    text = orjson.dumps(_shortened(orjson.loads(value)), option=orjson.OPT_INDENT_2).decode()
    return text if len(text) <= _PRETTY_CHARACTERS else text[:_PRETTY_CHARACTERS] + "\n…"


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list) and len(value) > 3:
        return [*map(_shortened, value[:3]), f"… {len(value) - 3:,} more"]
    return value
