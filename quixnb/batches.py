"""One frame, ready to be sent: which of its rows go to which stream, in which order, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from quixnb.broker.ledger import RowNumbers
from quixnb.timeseries import Columns

# Rows due within the same millisecond leave together.
_TICK_NS: Final = 1_000_000


class Part(NamedTuple):
    """Rows `begin` to `end` (exclusive) of a batch's columns, which go to one stream.

    `due_s` is when, in seconds after the publish began; 0.0 is at once.
    """

    stream: str
    begin: int
    end: int
    due_s: float = 0.0


class Parts:
    """The parts of a batch in order, made as they are asked for: a replay may have one for each row."""

    def __init__(self, names: list[str], codes: npt.NDArray[np.intp], due_s: npt.NDArray[np.float64] | None) -> None:
        self._names, self._codes, self._due_s = names, codes, due_s
        changes = codes[1:] != codes[:-1] if due_s is None else (codes[1:] != codes[:-1]) | (due_s[1:] != due_s[:-1])
        self._edges = (
            np.concatenate([[0], np.flatnonzero(changes) + 1, [len(codes)]]) if len(codes) else np.zeros(1, int)
        )

    def __iter__(self) -> Iterator[Part]:
        for begin, end in zip(self._edges[:-1].tolist(), self._edges[1:].tolist(), strict=True):
            due_s = 0.0 if self._due_s is None else float(self._due_s[begin])
            yield Part(self._names[self._codes[begin]], begin, end, due_s)


class Batch(NamedTuple):
    """One frame's rows, ordered for sending.

    Attributes
    ----------
    columns
        The rows: as they are in the frame, or grouped by stream, or ordered by time for a replay. Within a stream and
        a moment the frame's order is kept.
    numbers
        The rows' numbers in everything that is published.
    parts
        Consecutive rows that go to one stream at one time.
    begin
        Rows before this one were handed over already.
    """

    columns: Columns
    numbers: RowNumbers
    parts: Parts
    begin: int = 0

    def after(self, rows: int) -> Batch:
        """What is left of it when `rows` more have been handed over."""
        return self._replace(begin=self.begin + rows)

    @property
    def rest(self) -> RowNumbers:
        """Numbers of the rows not handed over yet."""
        return self.numbers[self.begin :]


class Replay(NamedTuple):
    """The frame's own pace: `speed` seconds of it pass in one second, from `first_ns` on.

    With `starts_ns`, ns since 1970 UTC, times are shifted as if the first row were from then.
    """

    speed: float
    first_ns: int
    starts_ns: int | None = None

    def due_s(self, time: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """When each row is due, in seconds after the publish began, on ticks of a millisecond."""
        ticks = np.floor((time - self.first_ns) / (self.speed * _TICK_NS))
        return np.maximum(ticks, 0.0) / (1e9 / _TICK_NS)

    def restamped(self, columns: Columns) -> Columns:
        """The columns with their times shifted, and stretched by the speed."""
        if self.starts_ns is None:
            return columns
        passed = ((columns.time - self.first_ns) / self.speed).astype(np.int64)
        return replace(columns, time=self.starts_ns + passed)


def batch(columns: Columns, stream: str, first_row: int, replay: Replay | None = None) -> Batch:
    """The batch for one frame's columns; rows go to `stream`, or to those that the columns name."""
    names, codes = columns.streams or ([stream], np.zeros(len(columns), dtype=np.intp))
    numbers = range(first_row, first_row + len(columns))
    if replay is None and columns.streams is None:
        return Batch(columns, numbers, Parts(names, codes, None))
    due_s = None if replay is None else replay.due_s(columns.time)
    # lexsort is stable and takes its first key last: by moment, within it by stream, within that as in the frame.
    order = np.argsort(codes, kind="stable") if due_s is None else np.lexsort((columns.time, codes, due_s))
    parts = Parts(names, codes[order], None if due_s is None else due_s[order])
    ordered = columns if replay is None else replay.restamped(columns)
    return Batch(ordered.take(order), order + first_row, parts)
