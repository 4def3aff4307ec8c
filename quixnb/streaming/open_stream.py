"""One stream on its way to a topic: what is said of it, its rows in order, and its end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final

import numpy as np

from quixnb import events, timeseries
from quixnb.broker import Ledger, Message
from quixnb.broker.ledger import RowNumbers
from quixnb.options import Destination
from quixnb.report import PublishReport, raise_for
from quixnb.streaming.announcements import Announcements
from quixnb.streaming.outcome import Account, interrupted
from quixnb.streaming.outlet import Member, Outlet
from quixnb.timeseries import Columns, EndType, Rows

_SLICE_S: Final = 0.1
_FOREVER: Final = float("inf")
# How long what is on its way is waited for: at Ctrl-C, and once a message was lost.
_GRACE_S: Final = 0.3
_BROKEN_GRACE_S: Final = 2.0


class OpenStream:
    """A stream that takes rows until it is finished. Its methods are called within a turn of the outlet.

    Rows are numbered in the order in which they come, and handed to the broker in that order, each at most once. A
    stream of which the broker lost a message is broken and sends no more: what follows would arrive before what is sent
    again.

    Attributes
    ----------
    id
        Of the stream, the Kafka key.
    announcements
        What is said of it; sent before the rows that follow.
    account
        Makes its reports.
    rows
        Rows taken.
    """

    def __init__(
        self,
        outlet: Outlet,
        to: Destination,
        stream: str,
        *,
        announcements: Announcements | None = None,
        member: Member | None = None,
    ) -> None:
        self.id = stream
        self.announcements = announcements or Announcements()
        self.rows = 0
        self._outlet, self._to = outlet, to
        self._key = stream.encode()
        self._limit = to.broker.value_limit(to.topic_id)
        self._ledger = Ledger()
        self._member = member or self
        self._sender = outlet.join(self._member, self._ledger)
        self.account = Account(to, stream, self._ledger)
        self._queue: deque[Iterator[Message]] = deque()
        self._next: Message | None = None
        self._end: bytes | None = None
        self._final: PublishReport | None = None

    # ---- what is sent

    def check(self, columns: Columns, first_row: int, *, is_events: bool = False) -> None:
        """Refuse a row that fits in no message; costs nothing unless a cell is very long.

        Raises
        ------
        MessageTooLarge
        """
        if columns.heaviest_row() > self._limit:
            deque(self._encoded(columns, first_row, is_events=is_events), maxlen=0)

    def add(self, columns: Columns, until: float = _FOREVER, *, is_events: bool = False) -> None:
        """Send rows, after what was newly said of the stream; waits while the broker's queue is full, as `push`."""
        if len(columns):
            self._say(self.announcements.before_rows())
            self._queue.append(self._encoded(columns, self.rows, is_events=is_events))
            self.rows += len(columns)
        self.push(until)

    def announce(self, until: float = _FOREVER) -> None:
        """Send what was changed of what is said of the stream."""
        self._say(self.announcements.changes())
        self.push(until)

    def _say(self, values: Iterable[bytes]) -> None:
        self._queue.extend(iter([Message(self._key, value)]) for value in values)

    def _encoded(self, columns: Columns, first_row: int, *, is_events: bool) -> Iterator[Message]:
        encode: Callable[..., Iterator[Rows]] = events.messages if is_events else timeseries.messages
        numbers = range(first_row, first_row + len(columns))
        for rows in encode(columns, 0, len(columns), limit_bytes=self._limit, numbers=numbers):
            yield Message(self._key, rows.value, numbers[rows.start : rows.stop])

    def push(self, until: float = _FOREVER) -> None:
        """Hand over what is queued; ends early when the stream breaks, at Ctrl-C, and at `until`.

        What is left is handed over by the next push.
        """
        while not self._is_stopped and (message := self._peek()) is not None:
            if (left := until - time.monotonic()) <= 0:
                return
            if self._sender.offer(message):
                self._next = None
            else:
                self._sender.serve(min(left, _SLICE_S))

    def settle(self, until: float = _FOREVER) -> None:
        """Hand over what is queued and wait until it is acknowledged or lost, until a time, or for Ctrl-C."""
        self.push(until)
        while self._ledger.outstanding and not self._is_stopped and (left := until - time.monotonic()) > 0:
            self._sender.serve(min(left, _SLICE_S))

    def _peek(self) -> Message | None:
        while self._next is None and self._queue:
            self._next = next(self._queue[0], None)
            if self._next is None:
                self._queue.popleft()
        return self._next

    @property
    def _is_stopped(self) -> bool:
        return self.is_broken or self._outlet.is_interrupted

    # ---- how it stands

    def ring(self) -> None:
        """Do nothing: it holds nothing that is due."""

    @property
    def has_queued(self) -> bool:
        """Whether messages wait for the next push."""
        return self._peek() is not None

    @property
    def is_broken(self) -> bool:
        """Whether the broker lost a message."""
        return self._ledger.has_lost

    @property
    def is_finished(self) -> bool:
        """Whether it takes no more."""
        return self._final is not None

    def report(self, held: int = 0) -> PublishReport:
        """What happened so far; `held` rows were written and are not taken yet."""
        if self._final is None:
            self._sender.serve()
            return self.account.so_far(self.rows + held)
        return self._final

    # ---- the end

    def finish(self, end: EndType | None, until: float = _FOREVER, *, even_alone: bool = False) -> None:
        """Send the end, wait for what is on its way, and part from the outlet. A broken stream is given no end.

        At `until`, and at Ctrl-C, what is still on its way is given up. A stream on which nothing was sent is given an
        end only if `even_alone`.
        """
        self._end = self._end or (timeseries.end(end) if end is not None else None)
        if self._final is not None:
            return
        self._say(self.announcements.changes())
        if self._end is not None and (even_alone or self._ledger.messages_entered or self.has_queued):
            self._say([self._end])
        self.settle(until)
        if self._ledger.outstanding:
            self._outlet.give_up(self._sender, _BROKEN_GRACE_S if self.is_broken else _GRACE_S)
        stopped = self._outlet.is_interrupted
        self._final = self.account.closed(self._numbers[self._ledger.rows_entered :], self._resend, stopped=stopped)
        self._outlet.part(self._member, self._sender)

    @cached_property
    def _numbers(self) -> RowNumbers:
        """The rows' numbers, in the order in which they are handed over; asked for when all have been taken."""
        return range(self.rows)

    @cached_property
    def _missing(self) -> list[Message]:
        """What was not acknowledged, in order, but for the end."""
        queued = [] if self._next is None else [self._next]
        for messages in self._queue:
            queued += messages
        return [m for m in [*(lost.message for lost in self._ledger.lost), *queued] if m.value != self._end]

    def _resend(self) -> PublishReport:
        """Send what is missing, byte for byte, and the end if there is to be one."""
        outlet = Outlet(self._to.broker, self._to.topic_id)
        try:
            again = OpenStream(outlet, self._to, self.id)
            again._numbers = np.array([row for message in self._missing for row in message.rows], dtype=np.intp)
            again.rows = len(again._numbers)
            again._queue.append(iter(self._missing))
            again._end = self._end
            return finished(again, outlet, lambda: again.finish(None))
        finally:
            outlet.close()


def finished(stream: OpenStream, outlet: Outlet, finish: Callable[[], None]) -> PublishReport:
    """The report of a stream that `finish` finishes, called within a turn.

    Raises
    ------
    DeliveryError, PublishInterrupted
        Rows were not acknowledged; both carry the report.
    """
    try:
        with outlet.turn():
            finish()
    except KeyboardInterrupt:
        if not stream.is_finished:  # it came while another thread had its turn
            raise
        raise interrupted(stream.report()) from None
    return raise_for(stream.report())
