"""What became of a stream's rows, in the terms of a publish's report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from quixnb.broker import Ledger, Lost, ranges
from quixnb.broker.ledger import NOT_SENT, RowNumbers
from quixnb.errors import PublishInterrupted
from quixnb.options import Destination
from quixnb.report import Failure, PublishReport


class Account:
    """Makes a stream's reports from its ledger."""

    def __init__(self, to: Destination, stream: str, ledger: Ledger) -> None:
        self._to, self._stream, self._ledger = to, stream, ledger
        self._notes: dict[str, None] = {}
        self._opened = time.monotonic()

    def note(self, notes: Iterable[str]) -> None:
        """Say these in the report, once each."""
        self._notes |= dict.fromkeys(notes)

    def so_far(self, rows: int) -> PublishReport:
        """The report of a stream that is open; what is on its way has not failed."""
        return self._report(rows, _failures(self._ledger.lost))

    def closed(self, unsent: RowNumbers, resend: Callable[[], PublishReport], *, stopped: bool) -> PublishReport:
        """The report of a stream that is over; the rows `unsent` were never handed over."""
        failures = _failures(self._ledger.lost, unsent)
        rows = self._ledger.rows_entered + len(unsent)
        return self._report(rows, failures, resend if failures else None, is_interrupted=stopped)

    def _report(
        self,
        rows: int,
        failures: tuple[Failure, ...],
        resend: Callable[[], PublishReport] | None = None,
        *,
        is_interrupted: bool = False,
    ) -> PublishReport:
        ledger = self._ledger
        return PublishReport(
            rows=rows,
            rows_delivered=ledger.rows_delivered,
            messages=ledger.messages_delivered,
            bytes=ledger.bytes_delivered,
            seconds=time.monotonic() - self._opened,
            topic_name=self._to.topic_name,
            topic_id=self._to.topic_id,
            environment=self._to.environment,
            stream_ids=(self._stream,),
            offsets=dict(sorted(ledger.offsets.items())),
            failures=failures,
            notes=tuple(self._notes),
            is_interrupted=is_interrupted,
            _resend=resend,
        )


def _failures(lost: Sequence[Lost], unsent: RowNumbers = range(0)) -> tuple[Failure, ...]:
    """Rows that were not acknowledged, gathered by reason."""
    by_reason: dict[str, list[RowNumbers]] = {}
    for item in lost:
        by_reason.setdefault(item.reason, []).append(item.message.rows)
    if len(unsent):
        by_reason.setdefault(NOT_SENT, []).append(unsent)
    return tuple(Failure(tuple(ranges(rows)), reason) for reason, rows in by_reason.items())


def interrupted(report: PublishReport) -> PublishInterrupted:
    """The error for a stream that was given up at Ctrl-C."""
    failed = "; ".join(map(str, report.failures[:2]))
    return PublishInterrupted(
        f"Stopped: {report.rows_delivered:,} of {report.rows:,} rows were delivered to '{report.topic_name}'.",
        cause=f"Not delivered: {failed}." if failed else "No row was left behind.",
        fix="Send the rest with: quixnb.last_report().retry()" if failed else "",
        report=report,
    )
