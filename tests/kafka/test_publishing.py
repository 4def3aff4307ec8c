"""What is published to Apache Kafka is on it row for row, where other writers of the stream put theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from quixnb.broker import Broker
from quixnb.errors import BrokerError
from tests.broker.clusters import new_topic, publish, records
from tests.kafka.data import numbered, on, rows_on
from tests.kafka.server import Server

pytestmark = pytest.mark.kafka

PARTITIONS = 6


@pytest.mark.parametrize("partitions", [1, PARTITIONS])
def test_rows_come_back_as_they_were(kafka: Server, connected: Broker, partitions: int) -> None:
    rows = 50_000
    frame = pd.DataFrame(
        {
            "timestamp": pd.date_range("2024-03-01", periods=rows, freq="137us", tz="UTC").as_unit("ns"),
            "speed": np.random.default_rng(1).normal(200.0, 50.0, rows),
            "gear": np.arange(rows) % 8,
            "note": [f"lap {i % 60} ü" for i in range(rows)],
        }
    )
    topic = kafka.topic(partitions)

    report = publish(frame, on(connected, topic), stream="car-1")
    read = rows_on(connected, topic, stream="car-1")

    assert (report.rows_delivered, report.failures, len(report.offsets)) == (rows, (), 1)
    pd.testing.assert_frame_equal(read[list(frame)], frame)


def test_each_stream_is_on_the_partition_that_java_gives_it(kafka: Server, connected: Broker) -> None:
    streams = [f"car-{i}" for i in range(40)] + ["Überholung", "日本", "x" * 1000, "a b,c"]
    ours, javas = kafka.topic(PARTITIONS), kafka.topic(PARTITIONS)
    frame = numbered(1000).assign(car=[streams[i % len(streams)] for i in range(1000)])

    publish(frame, on(connected, ours), stream_by="car", rows_per_message=5)
    kafka.say(
        "org.apache.kafka.tools.ConsoleProducer",
        *("--topic", javas, "--property", "parse.key=true", "--property", "key.separator=\t"),
        lines="".join(f"{stream}\trow\n" for stream in streams),
    )

    found = {(record.key, record.partition) for record in records(connected, ours)}
    assert found == {(record.key, record.partition) for record in records(connected, javas)}
    assert len(found) == len(streams)
    assert {partition for _, partition in found} == set(range(PARTITIONS))


def test_a_stream_is_on_the_partition_that_murmur2_gives_it(kafka: Server, connected: Broker) -> None:
    topic = kafka.topic(4)

    assert publish(numbered(10), on(connected, topic), stream="stream-1").offsets == {2: (0, 2)}


def test_a_topic_that_is_not_there_is_an_error_and_is_not_made(kafka: Server) -> None:
    misspelt = new_topic()
    broker = kafka.connect()

    with pytest.raises(BrokerError, match=f"does not have the topic '{misspelt}'"):
        publish(numbered(10), on(broker, misspelt))
    with pytest.raises(BrokerError, match=f"does not have the topic '{misspelt}'"):
        records(broker, misspelt)

    assert misspelt not in kafka.topics()
