"""Read a topic with Quix Streams 0.5, print what it delivers as lines of JSON. Run by its environment's interpreter.

Reads one JSON object from standard input: `broker`, `topic` (the topic's ID), `streams` (stop when so many have ended),
`timeout_s`. Each line has a `kind` and its `stream`: `properties`, `parameters`, `event definitions`, `rows` (column
name to cells; one line for each message), `event`, and `end`. NaN is printed as null.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import uuid
from typing import Any

# The client's own log goes to file descriptor 1, where only our lines may stand.
_OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
_LOCK = threading.Lock()

_PARAMETER = ("id", "name", "description", "location", "unit", "format", "minimum_value", "maximum_value")
_EVENT = ("id", "name", "description", "location", "level")


def main() -> None:
    from quixstreams import AutoOffsetReset, KafkaStreamingClient

    asked = json.load(sys.stdin)
    client = KafkaStreamingClient(asked["broker"])
    group = f"interop-{uuid.uuid4().hex}"
    consumer = client.get_topic_consumer(asked["topic"], group, auto_offset_reset=AutoOffsetReset.Earliest)
    watch = _Watch(asked["streams"])
    consumer.on_stream_received = watch.stream
    consumer.subscribe()
    watch.all_ended.wait(asked["timeout_s"])


class _Watch:
    """Prints what comes of every stream, and knows when all have ended."""

    def __init__(self, streams: int) -> None:
        self._left = streams
        self._kept: list[object] = []  # the client's objects end with the last reference to them
        self.all_ended = threading.Event()

    def stream(self, stream: Any) -> None:
        self._kept.append(stream)
        stream.properties.on_changed = self._properties
        stream.timeseries.on_definitions_changed = self._parameters
        stream.timeseries.on_dataframe_received = self._rows
        stream.events.on_definitions_changed = self._event_definitions
        stream.events.on_data_received = self._event
        stream.on_stream_closed = self._end

    def _properties(self, stream: Any) -> None:
        said = stream.properties
        _show(
            "properties",
            stream,
            name=said.name,
            location=said.location,
            metadata={key: said.metadata[key] for key in said.metadata.keys()},  # noqa: SIM118 - it is no dict
            parents=[said.parents[number] for number in range(len(said.parents))],
            time_of_recording=said.time_of_recording and said.time_of_recording.isoformat(),
        )

    def _parameters(self, stream: Any) -> None:
        _show("parameters", stream, definitions=_facts(stream.timeseries.definitions, _PARAMETER))

    def _event_definitions(self, stream: Any) -> None:
        _show("event definitions", stream, definitions=_facts(stream.events.definitions, _EVENT))

    def _rows(self, stream: Any, frame: Any) -> None:
        _show("rows", stream, columns={name: [_plain(cell) for cell in frame[name]] for name in frame.columns})

    def _event(self, stream: Any, event: Any) -> None:
        ns = event.timestamp_nanoseconds
        _show("event", stream, id=event.id, value=event.value, timestamp=ns, tags=dict(event.tags))

    def _end(self, stream: Any, end_type: Any) -> None:
        _show("end", stream, end_type=end_type.name)
        with _LOCK:
            self._left -= 1
        if not self._left:
            self.all_ended.set()


def _show(kind: str, stream: Any, **facts: object) -> None:
    with _LOCK:
        print(json.dumps({"kind": kind, "stream": stream.stream_id, **facts}), file=_OUT, flush=True)


def _facts(definitions: Any, names: tuple[str, ...]) -> list[dict[str, object]]:
    found = ({name: getattr(definition, name) for name in names} for definition in definitions)
    return [{name: getattr(fact, "name", fact) for name, fact in facts.items()} for facts in found]


def _plain(cell: object) -> object:
    if isinstance(cell, bytes):
        return {"$base64": base64.b64encode(cell).decode()}
    cell = cell.item() if hasattr(cell, "item") else cell
    return None if cell != cell else cell


if __name__ == "__main__":
    main()
    os._exit(0)  # its .NET runtime may hang at the interpreter's regular end
