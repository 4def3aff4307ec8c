"""What is said of a stream around its rows, its events, and its end, as Quix's two clients deliver them."""

from __future__ import annotations

import pytest

from tests.interop.conftest import DESCRIBED, EVENTFUL, Streams, stream_of
from tests.interop.frames import AWKWARD

pytestmark = pytest.mark.quixstreams


def test_quix_streams_05_gets_a_streams_properties(read_by_05: Streams) -> None:
    said, *repeated = [item for item in read_by_05[DESCRIBED] if item["kind"] == "properties"]

    assert said == {
        "kind": "properties",
        "name": "Car 1, Räikkönen",
        "location": "/cars",
        "metadata": {"team": "Alfa Romeo", "lap": "7"},
        "parents": ["race-1"],
        "time_of_recording": "2026-03-01T12:30:00",
    }
    assert not repeated


def test_quix_streams_05_gets_the_definitions_of_parameters(read_by_05: Streams) -> None:
    said = [item["definitions"] for item in read_by_05[DESCRIBED] if item["kind"] == "parameters"]

    assert said == [
        [
            {
                "id": "speed",
                "name": "Speed",
                "description": None,
                "location": "/car",
                "unit": "km/h",
                "format": None,
                "minimum_value": 0.0,
                "maximum_value": 400.0,
            }
        ]
    ]


def test_quix_streams_05_gets_what_is_said_before_the_rows_and_the_end_behind_them(read_by_05: Streams) -> None:
    assert [item["kind"] for item in read_by_05[DESCRIBED]] == ["properties", "parameters", "rows", "end"]
    assert read_by_05[DESCRIBED][2]["columns"] == {"timestamp": [1, 2, 3], "speed": [1.5, None, 3.0]}
    assert read_by_05[DESCRIBED][3]["end_type"] == "Aborted"


def test_quix_streams_05_sees_the_end_of_every_stream(read_by_05: Streams) -> None:
    ends = {stream: items[-1].get("end_type") for stream, items in read_by_05.items()}

    assert ends == {stream_of(name): "Closed" for name in AWKWARD} | {DESCRIBED: "Aborted", EVENTFUL: "Closed"}


def test_quix_streams_05_gets_events_and_their_definitions(read_by_05: Streams) -> None:
    items = read_by_05[EVENTFUL]

    assert [item for item in items if item["kind"] == "event"] == [
        {"kind": "event", "id": "pit", "value": "in", "timestamp": 1_700_000_000_123_456_789, "tags": {"car": "44"}},
        {"kind": "event", "id": "flag", "value": "", "timestamp": 2, "tags": {}},
    ]
    (said,) = [item["definitions"] for item in items if item["kind"] == "event definitions"]
    assert [(event["id"], event["name"], event["level"]) for event in said] == [("pit", "Pit stop", "Warning")]


def test_quix_streams_3_gets_events_as_rows(read_by_3: Streams) -> None:
    assert [row["value"] for row in read_by_3[EVENTFUL]] == [
        {"Id": "pit", "Value": "in", "Timestamp": 1_700_000_000_123_456_789, "Tags": {"car": "44"}},
        {"Id": "flag", "Value": "", "Timestamp": 2, "Tags": {}},
    ]
