"""What quixnb adds to the environment's librdkafka settings, and the clients made of them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, Final

import confluent_kafka as kafka
from confluent_kafka.admin import AdminClient

from quixnb.clean_log import CleanLog
from quixnb.token import KafkaSettings

_LOG: Final = logging.getLogger("quixnb.broker")
_LOG.addHandler(logging.NullHandler())
_LOG.addFilter(CleanLog())
_LOG.propagate = (
    False  # librdkafka's lines would fill a notebook with red; `logging.getLogger("quixnb.broker")` has them
)

_COMMON: Final[dict[str, Any]] = {
    # Quix Cloud's load balancer cuts idle connections after about four minutes; Quix Streams 3 sets the same.
    "connections.max.idle.ms": 180_000,
    "metadata.max.age.ms": 180_000,
    # librdkafka also spaces out the first connections of a new client by half of this, and a publish needs several.
    # After failures it doubles, up to ten seconds.
    "reconnect.backoff.ms": 20,
    "client.id": "quixnb",
    # A misspelt topic must not come into being by being asked for. librdkafka heeds this in producers too.
    "allow.auto.create.topics": False,
}

_PRODUCER: Final[dict[str, Any]] = {
    "enable.idempotence": True,
    "acks": "all",
    # Quix Streams 3's partitioner, and Java's: a stream stays on the partition that other writers give it.
    "partitioner": "murmur2_random",
    "compression.type": "lz4",
    # What waits in memory is bounded by bytes, so that a publish stays flat however long the frame is.
    "queue.buffering.max.kbytes": 32_768,
    # A person waits in front of it: librdkafka's five minutes are for services.
    "message.timeout.ms": 30_000,
    "linger.ms": 5,
}

_CONSUMER: Final[dict[str, Any]] = {
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "earliest",
    "queued.max.messages.kbytes": 65_536,
    # What is fetched ahead is used up long before librdkafka's one second is over.
    "fetch.queue.backoff.ms": 5,
    "fetch.wait.max.ms": 100,
}

USUAL_MESSAGE_BYTES: Final = 1_000_000  # librdkafka's message.max.bytes
# A record batch with one record: what stands around its key and value, 61 bytes and some lengths, rounded up.
BATCH_OVERHEAD_BYTES: Final = 100

ErrorCallback = Callable[[kafka.KafkaError], None]


def producer(settings: KafkaSettings, on_error: ErrorCallback, batch_bytes: int) -> kafka.Producer:
    """A producer with the environment's settings; what the user set wins over our defaults."""
    config = {**_COMMON, **_PRODUCER, **settings.reveal(), "batch.size": batch_bytes, "error_cb": on_error}
    return kafka.Producer(config, logger=_LOG)


def admin(settings: KafkaSettings) -> AdminClient:
    """A client that asks about topics."""
    return AdminClient({**_COMMON, **settings.reveal()}, logger=_LOG)


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
    return int(settings.reveal().get("message.max.bytes", USUAL_MESSAGE_BYTES)) - 36


def batch_bytes(settings: KafkaSettings) -> int:
    """Bytes that the producer gathers in one batch, before compression."""
    return int(settings.reveal().get("batch.size", 1_000_000))
