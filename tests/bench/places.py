"""Where the figures are taken: a broker in a process of its own, quixnb's side of it, and a bare producer's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import confluent_kafka as kafka

from quixnb import publishing
from quixnb.broker import Broker, Message, settings
from quixnb.publication import Publication
from quixnb.token import KafkaSettings
from tests.broker.clusters import ChildCluster

_NUMBERS = itertools.count(1)


class Place:
    """A mock cluster, which keeps 5 MB of each partition and drops what is older."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._maker = kafka.Producer({"bootstrap.servers": address, "log_level": 0})
        self._brokers: dict[str, Broker] = {}

    def destination(self, compression: str = "none", topic_id: str | None = None) -> publishing.Destination:
        """A topic, a new one if none is named, reached with one compression; brokers are kept, as a session does."""
        if compression not in self._brokers:
            self._brokers[compression] = Broker(self._settings(compression))
        return publishing.Destination("bench", topic_id or self.new_topic(), "bench", self._brokers[compression])

    def new_topic(self) -> str:
        """A topic that nothing was sent to yet; the mock cluster makes it when it is asked for."""
        topic = f"bench-{next(_NUMBERS)}"
        self._maker.list_topics(topic, timeout=10)
        return topic

    def producer(self, compression: str = "none", **more: Any) -> kafka.Producer:
        """A bare producer with the settings that quixnb has."""
        given = self._settings(compression, **more)
        return settings.producer(given, lambda error: None, settings.batch_bytes(given))

    def _settings(self, compression: str, **more: Any) -> KafkaSettings:
        return KafkaSettings(
            {"bootstrap.servers": self.address, "compression.type": compression, **more}, "the benchmark"
        )


@contextmanager
def place() -> Iterator[Place]:
    """A place of one's own."""
    with ChildCluster() as cluster:
        yield Place(cluster.address)


def publish(data: Any, to: publishing.Destination, **options: Any) -> publishing.PublishReport:
    return publishing.publish(data, to, _options(options))


def encoded(data: Any, to: publishing.Destination, **options: Any) -> list[Message]:
    """Every message that publishing `data` sends."""
    publication = Publication(to, _options(options))
    return list(publication._messages(publication.prepared(data)))


def _options(options: dict[str, Any]) -> publishing.Options:
    stream = {} if "stream_by" in options else {"stream": "car-1"}
    return publishing.Options.of(**stream, **options)


def produce(messages: Sequence[Message], producer: kafka.Producer, topic: str) -> None:
    """The plain loop around `produce`, and nothing else, until all is acknowledged."""
    for message in messages:
        while True:
            try:
                producer.produce(topic, value=message.value, key=message.key)
                break
            except BufferError:
                producer.poll(0.2)
        producer.poll(0)
    producer.flush()
