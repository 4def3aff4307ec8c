"""What is on a topic, and writers to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from quixnb import envelope, streaming
from quixnb.broker import Broker
from quixnb.options import Destination
from quixnb.streaming import StreamWriter
from tests.broker.clusters import destination, records


class Arrived(NamedTuple):
    """One message: its stream, what it is, and its JSON."""

    stream: str
    model: str
    body: Any


def arrived(broker: Broker, topic_id: str) -> list[Arrived]:
    """The messages of a topic."""
    found = []
    for record in records(broker, topic_id):
        model, body = envelope.unwrap(record.value)[:2]
        found.append(Arrived((record.key or b"").decode(), model, body))
    return found


def data(broker: Broker, topic_id: str) -> list[dict[str, Any]]:
    """The JSON of a topic's messages with rows."""
    return [message.body for message in arrived(broker, topic_id) if message.model == envelope.PARAMETER_DATA]


def values(broker: Broker, topic_id: str, name: str, kind: str = "NumericValues") -> list[Any]:
    """One column of all rows of a topic."""
    return [cell for body in data(broker, topic_id) for cell in body[kind].get(name, [None] * len(body["Timestamps"]))]


def writer(broker: Broker, to: Destination | None = None, **options: Any) -> StreamWriter:
    """A writer as `Session.stream` makes it, to a topic of its own unless `to` is given."""
    mine = {name: options.pop(name, None) for name in ("packet_size", "time_span_s", "buffer_timeout_s")}
    events, noted = options.pop("event_definitions", None), options.pop("on_report", lambda report: None)
    said = streaming.options(**{"stream": "car-1", **options})
    return StreamWriter(
        to or destination(broker),
        said.stream,
        said.frame,
        streaming.conditions(**mine),
        event_definitions=events,
        on_report=noted,
    )


def until(condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """Wait until a condition holds; returns what it returned."""
    end = time.monotonic() + timeout_s
    while not (outcome := condition()):
        assert time.monotonic() < end, "it did not come to hold"
    return outcome
