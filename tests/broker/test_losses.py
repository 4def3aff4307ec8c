"""Brokers that fall silent or die, queues that are full, messages that are refused: every row is accounted for."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from quixnb import publishing
from quixnb.broker import Message
from quixnb.errors import BrokerUnreachable, DeliveryError, PublishInterrupted
from quixnb.options import Destination, Options
from quixnb.report import Progress, PublishReport
from tests.broker.accounts import failed_rows, held, rows_of_unknown_fate
from tests.broker.clusters import ChildCluster, Cluster, destination, publish

ROWS = 20_000
IMPATIENT = {"message_timeout_ms": 1000, "connect_s": 2.0}


@pytest.fixture
def cluster() -> Iterator[ChildCluster]:
    with ChildCluster() as running:
        yield running


def impatient(cluster: ChildCluster, queue: int = 50) -> Destination:
    """A topic on a connection that gives up soon and is warm: its first message does not wait for anything."""
    broker = cluster.connect(**IMPATIENT, queue_buffering_max_messages=queue)
    while True:
        with contextlib.suppress(DeliveryError):  # a busy machine
            publish(data(1), destination(broker), time_unit="ns")
            return destination(broker)


def data(rows: int = ROWS) -> dict[str, Any]:
    return {"timestamp": np.arange(rows), "x": np.arange(rows)}


def sent(
    to: Destination, when_rows_arrive: Callable[[], None], frame: Any = None, **options: Any
) -> publishing.PublishReport:
    """Publish, and do something once, as soon as the first rows are acknowledged."""
    left = [when_rows_arrive]

    def watch(progress: Progress) -> None:
        if progress.rows_delivered and left:
            left.pop()()

    options = {"time_unit": "ns", "rows_per_message": 20, **options}
    return publishing.publish(data() if frame is None else frame, to, Options.of(**options), watch)


def completed(report: PublishReport) -> PublishReport:
    """The report of the retry that sent the last of the rows; on a busy machine not the first one."""
    while True:
        missing = failed_rows(report)
        try:
            return report.retry()
        except DeliveryError as error:
            report = error.report
            assert failed_rows(report) <= missing


def test_a_broker_that_falls_silent_leaves_a_report_that_adds_up_and_a_retry_that_completes_it(
    cluster: ChildCluster,
) -> None:
    to = impatient(cluster)

    with pytest.raises(DeliveryError) as caught:
        sent(to, cluster.pause, stream="s")
    report = caught.value.report
    missing = failed_rows(report)
    assert 0 < report.rows_delivered < ROWS
    assert missing == set(range(ROWS - len(missing), ROWS))
    assert "Send the rest with: report.retry()" in str(caught.value)

    cluster.go_on()
    again = completed(report)

    assert (again.rows_delivered, again.failures) == (again.rows, ())
    assert again.stream_ids == ("s",)
    found = held(to)
    assert found.keys() == set(range(ROWS))
    assert sum(found.values()) - ROWS <= rows_of_unknown_fate(report)


def test_a_retry_that_is_stopped_can_be_retried_in_turn_without_a_row_missing(cluster: ChildCluster) -> None:
    to = impatient(cluster)
    to_do = [cluster.pause]

    def watch(progress: Progress) -> None:
        if to_do and (progress.rows_delivered or to_do != [cluster.pause]):
            to_do.pop()()

    with pytest.raises(DeliveryError) as caught:
        publishing.publish(data(), to, Options.of(time_unit="ns", rows_per_message=20), watch)
    first = caught.value.report
    missing = failed_rows(first)
    cluster.go_on()

    to_do.append(lambda: signal.raise_signal(signal.SIGINT))  # with the retry's first message
    with pytest.raises(PublishInterrupted) as stopped:
        first.retry()
    second = stopped.value.report
    assert second.rows == len(missing)
    assert failed_rows(second) <= missing
    third = completed(second)

    assert third.rows_delivered == third.rows
    assert held(to).keys() == set(range(ROWS))


def test_a_stream_of_many_names_the_rows_of_each_message_that_was_lost(cluster: ChildCluster) -> None:
    to = impatient(cluster, queue=20)
    cars = np.array(["a", "b", "c"])[np.random.default_rng(3).integers(0, 3, ROWS)]
    frame = {**data(), "car": cars}

    with pytest.raises(DeliveryError) as caught:
        sent(to, cluster.pause, frame, stream_by="car")
    report = caught.value.report
    missing = failed_rows(report)
    cluster.go_on()
    delivered = held(to)

    # What was acknowledged is there, and what is not there was named.
    assert set(range(ROWS)) - missing <= delivered.keys()
    completed(report)
    assert held(to).keys() == set(range(ROWS))


def test_a_broker_that_dies_leaves_a_report_that_adds_up(cluster: ChildCluster) -> None:
    to = impatient(cluster)

    with pytest.raises(DeliveryError) as caught:
        sent(to, cluster.kill)
    report = caught.value.report
    assert 0 < len(failed_rows(report)) < ROWS

    with pytest.raises(BrokerUnreachable):
        report.retry()
    assert report.rows_failed == len(failed_rows(report))


def test_a_broker_that_is_not_there_is_said_in_three_lines_before_anything_is_sent(cluster: ChildCluster) -> None:
    broker = cluster.connect(**IMPATIENT)
    to = destination(broker)
    cluster.kill()

    with pytest.raises(BrokerUnreachable) as caught:
        publish(data(), to, time_unit="ns")
    assert cluster.address in caught.value.what
    assert len(caught.value._lines()) == 3


def test_a_full_queue_is_waited_for(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect(queue_buffering_max_messages=5))

    report = publish(data(300), to, time_unit="ns", rows_per_message=1, stream="s")

    assert report.rows_delivered == 300
    assert list(report.offsets.values()) == [(0, 301)]
    assert held(to) == dict.fromkeys(range(300), 1)


def test_a_queue_that_is_full_by_bytes_is_waited_for(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect(queue_buffering_max_kbytes=600))

    report = publish({"timestamp": range(10), "x": ["x" * 300_000] * 10}, to, time_unit="ns", rows_per_message=1)

    assert report.rows_delivered == 10


def test_a_message_that_the_client_refuses_for_its_size_is_reported_and_nothing_behind_it_is_sent(
    mock_broker: Cluster,
) -> None:
    to = destination(mock_broker.connect())

    with pytest.raises(DeliveryError) as caught:
        publish(data(10), to, time_unit="ns", stream="s", metadata={"much": "x" * 2_000_000})
    report = caught.value.report
    assert failed_rows(report) == set(range(10))
    reasons = {failure.reason: failure.rows for failure in report.failures}
    assert reasons["the message is larger than the topic allows"] == ()
    assert "the description of the stream" in str(report.failures[0])
    assert held(to) == {}

    with pytest.raises(DeliveryError) as again:
        report.retry()
    assert failed_rows(again.value.report) == set(range(10))


def test_a_publish_that_fails_leaves_another_on_the_same_connection_alone(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())

    with to.broker.sender(to.topic_id) as other:
        other.send(Message(b"key", b"queued before"))
        with pytest.raises(DeliveryError):
            publish(data(10), to, time_unit="ns", metadata={"much": "x" * 2_000_000})
        other.send(Message(b"key", b"sent after"))
        other.settle()

    assert (other.ledger.messages_delivered, other.ledger.has_lost) == (2, False)


def test_the_same_frame_published_twice_is_there_twice(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())

    first, second = (publish(data(100), to, time_unit="ns") for _ in range(2))

    assert first.retry() is first
    assert (first.rows_delivered, second.rows_delivered) == (100, 100)
    assert held(to) == dict.fromkeys(range(100), 2)
