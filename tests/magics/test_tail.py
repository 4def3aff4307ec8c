"""`%quix_tail`, through a real shell and a real broker: what comes while it runs, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pytest
from IPython.core.error import UsageError

from quixnb.errors import TopicNotFound
from quixnb.magics.sparklines import sparklines
from quixnb.session import current
from tests.magics.shells import Shell


@contextmanager
def publishing(topic: str, stream: str) -> Iterator[None]:
    """Three rows again and again, beside the cell."""
    session, is_over = current(), threading.Event()
    times = pd.date_range("2026-01-01", periods=3, freq="s", tz="UTC", name="timestamp")
    frame = pd.DataFrame({"speed": [1.5, 2.5, None], "car": ["a", "b", "a"]}, index=times)

    def run() -> None:
        while not is_over.wait(0.05):
            session.publish(frame, topic, stream=stream, keep_open=True)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_it_shows_what_comes_from_now_on_and_returns_it(connected: Shell) -> None:
    connected.run("%quix_publish cpu-load df --stream before")

    with publishing("cpu-load", "now"):
        frame = connected.run("%quix_tail cpu-load --limit 6 --for 60s --out seen")

    assert set(frame["stream_id"]) == {"now"}
    assert len(frame) >= 6
    assert frame["speed"].tolist()[:2] == [1.5, 2.5]
    assert connected.user_ns["seen"] is frame


def test_only_the_stream_asked_for_is_shown(connected: Shell) -> None:
    with publishing("cpu-load", "other"), publishing("cpu-load", "mine"):
        frame = connected.run("%quix_tail cpu-load --stream mine --limit 3 --for 60s")

    assert "stream_id" not in frame.columns
    assert len(frame) >= 3


def test_a_quiet_topic_ends_with_no_rows(connected: Shell) -> None:
    assert len(connected.run("%quix_tail cpu-load --for 300ms")) == 0


def test_in_a_terminal_rows_are_printed_as_they_come(connected: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    with publishing("cpu-load", "now"):
        connected.run("%quix_tail cpu-load --columns speed --limit 3 --for 60s;")

    printed = capsys.readouterr().out
    assert "speed" in printed
    assert "car" not in printed


def test_an_unknown_topic_is_an_error(connected: Shell) -> None:
    with pytest.raises(TopicNotFound):
        connected.run("%quix_tail cpu-laod")


@pytest.mark.parametrize("line", ["", "a b", "t --rows 0", "t --for x", "t --limit 0"])
def test_a_mistyped_line_is_a_usage_error(connected: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_tail: "):
        connected.run(f"%quix_tail {line}")


def test_each_numeric_column_has_a_plot_with_words_for_who_does_not_see_it() -> None:
    frame = pd.DataFrame(
        {"speed <1>": [1.0, 5.0, 3.0], "car": ["a", "b", "c"], "gear": pd.array([1, None, 3], "Int64")}
    )

    html = sparklines(frame)

    assert html.count("<svg") == 2
    assert 'aria-label="speed &lt;1&gt;: from 1 to 5, last 3"' in html
    assert html.count("<polyline") == 3, "a row without a value is a gap"


@pytest.mark.parametrize("values", [[1.0], [None, None], ["a", "b"], [float("inf"), 1.0], [7.0, 7.0]], ids=str)
def test_odd_columns_break_no_plot(values: list[object]) -> None:
    assert "nan" not in sparklines(pd.DataFrame({"x": values}))
