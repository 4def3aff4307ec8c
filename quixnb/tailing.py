"""Following a topic: the rows that come from now on, a frame for each moment, and the newest of them at hand."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quixnb import decode
from quixnb.broker import Broker, Window
from quixnb.errors import FrameError
from quixnb.gathering import Gathered
from quixnb.reading import decoded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TailOptions:
    """What of a topic to follow, and for how long; see `Session.tail`."""

    stream: str | None = None
    events: bool = False
    every_s: float = 0.5
    timeout_s: float | None = None
    limit: int | None = None
    keep: int = 1000

    def __post_init__(self) -> None:
        for name in ("limit", "keep", "every_s", "timeout_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise FrameError(f"{name!r} cannot be {value}.", cause="It is more than 0.")


class Tail:
    """A topic's rows from now on; iterate once. Made by `Session.tail`.

    Attributes
    ----------
    rows
        How many have come.
    skipped
        Messages that are not Quix data and were left out, by reason.
    """

    def __init__(self, broker: Broker, topic_id: str, options: TailOptions) -> None:
        self._broker, self._topic_id, self._options = broker, topic_id, options
        self._kept: deque[decode.Block] = deque()
        self._rows_kept = 0
        self.rows = 0
        self.skipped: Counter[str] = Counter()

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Frames as `Session.read` makes them, each of what came since the one before; also those without rows."""
        said = self._options
        window = Window("latest", timeout_s=math.inf if said.timeout_s is None else said.timeout_s)
        with self._broker.reading(self._topic_id, window) as reading:
            for records in reading.slices(said.every_s):
                found = (decoded(record, said.stream, said.events, self.skipped) for record in records)
                blocks = [block for block in found if block is not None]
                self._keep(blocks)
                yield self._frame(blocks)
                if said.limit is not None and self.rows >= said.limit:
                    return

    def recent(self, rows: int | None = None) -> pd.DataFrame:
        """The newest rows that have come, `rows` at the most and never more than are kept."""
        most = min(self._rows_kept, self._options.keep, self._rows_kept if rows is None else rows)
        return self._frame(self._kept, slice(self._rows_kept - most, None))

    def _keep(self, blocks: list[decode.Block]) -> None:
        for block in blocks:
            self.rows += len(block)
            self._rows_kept += len(block)
            self._kept.append(block)
        while self._kept and self._rows_kept - len(self._kept[0]) >= self._options.keep:
            self._rows_kept -= len(self._kept.popleft())

    def _frame(self, blocks: Iterable[decode.Block], keep: slice | None = None) -> pd.DataFrame:
        gathered = Gathered()
        for block in blocks:
            gathered.add(block)
        return gathered.frame(with_stream=self._options.stream is None, keep=keep)
