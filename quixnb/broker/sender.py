"""Messages to one topic, in order, each entered in a ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import confluent_kafka as kafka

from quixnb.broker import failures
from quixnb.broker.interrupts import Interrupts
from quixnb.broker.ledger import FATE_UNKNOWN, NOT_SENT, Ledger, Message

# Ctrl-C is noticed between calls into librdkafka only (before confluent-kafka 2.13 even flush() swallows it).
SLICE_S: Final = 0.2
# poll() may return some milliseconds late; the last stretch of a wait is slept.
_SPIN_S: Final = 0.005


class Sender:
    """Messages to one topic, in order, each entered in a ledger. A context manager; use it in one thread.

    Attributes
    ----------
    ledger
        What became of the messages.
    is_spent
        Whether the producer may not be used again.
    batch_bytes
        Its producer's `batch.size`.
    """

    def __init__(self, producer: kafka.Producer, topic_id: str, ledger: Ledger, batch_bytes: int) -> None:
        self._producer: Any = producer
        self._topic_id = topic_id
        self._interrupts = Interrupts()
        self.ledger, self.batch_bytes = ledger, batch_bytes
        self.is_spent = False
        self._why_over: str | None = None

    def __enter__(self) -> Sender:
        self._interrupts.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._interrupts.__exit__()

    def detach(self) -> kafka.Producer:
        """Part from the producer and return it; the sender is over."""
        producer, self._producer = self._producer, None
        return producer

    def beside(self, ledger: Ledger) -> Sender:
        """Another sender to the same topic on the same producer, with a ledger of its own, for the same user."""
        return Sender(self._producer, self._topic_id, ledger, self.batch_bytes)

    def send(self, message: Message) -> None:
        """Hand one message over; waits while the queue is full, in slices that Ctrl-C can end."""
        self._interrupts.hold()
        while not self.offer(message):
            if self._interrupts.is_pending:
                self.ledger.lose(self.ledger.enter(message), NOT_SENT)
                break
            self.serve(SLICE_S)
        self._interrupts.release()

    def offer(self, message: Message) -> bool:
        """Hand one message over unless the queue is full, which it returns; never waits.

        Unlike `send` it may be called in any thread, if calls do not overlap and Ctrl-C is held back meanwhile.
        """
        # Deliveries are served by polling alone, so the message is in the ledger before its own can be.
        settled = partial(self._settled, self.ledger.messages_entered)
        try:
            self._producer.produce(self._topic_id, value=message.value, key=message.key, on_delivery=settled)
        except BufferError:
            return False
        except kafka.KafkaException as error:
            self.serve()  # it may be over since just now, and then says why
            self.ledger.lose(self.ledger.enter(message), self._why_over or failures.reason(error.args[0]))
            return True
        self.ledger.enter(message)
        self.serve()
        return True

    def serve(self, seconds: float = 0.0) -> None:
        """Serve deliveries, waiting at most so long for one; under the same condition as `offer`."""
        try:
            self._producer.poll(seconds)
        except kafka.KafkaException as fatal:
            # The producer is over, for example because it may not write at all, and drops what it has.
            self.is_spent, self._why_over = True, failures.reason(fatal.args[0])

    def wait(self, seconds: float) -> None:
        """Serve deliveries for at most so long, or a slice of it; exact to about a millisecond at its end."""
        if seconds > _SPIN_S:
            self._poll(min(seconds - _SPIN_S, SLICE_S))
        else:
            time.sleep(seconds)

    def settle(self, tick: Callable[[], None] = lambda: None) -> None:
        """Wait until every message is acknowledged or lost; librdkafka's `message.timeout.ms` bounds it.

        `tick` is called between slices of waiting.
        """
        while self.ledger.outstanding:
            self._poll(SLICE_S)
            tick()

    def abandon(self, grace_s: float = 0.5) -> None:
        """Stop: drop what is queued, give what is on its way a moment, and settle the ledger.

        A second Ctrl-C does not cut it short, nor what its caller makes of the ledger.
        """
        self._interrupts.hold()
        self.is_spent = True
        self._producer.purge(in_queue=True, in_flight=False, blocking=True)
        until = time.monotonic() + grace_s
        while self.ledger.outstanding and (left := until - time.monotonic()) > 0:
            self.serve(min(left, SLICE_S))
        self.ledger.lose_open(FATE_UNKNOWN)

    def _poll(self, seconds: float) -> None:
        self._interrupts.hold()
        self.serve(seconds)
        self._interrupts.release()

    def _settled(self, number: int, error: kafka.KafkaError | None, message: kafka.Message) -> None:
        if error is None:
            self.ledger.acknowledge(number, message.partition(), message.offset())
        elif error.code() == kafka.KafkaError._PURGE_QUEUE and self._why_over is not None:
            self.ledger.lose(number, self._why_over)
        else:
            self.ledger.lose(number, failures.reason(error))
