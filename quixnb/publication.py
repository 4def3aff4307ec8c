"""One publish under way: frames in, messages out in order, and what became of each row."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np

from quixnb import frames, jsonrows, timeseries
from quixnb.broker import Ledger, Lost, Message, ranges
from quixnb.broker.ledger import NOT_SENT, RowNumbers
from quixnb.errors import FrameError, PublishInterrupted
from quixnb.frames.inputs import Chunks
from quixnb.publishing import Destination, Options, new_stream_id
from quixnb.report import ColumnPlan, Failure, Progress, PublishPlan, PublishReport, raise_for
from quixnb.timeseries import Columns, Rows

_TICK_S: Final = 0.1
# How long messages on their way are waited for once one was lost.
_GRACE_S: Final = 2.0


class Part(NamedTuple):
    """Rows `begin` to `end` of a batch's columns, which go to one stream."""

    stream: str
    begin: int
    end: int


class Batch(NamedTuple):
    """One frame, ready to be sent.

    Attributes
    ----------
    columns
        Its rows, grouped by stream, each stream's in the frame's order.
    numbers
        The rows' numbers in everything that is published.
    parts
        Which rows go to which stream, in the columns' order.
    begin
        Rows before this one were handed over already.
    """

    columns: Columns
    numbers: RowNumbers
    parts: Sequence[Part]
    begin: int = 0

    def after(self, rows: int) -> Batch:
        """What is left of it when `rows` more have been handed over."""
        return self._replace(begin=self.begin + rows)

    @property
    def rest(self) -> RowNumbers:
        """Numbers of the rows not handed over yet."""
        return self.numbers[self.begin :]


class Publication:
    """Takes frames in order, sends their messages, and accounts for every row."""

    def __init__(
        self, destination: Destination, options: Options, progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._to, self._options, self._progress = destination, options, progress
        self._stream = options.stream.stream or new_stream_id()
        # A kilobyte stays free for the key, which counts towards the limit.
        self._limit = min(timeseries.LIMIT_BYTES, destination.broker.message_limit - 1024)
        self._ledger = Ledger()
        self._rows = 0
        self._rows_expected: int | None = None
        self._streams: dict[str, None] = {}
        self._notes: dict[str, None] = {}
        self._batch: Batch | None = None
        self._entered_before_batch = 0
        self._started = time.monotonic()
        self._next_tick = 0.0

    def plan(self, source: Chunks) -> PublishPlan:
        """What `run` would send; contacts nobody."""
        batch = self._accept(next(source.frames, {}))
        first, sizes = b"", []
        for part in batch.parts:
            for rows in self._encoded(batch.columns, part.begin, part.end):
                first = first or rows.value
                sizes.append(len(rows.value))
        described = frames.describe(batch.columns)
        return PublishPlan(
            rows=self._rows,
            messages=len(sizes),
            bytes=sum(sizes),
            largest=max(sizes, default=0),
            topic_name=self._to.topic_name,
            topic_id=self._to.topic_id,
            environment=self._to.environment,
            stream_ids=tuple(part.stream for part in batch.parts),
            columns=tuple(ColumnPlan(name, *facts) for name, facts in described.items()),
            first_message=jsonrows.pretty(first),
            notes=tuple(self._notes),
            is_partial=not source.is_whole,
        )

    def run(self, source: Chunks) -> PublishReport:
        """Send everything in `source` and wait until the broker has acknowledged it.

        Raises
        ------
        FrameError
            A frame cannot be sent as it is. Of a whole frame nothing was sent; of an iterator, the frames before it.
        DeliveryError, PublishInterrupted
            Rows were not acknowledged; both carry the report.
        """
        self._rows_expected = source.rows
        if not source.is_whole:
            return self._deliver(self._messages(map(self._accept, source.frames)))
        batch = self._accept(next(source.frames))  # every row is checked before the broker hears of the first
        self._check_sizes(batch)
        if not self._rows:
            return self._report()
        return self._deliver(self._messages([batch]))

    # ---- frames to messages

    def _accept(self, frame: Any) -> Batch:
        """The batch for one more frame, its rows counted."""
        columns = frames.to_columns(frame, self._options.frame, first_row=self._rows)
        first, self._rows = self._rows, self._rows + len(columns)
        self._notes |= dict.fromkeys(columns.notes)
        if columns.streams is None:
            parts = [Part(self._stream, 0, len(columns))] if len(columns) else []
            return Batch(columns, range(first, self._rows), parts)
        return _by_stream(columns, columns.streams, first)

    def _messages(self, batches: Iterable[Batch]) -> Iterator[Message]:
        """All messages for `batches` in order, with what begins and ends their streams."""
        for batch in batches:
            self._batch, self._entered_before_batch = batch, self._ledger.rows_entered
            for part in batch.parts:
                yield from self._part_messages(batch, part)
        if self._is_timeseries and not self._options.stream.keep_open:
            for stream in self._streams:
                yield Message(stream.encode(), self._end())

    def _part_messages(self, batch: Batch, part: Part) -> Iterator[Message]:
        begin = max(part.begin, batch.begin)
        if begin >= part.end:
            return
        key = part.stream.encode()
        if part.stream not in self._streams:
            self._streams[part.stream] = None
            if self._is_timeseries:
                yield Message(key, self._properties())
        for rows in self._encoded(batch.columns, begin, part.end, int(batch.numbers[0])):
            yield Message(key, rows.value, batch.numbers[rows.start : rows.stop])

    def _encoded(self, columns: Columns, begin: int, end: int, first_row: int = 0) -> Iterator[Rows]:
        if not self._is_timeseries:
            return jsonrows.messages(columns, begin, end, limit_bytes=self._limit, first_row=first_row)
        most = self._options.message.rows_per_message
        return timeseries.messages(
            columns, begin, end, limit_bytes=self._limit, rows_per_message=most, first_row=first_row
        )

    @property
    def _is_timeseries(self) -> bool:
        return self._options.message.format == "timeseries"

    def _check_sizes(self, batch: Batch) -> None:
        """Refuse a row that fits in no message, before any is sent; costs nothing unless a cell is very long."""
        if batch.columns.heaviest_row() > self._limit:
            for part in batch.parts:
                deque(self._encoded(batch.columns, part.begin, part.end), maxlen=0)

    def _properties(self) -> bytes:
        said = self._options.stream
        return timeseries.properties(
            name=said.name,
            location=said.location,
            metadata=said.metadata,
            parents=said.parents,
            time_of_recording=said.recorded(),
        )

    def _end(self) -> bytes:
        return timeseries.end(self._options.stream.end)

    # ---- messages to the broker

    def _deliver(self, messages: Iterable[Message]) -> PublishReport:
        with self._to.broker.sender(self._to.topic_id, self._ledger) as sender:
            try:
                for message in messages:
                    sender.send(message)
                    self._tick()
                    if self._ledger.has_lost:
                        # What is queued behind a lost message is not sent past it: the retry sends all, in order.
                        sender.abandon(grace_s=_GRACE_S)
                        break
                sender.settle(self._tick)
            except KeyboardInterrupt:
                sender.abandon()
                raise self._interrupted() from None
            except Exception as error:
                sender.settle()  # the input failed, not the broker: what was handed over still arrives
                if isinstance(error, FrameError) and self._ledger.rows_delivered:
                    error.cause += f" The {self._ledger.rows_delivered:,} rows before its frame were delivered."
                raise
        self._tick(is_last=True)
        return raise_for(self._report())

    def _tick(self, *, is_last: bool = False) -> None:
        now = time.monotonic()
        if self._progress is None or (now < self._next_tick and not is_last):
            return
        self._next_tick = now + _TICK_S
        failed = sum(len(lost.message.rows) for lost in self._ledger.lost) if self._ledger.has_lost else 0
        self._progress(
            Progress(
                self._to.topic_name,
                self._ledger.rows_delivered,
                self._rows if is_last else self._rows_expected,
                self._ledger.bytes_delivered,
                failed,
                now - self._started,
            )
        )

    # ---- what became of it

    def _report(self, *, is_interrupted: bool = False) -> PublishReport:
        ledger, lost, rest = self._ledger, self._ledger.lost, self._rest()
        return PublishReport(
            rows=self._rows,
            rows_delivered=ledger.rows_delivered,
            messages=ledger.messages_delivered,
            bytes=ledger.bytes_delivered,
            seconds=time.monotonic() - self._started,
            topic_name=self._to.topic_name,
            topic_id=self._to.topic_id,
            environment=self._to.environment,
            stream_ids=tuple(self._streams),
            offsets=dict(sorted(ledger.offsets.items())),
            failures=_failures(lost, rest),
            notes=tuple(self._notes),
            is_interrupted=is_interrupted,
            _resend=partial(self._resend, lost, rest) if lost or rest is not None else None,
        )

    def _rest(self) -> Batch | None:
        """What was not handed over of the batch under way."""
        if self._batch is None:
            return None
        rest = self._batch.after(self._ledger.rows_entered - self._entered_before_batch)
        return rest if len(rest.rest) else None

    def _resend(self, lost: Sequence[Lost], rest: Batch | None) -> PublishReport:
        """Send lost messages again byte for byte, in their order, then the rest."""
        end = self._end()
        first = [item.message for item in lost if item.message.value != end]
        again = Publication(self._to, self._options, self._progress)
        again._streams, again._stream = dict(self._streams), self._stream
        again._rows = sum(len(message.rows) for message in first) + (len(rest.rest) if rest is not None else 0)
        again._rows_expected = again._rows
        return again._deliver(chain(first, again._messages([] if rest is None else [rest])))

    def _interrupted(self) -> PublishInterrupted:
        report = self._report(is_interrupted=True)
        failed = "; ".join(map(str, report.failures[:2]))
        return PublishInterrupted(
            f"Stopped: {report.rows_delivered:,} of {report.rows:,} rows were delivered to '{report.topic_name}'.",
            cause=f"Not delivered: {failed}." if failed else "No row was left behind.",
            fix="Send the rest with: quixnb.last_report().retry()" if failed else "",
            report=report,
        )


def _failures(lost: Sequence[Lost], rest: Batch | None) -> tuple[Failure, ...]:
    """Rows that were not acknowledged, gathered by reason."""
    by_reason: dict[str, list[RowNumbers]] = {}
    for item in lost:
        by_reason.setdefault(item.reason, []).append(item.message.rows)
    if rest is not None:
        by_reason.setdefault(NOT_SENT, []).append(rest.rest)
    return tuple(Failure(tuple(ranges(rows)), reason) for reason, rows in by_reason.items())


def _by_stream(columns: Columns, streams: Iterable[str], first_row: int) -> Batch:
    """The batch of columns whose rows name their stream: grouped, streams in order of their first row."""
    ids: dict[str, int] = {}
    codes = np.fromiter((ids.setdefault(stream, len(ids)) for stream in streams), dtype=np.intp)
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(ids) + 1)).tolist()
    parts = [Part(stream, edges[code], edges[code + 1]) for stream, code in ids.items()]
    return Batch(columns.take(order), order + first_row, parts)
