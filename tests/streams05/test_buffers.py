"""The buffer's conditions, filter and triggers, and the order in which what passes it arrives."""

from __future__ import annotations

import threading
from typing import Any

import pandas as pd
import pytest

import quixnb as qx
from quixnb.errors import QuixnbError
from tests.stream.arrived import until
from tests.streams05.conftest import Topic


def publish(stream: qx.StreamProducer, times: Any) -> None:
    for time in times:
        stream.timeseries.buffer.add_timestamp_nanoseconds(time).add_value("n", time).publish()


def packets(topic: Topic) -> list[list[int]]:
    return [body["Timestamps"] for body in topic.data()]


def test_conditions_can_be_read_and_taken_back(stream: qx.StreamProducer) -> None:
    buffer = stream.timeseries.buffer
    assert (buffer.packet_size, buffer.time_span_in_milliseconds, buffer.buffer_timeout) == (None, None, None)

    buffer.packet_size, buffer.time_span_in_milliseconds, buffer.buffer_timeout = 5, 100, 1000
    assert (buffer.packet_size, buffer.time_span_in_nanoseconds, buffer.buffer_timeout) == (5, 100_000_000, 1000)
    buffer.time_span_in_nanoseconds = 2_500_000
    assert buffer.time_span_in_milliseconds == 2

    buffer.packet_size = buffer.time_span_in_nanoseconds = buffer.buffer_timeout = None
    assert (buffer.packet_size, buffer.time_span_in_milliseconds, buffer.buffer_timeout) == (None, None, None)


def test_a_time_out_releases_what_is_held(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.buffer_timeout = 20
    publish(stream, [1, 2])

    until(lambda: stream.report.rows_delivered == 2)

    assert packets(topic) == [[1, 2]]


def test_flush_releases_what_is_held(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.packet_size = 10
    publish(stream, [1])
    stream.timeseries.buffer.flush()
    publish(stream, [2])
    stream.timeseries.flush()
    publish(stream, [3])
    stream.flush()
    publish(stream, [4])
    topic.producer.flush()

    assert packets(topic) == [[1], [2], [3], [4]]


def test_a_frame_is_cut_by_the_same_conditions_as_rows(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.packet_size = 3
    publish(stream, [1])
    stream.timeseries.buffer.publish(pd.DataFrame({"time": [2, 3, 4, 5], "n": [2, 3, 4, 5]}))
    publish(stream, [6, 7])
    stream.close()

    assert packets(topic) == [[1, 2, 3], [4, 5, 6], [7]]
    assert [body["NumericValues"]["n"] for body in topic.data()] == packets(topic)


def test_what_is_published_without_the_buffer_passes_what_it_holds(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.packet_size = 10
    publish(stream, [1])
    stream.timeseries.publish(pd.DataFrame({"time": [2], "n": [2]}))
    stream.events.add_timestamp_nanoseconds(3).add_value("e", "v").publish()
    stream.close()

    assert topic.models() == ["StreamProperties", "ParameterData", "EventData[]", "ParameterData", "StreamEnd"]
    assert packets(topic) == [[2], [1]]
    assert stream.report.rows_delivered == 3


def test_a_filter_leaves_rows_out(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.filter = lambda row: bool(row.parameters["n"].numeric_value % 2)
    publish(stream, [1, 2, 3])
    stream.timeseries.buffer.publish(pd.DataFrame({"time": [4, 5], "n": [4, 5], "b": [b"x", b"y"]}))
    stream.close()

    assert [time for packet in packets(topic) for time in packet] == [1, 3, 5]
    assert topic.data()[-1]["BinaryValues"] == {"b": ["eQ=="]}


def test_a_trigger_releases_when_it_is_true_of_what_is_held(topic: Topic, stream: qx.StreamProducer) -> None:
    buffer = stream.timeseries.buffer
    buffer.custom_trigger = lambda data: data.timestamps[-1].tags.get("is_critical") == "True"
    for time in range(6):
        buffer.add_timestamp_nanoseconds(time).add_value("n", time).add_tag("is_critical", time in (2, 3)).publish()
    stream.close()

    assert packets(topic) == [[0, 1, 2], [3], [4, 5]]


def test_a_trigger_may_look_at_all_that_is_held(topic: Topic, stream: qx.StreamProducer) -> None:
    seen: list[int] = []
    stream.timeseries.buffer.packet_size = 3
    stream.timeseries.buffer.custom_trigger = lambda data: bool(seen.append(len(data.timestamps)))
    publish(stream, range(7))
    stream.close()

    assert seen == [1, 2, 1, 2, 1]
    assert packets(topic) == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_trigger_before_a_row_releases_those_before_it(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.custom_trigger_before_enqueue = lambda row: row.timestamp_nanoseconds == 3
    publish(stream, range(5))
    stream.close()

    assert packets(topic) == [[0, 1, 2], [3, 4]]


def test_without_triggers_rows_are_sent_at_once_again(topic: Topic, stream: qx.StreamProducer) -> None:
    buffer = stream.timeseries.buffer
    buffer.custom_trigger, buffer.custom_trigger_before_enqueue = (lambda _: False), (lambda _: False)
    publish(stream, [1, 2])
    buffer.custom_trigger = buffer.custom_trigger_before_enqueue = None
    publish(stream, [3])
    stream.close()

    assert packets(topic) == [[1, 2, 3]]


@pytest.mark.parametrize("name", ["on_data_released", "on_raw_released", "on_dataframe_released"])
def test_handlers_of_what_was_released_are_refused_with_what_to_do(stream: qx.StreamProducer, name: str) -> None:
    with pytest.raises(QuixnbError, match=name):
        setattr(stream.timeseries.buffer, name, print)


def test_many_threads_publish_to_many_streams_of_one_topic(topic: Topic) -> None:
    def work(me: int) -> None:
        mine = topic.producer.create_stream(f"s{me}")
        shared = topic.producer.get_or_create_stream("shared")
        mine.timeseries.buffer.packet_size = 7
        for time in range(100):
            publish(mine, [time])
            shared.timeseries.buffer.add_timestamp_nanoseconds(time).add_value(f"n{me}", time).publish()
        mine.close()

    threads = [threading.Thread(target=work, args=(me,)) for me in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    topic.producer.flush()

    by_stream: dict[str, list[int]] = {}
    for message in topic.messages():
        if message.model == "ParameterData":
            by_stream.setdefault(message.stream, []).extend(message.body["Timestamps"])
    assert [by_stream[f"s{me}"] for me in range(6)] == [list(range(100))] * 6
    assert sorted(by_stream["shared"]) == sorted(list(range(100)) * 6)
