"""Events: rows with an ID, a value and tags, as Quix's EventData."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from quixnb import envelope
from quixnb.errors import MessageTooLarge
from quixnb.timeseries import TARGET_BYTES, Columns, RowNumbers, Rows

ID: Final = "id"
VALUE: Final = "value"
_SLICE_ROWS: Final = 4096


def messages(
    columns: Columns,
    begin: int,
    end: int,
    *,
    limit_bytes: int,
    rows_per_message: int | None = None,
    numbers: RowNumbers | None = None,
) -> Iterator[Rows]:
    """Enveloped `EventData[]` messages for rows `begin` to `end`, in row order, each at most `limit_bytes` long.

    Parameters
    ----------
    columns
        `text["id"]` without nulls, `text["value"]` (null becomes `""`: Quix Streams 3 fails without a value), tags
        (null is left out of the event's tags). Always the array form: Quix Streams 0.5 cannot read a single event.

    Raises
    ------
    MessageTooLarge
        One event alone is over `limit_bytes`.
    """
    room = min(TARGET_BYTES, limit_bytes) - envelope.OVERHEAD_BYTES
    events: list[bytes] = []
    size, start = 2, begin
    for row, event in _events(columns, begin, end):
        if len(event) + 2 > limit_bytes - envelope.OVERHEAD_BYTES:
            raise MessageTooLarge(
                f"The event in row {row if numbers is None else int(numbers[row]):,} alone makes {len(event):,} bytes; "
                f"the topic takes at most {limit_bytes:,}.",
                cause="An event is never split.",
                fix="Shorten its value, or raise the topic's limit in Quix.",
            )
        if events and (size + len(event) + 1 > room or len(events) == rows_per_message):
            yield Rows(_wrapped(events), start, row)
            events, size, start = [], 2, row
        events.append(event)
        size += len(event) + 1
    if events:
        yield Rows(_wrapped(events), start, end)


def _wrapped(events: list[bytes]) -> bytes:
    return envelope.wrap(envelope.EVENT_DATA, b"[%s]" % b",".join(events))


def _events(columns: Columns, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
    for start in range(begin, end, _SLICE_ROWS):
        stop = min(start + _SLICE_ROWS, end)
        times = columns.time[start:stop].tolist()
        ids, values = columns.text[ID].cells(start, stop), columns.text[VALUE].cells(start, stop)
        tags = {name: column.cells(start, stop) for name, column in columns.tags.items()}
        for i, time_ns in enumerate(times):
            event: dict[str, Any] = {"Timestamp": time_ns}
            event["Tags"] = {name: cells[i] for name, cells in tags.items() if cells[i] is not None}
            event["Id"] = ids[i]
            event["Value"] = "" if values[i] is None else values[i]
            yield start + i, orjson.dumps(event)
