"""One figure: a ratio of two things done in turns in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import psutil


class Timed(NamedTuple):
    """So many rows in so many seconds."""

    rows: int
    seconds: float

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


class Size(NamedTuple):
    """Rows of the usual frame, how often each pair is run, and how long quiet is waited for before each."""

    rows: int
    pairs: int
    quiet_s: float

    def part(self, of: int) -> int:
        """A smaller number of rows, for what is slow."""
        return max(self.rows // of, 100)


Run = Callable[[], Timed]


@dataclass(frozen=True)
class Figure:
    """A ratio of quixnb to something else.

    Attributes
    ----------
    group, what, against
        What was measured, and against what.
    ratio, low, high
        Median, smallest and largest of the pairs.
    unit
        What the ratio counts; of `rows/s` more is better, of the others less.
    facts
        Row counts and absolute figures, which hold for this machine at that moment only.
    """

    group: str
    what: str
    against: str
    ratio: float
    low: float
    high: float
    unit: str
    facts: dict[str, Any]


def timed(rows: int, do: Callable[[], object]) -> Timed:
    """How long `do` takes."""
    started = time.perf_counter()
    do()
    return Timed(rows, time.perf_counter() - started)


def compared(group: str, what: str, against: str, ours: Run, theirs: Run, size: Size) -> Figure:
    """Rows per second of `ours` over those of `theirs`, in turns, after once to warm up."""
    ours(), theirs()
    runs = []
    for pair in range(size.pairs):
        wait_for_quiet(size.quiet_s)
        runs.append((ours(), theirs()) if pair % 2 else (theirs(), ours())[::-1])
    ratios = [a.rate / b.rate for a, b in runs]
    facts = {
        "pairs": size.pairs,
        "rows": runs[0][0].rows,
        "rows_against": runs[0][1].rows,
        "rows_per_s": round(statistics.median(a.rate for a, _ in runs)),
        "rows_per_s_against": round(statistics.median(b.rate for _, b in runs)),
    }
    return figure(group, what, against, ratios, "rows/s", facts)


def wait_for_quiet(limit_s: float) -> None:
    """Give other programs a moment to end what they do; who takes half of a core away changes every ratio."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until and psutil.cpu_percent(interval=0.25) > 15.0:
        pass


def figure(group: str, what: str, against: str, ratios: list[float], unit: str, facts: dict[str, Any]) -> Figure:
    """The figure of several ratios."""
    middle = statistics.median(ratios)
    return Figure(group, what, against, _short(middle), _short(min(ratios)), _short(max(ratios)), unit, facts)


def _short(ratio: float) -> float:
    return float(f"{ratio:.3g}")
