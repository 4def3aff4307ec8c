"""What quixnb adds to the environment's librdkafka settings, and the clients made of them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, Final

import confluent_kafka as kafka

from quixnb.token import KafkaSettings

_LOG: Final = logging.getLogger("quixnb.broker")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = (
    False  # librdkafka's lines would fill a notebook with red; `logging.getLogger("quixnb.broker")` has them
)

_COMMON: Final[dict[str, Any]] = {
    # Quix Cloud's load balancer cuts idle connections after about four minutes; Quix Streams 3 sets the same.
    "connections.max.idle.ms": 180_000,
    "metadata.max.age.ms": 180_000,
    "client.id": "quixnb",
}

_PRODUCER: Final[dict[str, Any]] = {
    "enable.idempotence": True,
    "acks": "all",
    # Quix Streams 3's partitioner, and Java's: a stream stays on the partition that other writers give it.
    "partitioner": "murmur2_random",
    "compression.type": "lz4",
    # What waits in memory is bounded by bytes, so that a publish stays flat however long the frame is.
    "queue.buffering.max.kbytes": 65_536,
    # A person waits in front of it: librdkafka's five minutes are for services.
    "message.timeout.ms": 30_000,
    "linger.ms": 5,
}

_CONSUMER: Final[dict[str, Any]] = {
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "allow.auto.create.topics": False,
    "queued.max.messages.kbytes": 65_536,
    "fetch.wait.max.ms": 100,
}

ErrorCallback = Callable[[kafka.KafkaError], None]


def producer(settings: KafkaSettings, on_error: ErrorCallback) -> kafka.Producer:
    """A producer with the environment's settings; what the user set wins over our defaults."""
    return kafka.Producer({**_COMMON, **_PRODUCER, **settings.reveal(), "error_cb": on_error}, logger=_LOG)


def consumer(settings: KafkaSettings, group_prefix: str, on_error: ErrorCallback) -> kafka.Consumer:
    """A consumer in a group of its own, which commits nothing.

    The group's name begins with the environment's ID because Quix grants groups by that prefix.
    """
    given = dict(settings.reveal())
    group = f"{group_prefix}quixnb-{uuid.uuid4().hex}"
    config = {**_COMMON, **_CONSUMER, **given, "group.id": group, "error_cb": on_error}
    return kafka.Consumer({key: value for key, value in config.items() if key not in _PRODUCER_ONLY}, logger=_LOG)


_PRODUCER_ONLY: Final = frozenset({*_PRODUCER, "compression.codec", "batch.size", "request.required.acks"})


def message_limit(settings: KafkaSettings) -> int:
    """Bytes of key and value that the producer's own `message.max.bytes` lets through.

    librdkafka counts 36 bytes of framing with them (measured; docs/wire-format.md, "Size").
    """
    return int(settings.reveal().get("message.max.bytes", 1_000_000)) - 36
