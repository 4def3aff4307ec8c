"""An open stream with a buffer in front of it: what every way of writing live shares."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Final

from quixnb.errors import QuixnbError
from quixnb.options import Destination
from quixnb.report import PublishReport, raise_for
from quixnb.streaming.announcements import Announcements
from quixnb.streaming.buffer import Buffer, Conditions, Piece
from quixnb.streaming.joining import Kinds, joined
from quixnb.streaming.open_stream import OpenStream, finished
from quixnb.streaming.outlet import Outlet
from quixnb.streaming.rows import Combine, Inf, Row, RowRun, as_columns, is_plain, is_simple, same
from quixnb.timeseries import Columns, EndType

# How long the alarm clock may hold others up, and when it goes on.
_RING_S: Final = 0.05
_AGAIN_S: Final = 0.1
_FOREVER: Final = float("inf")


class BufferedStream:
    """A stream that holds rows back for company. Safe in several threads: what it does, it does in turns of its outlet.

    Parameters
    ----------
    conditions
        When held rows are released.
    inf
        What to do with infinities, see `FrameOptions`.
    combine
        Applied to rows that were written one by one and are released together.
    announcements
        What is said of the stream; None says nothing so far.
    on_report
        Called with the report when the stream is over, however it ended.

    Attributes
    ----------
    stream, buffer
        To be used within `turn` alone.
    """

    def __init__(
        self,
        outlet: Outlet,
        to: Destination,
        stream_id: str,
        conditions: Conditions,
        *,
        inf: Inf = "refuse",
        combine: Combine = same,
        announcements: Announcements | None = None,
        on_report: Callable[[PublishReport], None] = lambda report: None,
    ) -> None:
        self._outlet, self._inf, self._on_report = outlet, inf, on_report
        self._kinds = Kinds()
        self.stream = OpenStream(outlet, to, stream_id, announcements=announcements, member=self)
        self.buffer = Buffer(conditions, combine)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Write, alone.

        Raises
        ------
        QuixnbError
            The stream is closed.
        DeliveryError
            The broker lost rows, now or before; the stream takes no more.
        """
        with self._outlet.turn():
            self._require_open()
            yield
            self._set_alarm()
            if self.stream.is_broken:
                self._finish(None, until=0.0)
                raise_for(self.stream.report())

    def _require_open(self) -> None:
        if self.stream.is_finished:
            raise_for(self.stream.report())
            raise QuixnbError(
                f"The stream {self.stream.id!r} is closed.",
                cause="A closed stream takes no more rows and events.",
                fix="Open it again under the same ID to go on.",
            )

    @property
    def rows(self) -> int:
        """Rows written."""
        return self.stream.rows + self.buffer.rows

    def add(self, columns: Columns, *, is_events: bool = False, is_ours: bool = False) -> None:
        """Hold rows, and send those that are released by them. Within a turn; see `Piece`.

        Raises
        ------
        FrameError
            A parameter is of another kind than before, or a row fits in no message; none of the rows was taken.
        """
        columns = self.checked(columns, is_events=is_events)
        for released in self.buffer.add(Piece(columns, is_events, is_ours)):
            self._send(released)

    def add_row(self, row: Row) -> None:
        """The same for one row, whose mappings must not change any more.

        Raises
        ------
        FrameError
            The row cannot be sent as it is.
        """
        if not is_plain(row, self._kinds.known):
            columns = self.checked(as_columns([row], self._inf, first_row=self.rows))
            if not is_simple(row):  # its values may change, or not go together with those of other rows
                self.add(columns, is_ours=True)
                return
        for released in self.buffer.add_row(row):
            self._send(released)

    def send(self, columns: Columns, *, is_events: bool = False) -> None:
        """Send rows at once, past those that are held. Within a turn.

        Raises
        ------
        FrameError
            As `add`.
        """
        self.stream.add(self.checked(columns, is_events=is_events), is_events=is_events)

    def checked(self, columns: Columns, *, is_events: bool = False) -> Columns:
        """The columns as they will be sent.

        Raises
        ------
        FrameError
            As `add`.
        """
        if not is_events:
            columns = self._kinds.settled(columns, self.rows)
        self.stream.check(columns, self.rows, is_events=is_events)
        self.stream.account.note(columns.notes)
        return columns

    def release(self, until: float = _FOREVER) -> None:
        """Send all that is held. Within a turn."""
        self._send(self.buffer.release(), until)

    def _send(self, released: Sequence[Piece | RowRun], until: float = _FOREVER) -> None:
        for is_events, pieces in groupby(released, key=lambda piece: piece.is_events):
            columns = joined([self._columns(piece) for piece in pieces])
            self.stream.add(columns, until, is_events=is_events)

    def _columns(self, piece: Piece | RowRun) -> Columns:
        if isinstance(piece, RowRun):
            return self._kinds.settled(piece.columns(self._inf), self.stream.rows)
        return piece.columns

    def flush(self) -> None:
        """Send all that is held and wait until the broker has acknowledged it.

        Raises
        ------
        DeliveryError
        """
        with self.turn():
            self.settle(_FOREVER)

    def announce_in(self, seconds: float) -> None:
        """Say what was changed of the stream after so long, or before the next rows. Within a turn."""
        self._outlet.ring_at(self, time.monotonic() + seconds)

    def report(self) -> PublishReport:
        """What happened so far."""
        with self._outlet.turn():
            return self.stream.report(self.buffer.rows)

    # ---- called by the outlet, within a turn

    def ring(self) -> None:
        """Release rows that are due, and say what was changed of what is said of the stream."""
        now = time.monotonic()
        if self.buffer.due is not None and self.buffer.due <= now:
            self.release(until=now + _RING_S)
        self.stream.announce(until=now + _RING_S)
        self._set_alarm()

    def settle(self, until: float) -> None:
        """Send all that is held and wait until it is acknowledged or lost, or until a time."""
        self.release(until)
        self.stream.announce(until)
        self.stream.settle(until)

    def _set_alarm(self) -> None:
        if self.stream.has_queued and not self.stream.is_broken:
            self._outlet.ring_at(self, time.monotonic() + _AGAIN_S)
        if self.buffer.due is not None:
            self._outlet.ring_at(self, self.buffer.due)

    # ---- the end

    def close(self, end: EndType | None, until: float = _FOREVER, *, even_alone: bool = False) -> PublishReport:
        """End the stream and wait until the broker has acknowledged all of it; see `OpenStream.finish`.

        Raises
        ------
        DeliveryError, PublishInterrupted
            Rows were not acknowledged; both carry the report.
        """
        return finished(self.stream, self._outlet, lambda: self._finish(end, until, even_alone=even_alone))

    def _finish(self, end: EndType | None, until: float, *, even_alone: bool = False) -> None:
        if self.stream.is_finished:
            self.stream.finish(end)  # which is remembered for a retry
            return
        self.release(until)
        self.stream.finish(end, until, even_alone=even_alone)
        self._on_report(self.stream.report())
