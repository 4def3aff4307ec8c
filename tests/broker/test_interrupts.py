"""Ctrl-C at any point: every row accounted for, within a second, and the rest can be sent."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from quixnb import publishing
from quixnb.errors import PublishInterrupted
from quixnb.options import Destination, Options
from quixnb.report import PublishReport
from tests.broker.accounts import failed_rows, held, rows_of_unknown_fate
from tests.broker.clusters import ChildCluster, Cluster, destination, publish

ROWS = 4000


def data() -> dict[str, Any]:
    return {"timestamp": np.arange(ROWS), "x": np.arange(ROWS)}


def once() -> Callable[[object], None]:
    """A display of progress that is interrupted the first time it is shown, and not when the rest is sent."""
    left = [signal.SIGINT]

    def show(_: object) -> None:
        if left:
            signal.raise_signal(left.pop())

    return show


def interrupted(to: Destination, frame: Any, progress: Any = None, **options: Any) -> PublishReport:
    options = {"time_unit": "ns", "rows_per_message": 20, "stream": "s", **options}
    with pytest.raises(PublishInterrupted) as caught:
        publishing.publish(frame, to, Options.of(**options), progress)
    assert caught.value.report.is_interrupted
    return caught.value.report


def assert_the_rest_completes_it(report: PublishReport, to: Destination) -> None:
    missing = failed_rows(report)

    again = report.retry()

    found = held(to)
    assert again is report if not missing else again.rows_delivered == again.rows == len(missing)
    assert found.keys() == set(range(report.rows))
    assert sum(found.values()) - report.rows <= rows_of_unknown_fate(report)


def test_ctrl_c_in_the_display_of_progress_leaves_a_report_that_adds_up(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())

    report = interrupted(to, data(), once())

    assert report.rows == ROWS
    assert_the_rest_completes_it(report, to)


def test_ctrl_c_in_a_generator_reports_the_rows_taken_from_it(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())

    def source() -> Iterator[pd.DataFrame]:
        for start in range(0, ROWS, 100):
            if start == 500:
                signal.raise_signal(signal.SIGINT)
            yield pd.DataFrame({"timestamp": [1] * 100, "x": np.arange(start, start + 100)})

    report = interrupted(to, source())

    assert report.rows == 500
    assert_the_rest_completes_it(report, to)


def test_the_next_publish_on_the_same_connection_works(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())
    interrupted(to, data(), once())

    assert publish(data(), to, time_unit="ns").rows_delivered == ROWS


def test_the_signal_acts_as_before_afterwards(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())
    before = signal.getsignal(signal.SIGINT)

    interrupted(to, data(), once())
    publish(data(), to, time_unit="ns")

    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_at_any_moment_loses_and_doubles_no_row(mock_broker: Cluster) -> None:
    broker = mock_broker.connect(queue_buffering_max_messages=30)
    rng = random.Random(7)
    main = threading.main_thread().ident
    assert main is not None
    stopped = 0
    for number in range(14):
        to = destination(broker)
        broker.warm_up()
        options = {"stream_by": "car"} if number % 2 else {"stream": "s"}
        frame: Any = {**data(), "car": np.array(["a", "b"])[np.arange(ROWS) % 2]} if number % 2 else data()
        timer = threading.Timer(0.02 + rng.random() * 0.1, signal.pthread_kill, [main, signal.SIGINT])
        try:
            timer.start()
            report = publish(frame, to, time_unit="ns", rows_per_message=10, **options)
            timer.join()
        except PublishInterrupted as stop:
            report, stopped = stop.report, stopped + 1
            if not report.rows:  # before the frame was looked at
                continue
        except KeyboardInterrupt:  # before the call or after it
            continue
        assert report.rows == ROWS
        assert_the_rest_completes_it(report, to)
    assert stopped


@pytest.mark.parametrize("rows_per_message", [20, 2000], ids=["queue full", "all handed over"])
def test_ctrl_c_does_not_wait_for_a_silent_broker(rows_per_message: int) -> None:
    began: list[float] = []
    main = threading.main_thread().ident
    assert main is not None

    def source(cluster: ChildCluster) -> Iterator[Any]:
        cluster.pause()
        began.append(time.monotonic())
        threading.Timer(0.3, signal.pthread_kill, [main, signal.SIGINT]).start()
        yield data()

    with ChildCluster() as cluster:
        to = destination(cluster.connect(queue_buffering_max_messages=50))
        report = interrupted(to, source(cluster), rows_per_message=rows_per_message)
        took = time.monotonic() - began[0]
        cluster.go_on()
        assert_the_rest_completes_it(report, to)

    assert report.rows_delivered == 0
    assert took < 3  # message.timeout.ms is 30 s


def test_a_real_process_interrupted_from_outside_says_what_was_delivered(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect())
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, to.broker.servers, to.topic_id],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "delivering\n"

    child.send_signal(signal.SIGINT)

    said = json.loads(child.communicate(timeout=30)[0])
    found = held(to)
    assert said["rows"] == said["delivered"] + said["failed"]
    assert said["failed"] == said["named"]
    assert set(range(said["delivered"])) <= found.keys()
    assert max(found.values()) == 1


_CHILD = """
import itertools, json, sys
from quixnb import publishing
from quixnb.errors import PublishInterrupted
from quixnb.options import Destination, Options
from tests.broker.clusters import connection
from tests.broker.accounts import failed_rows

broker = connection(sys.argv[1])
told = False

def tell(progress):
    global told
    if progress.rows_delivered and not told:
        told = True
        print("delivering", flush=True)

source = ({"timestamp": [1] * 100, "x": list(range(n, n + 100))} for n in itertools.count(0, 100))
try:
    to = Destination("topic", sys.argv[2], "env", broker)
    publishing.publish(source, to, Options.of(time_unit="ns", stream="s"), tell)
except PublishInterrupted as stop:
    report = stop.report
    print(json.dumps({"rows": report.rows, "delivered": report.rows_delivered, "failed": report.rows_failed,
                      "named": len(failed_rows(report))}))
"""
