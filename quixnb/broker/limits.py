"""How large a message each topic takes: asked of the broker in the background, so that nobody waits long for it."""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import Future
from typing import Final, NamedTuple

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from quixnb.broker import settings
from quixnb.token import KafkaSettings

_WAIT_S: Final = 0.3
_ANSWER_S: Final = 5.0
# Who has raised a topic's limit because a row was too large publishes again soon.
_FRESH_S: Final = 30.0

Answer = Future[int | None]


class _Asked(NamedTuple):
    at: float
    answer: Answer


class TopicLimits:
    """Every topic's `max.message.bytes`, as far as the broker tells."""

    def __init__(self, kafka_settings: KafkaSettings) -> None:
        self._settings = kafka_settings
        self._wait_s = _WAIT_S
        self._asked: dict[str, _Asked] = {}
        self._known: dict[str, int] = {}
        self._lock = threading.Lock()

    def ask(self, topic_id: str) -> None:
        """Ask in the background, unless that was done a moment ago."""
        self._answer_to(topic_id, _FRESH_S)

    def of(self, topic_id: str) -> int | None:
        """A topic's limit, None where it is not known (yet).

        Waits a moment for the answer, unless this broker once did not give one in that time.
        """
        try:
            if (limit := self._answer_to(topic_id, math.inf).result(self._wait_s)) is not None:
                self._known[topic_id] = limit
        except TimeoutError:
            self._wait_s = 0.0
        return self._known.get(topic_id)

    def _answer_to(self, topic_id: str, fresh_s: float) -> Answer:
        with self._lock:
            asked = self._asked.get(topic_id)
            if asked is None or time.monotonic() - asked.at >= fresh_s:
                asked = self._asked[topic_id] = _Asked(time.monotonic(), Answer())
                threading.Thread(target=self._find, args=(topic_id, asked.answer), daemon=True).start()
            return asked.answer

    def _find(self, topic_id: str, answer: Answer) -> None:
        try:
            answer.set_result(_max_message_bytes(settings.admin(self._settings), topic_id))
        except KafkaException:  # unreachable, which others report, or not allowed to be asked
            answer.set_result(None)


def _max_message_bytes(client: AdminClient, topic_id: str) -> int | None:
    cluster = client.list_topics(topic_id, timeout=_ANSWER_S)
    if cluster.controller_id not in cluster.brokers:
        return None  # librdkafka would wait for the controller: its own mock cluster names none
    topic = ConfigResource(ResourceType.TOPIC, topic_id)
    (found,) = client.describe_configs([topic], request_timeout=_ANSWER_S).values()
    entry = found.result().get("max.message.bytes")
    return None if entry is None else int(entry.value)
