"""Credentials as Quix Cloud gives them (SCRAM over TLS, rights by the environment's prefix), and wrong ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka.admin import AclOperation

from quixnb.broker import Broker
from quixnb.errors import AuthorizationDenied, BrokerUnreachable, DeliveryError, QuixnbError
from tests.broker.clusters import publish, records
from tests.fakes import fake_password
from tests.kafka.data import numbered, on, rows_on
from tests.kafka.server import Server, User

pytestmark = pytest.mark.kafka

ALL = (AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.READ, AclOperation.WRITE)


@pytest.fixture(scope="module")
def dev(kafka: Server) -> User:
    return kafka.add_user("dev", *ALL)


def write(broker: Broker, topic: str) -> object:
    return publish(numbered(10), on(broker, topic))


def read(broker: Broker, topic: str) -> object:
    return records(broker, topic)


def shown(error: QuixnbError, *secrets: str) -> list[str]:
    """The error's lines, none of which has a secret in it."""
    lines = error._render_traceback_()
    assert not any(secret in text for secret in secrets for text in (*lines, str(error), repr(error)))
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return lines


def test_an_environments_credentials_write_and_read_its_topics(kafka: Server, dev: User) -> None:
    topic, broker = kafka.topic(3, prefix="dev-"), kafka.connect_as(dev)

    assert publish(numbered(5000), on(broker, topic)).rows_delivered == 5000
    assert rows_on(broker, topic)["x"].tolist() == list(range(5000))
    assert broker.value_limit(topic) <= broker.value_limit()


@pytest.mark.parametrize("use", [write, read])
def test_a_wrong_password_is_denied_in_three_lines(
    kafka: Server, dev: User, use: Callable[[Broker, str], object]
) -> None:
    wrong = User(dev.name, fake_password())
    topic = kafka.topic(prefix="dev-")

    with pytest.raises(AuthorizationDenied) as caught:
        use(kafka.connect_as(wrong), topic)

    lines = shown(caught.value, wrong.password, dev.password)
    assert len(lines) == 3
    assert kafka.secure_address in lines[0]


@pytest.mark.parametrize("use", [write, read])
@pytest.mark.parametrize("exists", [True, False])
def test_another_environments_topic_is_denied_whether_it_exists_or_not(
    kafka: Server, dev: User, use: Callable[[Broker, str], object], exists: bool
) -> None:
    topic = kafka.topic(prefix="prod-") if exists else "prod-no-such-topic"

    with pytest.raises(AuthorizationDenied) as caught:
        use(kafka.connect_as(dev), topic)

    lines = shown(caught.value, dev.password)
    assert len(lines) == 3
    assert topic in lines[0]
    assert (topic in kafka.topics()) is exists


def test_who_may_only_read_is_told_so_with_the_rows(kafka: Server) -> None:
    viewer = kafka.add_user("viewer", AclOperation.DESCRIBE, AclOperation.READ)
    topic, broker = kafka.topic(prefix="viewer-"), kafka.connect_as(viewer)

    with pytest.raises(DeliveryError) as caught:
        write(broker, topic)

    shown(caught.value, viewer.password)
    report = caught.value.report
    assert "the broker does not allow this environment to write" in {failure.reason for failure in report.failures}
    assert report.rows_failed == report.rows == 10
    assert records(broker, topic) == []


def test_who_may_write_another_topic_only_is_told_so_with_the_rows(kafka: Server) -> None:
    viewer = kafka.add_user("guest", AclOperation.DESCRIBE, AclOperation.READ)
    kafka.allow(viewer, AclOperation.WRITE, "guest-own")
    topic, broker = kafka.topic(prefix="guest-"), kafka.connect_as(viewer)

    with pytest.raises(DeliveryError, match="the broker does not allow this environment to write the topic"):
        write(broker, topic)

    assert records(broker, topic) == []


def test_a_certificate_that_is_not_trusted_ends_the_connection(kafka: Server, dev: User) -> None:
    topic = kafka.topic(prefix="dev-")
    broker = kafka.connect_as(dev, connect_s=1.0, ssl_ca_pem=None)

    with pytest.raises(BrokerUnreachable) as caught:
        write(broker, topic)

    assert "certificate" in shown(caught.value, dev.password)[1]
