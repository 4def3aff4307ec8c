"""A frame's messages, read with plain JSON and nothing of ours but the options."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from quixnb import timeseries
from quixnb.frames import FrameOptions, chunks, to_columns


class Arrived(NamedTuple):
    """Rows in order: times, and each parameter's and tag's values; a parameter is None where a message lacks it."""

    time: list[int]
    columns: dict[str, list[Any]]
    tags: dict[str, list[str | None]]


def bodies(data: Any, options: dict[str, Any], **limits: Any) -> Iterator[dict[str, Any]]:
    """The JSON of each message, cut out by its envelope's offsets as Quix Streams 0.5 does."""
    row = 0
    for frame in chunks(data).frames:
        columns = to_columns(frame, FrameOptions(**options), first_row=row)
        row += len(columns)
        for message in timeseries.messages(columns, 0, len(columns), **limits):
            said = json.loads(message.value)
            yield json.loads(message.value[said["S"] : said["E"]])


def arrived(data: Any, **options: Any) -> Arrived:
    read = Arrived([], {}, {})
    for body in bodies(data, options):
        before, rows = len(read.time), len(body["Timestamps"])
        read.time.extend(body["Timestamps"])
        binary = {
            name: [base64.b64decode(cell, validate=True) for cell in cells]
            for name, cells in body["BinaryValues"].items()
        }
        given = {**body["NumericValues"], **body["StringValues"], **binary}
        for columns, part in ((read.columns, given), (read.tags, body["TagValues"])):
            for name in columns.keys() | part.keys():
                columns.setdefault(name, [None] * before).extend(part.get(name, [None] * rows))
    return read


def one(x: Any, **options: Any) -> list[Any]:
    """What arrives of a single column `x` of any kind, in a dictionary with a time."""
    return arrived({"timestamp": list(range(len(x))), "x": x}, time_unit="ns", **options).columns["x"]
