"""Reading back: messages of a topic to one pandas DataFrame."""

from __future__ import annotations

import heapq
import math
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from quixnb import decode
from quixnb.broker import Broker, Incomplete, Record, Window
from quixnb.errors import FrameError
from quixnb.spans import parse_span

if TYPE_CHECKING:
    import pandas as pd

# A message holds many rows as a rule, but may hold one: the look back widens until there are enough.
_FIRST_LOOK: Final = 64
_WIDER: Final = 16
_NEVER_MS: Final = 2**63


class IncompleteRead(UserWarning):
    """The time ran out before the end of the topic; the frame holds what was read until then."""


class SkippedMessages(UserWarning):
    """Messages on the topic are not Quix data and are not in the frame."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Which rows of a topic to read; see `Session.read`."""

    last: int | None = None
    since: str | timedelta | datetime | None = None
    start: Literal["earliest", "latest"] = "earliest"
    stream: str | None = None
    limit: int | None = None
    timeout_s: float = 10.0
    events: bool = False

    def __post_init__(self) -> None:
        for name, value in (("last", self.last), ("limit", self.limit)):
            if value is not None and value < 1:
                raise FrameError(f"{name!r} cannot be {value}.", cause="It counts rows: 1 or more.")
        if self.start not in ("earliest", "latest"):
            raise FrameError(f"'start' cannot be {self.start!r}.", cause="It is 'earliest' or 'latest'.")
        if self.last is not None and self.start == "latest":
            raise FrameError(
                "The last rows, and those that come from now on, cannot be read at once.",
                cause="--last looks back from the topic's end; --from latest waits behind it.",
                fix="Leave one of the two out.",
            )

    @property
    def since_ms(self) -> int | None:
        """`since` as ms since 1970 UTC."""
        if self.since is None:
            return None
        if isinstance(self.since, datetime):
            moment = self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)
        else:
            span = self.since if isinstance(self.since, timedelta) else parse_span(self.since)
            moment = datetime.now(UTC) - span
        return int(moment.timestamp() * 1000)


def read(broker: Broker, topic_id: str, options: ReadOptions) -> pd.DataFrame:
    """The rows of a topic that `options` ask for; see `Session.read`."""
    reader = _Reader(broker, topic_id, options)
    blocks = reader.newest(options.last) if options.last is not None else reader.all()
    if reader.skipped:
        _warn_of_skipped(reader.skipped, topic_id)
    keep = None if options.last is None else slice(-options.last, None)
    if options.limit is not None:
        keep = slice(None, options.limit) if keep is None else slice(-min(options.last or 0, options.limit), None)
    return decode.frame(blocks, with_stream=options.stream is None, keep=keep)


class _Reader:
    """The blocks of a topic's messages, in one order: by the broker's time, within a partition by offset."""

    def __init__(self, broker: Broker, topic_id: str, options: ReadOptions) -> None:
        self._broker, self._topic_id, self._options = broker, topic_id, options
        self._until = time.monotonic() + options.timeout_s
        self.skipped: Counter[str] = Counter()

    def all(self) -> list[decode.Block]:
        return self._blocks(newest=None, enough=self._options.limit)[0]

    def newest(self, rows: int) -> list[decode.Block]:
        """Blocks with at least the `rows` newest rows, if there are as many."""
        look = min(_FIRST_LOOK, rows)
        while True:
            self.skipped.clear()
            blocks, sure = self._blocks(newest=look, enough=None)
            if sure >= rows or time.monotonic() > self._until:
                return blocks
            look *= _WIDER

    def _blocks(self, newest: int | None, enough: int | None) -> tuple[list[decode.Block], float]:
        """Decoded messages, and how many of their rows are surely the newest; infinitely many if there are no others.

        A partition of which only the end was read may have messages that are newer than what others have.
        """
        options = self._options
        window = Window(options.start, options.since_ms, newest, max(self._until - time.monotonic(), 0.0))
        partitions: dict[int, list[tuple[int, decode.Block]]] = {}
        first_ms: dict[int, int] = {}
        rows = 0
        with self._broker.reading(self._topic_id, window) as reading:
            try:
                for record in reading:
                    first_ms.setdefault(record.partition, record.timestamp_ms)
                    if (block := self._decoded(record)) is None:
                        continue
                    partitions.setdefault(record.partition, []).append((record.timestamp_ms, block))
                    rows += len(block)
                    if enough is not None and rows >= enough:
                        break
            except Incomplete:
                _warn_of_time(self._topic_id, options.timeout_s, rows)
        merged = list(heapq.merge(*partitions.values(), key=lambda item: item[0]))
        blocks = [block for _, block in merged]
        if not reading.shortened:
            return blocks, math.inf
        sure_ms = max(first_ms.get(partition, _NEVER_MS) for partition in reading.shortened)
        return blocks, sum(len(block) for ms, block in merged if ms >= sure_ms)

    def _decoded(self, record: Record) -> decode.Block | None:
        return decoded(record, self._options.stream, self._options.events, self.skipped)


def decoded(record: Record, stream: str | None, events: bool, skipped: Counter[str]) -> decode.Block | None:
    """The rows of a message, if it has any and is of this stream; why it is no data is counted in `skipped`."""
    key = (record.key or b"").decode("utf-8", "replace")
    if stream is not None and key != stream:
        return None
    try:
        return decode.block(key, record.value, record.headers, record.timestamp_ms, events=events)
    except decode.NotData as reason:
        skipped[str(reason)] += 1
        return None


def _warn_of_time(topic_id: str, timeout_s: float, rows: int) -> None:
    warnings.warn(
        f"Reading '{topic_id}' stopped after {timeout_s:g} s, before its end, with {rows:,} rows. "
        f"Give it more time with --timeout, or ask for less with --last or --since.",
        IncompleteRead,
        stacklevel=2,
    )


def _warn_of_skipped(skipped: Counter[str], topic_id: str) -> None:
    reasons = "; ".join(f"{count:,} because {reason}" for reason, count in skipped.most_common(3))
    warnings.warn(
        f"{skipped.total():,} messages on '{topic_id}' are not Quix data and were left out: {reasons}.",
        SkippedMessages,
        stacklevel=2,
    )
