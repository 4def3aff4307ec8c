"""The delivery ledger: which rows the broker acknowledged, at which offsets, and which it did not, and why."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RowNumbers = range | npt.NDArray[np.intp]

NO_ROWS = range(0)
NOT_SENT = "they were not sent"
FATE_UNKNOWN = "they were on their way; the broker may or may not have them"


class RowRange(NamedTuple):
    """Rows `first` to `last`, both inclusive, counted from 0 in everything published by one call."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first:,}" if self.first == self.last else f"{self.first:,}-{self.last:,}"


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka message to be sent, and the rows it carries; lifecycle messages carry none."""

    key: bytes
    value: bytes
    rows: RowNumbers = NO_ROWS


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that was not acknowledged, kept so that it can be sent again byte for byte."""

    message: Message
    reason: str


class Ledger:
    """Counts of one publish. Written from delivery callbacks, which any polling thread may run, hence the lock.

    Attributes
    ----------
    rows_delivered, messages_delivered, bytes_delivered
        What the broker acknowledged. Bytes are those of the values, before compression.
    messages_entered, rows_entered
        Messages handed over for sending, and their rows. Messages are handed over in one order, so `rows_entered` says
        exactly where a publish stopped, whenever it was interrupted.
    offsets
        Partition to first and last acknowledged offset.
    lost
        Messages that were not acknowledged, in the order in which they were handed over.
    """

    def __init__(self) -> None:
        self.rows_delivered = self.messages_delivered = self.bytes_delivered = 0
        self.messages_entered = self.rows_entered = 0
        self.offsets: dict[int, tuple[int, int]] = {}
        self._open: dict[int, Message] = {}
        self._lost: dict[int, Lost] = {}
        self._lock = threading.Lock()

    @property
    def outstanding(self) -> int:
        """Messages handed over and neither acknowledged nor lost yet."""
        return len(self._open)

    @property
    def lost(self) -> list[Lost]:  # noqa: D102 - in the class docstring
        with self._lock:
            return [self._lost[number] for number in sorted(self._lost)]

    @property
    def has_lost(self) -> bool:
        """Whether any message was lost, without copying the list."""
        return bool(self._lost)

    def enter(self, message: Message) -> int:
        """Note a message as handed over; returns its number."""
        with self._lock:
            number = self.messages_entered
            self.messages_entered += 1
            self.rows_entered += len(message.rows)
            self._open[number] = message
        return number

    def acknowledge(self, number: int, partition: int, offset: int) -> None:
        """Note that the broker has message `number`."""
        with self._lock:
            message = self._open.pop(number, None)
            if message is None:  # it was given up before, and reported as such
                return
            self.messages_delivered += 1
            self.rows_delivered += len(message.rows)
            self.bytes_delivered += len(message.value)
            first, last = self.offsets.get(partition, (offset, offset))
            self.offsets[partition] = (min(first, offset), max(last, offset))

    def lose(self, number: int, reason: str) -> None:
        """Note that message `number` will not be acknowledged."""
        with self._lock:
            if (message := self._open.pop(number, None)) is not None:
                self._lost[number] = Lost(message, reason)

    def lose_open(self, reason: str) -> None:
        """Give up on all that is still outstanding."""
        for number in list(self._open):
            self.lose(number, reason)


def ranges(rows: Iterable[RowNumbers]) -> Iterator[RowRange]:
    """The row numbers as the fewest inclusive ranges, ascending."""
    spans = sorted(span for numbers in rows for span in _spans(numbers))
    current: RowRange | None = None
    for span in spans:
        if current is not None and span.first <= current.last + 1:
            current = RowRange(current.first, max(current.last, span.last))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def _spans(numbers: RowNumbers) -> Iterator[RowRange]:
    if not len(numbers):
        return
    if isinstance(numbers, range):  # the usual case, and possibly millions of rows: nothing is spelled out
        yield RowRange(numbers[0], numbers[-1])
        return
    ordered = np.sort(numbers)
    for part in np.split(ordered, np.flatnonzero(np.diff(ordered) != 1) + 1):
        yield RowRange(int(part[0]), int(part[-1]))
