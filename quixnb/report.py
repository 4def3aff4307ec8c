"""What happened, as values, text and compact HTML: a publish (report) or one that was only planned (plan)."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from quixnb.broker import RowRange
from quixnb.errors import DeliveryError, PublishInterrupted
from quixnb.results import Facts, Listing


class Failure(NamedTuple):
    """Rows that the broker did not acknowledge, as inclusive ranges, and why."""

    rows: tuple[RowRange, ...]
    reason: str

    def __str__(self) -> str:
        return f"{f'rows {listed_ranges(self.rows)}' if self.rows else 'the description of the stream'}: {self.reason}"


@dataclass(frozen=True, slots=True, repr=False)
class PublishReport:
    """What one publish did. Row numbers count from 0 in everything that the call published.

    Attributes
    ----------
    rows, rows_delivered, rows_failed
        Rows taken from the input; those that the broker acknowledged; the difference.
    messages
        Kafka messages acknowledged, those that only describe the stream included.
    bytes
        Size of their values, before compression.
    seconds
        From the call to the last acknowledgement.
    topic_name, topic_id, environment
        Where the rows went; `environment` is its ID. `topic_id` is empty if it was stopped before it was known.
    stream_ids
        Streams written, in order of their first row.
    offsets
        Partition to (first, last) acknowledged offset.
    failures
        Ranges of rows not acknowledged, with the reason; empty when all were.
    notes
        What was decided on the user's behalf.
    is_interrupted
        Whether the user stopped it.
    """

    rows: int
    rows_delivered: int
    messages: int
    bytes: int
    seconds: float
    topic_name: str
    topic_id: str
    environment: str
    stream_ids: tuple[str, ...] = ()
    offsets: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    is_interrupted: bool = False
    _resend: Callable[[], PublishReport] | None = None

    @property
    def rows_failed(self) -> int:
        """Rows that were not acknowledged."""
        return self.rows - self.rows_delivered

    def retry(self) -> PublishReport:
        """Send exactly the rows that were not acknowledged; returns the report of that.

        Its row numbers are those of this report. With nothing left to send it does nothing and returns itself. Rows
        whose fate was unknown at a stop ("may or may not have them") are sent again.

        Raises
        ------
        DeliveryError
            Rows were lost again; its report can be retried in turn.
        """
        return self if self._resend is None else self._resend()

    def __repr__(self) -> str:
        return repr(self._shown())

    def _repr_html_(self) -> str:
        return self._shown()._repr_html_()

    def _shown(self) -> Facts:
        facts = {
            "environment": self.environment,
            "topic": f"{self.topic_name} → {self.topic_id}" if self.topic_id else self.topic_name,
            "stream": listed(self.stream_ids),
            "messages": f"{self.messages:,}, {size(self.bytes)}",
            "offsets": self._offsets(),
            "time": f"{self.seconds:.2f} s, {self.rows_delivered / max(self.seconds, 1e-6):,.0f} rows/s",
            "not delivered": "; ".join(map(str, self.failures)),
            "note": " ".join(self.notes),
        }
        return Facts(self._headline(), facts, is_bad=bool(self.failures))

    def _headline(self) -> str:
        if self.rows_failed:
            stopped = "Stopped: " if self.is_interrupted else ""
            return f"{stopped}{self.rows_delivered:,} of {self.rows:,} rows were delivered to '{self.topic_name}'"
        return f"Published {count(self.rows, 'row')} to '{self.topic_name}'"

    def _offsets(self) -> str:
        spans = [f"partition {p}: {first}-{last}" for p, (first, last) in sorted(self.offsets.items())]
        return "; ".join(spans)


class ColumnPlan(NamedTuple):
    """How one column would be sent."""

    name: str
    kind: str
    dtype: str
    nulls: int


@dataclass(frozen=True, slots=True, repr=False)
class PublishPlan:
    """What a publish would do; nothing was sent.

    Attributes
    ----------
    rows
        Rows planned; those of the first frame only where the input is an iterator (`is_partial`).
    messages, bytes, largest
        Data messages, the size of all, and of the largest.
    first_message
        The first data message's JSON, indented, cut after about 2,000 characters.
    """

    rows: int
    messages: int
    bytes: int
    largest: int
    topic_name: str
    topic_id: str
    environment: str
    stream_ids: tuple[str, ...]
    columns: tuple[ColumnPlan, ...]
    first_message: str
    notes: tuple[str, ...] = ()
    is_partial: bool = False

    def __repr__(self) -> str:
        return "\n".join([repr(self._shown()), repr(self._columns()), "First message", self.first_message])

    def _repr_html_(self) -> str:
        first = f"<details><summary>First message</summary><pre>{html.escape(self.first_message)}</pre></details>"
        return self._shown()._repr_html_() + self._columns()._repr_html_() + first

    def _shown(self) -> Facts:
        part = "the first " if self.is_partial else ""
        headline = f"Would publish {part}{count(self.rows, 'row')} to '{self.topic_name}'; nothing was sent"
        facts = {
            "environment": self.environment,
            "topic": f"{self.topic_name} → {self.topic_id}",
            "stream": listed(self.stream_ids),
            "messages": f"{self.messages:,}, {size(self.bytes)} in all, the largest {size(self.largest)}",
            "note": " ".join(self.notes),
        }
        return Facts(headline, facts)

    def _columns(self) -> Listing[ColumnPlan]:
        return Listing(
            count(len(self.columns), "column"),
            ("name", "sent as", "type", "nulls"),
            ((column, column) for column in self.columns),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a publish is, for a display.

    Attributes
    ----------
    rows
        Rows in all, None where the input's length is not known.
    """

    topic_name: str
    rows_delivered: int
    rows: int | None
    bytes: int
    rows_failed: int
    seconds: float

    def __repr__(self) -> str:
        of = "" if self.rows is None else f" of {self.rows:,}"
        rate = self.rows_delivered / max(self.seconds, 1e-6)
        left = f", {(self.rows - self.rows_delivered) / rate:.0f} s left" if self.rows and rate else ""
        failed = f", {self.rows_failed:,} failed" if self.rows_failed else ""
        return (
            f"Publishing to '{self.topic_name}': {self.rows_delivered:,}{of} rows, {rate:,.0f} rows/s, "
            f"{size(self.bytes)}{failed}{left}"
        )

    def _repr_html_(self) -> str:
        value = "" if self.rows is None else f" value='{self.rows_delivered}' max='{max(self.rows, 1)}'"
        return (
            f"<div role='status' style='color:var(--jp-content-font-color1)'>"
            f"<progress aria-label='rows delivered'{value} style='vertical-align:middle'></progress> "
            f"{html.escape(repr(self))}</div>"
        )


def count(number: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Bytes for people: `812 B`, `5.3 kB`, `1.2 MB`."""
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            break
    return f"{value:.1f} {unit}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def listed_ranges(rows: Sequence[RowRange]) -> str:
    """Row ranges for people, the first few."""
    return listed([str(part) for part in rows])


def raise_for(report: PublishReport) -> PublishReport:
    """The report itself if every row was delivered.

    Raises
    ------
    DeliveryError
        Otherwise, carrying the report.
    """
    if not report.failures:
        return report
    first = max(report.failures, key=lambda failure: len(failure.rows))
    more = f" (and {count(len(report.failures) - 1, 'other reason')})" if len(report.failures) > 1 else ""
    raise DeliveryError(
        f"{report.rows_delivered:,} of {report.rows:,} rows were delivered to '{report.topic_name}'; "
        f"{report.rows_failed:,} were not{f' (rows {listed_ranges(first.rows)})' if first.rows else ''}.",
        cause=f"The reason: {first.reason}{more}.",
        fix="Send the rest with: report.retry(), where report is this error's .report or quixnb.last_report()",
        report=report,
    )


def stopped_before_it_began(
    topic_name: str, environment: str, report: PublishReport | None = None
) -> PublishInterrupted:
    """The error for a publish that was interrupted when it had taken no row, and perhaps not found its topic."""
    return PublishInterrupted(
        f"Stopped before the first row was sent to '{topic_name}'.",
        cause="Nothing was sent.",
        fix="Run the cell again.",
        report=report or PublishReport(0, 0, 0, 0, 0.0, topic_name, "", environment, is_interrupted=True),
    )
