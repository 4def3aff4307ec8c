"""The calls that Quix Streams 0.5.7 was captured at, made of this surface: the same messages, where those are right."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
import pytest

import quixnb as qx
from quixnb import envelope
from tests.streams05.conftest import Topic
from tests.wire import captures

UTC_2023 = dt.datetime(2023, 11, 14, 22, 13, 20)


def captured(case: str) -> list[tuple[str, str, Any]]:
    """The stream, kind and JSON of each message of a capture."""
    return [(key, *envelope.unwrap(value)[:2]) for key, value, *_ in captures.messages(case)]


def ours(topic: Topic) -> list[tuple[str, str, Any]]:
    return [tuple(message) for message in topic.messages()]  # type: ignore[misc]


def said_the_same(mine: Any, theirs: Any) -> bool:
    """Whether two messages mean the same: `Closed` may be left out of an end, and 1.0 is 1."""
    drop = {"StreamEndType": "Closed"}
    return json.dumps(mine if mine != drop else {}, sort_keys=True) == json.dumps(_ints(theirs), sort_keys=True)


def _ints(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ints(cell) for key, cell in value.items()}
    if isinstance(value, list):
        return [_ints(cell) for cell in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def assert_as_captured(topic: Topic, case: str) -> None:
    mine, theirs = ours(topic), captured(case)
    assert [message[:2] for message in mine] == [message[:2] for message in theirs]
    for (_, model, body), (_, _, expected) in zip(mine, theirs, strict=True):
        assert said_the_same(body, expected), (model, body, expected)


def test_properties(topic: Topic) -> None:
    stream = topic.producer.create_stream("stream-props")
    stream.properties.name = "Car A \N{EN DASH} lap 1"
    stream.properties.location = "/cars/ai/carA"
    stream.properties.metadata["driver"] = "Žofie"
    stream.properties.metadata["empty"] = ""
    stream.properties.parents.append("p1")
    stream.properties.parents.append("p2")
    stream.properties.time_of_recording = dt.datetime(2023, 11, 14, 22, 13, 20, 123456)
    stream.properties.flush()
    stream.close()

    (properties,), (expected,) = topic.of("StreamProperties"), [m[2] for m in captured("L01_stream_properties")[:1]]
    # UTC is said: Quix Streams 0.5 writes no zone, and reads one with it right.
    assert properties == expected | {"TimeOfRecording": "2023-11-14T22:13:20.123456Z"}
    assert topic.models() == ["StreamProperties", "StreamEnd"]


def test_a_stream_on_which_nothing_happened(topic: Topic) -> None:
    topic.producer.create_stream("empty").close()

    assert ours(topic) == [("empty", "StreamEnd", {"StreamEndType": "Closed"})]


def test_parameter_definitions(topic: Topic) -> None:
    stream = topic.producer.create_stream("stream-defs")
    stream.timeseries.add_definition("plain")
    stream.timeseries.add_definition("rpm", "Engine RPM", "Revolutions").set_range(0, 12000.5).set_unit(
        "rpm"
    ).set_format("{0:0}").set_custom_properties('{"a":1}')
    stream.timeseries.add_location("/chassis/engine").add_definition("oil_temp", "Oil temp").set_unit("°C")
    stream.timeseries.default_location = "/body"
    stream.timeseries.add_definition("door")
    stream.timeseries.flush()
    stream.close()

    assert_as_captured(topic, "L03_parameter_definitions")


def test_event_definitions(topic: Topic) -> None:
    stream = topic.producer.create_stream("stream-edefs")
    stream.events.add_definition("plain")
    stream.events.add_definition("crash", "Crash", "desc").set_level(qx.EventLevel.Critical).set_custom_properties("{}")
    stream.events.add_definition("trace", "T").set_level(qx.EventLevel.Trace)
    stream.events.add_definition("debug").set_level(qx.EventLevel.Debug)
    stream.events.add_definition("warn").set_level(qx.EventLevel.Warning)
    stream.events.add_definition("err").set_level(qx.EventLevel.Error)
    stream.events.add_location("/car/box").add_definition("gear", "Gear").set_level(qx.EventLevel.Information)
    stream.events.flush()
    stream.close()

    (mine,), expected = topic.of("EventDefinitions"), captured("L04_event_definitions")[1][2]
    # The level that Quix Streams 0.5 leaves out, and then reads as another.
    next(event for event in expected["Events"] if event["Id"] == "trace")["Level"] = "Trace"
    assert mine == expected


def test_the_builder_one_message_a_row(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    moment = UTC_2023.replace(microsecond=123456)
    stream.timeseries.buffer.add_timestamp(moment).add_value("f", 1.5).add_value("i", 2).add_value("s", "x").add_value(
        "b", b"\x01\x02"
    ).add_tag("t", "v").publish()
    stream.timeseries.buffer.add_timestamp(dt.timedelta(seconds=1)).add_value("f", 2).publish()
    stream.timeseries.buffer.add_timestamp_nanoseconds(1_700_000_000_000_000_001).add_value("f", float("nan")).publish()
    stream.close()

    mine, theirs = ours(topic), captured("L27_builder")
    assert [m[:2] for m in mine] == [m[:2] for m in theirs]
    assert all(said_the_same(a[2], b[2]) for a, b in zip(mine[:3], theirs[:3], strict=True))
    # Where Quix Streams 0.5 writes the text "NaN" among the numbers.
    assert mine[3][2]["NumericValues"] == {"f": [None]}


def test_packets_with_default_tags(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.timeseries.buffer.packet_size = 3
    stream.timeseries.buffer.default_tags["dt"] = "x"
    for i in range(7):
        row = stream.timeseries.buffer.add_timestamp_nanoseconds(1_700_000_000_000_000_000 + i).add_value("a", i)
        (row.add_value("odd", i) if i % 2 else row).publish()
    stream.close()

    assert [body["NumericValues"] for body in topic.data()] == [
        {"a": [0, 1, 2], "odd": [None, 1, None]},
        {"a": [3, 4, 5], "odd": [3, None, 5]},
        {"a": [6]},
    ]
    assert [body["TagValues"] for body in topic.data()] == [{"dt": ["x"] * 3}, {"dt": ["x"] * 3}, {"dt": ["x"]}]


def test_time_spans(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.timeseries.buffer.time_span_in_milliseconds = 100
    for ms in (0, 40, 80, 120, 160, 200, 260):
        stream.timeseries.buffer.add_timestamp_milliseconds(ms).add_value("ms", ms).publish()
    stream.close()

    assert [body["NumericValues"]["ms"] for body in topic.data()] == [[0, 40, 80], [120, 160, 200], [260]]


def test_the_epoch(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.epoch = dt.datetime(2018, 1, 1)
    stream.timeseries.buffer.add_timestamp(dt.timedelta(seconds=1)).add_value("a", 1).publish()
    frame = pd.DataFrame({"time": [1_600_000_000_000_000_000, 1_600_000_000_000_000_005], "a": [1, 2]})
    stream.timeseries.publish(qx.TimeseriesDataRaw.from_dataframe(frame, epoch=1_600_000_000_000_000_000))
    stream.close()

    first, second = (message[2] for message in captured("L30_epoch")[1:3])
    assert topic.data()[0]["Timestamps"] == first["Timestamps"]
    # Absolute: readers do not agree on what the field Epoch means.
    assert topic.data()[1]["Timestamps"] == [time + second["Epoch"] for time in second["Timestamps"]]
    assert "Epoch" not in topic.data()[1]


def test_rows_of_one_time_and_tags(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    rows = qx.TimeseriesData()
    rows.add_timestamp_nanoseconds(10).add_value("a", 1).add_tag("t", "1")
    rows.add_timestamp_nanoseconds(10).add_value("b", 2).add_tag("t", "1")
    rows.add_timestamp_nanoseconds(10).add_value("a", 3).add_tag("t", "2")
    rows.add_timestamp_nanoseconds(11)
    rows.add_timestamp_nanoseconds(12).add_value("s", "x")
    stream.timeseries.publish(rows)
    stream.close()

    (body,) = topic.data()
    assert body == {
        "Timestamps": [10, 10, 12],
        "NumericValues": {"a": [1, 3, None], "b": [2, None, None]},
        "StringValues": {"s": [None, None, "x"]},
        "BinaryValues": {},
        "TagValues": {"t": ["1", "2", None]},
    }


def test_events(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.events.add_timestamp(UTC_2023).add_value("e1", "v1").add_value("e2", "").add_tag("t", "v").publish()
    stream.events.publish(qx.EventData("e3", 1_700_000_000_000_000_001, "žluť 🚀").add_tag("k", "v"))
    stream.events.publish(qx.EventData("e4", 1_700_000_000_000_000_002, None))
    stream.events.publish(pd.DataFrame({"id": ["e5", "e6"], "timestamp": [1, 2], "value": ["a", "b"]}))
    stream.close()

    theirs = [event for _, model, body in captured("L33_events") if model == "EventData[]" for event in body]
    # Without a value Quix Streams 3 fails.
    assert topic.events() == [{"Value": "", **event} for event in theirs]


@pytest.mark.parametrize("end", list(qx.StreamEndType))
def test_ends(topic: Topic, end: qx.StreamEndType) -> None:
    stream = topic.producer.create_stream("s")
    stream.timeseries.buffer.add_timestamp_nanoseconds(1).add_value("a", 1).publish()
    stream.close(end)

    assert topic.models() == ["StreamProperties", "ParameterData", "StreamEnd"]
    assert topic.of("StreamEnd") == [{"StreamEndType": end.name}]


def test_a_topic_that_is_disposed_of_leaves_its_streams_without_an_end(topic: Topic) -> None:
    stream = topic.producer.create_stream("s-open")
    stream.timeseries.buffer.packet_size = 10
    stream.timeseries.buffer.add_timestamp_nanoseconds(1).add_value("a", 1).publish()

    topic.producer.dispose()

    assert topic.models() == ["StreamProperties", "ParameterData"]


def test_properties_are_said_again(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.properties.name = "hb"
    stream.properties.flush()
    stream.properties.flush_interval = 1
    published = 0
    while topic.models().count("StreamProperties") < 3:
        stream.timeseries.buffer.add_timestamp_nanoseconds(published).add_value("a", published).publish()
        stream.flush()
        published += 1

    assert {body["Name"] for body in topic.of("StreamProperties")} == {"hb"}
