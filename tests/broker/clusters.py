"""librdkafka's mock cluster: in this process, or in one of its own that can be stopped, continued and killed."""

from __future__ import annotations

import functools
import itertools
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from confluent_kafka import Producer

from quixnb import publishing
from quixnb.broker import Broker, Record, Window
from quixnb.options import Options
from quixnb.token import KafkaSettings

_NUMBERS = itertools.count(1)


class Cluster:
    """A cluster in this process; it ends with it."""

    def __init__(self) -> None:
        self._producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        broker, *_ = self._producer.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"

    def connect(self, **kafka: Any) -> Broker:
        """A connection; keywords are librdkafka settings with `_` for `.`."""
        return connection(self.address, **kafka)


class ChildCluster:
    """A cluster in a process of its own. A context manager."""

    def __enter__(self) -> ChildCluster:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def connect(self, **kafka: Any) -> Broker:
        return connection(self.address, **kafka)

    def pause(self) -> None:
        """The broker goes silent; connections to it stay open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _signal(self, number: int) -> None:
        os.kill(self._process.pid, number)


_CHILD = """
import sys
from confluent_kafka import Producer
producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
broker, *_ = producer.list_topics(timeout=10).brokers.values()
print(f"{broker.host}:{broker.port}", flush=True)
sys.stdin.read()
"""


def connection(address: str, *, connect_s: float = 10.0, **kafka: Any) -> Broker:
    """A connection to any address, until `close_connections`; keywords are librdkafka settings with `_` for `.`."""
    settings = {name.replace("_", "."): value for name, value in kafka.items()}
    _OPEN.append(Broker(KafkaSettings({"bootstrap.servers": address, **settings}, "a test"), connect_s=connect_s))
    return _OPEN[-1]


_OPEN: list[Broker] = []


def close_connections() -> None:
    """Close what `connection` made.

    In a thread, because librdkafka takes a second; and not left to the garbage collector, which would run that within
    another test, and swallow its Ctrl-C.
    """
    while _OPEN:
        threading.Thread(target=_OPEN.pop().close, daemon=True).start()


def new_topic() -> str:
    """A topic's ID that no other test has; the mock cluster makes it when it is first asked for."""
    return f"env-topic-{os.getpid()}-{next(_NUMBERS)}"


def destination(broker: Broker, topic_id: str | None = None) -> publishing.Destination:
    """A topic of its own on `broker`."""
    topic_id = topic_id or new_topic()
    _client(broker.servers).list_topics(topic_id, timeout=10)
    return publishing.Destination("topic", topic_id, "env", broker)


@functools.cache
def _client(servers: str) -> Producer:
    return Producer({"bootstrap.servers": servers, "log_level": 0})


def records(broker: Broker, topic_id: str) -> list[Record]:
    """All messages of a topic as they stand on it, by partition and offset."""
    with broker.reading(topic_id, Window()) as reading:
        return sorted(reading, key=lambda record: (record.partition, record.offset))


def publish(data: Any, to: publishing.Destination, **options: Any) -> publishing.PublishReport:
    return publishing.publish(data, to, Options.of(**options))
