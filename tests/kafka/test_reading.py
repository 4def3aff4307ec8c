"""Reading by time and from the end, on topics whose offsets have gaps."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer, TopicPartition

from quixnb.broker import Broker, Record
from tests.broker.clusters import publish, records
from tests.kafka.data import numbered, on, rows_on
from tests.kafka.server import Server

pytestmark = pytest.mark.kafka

SOON_S = 3.0


def moment(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)


@pytest.mark.parametrize("partitions", [1, 3])
def test_since_reads_what_the_broker_has_from_then_on(kafka: Server, connected: Broker, partitions: int) -> None:
    topic = kafka.topic(partitions)
    for stream in ("a", "b", "c"):
        publish(numbered(500), on(connected, topic), stream=stream, rows_per_message=50)
    early = max(records(connected, topic), key=lambda record: record.timestamp_ms)
    while time.time_ns() // 1_000_000 <= early.timestamp_ms:
        pass
    publish(numbered(700, first=500), on(connected, topic), stream="d", rows_per_message=50)

    read = rows_on(connected, topic, since=moment(early) + timedelta(milliseconds=1))

    assert read["x"].tolist() == list(range(500, 1200))
    assert set(read["stream_id"]) == {"d"}
    assert len(rows_on(connected, topic, since="1h")) == 3 * 500 + 700


def test_since_a_time_after_the_last_message_reads_nothing_at_once(kafka: Server, connected: Broker) -> None:
    topic = kafka.topic(3)
    publish(numbered(50_000), on(connected, topic))
    last = max(records(connected, topic), key=lambda record: record.timestamp_ms)
    begun = time.monotonic()

    read = rows_on(connected, topic, since=moment(last) + timedelta(milliseconds=1))

    assert len(read) == 0
    assert time.monotonic() - begun < SOON_S


@pytest.mark.parametrize("last", [1, 99, 1000])
def test_last_reads_the_newest_rows(kafka: Server, connected: Broker, last: int) -> None:
    topic = kafka.topic(2)
    publish(numbered(1000), on(connected, topic), rows_per_message=7)

    assert rows_on(connected, topic, last=last)["x"].tolist() == list(range(1000))[-last:]


class Transactions:
    """Numbered rows on a new topic, each part in a transaction of its own."""

    def __init__(self, kafka: Server, connected: Broker) -> None:
        self.topic, self._source = kafka.topic(), kafka.topic()
        self._connected, self._first = connected, 0
        own = {"transactional.id": self.topic, "bootstrap.servers": kafka.address, "log_level": 0}
        self._producer = Producer(own)
        self._producer.init_transactions(30)

    def begin(self, rows: int) -> None:
        """Write the next rows; the transaction stays open."""
        publish(numbered(rows, self._first), on(self._connected, self._source), stream=f"s-{self._first}")
        self._producer.begin_transaction()
        for record in records(self._connected, self._source):
            if record.key == f"s-{self._first}".encode():
                self._producer.produce(self.topic, key=record.key, value=record.value)
        self._producer.flush(30)
        self._first += rows

    def commit(self) -> None:
        self._producer.commit_transaction(30)

    def abort(self) -> None:
        self._producer.abort_transaction(30)


def test_transactions_leave_gaps_that_no_read_waits_in(kafka: Server, connected: Broker) -> None:
    """Their ends take offsets of their own, and what was rolled back is skipped, also at the topic's end."""
    writing = Transactions(kafka, connected)
    for rows, end in ((300, writing.commit), (500, writing.abort), (100, writing.commit), (50, writing.abort)):
        writing.begin(rows)
        end()
    topic, begun = writing.topic, time.monotonic()

    assert rows_on(connected, topic)["x"].tolist() == [*range(300), *range(800, 900)]
    assert rows_on(connected, topic, last=150)["x"].tolist() == [*range(250, 300), *range(800, 900)]
    assert len(rows_on(connected, topic, since="1h")) == 400
    assert len(rows_on(connected, topic, since=datetime.now(UTC) + timedelta(minutes=1))) == 0
    assert time.monotonic() - begun < 2 * SOON_S


def test_a_transaction_under_way_is_not_waited_for(kafka: Server, connected: Broker) -> None:
    writing = Transactions(kafka, connected)
    writing.begin(200)
    writing.commit()
    writing.begin(100)
    begun = time.monotonic()

    assert rows_on(connected, writing.topic)["x"].tolist() == list(range(200))
    assert rows_on(connected, writing.topic, last=50)["x"].tolist() == list(range(150, 200))
    assert time.monotonic() - begun < 2 * SOON_S

    writing.commit()
    assert len(rows_on(connected, writing.topic)) == 300


def test_a_topic_whose_oldest_messages_are_gone_reads_from_the_oldest_left(kafka: Server, connected: Broker) -> None:
    topic = kafka.topic()
    publish(numbered(1000), on(connected, topic), rows_per_message=10)
    for done in kafka.admin.delete_records([TopicPartition(topic, 0, 41)]).values():  # properties, and 40 messages
        done.result()

    assert rows_on(connected, topic)["x"].tolist() == list(range(400, 1000))
    assert rows_on(connected, topic, last=10_000)["x"].tolist() == list(range(400, 1000))
    assert len(rows_on(connected, topic, since="1h")) == 600


def test_a_compacted_topic_reads_to_its_end(kafka: Server, connected: Broker) -> None:
    topic = kafka.topic(cleanup_policy="compact", min_cleanable_dirty_ratio=0.01, segment_ms=100)
    for first in range(0, 400, 100):
        publish(numbered(100, first=first), on(connected, topic), stream="s", rows_per_message=10, keep_open=True)
    until = time.monotonic() + 20
    while len(found := records(connected, topic)) > 20 and time.monotonic() < until:
        # Only what stands before the newest segment is compacted, and a message begins a new one.
        publish(numbered(1, first=1000), on(connected, topic), stream="other", keep_open=True)
    assert len(found) <= found[-1].offset

    read = rows_on(connected, topic, timeout_s=SOON_S)

    assert set(read["stream_id"]) == {"s", "other"}
    assert rows_on(connected, topic, last=1)["x"].tolist() == [1000]
