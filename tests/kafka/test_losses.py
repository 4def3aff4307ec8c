"""A broker that is killed, restarted or held up while rows are on their way: every row is accounted for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest

from quixnb import publishing
from quixnb.broker import Broker
from quixnb.errors import BrokerUnreachable, DeliveryError
from quixnb.options import Options
from quixnb.report import Progress, PublishReport
from tests.broker.clusters import publish
from tests.kafka.data import numbered, on, rows_on
from tests.kafka.server import Server

pytestmark = pytest.mark.kafka

ROWS = 100_000
NOT_SENT = "they were not sent"


def publish_watched(broker: Broker, topic: str, watch: Callable[[Progress], None]) -> PublishReport:
    """Publish so many messages that the first are acknowledged long before the last is handed over."""
    publish(numbered(1), on(broker, topic), stream="before")  # the producer gets its ID
    options = Options.of(stream="s", rows_per_message=10)
    return publishing.publish(numbered(ROWS), on(broker, topic), options, watch)


def once_rows_arrive(act: Callable[[], None]) -> Callable[[Progress], None]:
    """Do something once, when the first rows are acknowledged."""
    left = [act]

    def watch(progress: Progress) -> None:
        if progress.rows_delivered and left:
            left.pop()()

    return watch


def named(report: PublishReport, *, is_sent: bool) -> set[int]:
    """Rows that the report names as lost; those that may have been sent, or those that were not."""
    rows = [
        row
        for failure in report.failures
        if (failure.reason != NOT_SENT) == is_sent
        for span in failure.rows
        for row in range(span.first, span.last + 1)
    ]
    assert len(rows) == len(set(rows))
    return set(rows)


def test_a_broker_killed_in_mid_publish_leaves_no_row_unaccounted_for(mortal_kafka: Server) -> None:
    topic = mortal_kafka.topic(3)
    broker = mortal_kafka.connect(message_timeout_ms=1000)

    with pytest.raises(DeliveryError) as caught:
        publish_watched(broker, topic, once_rows_arrive(mortal_kafka.kill))
    report = caught.value.report
    doubtful, unsent = named(report, is_sent=True), named(report, is_sent=False)
    assert not doubtful & unsent
    assert report.rows == ROWS == report.rows_delivered + len(doubtful) + len(unsent)
    assert 0 < report.rows_delivered < ROWS

    mortal_kafka.start()
    again = report.retry()

    assert (again.rows, again.rows_delivered, again.failures) == (report.rows_failed, report.rows_failed, ())
    found = Counter(rows_on(broker, topic, stream="s")["x"].tolist())
    assert found.keys() == set(range(ROWS))
    assert {row for row, times in found.items() if times > 1} <= doubtful


def test_a_broker_killed_and_restarted_within_the_time_out_loses_nothing(mortal_kafka: Server) -> None:
    topic, broker = mortal_kafka.topic(), mortal_kafka.connect()

    def restart() -> None:
        mortal_kafka.kill()
        mortal_kafka.start()

    report = publish_watched(broker, topic, once_rows_arrive(restart))

    assert (report.rows_delivered, report.failures) == (ROWS, ())
    assert rows_on(broker, topic, stream="s")["x"].tolist() == list(range(ROWS))


def test_a_broker_held_up_for_less_than_the_time_out_loses_nothing(mortal_kafka: Server) -> None:
    topic, broker, ticks = mortal_kafka.topic(), mortal_kafka.connect(), Counter[str]()

    def watch(progress: Progress) -> None:
        if progress.rows_delivered:
            ticks["since rows arrived"] += 1
            {1: mortal_kafka.pause, 8: mortal_kafka.go_on}.get(ticks["since rows arrived"], lambda: None)()

    report = publish_watched(broker, topic, watch)

    assert ticks["since rows arrived"] > 8
    assert (report.rows_delivered, report.failures) == (ROWS, ())
    assert rows_on(broker, topic, stream="s")["x"].tolist() == list(range(ROWS))


def test_a_broker_held_up_for_longer_is_reported_and_the_retry_completes_it(mortal_kafka: Server) -> None:
    """What was on its way when it fell silent arrives when it goes on; the report calls those rows doubtful."""
    topic = mortal_kafka.topic()
    broker = mortal_kafka.connect(message_timeout_ms=2500)

    with pytest.raises(DeliveryError) as caught:
        publish_watched(broker, topic, once_rows_arrive(mortal_kafka.pause))
    report = caught.value.report
    doubtful, unsent = named(report, is_sent=True), named(report, is_sent=False)
    assert report.rows == ROWS == report.rows_delivered + len(doubtful | unsent)

    mortal_kafka.go_on()
    again = report.retry()

    assert (again.rows_delivered, again.failures) == (report.rows_failed, ())
    found = Counter(rows_on(broker, topic, stream="s")["x"].tolist())
    assert found.keys() == set(range(ROWS))
    assert {row for row, times in found.items() if times > 1} <= doubtful


def test_a_connection_that_was_cut_between_two_publishes_is_made_again(mortal_kafka: Server) -> None:
    topic, broker = mortal_kafka.topic(6), mortal_kafka.connect()
    publish(numbered(1000), on(broker, topic), stream="s")
    mortal_kafka.kill()
    mortal_kafka.start()

    assert rows_on(broker, topic)["x"].tolist() == list(range(1000))
    assert publish(numbered(1000, first=1000), on(broker, topic), stream="s").rows_delivered == 1000
    assert rows_on(broker, topic)["x"].tolist() == list(range(2000))


def test_a_dead_broker_is_named_before_anything_is_taken(mortal_kafka: Server) -> None:
    topic, broker = mortal_kafka.topic(), mortal_kafka.connect(connect_s=1.0)
    publish(numbered(10), on(broker, topic))
    mortal_kafka.kill()
    begun = time.monotonic()

    with pytest.raises(BrokerUnreachable, match=mortal_kafka.address):
        publish(numbered(10), on(broker, topic))

    assert time.monotonic() - begun < 5
