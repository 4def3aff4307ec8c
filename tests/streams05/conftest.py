"""A topic of its own for every test, through the client that is told where the broker is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import quixnb as qx
from quixnb.broker import Broker
from tests.broker.clusters import Cluster, new_topic
from tests.stream.arrived import Arrived, arrived


@dataclass
class Topic:
    """A topic, its producer, and what is on it."""

    producer: qx.TopicProducer
    broker: Broker
    id: str

    def messages(self) -> list[Arrived]:
        return arrived(self.broker, self.id)

    def models(self) -> list[str]:
        return [message.model for message in self.messages()]

    def of(self, model: str) -> list[Any]:
        """The JSON of the messages of one kind."""
        return [message.body for message in self.messages() if message.model == model]

    def data(self) -> list[dict[str, Any]]:
        return self.of("ParameterData")

    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.of("EventData[]") for event in body]


@pytest.fixture(scope="session")
def client(mock_broker: Cluster) -> qx.KafkaStreamingClient:
    return qx.KafkaStreamingClient(mock_broker.address)


@pytest.fixture
def topic(client: qx.KafkaStreamingClient, broker: Broker) -> Iterator[Topic]:
    topic_id = new_topic()
    with client.get_topic_producer(topic_id) as producer:
        yield Topic(producer, broker, topic_id)


@pytest.fixture
def stream(topic: Topic) -> qx.StreamProducer:
    return topic.producer.create_stream("s")
