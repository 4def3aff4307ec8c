"""One publish under way: frames in, messages out in order, and what became of each row."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, Final

from quixnb import batches, definitions, events, frames, jsonrows, timeseries
from quixnb.batches import Batch, Part, Replay
from quixnb.broker import Ledger, Lost, Message, Sender, ranges
from quixnb.broker.ledger import NOT_SENT, RowNumbers
from quixnb.errors import FrameError, PublishInterrupted
from quixnb.options import Destination, Options, PaceOptions, new_stream_id
from quixnb.report import (
    ColumnPlan,
    Failure,
    Progress,
    PublishPlan,
    PublishReport,
    raise_for,
    stopped_before_it_began,
)
from quixnb.timeseries import Columns, Kind, Rows

_TICK_S: Final = 0.1
# How long messages on their way are waited for once one was lost.
_GRACE_S: Final = 2.0


_ENCODERS: Final[dict[str, Callable[..., Iterator[Rows]]]] = {
    "timeseries": timeseries.messages,
    "json": jsonrows.messages,
    "events": events.messages,
}


class Stopped(Exception):
    """The publish was asked to stop; raised and caught within this module."""


class Publication:
    """Takes frames in order, sends their messages, and accounts for every row."""

    def __init__(
        self, destination: Destination, options: Options, progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._to, self._options, self._progress = destination, options, progress
        self._stream = options.stream.stream or new_stream_id()
        self._limit = destination.broker.value_limit()
        self._ledger = Ledger()
        self._sender: Sender | None = None
        self._stop = threading.Event()
        self._rows = 0
        self._rows_expected: int | None = None
        self._streams: dict[str, None] = {}
        self._notes: dict[str, None] = {}
        self._kinds: dict[str, Kind] = {}
        self._defined: frames.Definitions = {}
        self._replay: Replay | None = None
        self._backlog: Sequence[Message] = ()
        self._batch: Batch | None = None
        self._entered_before_batch = 0
        self._called = self._started = time.monotonic()
        self._next_tick = 0.0

    def plan(self, data: Any) -> PublishPlan:
        """What `run` would send; contacts nobody. Of an iterator the first frame is taken."""
        source = frames.chunks(data, is_live=False)
        batch = self._accept(next(source.frames, {}))
        first, sizes = b"", []
        streams: dict[str, None] = {}
        for part in batch.parts:
            streams[part.stream] = None
            for rows in self._encoded(batch.columns, part.begin, part.end, batch.numbers):
                first = first or rows.value
                sizes.append(len(rows.value))
        described = frames.describe(batch.columns)
        return PublishPlan(
            rows=len(batch.numbers),
            messages=len(sizes),
            bytes=sum(sizes),
            largest=max(sizes, default=0),
            topic_name=self._to.topic_name,
            topic_id=self._to.topic_id,
            environment=self._to.environment,
            stream_ids=tuple(streams),
            columns=tuple(ColumnPlan(name, *facts) for name, facts in described.items()),
            first_message=jsonrows.pretty(first),
            notes=tuple(self._notes),
            is_partial=not source.is_whole,
        )

    def run(self, data: Any) -> PublishReport:
        """Send everything in `data` and wait until the broker has acknowledged it.

        Raises
        ------
        FrameError
            A frame cannot be sent as it is. Of a whole frame nothing was sent; of an iterator, the frames before it.
        DeliveryError, PublishInterrupted
            Rows were not acknowledged; both carry the report.
        """
        try:
            return self.deliver(self.prepared(data))
        except PublishInterrupted:
            raise
        except KeyboardInterrupt:  # while the frame was checked or the broker found, or behind the last row
            raise self._interrupted() from None

    def prepared(self, data: Any) -> Iterable[Batch]:
        """The batches of `data`: of a whole frame the only one, checked; of an iterator each as it is asked for."""
        self._limit = self._to.broker.value_limit(self._to.topic_id)
        source = frames.chunks(data, self._await_turn if self._options.pace.every else None)
        self._rows_expected = source.rows
        if source.is_whole and self._options.pace.every is not None:
            raise FrameError(
                "A frame has no items of which one could be sent at a time.",
                cause="--every is the time between two items of an iterator: rows, or frames.",
                fix="Give a generator, or send the frame at its own pace: --replay",
            )
        if not source.is_whole:
            return map(self._accept, source.frames)
        batch = self._accept(next(source.frames))  # every row is checked before the broker hears of the first
        self._check_sizes(batch)
        self._take(batch)
        return [batch] if self._rows else []

    def deliver(self, batches: Iterable[Batch]) -> PublishReport:
        """Send what `prepared` returned; see `run`."""
        return self._report() if batches == [] else self._deliver(self._messages(batches))

    def stop(self) -> None:
        """Ask a publish that runs in another thread to end: streams are ended, and what was handed over arrives."""
        self._stop.set()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        failed = sum(len(lost.message.rows) for lost in self._ledger.lost) if self._ledger.has_lost else 0
        return Progress(
            self._to.topic_name,
            self._ledger.rows_delivered,
            self._rows_expected,
            self._ledger.bytes_delivered,
            failed,
            time.monotonic() - self._started,
        )

    # ---- frames to messages

    def _accept(self, frame: Any) -> Batch:
        """The batch for one more frame."""
        columns = frames.to_columns(frame, self._options.frame, first_row=self._rows)
        self._require_same_kinds(columns)
        self._notes |= dict.fromkeys(columns.notes)
        self._defined = self._defined or self._options.stream.definitions or frames.definitions_of(frame)
        pace = self._options.pace
        if pace.replay is not None and self._replay is None and len(columns):
            starts_ns = time.time_ns() if pace.restamp else None
            self._replay = Replay(pace.replay, int(columns.time.min()), starts_ns)
        return batches.batch(columns, self._stream, self._rows, self._replay)

    def _require_same_kinds(self, columns: Columns) -> None:
        """Refuse a parameter that was numbers in the frames before and is text now; nulls are of any kind."""
        for name, kind, column in columns.parameters():
            before = self._kinds.setdefault(name, kind) if column.nulls < len(columns) else kind
            if before != kind:
                raise FrameError(
                    f"Column {name!r} is {before} in the rows before row {self._rows:,}, and {kind} from there on.",
                    cause="A timeseries parameter is of one type, and quixnb does not guess which.",
                    fix="Convert it to one type in every frame.",
                )

    def _take(self, batch: Batch) -> None:
        """Begin with a batch. In one statement: whenever Ctrl-C comes, its rows are counted and to be sent, or not."""
        rows = self._rows + len(batch.numbers)
        if batch is not self._batch:
            self._batch, self._entered_before_batch, self._rows = batch, self._ledger.rows_entered, rows

    def _messages(self, taken: Iterable[Batch]) -> Iterator[Message]:
        """All messages for some batches in order, with what begins and ends their streams."""
        for batch in taken:
            self._take(batch)
            for part in batch.parts:
                if part.end > batch.begin:
                    yield from self._part_messages(batch, part)
            if self._stop.is_set():  # before the next is taken: what was taken is sent
                raise Stopped
        if not self._options.stream.keep_open:
            yield from self._ends()

    def _part_messages(self, batch: Batch, part: Part) -> Iterator[Message]:
        self._await(part.due_s)
        key = part.stream.encode()
        if part.stream not in self._streams:
            yield from (Message(key, value) for value in self._beginning())
            self._streams[part.stream] = None
        for rows in self._encoded(batch.columns, max(part.begin, batch.begin), part.end, batch.numbers):
            yield Message(key, rows.value, batch.numbers[rows.start : rows.stop])

    def _encoded(self, columns: Columns, begin: int, end: int, numbers: RowNumbers) -> Iterator[Rows]:
        said = self._options.message
        encode = _ENCODERS["events" if self._options.frame.events else said.format]
        return encode(
            columns,
            begin,
            end,
            limit_bytes=self._limit,
            rows_per_message=said.rows_per_message,
            numbers=numbers,
        )

    def _check_sizes(self, batch: Batch) -> None:
        """Refuse a row that fits in no message, before any is sent; costs nothing unless a cell is very long."""
        if batch.columns.heaviest_row() > self._limit:
            for part in batch.parts:
                deque(self._encoded(batch.columns, part.begin, part.end, batch.numbers), maxlen=0)

    def _beginning(self) -> Iterator[bytes]:
        """What stands before a stream's rows; plain JSON rows have nothing around them."""
        if self._options.message.format == "json":
            return
        said = self._options.stream
        yield timeseries.properties(
            name=said.name,
            location=said.location,
            metadata=said.metadata,
            parents=said.parents,
            time_of_recording=said.recorded(),
        )
        if self._defined:
            yield (definitions.events if self._options.frame.events else definitions.parameters)(self._defined)

    def _ends(self) -> Iterator[Message]:
        if self._options.message.format != "json":
            end = timeseries.end(self._options.stream.end)
            yield from (Message(stream.encode(), end) for stream in self._streams)

    # ---- when

    def _await_turn(self, number: int) -> None:
        """Wait until item `number` of an iterator is to be taken."""
        self._await(number * (self._options.pace.every or 0.0))

    def _await(self, due_s: float) -> None:
        """Wait until so long after the start, serving deliveries meanwhile. Absolute times, so nothing drifts."""
        while True:
            left = self._started + due_s - time.monotonic()
            if left <= 0 or self._sender is None:
                return
            if self._stop.is_set():
                raise Stopped
            self._sender.wait(left)
            self._tick()

    # ---- messages to the broker

    def _deliver(self, messages: Iterable[Message]) -> PublishReport:
        with self._to.broker.sender(self._to.topic_id, self._ledger) as sender:
            self._sender, self._started = sender, time.monotonic()
            try:
                self._send(messages, sender)
                sender.settle(self._tick)
            except KeyboardInterrupt:
                sender.abandon()
                raise self._interrupted() from None
            except Exception as error:
                self._settle_or_abandon(sender)  # the input failed, not the broker: what was handed over still arrives
                said = f"The {self._ledger.rows_delivered:,} rows before its frame were delivered."
                if isinstance(error, FrameError) and self._ledger.rows_delivered:
                    error.cause = f"{error.cause} {said}".lstrip()
                elif self._ledger.rows_delivered:
                    error.add_note(said)
                raise
        self._tick(is_last=True)
        report = self._report()
        is_as_asked = self._stop.is_set() and not self._ledger.has_lost
        return report if is_as_asked else raise_for(report)

    def _send(self, messages: Iterable[Message], sender: Sender) -> None:
        try:
            for message in messages:
                sender.send(message)
                self._tick()
                # What was taken from an iterator is gone from it, so it is sent; a frame can be cut anywhere.
                if self._stop.is_set() and self._rows_expected is not None:
                    raise Stopped
                if self._ledger.has_lost:
                    # What is queued behind a lost message is not sent past it: the retry sends all, in order.
                    sender.abandon(grace_s=_GRACE_S)
                    return
        except (Stopped, KeyboardInterrupt) as stop:
            if isinstance(stop, KeyboardInterrupt) and not self._options.pace.until_stopped:
                raise
            self._stop.set()
            if not self._options.stream.keep_open:
                for message in self._ends():
                    sender.send(message)

    def _settle_or_abandon(self, sender: Sender) -> None:
        try:
            sender.settle(self._tick)
        except KeyboardInterrupt:
            sender.abandon()
            raise self._interrupted() from None

    def _tick(self, *, is_last: bool = False) -> None:
        if self._progress is None or (time.monotonic() < self._next_tick and not is_last):
            return
        self._next_tick = time.monotonic() + _TICK_S
        self._progress(self.progress)

    # ---- what became of it

    def _report(self, *, is_interrupted: bool = False) -> PublishReport:
        ledger, rest = self._ledger, self._rest()
        lost = [*ledger.lost, *(Lost(message, NOT_SENT) for message in self._backlog[ledger.messages_entered :])]
        return PublishReport(
            rows=self._rows,
            rows_delivered=ledger.rows_delivered,
            messages=ledger.messages_delivered,
            bytes=ledger.bytes_delivered,
            seconds=time.monotonic() - self._called,
            topic_name=self._to.topic_name,
            topic_id=self._to.topic_id,
            environment=self._to.environment,
            stream_ids=tuple(self._streams),
            offsets=dict(sorted(ledger.offsets.items())),
            failures=_failures(lost, rest),
            notes=tuple(self._notes),
            is_interrupted=is_interrupted or self._stop.is_set(),
            _resend=partial(self._resend, lost, rest) if lost or rest is not None else None,
        )

    def _rest(self) -> Batch | None:
        """What was not handed over of the batch under way."""
        if self._batch is None:
            return None
        rest = self._batch.after(max(self._ledger.rows_entered - self._entered_before_batch, 0))
        return rest if len(rest.rest) else None

    def _resend(self, lost: Sequence[Lost], rest: Batch | None) -> PublishReport:
        """Send lost messages again byte for byte, in their order, then the rest."""
        end = timeseries.end(self._options.stream.end)
        first = [item.message for item in lost if item.message.value != end]
        again = Publication(self._to, replace(self._options, pace=PaceOptions()), self._progress)
        again._streams, again._stream = dict(self._streams), self._stream
        again._backlog, again._batch = first, rest
        again._entered_before_batch = sum(len(message.rows) for message in first)
        again._rows = again._entered_before_batch + (len(rest.rest) if rest is not None else 0)
        again._rows_expected = again._rows
        return again._deliver(chain(first, again._messages([] if rest is None else [rest])))

    def _interrupted(self) -> PublishInterrupted:
        report = self._report(is_interrupted=True)
        if not report.rows:
            return stopped_before_it_began(report.topic_name, report.environment, report)
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
