"""One connection: producers that are kept, brokers and topics that are not there."""

from __future__ import annotations

import threading
import time

import pytest

from quixnb.broker import Broker, Message
from quixnb.errors import BrokerError, BrokerUnreachable
from quixnb.options import Destination
from tests.broker.clusters import Cluster, connection, destination, publish
from tests.fakes import fake_password

FRAME = {"timestamp": [1, 2, 3], "x": [1, 2, 3]}


def test_the_connection_shows_its_address_and_nothing_else() -> None:
    password = fake_password()
    broker = connection("127.0.0.1:1", sasl_username="user", sasl_password=password)

    assert repr(broker) == "<Broker 127.0.0.1:1>"


def test_no_password_is_in_the_error_of_an_impossible_setting() -> None:
    password = fake_password()
    broker = connection("127.0.0.1:1", sasl_password=password, no_such_setting="x")

    with pytest.raises(BrokerError) as caught:
        publish(FRAME, _anywhere(broker), time_unit="ns")
    assert password not in str(caught.value)


def _anywhere(broker: Broker) -> Destination:
    return Destination("topic", "topic", "env", broker)


def test_an_address_that_nobody_listens_at_is_unreachable_in_three_lines() -> None:
    broker = connection("127.0.0.1:1", connect_s=0.5)

    for attempt in (lambda: publish(FRAME, _anywhere(broker), time_unit="ns"), lambda: broker.sender("t").__enter__()):
        with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 could not be reached") as caught:
            attempt()
        assert len(caught.value._lines()) == 3


def test_calls_at_the_same_time_use_a_producer_each(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())

    with to.broker.sender(to.topic_id) as one, to.broker.sender(to.topic_id) as other:
        one.send(Message(b"k", b"one"))
        other.abandon()
        one.settle()

    assert one.ledger.messages_delivered == 1


def test_a_connection_that_was_closed_can_be_used_again(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())
    publish(FRAME, to, time_unit="ns")

    to.broker.close()

    assert publish(FRAME, to, time_unit="ns").rows_delivered == 3


def test_waiting_for_deliveries_uses_no_processor(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect(linger_ms=400))

    with to.broker.sender(to.topic_id) as sender:
        sender.send(Message(b"k", b"v"))
        began, used = time.monotonic(), time.thread_time()
        sender.settle()
        waited, used = time.monotonic() - began, time.thread_time() - used

    assert waited > 0.2
    assert used < waited / 10


def test_the_clients_own_limit_is_known_without_asking_anybody() -> None:
    assert connection("127.0.0.1:1").value_limit() == 900_000
    assert connection("127.0.0.1:1", message_max_bytes="5000").value_limit() == 3940


def test_nothing_is_left_running_behind_an_unreachable_broker() -> None:
    before = threading.active_count()

    with pytest.raises(BrokerUnreachable):
        publish(FRAME, _anywhere(connection("127.0.0.1:1", connect_s=0.3)), time_unit="ns")
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        threading.Event().wait(0.01)

    assert threading.active_count() <= before
