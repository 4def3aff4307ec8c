"""Streams and topics by Quix Streams 0.5's names: opened, found, described, closed, and what becomes of losses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import quixnb as qx
from quixnb.errors import DeliveryError, FrameError, QuixnbError
from tests.broker.accounts import failed_rows
from tests.broker.clusters import ChildCluster, new_topic
from tests.stream.arrived import arrived, until
from tests.streams05.conftest import Topic


def publish(stream: qx.StreamProducer, time: int = 1) -> None:
    stream.timeseries.buffer.add_timestamp_nanoseconds(time).add_value("x", time).publish()


# ---- opening and finding


def test_a_stream_is_found_again_while_it_is_open(topic: Topic) -> None:
    producer = topic.producer
    stream = producer.create_stream("s")

    assert producer.get_stream("s") is stream is producer.get_or_create_stream("s")
    assert producer.get_stream("other") is None is producer.get_stream(None)
    with pytest.raises(QuixnbError, match="open already"):
        producer.create_stream("s")

    stream.close()
    assert producer.get_stream("s") is None
    assert producer.create_stream("s") is not stream


def test_a_new_stream_can_be_prepared_when_it_is_made(topic: Topic) -> None:
    made: list[str] = []

    for _ in range(2):
        topic.producer.get_or_create_stream("s", lambda stream: made.append(stream.stream_id))

    assert made == ["s"]


def test_streams_without_an_id_have_each_their_own(topic: Topic) -> None:
    assert topic.producer.create_stream().stream_id != topic.producer.create_stream().stream_id


@pytest.mark.parametrize("stream_id", ["", "a/b", "a\\b", "x" * 1025])
def test_an_id_that_a_client_of_quix_would_refuse_is_refused(topic: Topic, stream_id: str) -> None:
    with pytest.raises(FrameError):
        topic.producer.create_stream(stream_id)
    assert stream_id == "" or topic.producer.get_stream(stream_id) is None


# ---- saying something of a stream


def test_properties_are_sent_by_themselves_soon_after_they_change(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.properties.name = "first"
    until(lambda: stream.report.messages == 1)

    stream.properties.metadata["a"] = 1  # type: ignore[assignment]
    stream.properties.metadata["b"] = "2"
    del stream.properties.metadata["a"]
    stream.properties.parents.extend(["p", "q"])
    stream.properties.parents[0] = "r"
    until(lambda: stream.report.messages == 2)

    assert topic.of("StreamProperties") == [
        {"Name": "first", "Metadata": {}, "Parents": []},
        {"Name": "first", "Metadata": {"b": "2"}, "Parents": ["r", "q"]},
    ]
    assert (stream.properties.parents, dict(stream.properties.metadata)) == (["r", "q"], {"b": "2"})


def test_a_change_stands_before_the_rows_that_follow_it(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    publish(stream)
    stream.properties.location = "/cars"
    stream.timeseries.add_definition("x").set_unit("m")
    publish(stream)
    stream.close()

    assert topic.models() == [
        "StreamProperties",
        "ParameterData",
        "StreamProperties",
        "ParameterDefinitions",
        "ParameterData",
        "StreamEnd",
    ]
    assert topic.of("ParameterDefinitions")[0]["Parameters"] == [{"Id": "x", "Unit": "m"}]


def test_what_has_not_changed_is_not_sent_again(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    for _ in range(2):
        stream.properties.name = "same"
        stream.timeseries.add_definition("x")
        stream.flush()
    stream.close()

    assert topic.models() == ["StreamProperties", "ParameterDefinitions", "StreamEnd"]


def test_several_definitions_at_once(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.timeseries.add_definitions(
        [
            qx.ParameterDefinition("speed", "Speed", unit="km/h", minimum_value=0, maximum_value=400, location="/car"),
            qx.ParameterDefinition("gear", description="of 8", format="0", custom_properties="{}"),
        ]
    )
    stream.events.default_location = "box"
    stream.events.add_definitions([qx.EventDefinition("pit", level=qx.EventLevel.Warning)])
    stream.close()

    (parameters,), (events,) = topic.of("ParameterDefinitions"), topic.of("EventDefinitions")
    assert parameters["ParameterGroups"][0]["Parameters"] == [
        {"Id": "speed", "Name": "Speed", "MinimumValue": 0, "MaximumValue": 400, "Unit": "km/h"}
    ]
    assert parameters["Parameters"] == [{"Id": "gear", "Description": "of 8", "Format": "0", "CustomProperties": "{}"}]
    assert events["EventGroups"][0] == {
        "Name": "box",
        "ChildGroups": [],
        "Events": [{"Id": "pit", "Level": "Warning"}],
    }


def test_a_definition_that_cannot_be_leaves_the_others(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    rpm = stream.timeseries.add_definition("rpm")
    for bad in (
        lambda: stream.timeseries.add_definition("a/b"),
        lambda: stream.timeseries.add_definition(""),
        lambda: rpm.set_range(2, 1),
        lambda: rpm.set_range(0, float("inf")),
        lambda: stream.timeseries.add_location("/car").set_unit("m"),
    ):
        with pytest.raises(FrameError):
            bad()
    stream.close()

    assert topic.of("ParameterDefinitions") == [{"ParameterGroups": [], "Parameters": [{"Id": "rpm"}]}]


# ---- events


def test_default_tags_are_on_events_too(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.events.default_tags["car"] = "a"
    stream.events.add_timestamp(1).add_value("e", "v").add_tag("lap", 3).publish()
    stream.events.publish(qx.EventData("e", 2, "v").add_tag("car", "own"))
    stream.events.publish([qx.EventData("e", 3), qx.EventData("f", 4, 5).add_tags({"x": "y"})])
    stream.close()

    assert [event["Tags"] for event in topic.events()] == [
        {"car": "a", "lap": "3"},
        {"car": "own"},
        {"car": "a"},
        {"car": "a", "x": "y"},
    ]
    assert [event["Value"] for event in topic.events()] == ["v", "v", "", "5"]


def test_a_frame_of_events_may_call_its_columns_otherwise(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    frame = pd.DataFrame(
        {
            "what": ["a", "b"],
            "when": [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)],
            "v": ["x", None],
            "TAG__t": ["y", None],
        }
    )
    stream.events.publish(frame, id="what", timestamp="when", value="v")
    with pytest.raises(FrameError, match="no column 'timestamp'"):
        stream.events.publish(frame)
    stream.close()

    assert topic.events() == [
        {"Timestamp": 1_767_225_600_000_000_000, "Tags": {"t": "y"}, "Id": "a", "Value": "x"},
        {"Timestamp": 1_767_312_000_000_000_000, "Tags": {}, "Id": "b", "Value": ""},
    ]


def test_an_event_can_be_looked_at_and_copied() -> None:
    event = qx.EventData("pit", "2026-01-01T00:00:00Z", "in").add_tag("a", 1).add_tag("b", "x").remove_tag("b")

    copy = event.clone().add_tag("c", "y")

    assert (event.id, event.value, event.tags, copy.tags) == ("pit", "in", {"a": "1"}, {"a": "1", "c": "y"})
    assert event.timestamp == dt.datetime(2026, 1, 1)
    assert event.timestamp_milliseconds * 10**6 == event.timestamp_nanoseconds
    assert event.timestamp_as_time_span == dt.timedelta(days=20_454)
    with pytest.raises(FrameError, match="no ID"):
        qx.EventData("", 1)


# ---- the end


def test_a_block_closes_its_stream_and_says_how_it_ended(topic: Topic) -> None:
    def block(stream_id: str, error: type[Exception] | None) -> None:
        with topic.producer.create_stream(stream_id) as stream:
            publish(stream)
            if error is not None:
                raise error

    block("a", None)
    with pytest.raises(ZeroDivisionError):
        block("b", ZeroDivisionError)

    ends = {
        message.stream: message.body["StreamEndType"] for message in topic.messages() if message.model == "StreamEnd"
    }
    assert ends == {"a": "Closed", "b": "Aborted"}


def test_closing_twice_is_closing_once(topic: Topic) -> None:
    with topic.producer.create_stream("s") as stream:
        publish(stream)
        stream.close(qx.StreamEndType.Terminated)

    assert topic.of("StreamEnd") == [{"StreamEndType": "Terminated"}]


def test_a_closed_stream_takes_no_more(topic: Topic) -> None:
    stream = topic.producer.create_stream("s")
    stream.close()

    attempts: list[Any] = [
        lambda: publish(stream),
        lambda: stream.events.publish(qx.EventData("e", 1)),
        lambda: setattr(stream.properties, "name", "x"),
        lambda: stream.timeseries.add_definition("x"),
        stream.flush,
    ]
    for attempt in attempts:
        with pytest.raises(QuixnbError, match="is closed"):
            attempt()


def test_a_topic_that_was_disposed_of_says_so_and_opens_no_more(topic: Topic) -> None:
    told: list[qx.TopicProducer] = []
    topic.producer.on_disposed = told.append
    with topic.producer as producer:
        stream = producer.create_stream("s")
        publish(stream)

    topic.producer.dispose()

    assert told == [topic.producer] == [topic.producer]
    assert topic.models() == ["StreamProperties", "ParameterData"]
    with pytest.raises(QuixnbError, match="disposed of"):
        topic.producer.create_stream()
    with pytest.raises(QuixnbError, match="is closed"):
        publish(stream)


# ---- losses


@pytest.fixture
def cluster() -> Iterator[ChildCluster]:
    with ChildCluster() as running:
        yield running


def test_rows_that_are_lost_raise_and_a_retry_sends_them(cluster: ChildCluster) -> None:
    client = qx.KafkaStreamingClient(cluster.address, properties={"message.timeout.ms": 1200})
    topic_id = new_topic()
    producer = client.get_topic_producer(topic_id)
    stream, other = producer.create_stream("s"), producer.create_stream("other")
    publish(stream, 0)
    publish(other, 0)
    producer.flush()
    cluster.pause()
    publish(stream, 1)
    with pytest.raises(DeliveryError) as caught:
        stream.flush()
    with pytest.raises(DeliveryError):
        publish(stream, 2)
    cluster.go_on()

    publish(other, 1)
    other.close()
    report = caught.value.report
    assert failed_rows(report) == {1}
    report.retry()
    assert producer.get_stream("s") is None
    producer.dispose()

    rows = [
        (message.stream, message.body["NumericValues"]["x"])
        for message in arrived(cluster.connect(), topic_id)
        if message.model == "ParameterData"
    ]
    assert [x for stream_id, x in rows if stream_id == "other"] == [[0], [1]]
    assert [0] in [x for stream_id, x in rows if stream_id == "s"]
    assert [1] in [x for stream_id, x in rows if stream_id == "s"]


def test_a_handler_is_told_of_losses_in_place_of_the_program(cluster: ChildCluster) -> None:
    client = qx.KafkaStreamingClient(cluster.address, properties={"message.timeout.ms": 1200})
    stream = client.get_topic_producer(new_topic()).create_stream("s")
    told: list[tuple[qx.StreamProducer, BaseException]] = []
    stream.on_write_exception = lambda *lost: told.append(lost)
    publish(stream, 0)
    stream.flush()
    cluster.pause()

    publish(stream, 1)
    stream.flush()
    publish(stream, 2)
    stream.close()

    assert [who for who, _ in told] == [stream] * len(told)
    assert len(told) >= 2
    assert all(isinstance(error, DeliveryError) for _, error in told)
    stream.on_write_exception = None
    assert stream.on_write_exception is None
