"""The client that is told where the broker is, against Apache Kafka: a topic that it makes, and a secured listener."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation

import quixnb as qx
from quixnb.errors import AuthorizationDenied
from tests import environments
from tests.broker.clusters import new_topic
from tests.demand import missing
from tests.kafka.server import Server, make_keys
from tests.stream.arrived import values


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if reason := environments.reason_missing("kafka"):
        missing(f"Apache Kafka is missing: {reason}")
    keys = make_keys(tmp_path_factory.mktemp("keys") / "keys.p12")
    with Server(tmp_path_factory.mktemp("kafka"), keys) as running:
        yield running


def publish(producer: qx.TopicProducer) -> None:
    with producer, producer.create_stream("s") as stream:
        for n in range(10):
            stream.timeseries.buffer.add_timestamp_nanoseconds(n).add_value("n", n).publish()


def test_a_topic_that_the_cluster_makes_by_itself_is_waited_for(server: Server) -> None:
    topic_id = new_topic()

    publish(qx.KafkaStreamingClient(server.address).get_topic_producer(topic_id))

    assert values(server.connect(), topic_id, "n") == list(range(10))


def test_security_options_open_a_secured_listener(server: Server, tmp_path: Path) -> None:
    user = server.add_user("team", AclOperation.WRITE, AclOperation.DESCRIBE)
    topic_id, foreign = server.topic(prefix="team-"), server.topic(prefix="others-")
    certificate = tmp_path / "ca.cert"
    certificate.write_text(server.certificate)
    security = qx.SecurityOptions(str(certificate), user.name, user.password)
    client = qx.KafkaStreamingClient(server.secure_address, security)

    publish(client.get_topic_producer(topic_id))

    assert values(server.connect(), topic_id, "n") == list(range(10))
    with pytest.raises(AuthorizationDenied):
        client.get_topic_producer(foreign)
