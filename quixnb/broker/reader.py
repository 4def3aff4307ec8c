"""Reading a topic from somewhere to its end, without a consumer group's memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, NamedTuple

import confluent_kafka as kafka

from quixnb.broker import failures

_BATCH: Final = 500
# consume() waits for a full batch until its time-out, even behind the last message, so poll() waits for the first.
_SLICE_S: Final = 0.2
_LEADER_S: Final = 0.1


class Record(NamedTuple):
    """One message: where it stands, its key, headers and value, and the broker's time in ms since 1970 UTC."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Window:
    """Which messages of a topic to read.

    Attributes
    ----------
    start
        `earliest`: from the oldest to the end as it stands now. `latest`: those that come from now on.
    since_ms
        Only messages that the broker has since then, ms since 1970 UTC; `start` is then `earliest`.
    newest
        Only about this many of the newest messages of each partition; None is all.
    timeout_s
        When to stop, whatever has come.
    """

    start: Literal["earliest", "latest"] = "earliest"
    since_ms: int | None = None
    newest: int | None = None
    timeout_s: float = 10.0


class Incomplete(Exception):
    """The window's time ran out before its end; what came until then has been yielded."""


Guard = Callable[[Callable[[], Any]], Any]


class Reading:
    """The messages of a topic within a window, in each partition's order; iterate once.

    Attributes
    ----------
    shortened
        Partitions in which `Window.newest` left out older messages.
    """

    def __init__(
        self, consumer: kafka.Consumer, topic_id: str, partitions: Sequence[int], window: Window, guarded: Guard
    ) -> None:
        self._consumer, self._topic_id, self._window, self._guarded = consumer, topic_id, window, guarded
        self._until = time.monotonic() + window.timeout_s
        self._since_ms = window.since_ms or 0
        self._spans: dict[int, tuple[int, int]] = guarded(partial(_spans, consumer, topic_id, partitions, self._until))
        first = self._first_offsets()
        self._starts = {p: self._newest(p, offset) for p, offset in first.items()}
        self.shortened = frozenset(p for p, offset in first.items() if self._starts[p] > offset)

    def __iter__(self) -> Iterator[Record]:
        """Raises `Incomplete` after the last message if time ran out before the end of an `earliest` window."""
        if self._window.start == "latest":
            yield from self._follow()
            return
        todo = {p for p, (_, high) in self._spans.items() if self._starts[p] < high}
        for partition, message in self._messages(todo):
            end = self._spans[partition][1]
            # A partition's end counts too (message is None): offsets have gaps on compacted topics.
            if message is None or message.offset() + 1 >= end:
                todo.discard(partition)
            if message is not None and message.offset() < end:
                record = _record(message)
                if self._window.since_ms is None or record.timestamp_ms >= self._window.since_ms:
                    yield record
        if todo:
            raise Incomplete

    def slices(self, seconds: float) -> Iterator[list[Record]]:
        """What comes until the time is up, gathered for so many seconds each; an empty list where nothing came."""
        self._assign(self._spans)
        while time.monotonic() < self._until:
            slice_ends = min(time.monotonic() + seconds, self._until)
            yield [_record(message) for _, message in self._messages_until(slice_ends) if message is not None]

    def _follow(self) -> Iterator[Record]:
        for _, message in self._messages(set(self._spans)):
            if message is not None:
                yield _record(message)

    def _messages(self, todo: set[int]) -> Iterator[tuple[int, kafka.Message | None]]:
        """Messages as they come, None for the end of a partition, until `todo` is empty or time is up."""
        if todo:
            self._assign(todo)
            for item in self._messages_until(self._until):
                yield item
                if not todo:
                    return

    def _assign(self, partitions: Iterable[int]) -> None:
        starts = [kafka.TopicPartition(self._topic_id, p, self._starts[p]) for p in sorted(partitions)]
        self._consumer.assign(starts)

    def _messages_until(self, until: float) -> Iterator[tuple[int, kafka.Message | None]]:
        """Messages as they come, None for the end of a partition."""
        while (left := until - time.monotonic()) > 0:
            first = self._consumer.poll(min(left, _SLICE_S))
            for message in [] if first is None else [first, *self._consumer.consume(_BATCH, timeout=0)]:
                error = message.error()
                if error is None:
                    yield message.partition(), message
                elif error.code() == kafka.KafkaError._PARTITION_EOF:
                    yield message.partition(), None
                else:
                    raise failures.as_error(error, self._topic_id)

    def _first_offsets(self) -> dict[int, int]:
        if self._window.start == "latest":
            return {p: high for p, (_, high) in self._spans.items()}
        starts = {p: low for p, (low, _) in self._spans.items()}
        if self._window.since_ms is not None:
            wanted = [kafka.TopicPartition(self._topic_id, p, self._window.since_ms) for p in self._spans]
            found = self._guarded(lambda: self._consumer.offsets_for_times(wanted, timeout=10))
            starts |= {t.partition: self._since(t) for t in found}
        return starts

    def _newest(self, partition: int, first: int) -> int:
        newest = self._window.newest
        return first if newest is None else max(first, self._spans[partition][1] - newest)

    def _since(self, found: kafka.TopicPartition) -> int:
        """The first offset to read, of what the broker found for a time."""
        low, high = self._spans[found.partition]
        if found.offset >= 0 or low == high:
            return max(int(found.offset), low)
        # "None" is "nothing since then" from Apache Kafka, but "I cannot tell" from librdkafka's mock cluster. The last
        # message knows: if it is older, so are all; if not, what is older is dropped on the way.
        self._consumer.assign([kafka.TopicPartition(self._topic_id, found.partition, high - 1)])
        while (message := self._consumer.poll(_SLICE_S)) is None and time.monotonic() < self._until:
            pass
        is_older = message is not None and message.error() is None and message.timestamp()[1] < self._since_ms
        return high if is_older else low


def _spans(
    consumer: kafka.Consumer, topic_id: str, partitions: Sequence[int], until: float
) -> dict[int, tuple[int, int]]:
    """Every partition's watermarks, asked for at once: each takes two round trips to the broker."""
    with ThreadPoolExecutor(max_workers=16) as threads:
        asked = threads.map(lambda partition: _watermarks(consumer, topic_id, partition, until), partitions)
        return dict(zip(partitions, asked, strict=True))


def _watermarks(consumer: kafka.Consumer, topic_id: str, partition: int, until: float) -> tuple[int, int]:
    """Its first offset and the one after its last; a partition that is between two leaders is asked again."""
    while True:
        try:
            low, high = consumer.get_watermark_offsets(kafka.TopicPartition(topic_id, partition), timeout=10)
            return low, high
        except kafka.KafkaException as error:
            if not failures.has_no_leader(error.args[0]) or time.monotonic() > until:
                raise
        time.sleep(_LEADER_S)


def _record(message: kafka.Message) -> Record:
    return Record(
        message.partition(),
        message.offset(),
        message.key(),
        message.value(),
        message.headers() or (),
        message.timestamp()[1],
    )
