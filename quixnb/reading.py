"""Reading back: messages of a topic to one pandas DataFrame."""

from __future__ import annotations

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
from quixnb.gathering import Gathered
from quixnb.spans import parse_span

if TYPE_CHECKING:
    import pandas as pd

# A message holds many rows as a rule, but may hold one: the look back widens until there are enough.
_FIRST_LOOK: Final = 64
_WIDER: Final = 16
_PARTITION_BITS: Final = 16  # messages of one millisecond are ordered by partition
_NEVER: Final = 2**63


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
    rows = reader.newest(options.last) if options.last is not None else reader.all()
    if reader.skipped:
        _warn_of_skipped(reader.skipped, topic_id)
    keep = None if options.last is None else slice(-options.last, None)
    if options.limit is not None:
        keep = slice(None, options.limit) if keep is None else slice(-min(options.last or 0, options.limit), None)
    return rows.frame(with_stream=options.stream is None, keep=keep)


class _Reader:
    """The rows of a topic's messages, in one order: by the broker's time, within a partition by offset."""

    def __init__(self, broker: Broker, topic_id: str, options: ReadOptions) -> None:
        self._broker, self._topic_id, self._options = broker, topic_id, options
        self._until = time.monotonic() + options.timeout_s
        self.skipped: Counter[str] = Counter()

    def all(self) -> Gathered:
        return self._gathered(newest=None, enough=self._options.limit)[0]

    def newest(self, rows: int) -> Gathered:
        """At least the `rows` newest rows, if there are as many."""
        look = min(_FIRST_LOOK, rows)
        while True:
            self.skipped.clear()
            gathered, sure = self._gathered(newest=look, enough=None)
            if sure >= rows or time.monotonic() > self._until:
                return gathered
            look *= _WIDER

    def _gathered(self, newest: int | None, enough: int | None) -> tuple[Gathered, float]:
        """Rows, and how many of them are surely the newest; infinitely many if there are no others.

        A partition of which only the end was read may have messages that are newer than what others have.
        """
        options, gathered = self._options, Gathered()
        window = Window(options.start, options.since_ms, newest, max(self._until - time.monotonic(), 0.0))
        first: dict[int, int] = {}
        latest: dict[int, int] = {}
        rows = 0
        with self._broker.reading(self._topic_id, window) as reading:
            try:
                for record in reading:
                    partition = record.partition
                    # Writers' clocks differ, so times may go back within a partition; its offsets decide there.
                    moment = max(record.timestamp_ms << _PARTITION_BITS | partition, latest.get(partition, 0))
                    latest[partition] = moment
                    first.setdefault(partition, moment)
                    if (block := self._decoded(record)) is None:
                        continue
                    gathered.add(block, moment)
                    rows += len(block)
                    if enough is not None and rows >= enough:
                        break
            except Incomplete:
                _warn_of_time(self._topic_id, options.timeout_s, rows)
        if not reading.shortened:
            return gathered, math.inf
        return gathered, gathered.rows_since(max(first.get(partition, _NEVER) for partition in reading.shortened))

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
