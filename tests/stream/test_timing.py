"""The alarm clock: rows are released in time, and no thread stays behind."""

from __future__ import annotations

import threading
import time

import pytest

from quixnb.broker import Broker
from quixnb.streaming import StreamWriter
from tests.broker.clusters import destination
from tests.stream.arrived import arrived, until, values, writer

pytestmark = pytest.mark.alone


def alarm_clocks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "quixnb-stream"]


def test_rows_arrive_by_themselves_within_the_time_out(broker: Broker) -> None:
    to = destination(broker)
    stream = writer(broker, to, buffer_timeout_s=0.05)
    begun = time.monotonic()
    stream.write({"n": 1})
    stream.write({"n": 2})

    until(lambda: stream.report.rows_delivered == 2)

    assert time.monotonic() - begun < 5
    assert values(broker, to.topic_id, "n") == [1, 2]
    assert len([m for m in arrived(broker, to.topic_id) if m.model == "ParameterData"]) == 1
    stream.close()


def test_without_a_time_out_rows_wait_for_the_end(broker: Broker) -> None:
    to = destination(broker)
    stream = writer(broker, to, packet_size=100)
    stream.write({"n": 1})

    assert alarm_clocks() == []
    assert arrived(broker, to.topic_id) == []
    stream.close()
    assert values(broker, to.topic_id, "n") == [1]


def test_the_thread_ends_when_nothing_is_due_and_comes_back(broker: Broker) -> None:
    stream = writer(broker, buffer_timeout_s=0.02)

    for n in range(3):
        stream.write({"n": n})
        until(lambda: not alarm_clocks())

    assert stream.report.rows == 3
    stream.close()


def test_closing_stops_the_thread_and_sends_what_it_would_have_sent(broker: Broker) -> None:
    to = destination(broker)
    stream = writer(broker, to, buffer_timeout_s=3600.0)
    stream.write({"n": 1})
    assert len(alarm_clocks()) == 1

    stream.close()

    assert alarm_clocks() == []
    assert values(broker, to.topic_id, "n") == [1]


def test_an_earlier_time_is_kept_though_a_later_one_was_set_before(broker: Broker) -> None:
    stream = writer(broker, buffer_timeout_s=3600.0)
    stream.write({"n": 1})
    stream._out.buffer.conditions.timeout_s = 0.02
    stream._out.release()

    stream.write({"n": 2})

    until(lambda: stream.report.rows_delivered == 2)
    stream.close()


def test_properties_are_said_again_for_those_who_come_late(broker: Broker) -> None:
    to = destination(broker)
    stream = writer(broker, to, name="Car 1")
    stream.write({"n": 1})
    stream._out.stream.announcements.repeat_s = 0.0
    stream.write({"n": 2})
    stream._out.stream.announcements.repeat_s = 30.0
    stream.write({"n": 3})
    stream.close()

    models = [message.model for message in arrived(broker, to.topic_id)]
    assert models == ["StreamProperties", "ParameterData"] * 2 + ["ParameterData", "StreamEnd"]


@pytest.mark.parametrize("threads", [8])
def test_many_threads_write_to_one_stream_and_each_ones_rows_stay_in_order(broker: Broker, threads: int) -> None:
    to = destination(broker)
    rows = 200

    def write(stream: StreamWriter, me: int) -> None:
        for n in range(rows):
            stream.write({"n": n, "me": me})
            if n % 50 == 49:
                stream.flush()

    with writer(broker, to, buffer_timeout_s=0.005, packet_size=37) as stream:
        writers = [threading.Thread(target=write, args=(stream, me)) for me in range(threads)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()

    found = list(zip(values(broker, to.topic_id, "me"), values(broker, to.topic_id, "n"), strict=True))
    assert len(found) == threads * rows == stream.report.rows_delivered
    for me in range(threads):
        assert [n for who, n in found if who == me] == list(range(rows))
    assert alarm_clocks() == []


def test_a_producer_goes_back_to_be_used_again(broker: Broker) -> None:
    with writer(broker) as first:
        first.write({"n": 1})
    idle = [producer for producers in broker._idle.values() for producer in producers]

    with writer(broker) as second:
        second.write({"n": 1})

    assert [producer for producers in broker._idle.values() for producer in producers] == idle
