"""A broker that loses rows: every row is accounted for, and the rest can be sent, in order, once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from quixnb.broker import Sender
from quixnb.errors import BrokerUnreachable, DeliveryError
from quixnb.report import PublishReport
from quixnb.streaming import StreamWriter
from tests.broker.accounts import failed_rows, held, rows_of_unknown_fate
from tests.broker.clusters import ChildCluster, destination
from tests.stream.arrived import arrived, until, writer

IMPATIENT = {"message_timeout_ms": 1200, "connect_s": 2.0}  # a new producer needs half a second for its ID


@pytest.fixture
def cluster() -> Iterator[ChildCluster]:
    with ChildCluster() as running:
        yield running


def write(stream: StreamWriter, begin: int, end: int) -> None:
    for x in range(begin, end):
        stream.write({"x": x})


def lost(stream: StreamWriter) -> PublishReport:
    with pytest.raises(DeliveryError, match=r"were not \(rows 10-19\)") as caught:
        stream.flush()
    return caught.value.report


def test_rows_that_are_lost_are_named_and_a_retry_sends_them_and_the_end(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    reports: list[PublishReport] = []
    stream = writer(to.broker, to, packet_size=5, on_report=reports.append)
    write(stream, 0, 10)
    stream.flush()
    cluster.pause()
    write(stream, 10, 20)

    report = lost(stream)
    assert (report.rows, report.rows_delivered) == (20, 10)
    assert failed_rows(report) == set(range(10, 20))
    assert reports == [report] == [stream.report]

    with pytest.raises(DeliveryError):
        stream.close()
    cluster.go_on()
    again = report.retry()

    assert (again.rows, again.rows_delivered, again.failures) == (10, 10, ())
    found = held(to)
    assert found.keys() == set(range(20))
    assert sum(found.values()) - 20 <= rows_of_unknown_fate(report)
    assert arrived(to.broker, to.topic_id)[-1].model == "StreamEnd"


def test_a_stream_that_has_lost_rows_takes_no_more(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    stream = writer(to.broker, to, packet_size=5)
    write(stream, 0, 10)
    stream.flush()
    cluster.pause()
    write(stream, 10, 20)
    report = lost(stream)

    for attempt in (lambda: stream.write({"x": 20}), lambda: stream.write_event("e"), stream.flush, stream.close):
        with pytest.raises(DeliveryError) as caught:
            attempt()
        assert caught.value.report is report

    assert stream.is_closed


def test_a_loss_is_raised_by_the_next_write(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    stream = writer(to.broker, to)
    write(stream, 0, 1)
    cluster.pause()

    def writes() -> PublishReport | None:
        try:
            stream.write({"x": 1})
        except DeliveryError as error:
            return error.report
        return None

    report = until(writes)

    assert failed_rows(report)
    assert report.rows_delivered in (0, 1)


def test_rows_that_wait_in_the_buffer_when_rows_are_lost_are_sent_by_the_retry(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    stream = writer(to.broker, to, packet_size=8)
    cluster.pause()
    write(stream, 0, 20)

    with pytest.raises(DeliveryError) as caught:
        stream.close("Terminated")
    report = caught.value.report
    assert failed_rows(report) == set(range(20))

    cluster.go_on()
    report.retry()

    assert held(to).keys() == set(range(20))
    assert arrived(to.broker, to.topic_id)[-1].body == {"StreamEndType": "Terminated"}


def test_a_retry_that_finds_no_broker_can_be_called_again(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    stream = writer(to.broker, to)
    cluster.pause()
    write(stream, 0, 20)
    with pytest.raises(DeliveryError) as caught:
        stream.close()
    report = caught.value.report
    with pytest.raises(BrokerUnreachable):
        report.retry()

    cluster.go_on()

    assert report.retry().rows_delivered == 20
    assert held(to).keys() == set(range(20))


def test_a_retry_that_loses_rows_again_can_be_retried_in_turn(
    cluster: ChildCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = destination(cluster.connect(**IMPATIENT))
    opened = to.broker.open_sender

    def opened_by_a_broker_that_then_falls_silent(topic_id: str) -> Sender:
        sender = opened(topic_id)
        cluster.pause()
        return sender

    monkeypatch.setattr(to.broker, "open_sender", opened_by_a_broker_that_then_falls_silent)
    stream = writer(to.broker, to, packet_size=3)
    write(stream, 0, 20)
    with pytest.raises(DeliveryError) as first:
        stream.close()
    cluster.go_on()
    with pytest.raises(DeliveryError) as second:
        first.value.report.retry()
    monkeypatch.undo()
    cluster.go_on()

    last = second.value.report.retry()

    assert failed_rows(first.value.report) == set(range(20))
    assert second.value.report.rows == 20
    assert last.rows_delivered == last.rows == second.value.report.rows_failed
    assert held(to).keys() == set(range(20))
    assert arrived(to.broker, to.topic_id)[-1].model == "StreamEnd"


def test_an_exception_of_the_block_is_not_hidden_by_rows_that_were_lost(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(**IMPATIENT))

    stream = writer(to.broker, to)
    cluster.pause()

    def block() -> None:
        with stream:
            write(stream, 0, 3)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        block()

    assert "0 of 3 rows were delivered" in caught.value.__notes__[0]
    assert failed_rows(stream.report) == {0, 1, 2}


def test_a_full_queue_holds_the_writer_up_and_loses_nothing(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(queue_buffering_max_messages=10))

    with writer(to.broker, to) as stream:
        stream.write({"timestamp": np.arange(100).astype("datetime64[s]"), "x": np.arange(100)})
        write(stream, 100, 400)

    assert held(to).keys() == set(range(400))
    assert stream.report.rows_delivered == 400


def test_rows_that_the_alarm_clock_finds_no_room_for_are_sent_later(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(queue_buffering_max_messages=1))
    stream = writer(to.broker, to, buffer_timeout_s=0.01)
    cluster.pause()
    for x in range(3):
        stream.write({"x": x})
        until(lambda: stream._out.buffer.rows == 0)

    cluster.go_on()
    until(lambda: stream.report.rows_delivered == 3)

    stream.close()
    assert held(to).keys() == {0, 1, 2}
