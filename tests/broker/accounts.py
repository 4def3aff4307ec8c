"""What a report must satisfy whatever happened, and what the topic then holds."""

from __future__ import annotations

from collections import Counter

from quixnb import decode
from quixnb.broker.ledger import FATE_UNKNOWN
from quixnb.options import Destination
from quixnb.report import PublishReport
from tests.broker.clusters import records

# Reasons that leave open whether the broker has the rows: sending them again may double them.
OPEN_REASONS = {FATE_UNKNOWN, "the broker did not acknowledge them in time"}


def failed_rows(report: PublishReport) -> set[int]:
    """The rows that the report's failures name; checks that they add up, each row named once."""
    named = [row for failure in report.failures for part in failure.rows for row in range(part.first, part.last + 1)]
    assert len(named) == len(set(named)) == report.rows_failed
    assert report.rows == report.rows_delivered + report.rows_failed
    return set(named)


def rows_of_unknown_fate(report: PublishReport) -> int:
    return sum(len(part) for failure in report.failures if failure.reason in OPEN_REASONS for part in failure.rows)


def held(to: Destination) -> Counter[int]:
    """How often the topic has each value of `x`."""
    found: Counter[int] = Counter()
    for record in records(to.broker, to.topic_id):
        if block := decode.block("", record.value, record.headers, record.timestamp_ms):
            found.update(list(block.numeric["x"]))
    return found
