"""One environment's broker: producers that are kept between calls, and senders that borrow them."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import confluent_kafka as kafka

from quixnb import timeseries
from quixnb.broker import failures, settings
from quixnb.broker.ledger import Ledger
from quixnb.broker.limits import TopicLimits
from quixnb.broker.reader import Reading, Window
from quixnb.broker.sender import SLICE_S, Sender
from quixnb.errors import BrokerError
from quixnb.token import KafkaSettings

T = TypeVar("T")


class Broker:
    """The broker of one environment.

    Parameters
    ----------
    kafka_settings
        As the portal gave them, with the user's own on top.
    group_prefix
        What a consumer group's name must begin with: the environment's ID and `-`, or nothing.
    connect_s
        How long to wait for a first answer.
    """

    def __init__(self, kafka_settings: KafkaSettings, *, group_prefix: str = "", connect_s: float = 10.0) -> None:
        self._settings, self._group_prefix, self._connect_s = kafka_settings, group_prefix, connect_s
        self._idle: defaultdict[int, list[kafka.Producer]] = defaultdict(list)  # by their batch.size
        self._limits = TopicLimits(kafka_settings)
        self._lock = threading.Lock()
        self._last_error: kafka.KafkaError | None = None

    def __repr__(self) -> str:
        return f"<Broker {self.servers}>"

    @property
    def servers(self) -> str:
        """Addresses, `host:port[,…]`."""
        return self._settings.bootstrap_servers

    def value_limit(self, topic_id: str | None = None) -> int:
        """Bytes that one message's value may have; without a topic nobody is asked.

        A topic's own limit is asked for in the background; only a broker's first answer is waited for, 0.3 s at most.
        Room for the longest key stays free. Whoever raised `message.max.bytes` wants larger messages than the usual.
        """
        room = settings.message_limit(self._settings)
        if topic_id is not None and (limit := self._limits.of(topic_id)) is not None:
            room = min(room, limit - settings.BATCH_OVERHEAD_BYTES)
        room -= timeseries.STREAM_ID_BYTES
        return room if room > settings.USUAL_MESSAGE_BYTES else min(timeseries.LIMIT_BYTES, room)

    def warm_up(self, topic_id: str | None = None) -> None:
        """Start connecting in the background: an idempotent producer needs half a second for its ID.

        With a topic, its limit is asked for as well.
        """
        if topic_id is not None:
            self._limits.ask(topic_id)
        usual = settings.batch_bytes(self._settings)
        with self._lock:
            if not self._idle[usual]:
                self._idle[usual].append(self._new_producer(usual))

    @contextmanager
    def sender(self, topic_id: str, ledger: Ledger | None = None) -> Iterator[Sender]:
        """A sender for one topic, on a producer that nobody else uses meanwhile.

        Calls in parallel threads get a producer each: stopping one must not purge what another has queued.

        Raises
        ------
        BrokerError
            The broker does not answer, refuses the credentials, or does not have the topic.
        """
        sender = self.open_sender(topic_id, ledger)
        try:
            with sender:
                yield sender
        finally:
            self.close_sender(sender)

    def open_sender(self, topic_id: str, ledger: Ledger | None = None) -> Sender:
        """The same without a `with` block, until `close_sender`; its user sees to Ctrl-C, see `Sender.offer`.

        Raises
        ------
        BrokerError
            As `sender`.
        """
        while True:
            batch_bytes = self._batch_bytes(topic_id)
            with self._lock:
                producer = self._idle[batch_bytes].pop() if self._idle[batch_bytes] else None
            producer = producer or self._new_producer(batch_bytes)
            sender = Sender(producer, topic_id, ledger or Ledger(), batch_bytes)
            try:
                self._require_topic(producer, topic_id)
            except BaseException:
                del producer
                sender.is_spent = True  # the next call starts afresh
                self.close_sender(sender)
                raise
            if batch_bytes == self._batch_bytes(topic_id):
                return sender
            self.close_sender(sender)  # the topic's limit has come to be known meanwhile

    def close_sender(self, sender: Sender) -> None:
        """Take back the producer of a sender from `open_sender`; the sender is over."""
        last = [sender.detach()]
        if sender.is_spent:
            # A producer with messages of unknown fate is dropped; its successor gets a new producer ID. Dropping
            # waits for librdkafka's threads, a second and more, so the last reference goes in a thread.
            threading.Thread(target=last.clear, daemon=True).start()
        else:
            with self._lock:
                self._idle[sender.batch_bytes] += last

    @contextmanager
    def reading(self, topic_id: str, window: Window) -> Iterator[Reading]:
        """The messages of a topic within a window.

        Raises
        ------
        BrokerError
            The broker does not answer, refuses the credentials, or does not have the topic.
        """
        self._last_error = None
        consumer = self._guarded(partial(settings.consumer, self._settings, self._group_prefix, self._note_error))
        try:
            partitions = self._require_topic(consumer, topic_id)
            yield Reading(consumer, topic_id, partitions, window, self._guarded)
        finally:
            # Closing waits for the broker, and nobody waits for the closing.
            threading.Thread(target=consumer.close, daemon=True).start()

    def close(self) -> None:
        """Let the producers go. What was published has been acknowledged or reported already."""
        with self._lock:
            self._idle.clear()

    def _batch_bytes(self, topic_id: str) -> int:
        """Bytes of a batch for this topic: what the topic limits is the whole batch, which librdkafka never splits."""
        usual, limit = settings.batch_bytes(self._settings), self._limits.of(topic_id)
        return usual if limit is None else min(usual, limit)

    def _new_producer(self, batch_bytes: int) -> kafka.Producer:
        self._last_error = None
        try:
            return settings.producer(self._settings, self._note_error, batch_bytes)
        except kafka.KafkaException as error:
            raise failures.as_error(error, self.servers) from None

    def _note_error(self, error: kafka.KafkaError) -> None:
        # The last word is often "all brokers are down"; why they are is what came before it.
        if error.code() != kafka.KafkaError._ALL_BROKERS_DOWN or self._last_error is None:
            self._last_error = error

    def _require_topic(self, client: Any, topic_id: str) -> list[int]:
        """The topic's partitions, as soon as any broker answers."""
        until = time.monotonic() + self._connect_s
        while True:
            self._raise_if_denied(client)
            try:
                metadata = self._guarded(partial(client.list_topics, topic_id, timeout=1.0))
            except BrokerError:
                self._raise_if_denied(client)
                if time.monotonic() < until:
                    continue
                why = self._last_error.str() if self._last_error is not None else "no answer"
                raise failures.unreachable(self.servers, f"Waited {self._connect_s:.0f} s: {why}") from None
            found = metadata.topics[topic_id]
            if found.error is not None and failures.is_denied(found.error):
                raise failures.topic_denied(topic_id, found.error)
            if found.error is not None:
                raise BrokerError(
                    f"The broker does not have the topic {topic_id!r}.",
                    cause=f"It answered: {failures.reason(found.error)}.",
                    fix="Run %quix_topics to see the topics and their status.",
                )
            return sorted(found.partitions)

    def _raise_if_denied(self, client: Any) -> None:
        try:
            client.poll(0)  # runs the error callback; raises what ends the client
        except kafka.KafkaException as fatal:
            raise failures.as_error(fatal, self.servers) from None
        if self._last_error is not None and failures.is_denied(self._last_error):
            raise failures.as_error(self._last_error, self.servers) from None

    def _guarded(self, call: Callable[[], T]) -> T:
        """The value of a blocking librdkafka call, made in a thread so that Ctrl-C need not wait for it."""
        outcome: list[T] = []
        error: list[kafka.KafkaException] = []

        def run() -> None:
            try:
                outcome.append(call())
            except kafka.KafkaException as caught:
                error.append(caught)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(SLICE_S)
        if error:
            raise failures.as_error(error[0], self.servers) from None
        return outcome[0]
