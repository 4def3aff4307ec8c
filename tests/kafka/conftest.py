"""Two Kafka brokers for the whole run: one to use, and one to kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quixnb.broker import Broker
from tests import environments
from tests.broker.clusters import publish
from tests.demand import missing
from tests.kafka.data import numbered, on
from tests.kafka.server import Server, make_keys


@pytest.fixture(scope="session")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := environments.reason_missing("kafka"):
        missing(f"Apache Kafka is missing: {reason}")
    return make_keys(tmp_path_factory.mktemp("keys") / "keys.p12")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory, _keys: Path) -> Iterator[Server]:
    """An Apache Kafka broker that nobody stops."""
    with Server(tmp_path_factory.mktemp("kafka"), _keys) as server:
        yield server


@pytest.fixture(scope="session")
def connected(kafka: Server) -> Iterator[Broker]:
    """A connection to it with our own settings."""
    broker = kafka.connect()
    yield broker
    broker.close()


@pytest.fixture
def mortal_kafka(_mortal_kafka: Server) -> Server:
    """Another one, running, that a test may pause, kill and start again."""
    _mortal_kafka.start()
    # Once it has given a producer its ID, it gives the next one at once.
    publish(numbered(1), on(_mortal_kafka.connect(), _mortal_kafka.topic()))
    return _mortal_kafka


@pytest.fixture(scope="session")
def _mortal_kafka(tmp_path_factory: pytest.TempPathFactory, _keys: Path) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("kafka"), _keys, session_ms=1500) as server:
        yield server
