"""What a publish says of itself: text for a terminal, HTML for a notebook."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from quixnb import publishing
from quixnb.broker import Broker, RowRange
from quixnb.errors import DeliveryError
from quixnb.options import Options
from quixnb.report import Failure, Progress, PublishReport, raise_for
from tests.broker.clusters import destination, publish

EVIL = "<script>alert('x')</script>"


def report(**given: Any) -> PublishReport:
    facts = {"rows": 10, "rows_delivered": 10, "messages": 3, "bytes": 1234, "seconds": 0.5, "topic_name": "f1-data",
             "topic_id": "env-f1-data", "environment": "env"}  # fmt: skip
    return PublishReport(**{**facts, **given})


def failed() -> PublishReport:
    failures = (Failure((RowRange(4, 6), RowRange(8, 8)), "they were not sent"), Failure((), "too large"))
    return report(rows_delivered=6, failures=failures)


class _Checker(HTMLParser):
    """Elements that are opened are closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_is_html(text: str) -> None:
    checker = _Checker()
    checker.feed(text)
    assert checker.open == []


def test_a_report_says_what_went_where() -> None:
    text = repr(report(stream_ids=("a", "b", "c", "d"), offsets={2: (5, 9), 0: (0, 0)}))

    assert text.startswith("Published 10 rows to 'f1-data'\n")
    for part in ("env-f1-data", "a, b, c and 1 more", "1.2 kB", "20 rows/s", "partition 0: 0-0; partition 2: 5-9"):
        assert part in text


def test_one_row_is_not_many() -> None:
    assert "Published 1 row to" in repr(report(rows=1, rows_delivered=1))


def test_a_report_of_a_failure_names_rows_and_reasons() -> None:
    text = repr(failed())

    assert text.startswith("6 of 10 rows were delivered to 'f1-data'\n")
    assert "rows 4-6, 8: they were not sent" in text
    assert "the description of the stream: too large" in text


def test_a_failure_is_raised_in_three_lines_with_the_report() -> None:
    with pytest.raises(DeliveryError, match=r"6 of 10 rows .*; 4 were not \(rows 4-6, 8\)") as caught:
        raise_for(failed())
    assert caught.value.report.rows_failed == 4
    assert caught.value.cause == "The reason: they were not sent (and 1 other reason)."
    assert raise_for(whole := report()) is whole


def test_the_html_is_whole_and_shows_names_as_text() -> None:
    shown = report(topic_name=EVIL, topic_id=EVIL, environment=EVIL, stream_ids=(EVIL,), notes=(EVIL,))

    for html in (shown._repr_html_(), failed()._repr_html_()):
        assert_is_html(html)
        assert "<script" not in html
        assert "var(--jp-" in html


def test_a_plan_shows_columns_and_the_first_message_as_text(broker: Broker) -> None:
    frame = {"timestamp": [1, 2], EVIL: [EVIL, None], "b": [b"\xff", b""]}

    plan = publishing.plan(frame, destination(broker), Options.of(time_unit="ns", stream="s"))

    assert_is_html(plan._repr_html_())
    assert "<script" not in plan._repr_html_()
    assert "nothing was sent" in repr(plan)
    assert '"b": [' in repr(plan)


def test_progress_knows_what_is_left_where_the_length_is_known() -> None:
    known = Progress("t", 50, 200, 1000, 0, 1.0)
    unknown = Progress("t", 50, None, 1000, 3, 1.0)

    assert "50 of 200 rows, 50 rows/s" in repr(known)
    assert "3 s left" in repr(known)
    assert "left" not in repr(unknown)
    assert "3 failed" in repr(unknown)
    for progress in (known, unknown):
        assert_is_html(progress._repr_html_())
        assert "role='status'" in progress._repr_html_()


def test_a_real_report_reads_well(broker: Broker) -> None:
    made = publish({"timestamp": range(3), "x": range(3)}, destination(broker), time_unit="ns", stream="car-1")

    assert "Published 3 rows to 'topic'" in repr(made)
    assert "car-1" in repr(made)
    assert_is_html(made._repr_html_())
