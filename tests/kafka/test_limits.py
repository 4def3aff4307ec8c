"""What a topic says about the size of its messages is heeded, and costs nothing where it says nothing."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import pytest
from confluent_kafka.admin import AclOperation, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from quixnb.broker import Broker, limits
from quixnb.errors import MessageTooLarge
from tests.broker.clusters import Cluster, new_topic, publish, records
from tests.kafka.data import numbered, on, rows_on
from tests.kafka.server import Server

pytestmark = pytest.mark.kafka

LIMIT = 100_000
ROWS = 10_000


@pytest.mark.parametrize("compression", ["none", "lz4"])
@pytest.mark.parametrize(
    "options",
    [{}, {"rows_per_message": 20}, {"format": "json"}, {"stream_by": "car"}],
    ids=lambda options: next(iter(options), "as large as may be"),
)
def test_messages_and_their_batches_stay_below_the_topics_limit(
    kafka: Server, compression: str, options: dict[str, Any]
) -> None:
    """The topic's limit counts a batch of messages as one."""
    topic = kafka.topic(max_message_bytes=LIMIT)
    broker = kafka.connect(compression_type=compression)
    frame = numbered(ROWS).assign(car=[f"car-{i % 3}" for i in range(ROWS)])

    report = publish(frame, on(broker, topic), **options)

    assert (report.rows_delivered, report.failures) == (ROWS, ())
    sizes = [len(record.value or b"") for record in records(broker, topic)]
    assert max(sizes) < LIMIT
    assert options or max(sizes) > LIMIT // 2
    pd.testing.assert_series_equal(rows_on(broker, topic)["x"].sort_values(ignore_index=True), frame["x"])


@pytest.mark.parametrize("name", ["note", "TAG"])
def test_a_row_above_the_topics_limit_is_refused_before_anything_is_sent(
    kafka: Server, connected: Broker, name: str
) -> None:
    topic = kafka.topic(max_message_bytes=LIMIT)
    frame = numbered(1000).assign(**{name: ["short"] * 700 + ["long" * LIMIT] + ["short"] * 299})

    with pytest.raises(MessageTooLarge, match=r"^Row 700 alone"):
        publish(frame, on(connected, topic), tags=[name] if name == "TAG" else [])

    assert records(connected, topic) == []


def test_one_connection_writes_to_topics_of_different_limits(kafka: Server, connected: Broker) -> None:
    row = numbered(1).assign(note="long" * 50_000)
    narrow, wide = kafka.topic(max_message_bytes=LIMIT), kafka.topic(max_message_bytes=5_000_000)

    assert publish(row, on(connected, wide)).rows_delivered == 1
    with pytest.raises(MessageTooLarge):
        publish(row, on(connected, narrow))
    assert publish(numbered(10_000), on(connected, narrow)).rows_delivered == 10_000
    assert publish(row, on(connected, wide)).rows_delivered == 1


def test_a_limit_that_was_raised_counts_for_the_next_publish(kafka: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_FRESH_S", 0.0)
    topic, broker = kafka.topic(max_message_bytes=LIMIT), kafka.connect()
    assert broker.value_limit(topic) < LIMIT

    raised = ConfigEntry("max.message.bytes", "300000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[raised])
    for done in kafka.admin.incremental_alter_configs([resource]).values():
        done.result()
    until = time.monotonic() + 10
    while (limit := broker.value_limit(topic)) < LIMIT and time.monotonic() < until:
        broker.warm_up(topic)  # the broker itself takes a moment to hear of it

    assert LIMIT < limit < 300_000


def test_a_broker_that_may_not_be_asked_leaves_the_usual_limit(kafka: Server) -> None:
    user = kafka.add_user("writer", AclOperation.DESCRIBE, AclOperation.WRITE, AclOperation.READ)
    topic, broker = kafka.topic(prefix="writer-", max_message_bytes=LIMIT), kafka.connect_as(user)

    assert broker.value_limit(topic) == broker.value_limit()
    assert publish(numbered(100), on(broker, topic)).rows_delivered == 100


def test_librdkafkas_mock_cluster_leaves_the_usual_limit_without_a_time_out(
    mock_broker: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_WAIT_S", 60.0)
    broker, begun = mock_broker.connect(), time.monotonic()

    assert broker.value_limit(new_topic()) == broker.value_limit()
    assert time.monotonic() - begun < limits._ANSWER_S


def test_a_broker_that_does_not_answer_is_waited_for_once(mortal_kafka: Server) -> None:
    topics = [new_topic() for _ in range(5)]
    broker = mortal_kafka.connect()
    mortal_kafka.pause()
    begun = time.monotonic()

    assert [broker.value_limit(topic) for topic in topics] == [broker.value_limit()] * 5
    waited = time.monotonic() - begun
    mortal_kafka.go_on()

    assert limits._WAIT_S <= waited < 4 * limits._WAIT_S
