"""One sandbox for all of Quix's clients, and one topic that each of them reads once, because each is slow to start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import quixnb
from quixnb.sandbox import Sandbox
from tests.interop.clients import read_with_05, read_with_3
from tests.interop.frames import AWKWARD
from tests.sandbox.helpers import remembered

TOPIC = "awkward"
DESCRIBED, EVENTFUL = "described", "eventful"
SAID: dict[str, Any] = {
    "name": "Car 1, Räikkönen",
    "location": "/cars",
    "metadata": {"team": "Alfa Romeo", "lap": "7"},
    "parents": ["race-1"],
    "time_of_recording": "2026-03-01T12:30:00Z",
    "definitions": {"speed": {"name": "Speed", "unit": "km/h", "minimum": 0, "maximum": 400, "group": "car"}},
    "end": "Aborted",
}
DRIVEN = pd.DataFrame({"timestamp": [1, 2, 3], "speed": [1.5, None, 3.0]})
EVENTS = pd.DataFrame(
    {"timestamp": [1_700_000_000_123_456_789, 2], "id": ["pit", "flag"], "value": ["in", None], "car": ["44", None]}
)

# What a client gets of each stream, in order.
Streams = dict[str, list[dict[str, Any]]]


def stream_of(sample: str) -> str:
    """The ID of the stream that a sample frame is published to; its name may have characters that an ID may not."""
    return f"sample-{list(AWKWARD).index(sample)}"


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start() as running:
        yield remembered(running)


@pytest.fixture(scope="package")
def session(sandbox: Sandbox) -> Iterator[quixnb.Session]:
    with quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api) as session:
        yield session


@pytest.fixture(scope="package")
def published(session: quixnb.Session) -> quixnb.Topic:
    """A topic with every sample frame, a stream of which everything is said, and events."""
    topic = session.create_topic(TOPIC)
    for name, sample in AWKWARD.items():
        session.publish(sample.make(), TOPIC, stream=stream_of(name), **sample.options)
    session.publish(DRIVEN, TOPIC, stream=DESCRIBED, time_unit="ns", **SAID)
    events = {"pit": {"name": "Pit stop", "level": "Warning"}}
    options = {"events": True, "tags": ["car"], "definitions": events}
    session.publish(EVENTS, TOPIC, stream=EVENTFUL, time_unit="ns", **options)
    return topic


@pytest.fixture(scope="package")
def read_by_3(sandbox: Sandbox, published: quixnb.Topic) -> Streams:
    rows = sum(len(sample.time) for sample in AWKWARD.values()) + len(DRIVEN) + len(EVENTS)
    return _by_stream(read_with_3(sandbox, TOPIC, rows))


@pytest.fixture(scope="package")
def read_by_05(sandbox: Sandbox, published: quixnb.Topic) -> Streams:
    return _by_stream(read_with_05(sandbox.bootstrap_servers, published.id, len(AWKWARD) + 2))


def _by_stream(read: list[dict[str, Any]]) -> Streams:
    streams: Streams = defaultdict(list)
    for item in read:
        streams[item.pop("stream")].append(item)
    return streams
