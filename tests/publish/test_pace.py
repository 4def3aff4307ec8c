"""When rows leave: at a frame's own pace, at a generator's, in the background, and until somebody stops them."""

from __future__ import annotations

import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from quixnb import decode, publishing
from quixnb.background import BackgroundPublish
from quixnb.broker import Broker
from quixnb.errors import FrameError
from quixnb.options import Destination, Options
from quixnb.report import Progress, PublishReport
from tests.broker.accounts import failed_rows, held
from tests.broker.clusters import destination, publish, records

pytestmark = pytest.mark.alone

SPACING_MS = 40


def frame(rows: int = 10, spacing_ms: float = SPACING_MS) -> pd.DataFrame:
    times = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows) * spacing_ms, unit="ms")
    return pd.DataFrame({"timestamp": times, "x": range(rows)})


def sent(to: Destination) -> list[tuple[int, int, int]]:
    """For each row in the order of sending: when it was sent (ms), its `x`, its own time (ns)."""
    rows = []
    for record in records(to.broker, to.topic_id):
        if block := decode.block("", record.value, record.headers, record.timestamp_ms):
            rows += [(record.timestamp_ms, int(x), int(t)) for x, t in zip(block.numeric["x"], block.time, strict=True)]
    return sorted(rows)


def background(data: Any, to: Destination, **options: Any) -> BackgroundPublish:
    return publishing.start(data, to, Options.of(**options), None, lambda report: None)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it did not come about"


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_a_replay_keeps_the_frames_pace_without_drifting(broker: Broker, speed: float) -> None:
    to = destination(broker)

    publish(frame(), to, replay=speed)

    moments = np.array([moment for moment, _, _ in sent(to)])
    due = moments[0] + np.arange(10) * SPACING_MS / speed
    late = moments - due
    # A busy machine may hold up some rows, but not the next ones with them: what is late does not add up.
    assert np.median(np.abs(late)) <= 5
    assert late.min() >= -3


def test_rows_are_replayed_in_the_order_of_their_times_whatever_the_frames(broker: Broker) -> None:
    to = destination(broker)

    report = publish(frame().sample(frac=1, random_state=1), to, replay=4)

    assert report.rows_delivered == 10
    assert [x for _, x, _ in sent(to)] == list(range(10))


def test_streams_are_replayed_together(broker: Broker) -> None:
    to = destination(broker)

    report = publish(frame().assign(car=list("ab") * 5), to, replay=4, stream_by="car")

    assert report.stream_ids == ("a", "b")
    assert [x for _, x, _ in sent(to)] == list(range(10))


def test_a_restamped_replay_has_the_times_of_its_sending(broker: Broker) -> None:
    to = destination(broker)
    begun = time.time_ns()

    publish(frame(), to, replay=2, restamp=True)

    times = np.array([own for _, _, own in sent(to)])
    assert np.all(np.diff(times) == SPACING_MS * 1_000_000 // 2)
    assert begun <= times[0] <= time.time_ns()


def test_an_item_of_an_iterator_leaves_at_its_turn(broker: Broker) -> None:
    to = destination(broker)

    publish(({"timestamp": datetime.now(UTC), "x": x} for x in range(6)), to, every=SPACING_MS / 1000)

    moments = np.array([moment for moment, _, _ in sent(to)])
    assert np.median(np.abs(np.diff(moments) - SPACING_MS)) <= 5


@pytest.mark.parametrize("options", [{}, {"every": 0.06}], ids=["at their own pace", "at ours"])
def test_rows_that_come_slowly_are_sent_as_they_come(broker: Broker, options: dict[str, Any]) -> None:
    to = destination(broker)
    seen: list[int] = []
    pause = threading.Event()

    def rows() -> Iterator[dict[str, Any]]:
        for x in range(3):
            # The row before is on the topic before this one is made, which takes more than a moment.
            wait_for(lambda: len(sent(to)) == len(seen))
            pause.wait(0.06)
            seen.append(x)
            yield {"timestamp": datetime.now(UTC), "x": x}

    publish(rows(), to, **options)

    assert seen == [0, 1, 2]


def test_ctrl_c_is_the_regular_end_of_data_that_has_none(broker: Broker) -> None:
    to = destination(broker)

    def rows() -> Iterator[dict[str, Any]]:
        for x in itertools.count():
            if x == 50:
                signal.raise_signal(signal.SIGINT)
            yield {"timestamp": datetime.now(UTC), "x": x}

    report = publish(rows(), to, until_stopped=True)

    assert report.is_interrupted
    assert (report.rows_failed, report.failures) == (0, ())
    assert held(to) == dict.fromkeys(range(report.rows), 1)
    assert b'"StreamEnd"' in (max(records(broker, to.topic_id), key=lambda record: record.offset).value or b"")


def test_a_publish_in_the_background_says_how_far_it_is_and_stops_when_told(broker: Broker) -> None:
    to = destination(broker)
    taken = threading.Event()

    def rows() -> Iterator[dict[str, Any]]:
        for x in itertools.count():
            if x == 20:
                taken.set()
            yield {"timestamp": datetime.now(UTC), "x": x}

    running = background(rows(), to, every=0.005)
    assert taken.wait(20)
    wait_for(lambda: running.progress.rows_delivered > 0)
    assert running.is_running
    assert running.report is None
    assert "runs in the background" in repr(running)

    report = running.stop()

    assert report is not None
    assert report is running.report
    assert not running.is_running
    assert report.failures == ()
    assert held(to) == dict.fromkeys(range(report.rows), 1)


def test_a_frame_stopped_in_the_background_names_what_was_not_sent_and_can_be_retried(broker: Broker) -> None:
    to = destination(broker)
    running = background(frame(200, spacing_ms=20), to, replay=1)
    wait_for(lambda: running.progress.rows_delivered > 3)

    report = running.stop()

    assert report is not None
    assert report.is_interrupted
    assert 0 < report.rows_delivered < report.rows == 200
    assert failed_rows(report) == set(range(report.rows_delivered, 200))
    again = report.retry()
    assert again.rows_failed == 0
    assert held(to) == dict.fromkeys(range(200), 1)


@pytest.mark.parametrize("kind", ["pandas", "columns", "rows"])
def test_data_changed_while_it_is_published_in_the_background_is_sent_as_it_was(broker: Broker, kind: str) -> None:
    to = destination(broker)
    published = frame(30, spacing_ms=5)
    data: Any = {
        "pandas": published,
        "columns": {"timestamp": published["timestamp"], "x": np.arange(30)},
        "rows": published.to_dict("records"),
    }[kind]

    running = background(data, to, replay=1)
    if kind == "pandas":
        data.loc[:, "x"] = -1
    elif kind == "columns":
        data["x"][:] = -1
    else:
        for row in data:
            row["x"] = -1
    running.wait(20)

    assert held(to) == dict.fromkeys(range(30), 1)


def test_what_cannot_be_sent_is_refused_before_the_background_begins(broker: Broker) -> None:
    with pytest.raises(FrameError, match="infinit"):
        background(pd.DataFrame({"timestamp": ["2026-01-01"], "x": [np.inf]}), destination(broker))


def test_an_input_that_fails_in_the_background_is_told_when_asked(broker: Broker) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"timestamp": datetime.now(UTC), "x": 0}
        raise ValueError("of the user")

    running = background(rows(), destination(broker))

    with pytest.raises(ValueError, match="of the user"):
        running.wait(20)
    assert isinstance(running.error, ValueError)


def test_progress_counts_up_to_the_end(broker: Broker) -> None:
    told: list[Progress] = []

    report: PublishReport = publishing.publish(frame(20, 20), destination(broker), Options.of(replay=1), told.append)

    counts = [progress.rows_delivered for progress in told]
    assert counts == sorted(counts)
    assert counts[-1] == report.rows_delivered == 20
    assert told[0].rows == 20


def test_a_frame_in_memory_has_no_items_to_space_out(broker: Broker) -> None:
    with pytest.raises(FrameError, match="no items") as refusal:
        publish(frame(3), destination(broker), every=0.1)
    assert "--replay" in refusal.value.fix


@pytest.mark.parametrize(("option", "value"), [("replay", 0), ("replay", -1.0), ("every", 0.0), ("restamp", True)])
def test_a_pace_that_cannot_be_is_refused(option: str, value: Any) -> None:
    with pytest.raises(FrameError):
        Options.of(**{option: value})
