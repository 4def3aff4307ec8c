"""Rows that wait for company: how long, how many, and over how much of their own time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from quixnb.streaming.rows import Combine, Row, RowRun, same
from quixnb.timeseries import Columns

# Rows that wait are held one by one, at a kilobyte or two each; this many are released whatever the conditions.
_MOST_ROWS: Final = 10_000
_FIRST_LOOK_ROWS: Final = 64


class Piece(NamedTuple):
    """Rows that were written together.

    Attributes
    ----------
    is_events
        Whether they are events.
    is_ours
        Whether nobody else has their values, such as the owner of a frame, who may change it while they wait.
    """

    columns: Columns
    is_events: bool = False
    is_ours: bool = False

    def part(self, begin: int, end: int) -> Piece:
        """Rows `begin` to `end`, exclusive, as they are now."""
        if self.is_ours and end - begin == len(self.columns):
            return self
        return Piece(self.columns.take(np.arange(begin, end)), self.is_events, is_ours=True)


@dataclass
class Conditions:
    """When a buffer releases what it holds: as soon as one of these is met; all None is at once.

    Attributes
    ----------
    packet_size
        It holds this many rows, 1 or more.
    time_span_ns
        The next row would make the times of its rows span this much.
    timeout_s
        Its oldest row was written so many seconds ago.
    is_manual
        Hold rows although there is no other condition; the owner releases them.
    """

    packet_size: int | None = None
    time_span_ns: int | None = None
    timeout_s: float | None = None
    is_manual: bool = False

    @property
    def is_none(self) -> bool:
        """Whether nothing is held at all."""
        return not self.is_manual and (self.packet_size, self.time_span_ns, self.timeout_s) == (None, None, None)


class Buffer:
    """Pieces in the order in which they were written, until a condition releases them.

    Attributes
    ----------
    conditions
        May be changed at any time; the next row meets the new ones.
    rows
        Rows held.
    due
        When they are to be released by, a time of `time.monotonic`; None while nothing is due.
    """

    def __init__(self, conditions: Conditions, combine: Combine = same) -> None:
        self.conditions, self._combine = conditions, combine
        self._clear()

    def _clear(self) -> None:
        self._pieces: list[Piece | RowRun] = []
        self.rows = 0
        self.due: float | None = None
        self._span: tuple[int, int] | None = None

    def add(self, piece: Piece) -> Iterator[list[Piece | RowRun]]:
        """Take rows in; yields what is released on the way, in order, cut where a condition says."""
        rows, begin = len(piece.columns), 0
        while begin < rows:
            end, is_full = self._reach(piece.columns.time, begin)
            if end > begin:
                self._hold(piece if is_full and (begin, end) == (0, rows) else piece.part(begin, end))
            begin = end
            if is_full:
                yield self.release()
        self._set_due()

    def add_row(self, row: Row) -> Iterator[list[Piece | RowRun]]:
        """Take one row in; yields what is released by it."""
        low, high = self._span or (row.time_ns, row.time_ns)
        low, high = min(low, row.time_ns), max(high, row.time_ns)
        span = self.conditions.time_span_ns
        if self.rows and span is not None and high - low >= span:
            yield self.release()
            low = high = row.time_ns
        self._span = (low, high)
        self._run_for(row).add(row)
        self.rows += 1
        if self.conditions.is_none or self.rows >= (self.conditions.packet_size or _MOST_ROWS):
            yield self.release()
        self._set_due()

    def _run_for(self, row: Row) -> RowRun:
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, RowRun) and last.takes(row):
            return last
        run = RowRun(self._combine)
        self._pieces.append(run)
        return run

    def _set_due(self) -> None:
        if self.rows and self.due is None and self.conditions.timeout_s is not None:
            self.due = time.monotonic() + self.conditions.timeout_s

    def release(self) -> list[Piece | RowRun]:
        """All that it holds, which it does no longer."""
        pieces = self._pieces
        self._clear()
        return pieces

    def _hold(self, piece: Piece) -> None:
        moments = piece.columns.time
        low, high = int(moments.min()), int(moments.max())
        self._span = (low, high) if self._span is None else (min(low, self._span[0]), max(high, self._span[1]))
        self._pieces.append(piece)
        self.rows += len(moments)

    def _reach(self, moments: npt.NDArray[np.int64], begin: int) -> tuple[int, bool]:
        """Up to which row, exclusive, those from `begin` on go with what is held; and whether that is then full."""
        end = len(moments)
        if self.conditions.is_none:
            return end, True
        room = max((self.conditions.packet_size or _MOST_ROWS) - self.rows, 0)
        far = self._first_far(moments, begin, min(end, begin + room))
        return far, far < end or far - begin == room

    def _first_far(self, moments: npt.NDArray[np.int64], begin: int, end: int) -> int:
        """The first row from `begin` on that is too far in time from those before it; `end` if none is."""
        span = self.conditions.time_span_ns
        if span is None or begin == end:
            return end
        low, high = self._span or (int(moments[begin]),) * 2
        begin += self._span is None  # a row always goes with no others
        rows = _FIRST_LOOK_ROWS
        while begin < end:
            part = moments[begin : min(begin + rows, end)]
            lows = np.minimum.accumulate(np.minimum(part, low))
            highs = np.maximum.accumulate(np.maximum(part, high))
            far = highs - lows >= span
            if far.any():
                return begin + int(far.argmax())
            low, high, begin, rows = int(lows[-1]), int(highs[-1]), begin + len(part), rows * 2
        return end
