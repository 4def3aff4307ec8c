"""The stop button: a publish ends at once, says what was delivered, and leaves a kernel that works."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from quixnb.sandbox import Sandbox
from tests.kernel.notebook import Message, Notebook, Outputs

pytestmark = pytest.mark.kernel

# What is printed is not flushed: an interrupt that strikes within ipykernel's own flush tests ipykernel.
SENDERS = """
import os, threading
import numpy as np

def frame(rows, first=0):
    times = pd.date_range("2026-01-01", periods=rows, freq="ms", tz="UTC", unit="ns")
    return pd.DataFrame({"timestamp": times, "number": np.arange(first, first + rows)})

def endless():
    first = 0
    while True:
        yield frame(100, first)
        first += 100

def halting(fifo):
    for number in range(40):
        yield frame(100, number * 100)
        if number == 19:
            print("half was taken")
            with open(fifo) as gate:
                gate.read()
    print("all was taken")
"""
# Messages of one row, of which a second takes a fraction: it is under way long enough to be interrupted.
BIG = "%quix_publish f1-data frame(3_000_000) --rows-per-message 1"
ENDLESS = "%quix_publish f1-data endless()"
FACTS = """(r.rows, r.rows_delivered, r.rows_failed, sum(len(part) for lost in r.failures for part in lost.rows),
 r.is_interrupted, sum(last - first + 1 for first, last in r.offsets.values()) - r.messages)"""


@pytest.fixture
def senders(connected: Notebook) -> Notebook:
    """The notebook with frames and iterators to publish."""
    connected.run_well(SENDERS)
    return connected


@pytest.fixture
def bound_s(senders: Notebook) -> float:
    """How long an interrupt may take: about a second more than one that only ends a wait, on this machine as it is."""
    request = senders.begin("print('waits')\nthreading.Event().wait()")
    until(senders, request, printed("waits"))
    outputs, idle_s = senders.interrupt(request)
    assert outputs.error["ename"] == "KeyboardInterrupt"
    return 1.0 + 10 * idle_s


class printed:
    def __init__(self, text: str) -> None:
        self._text, self._so_far = text, ""

    def __call__(self, message: Message) -> bool:
        self._so_far += message["content"].get("text", "") if message["msg_type"] == "stream" else ""
        return self._text in self._so_far


def shows_deliveries(message: Message) -> bool:
    """Whether it is a progress display by which rows were delivered."""
    text = message["content"].get("data", {}).get("text/plain", "")
    return re.match(r"Publishing to '[\w-]+': [1-9]", text) is not None


def until(notebook: Notebook, request: str, condition: object) -> None:
    """Read what the running cell sends until `condition` is met."""
    assert callable(condition)
    while not condition(message := notebook.next_message(request)):
        assert message["content"].get("execution_state") != "idle", "the cell ended too early"


def facts(notebook: Notebook, report: str = "_quix_report") -> tuple[int, int, int, int, bool, int]:
    """Rows, those delivered, those not, those named as not delivered, whether it was stopped, unexplained offsets."""
    value = eval(notebook.run_well(f"r = {report}\n{FACTS}").text)  # a tuple of numbers
    assert isinstance(value, tuple)
    return value


@contextmanager
def paused(sandbox: Sandbox) -> Iterator[None]:
    """The portal and the broker go silent; connections to them stay open."""
    os.kill(sandbox.pid, signal.SIGSTOP)
    try:
        while not all(map(_is_stopped, Path(f"/proc/{sandbox.pid}/task").iterdir())):
            pass  # its threads stop one by one, at once
        yield
    finally:
        os.kill(sandbox.pid, signal.SIGCONT)


def _is_stopped(thread: Path) -> bool:
    return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"


def stopped(outputs: Outputs) -> list[str]:
    """The three lines of a publish that was stopped."""
    assert outputs.reply["ename"] == outputs.error["ename"] == "PublishInterrupted"
    lines: list[str] = outputs.error["traceback"]
    assert lines[0].startswith("PublishInterrupted: Stopped: ")
    assert len(lines) in (2, 3)  # two where nothing is left to do
    return lines


@pytest.mark.parametrize("cell", [ENDLESS, BIG], ids=["an endless iterator", "a big frame"])
def test_interrupting_a_publish_ends_it_within_about_a_second(senders: Notebook, bound_s: float, cell: str) -> None:
    request = senders.begin(cell)
    until(senders, request, shows_deliveries)

    outputs, seconds = senders.interrupt(request)

    stopped(outputs)
    assert seconds < bound_s


def test_an_interrupted_publish_of_a_big_frame_leaves_a_report_that_adds_up(senders: Notebook) -> None:
    request = senders.begin(BIG)
    until(senders, request, shows_deliveries)

    lines = stopped(senders.interrupt(request)[0])

    rows, delivered, failed, named, is_interrupted, unexplained = facts(senders)
    assert rows == 3_000_000
    assert 0 < delivered < rows
    assert failed == named == rows - delivered
    assert is_interrupted
    assert unexplained == 0
    assert f"{delivered:,} of {rows:,} rows" in lines[0]
    assert lines[2] == "Send the rest with: _quix_report.retry()"


def test_all_that_an_interrupted_iterator_had_given_is_accounted_for(senders: Notebook) -> None:
    request = senders.begin(f"{ENDLESS} --out sent")
    until(senders, request, shows_deliveries)

    stopped(senders.interrupt(request)[0])

    rows, delivered, failed, named, is_interrupted, unexplained = facts(senders, "sent")
    assert delivered > 0
    assert rows % 100 == 0
    assert (failed, named) == (rows - delivered, rows - delivered)
    assert (is_interrupted, unexplained) == (True, 0)


def test_what_the_report_calls_delivered_is_on_the_topic_in_order(senders: Notebook) -> None:
    request = senders.begin("%quix_publish stopped endless() --create --stream stopped")
    until(senders, request, shows_deliveries)

    stopped(senders.interrupt(request)[0])

    rows, delivered, *_ = facts(senders)
    senders.run_well("back = %quix_read stopped --stream stopped")
    # Those on their way at that moment may be there as well; the report says so of them.
    assert senders.run_well(f"{delivered} <= len(back) <= {rows}").text == "True"
    assert senders.run_well("list(back.number) == list(range(len(back)))").text == "True"


@pytest.mark.skipif(sys.platform != "linux", reason="pauses the sandbox's process, and looks at its threads in /proc")
def test_interrupting_while_the_broker_is_silent_keeps_what_a_retry_needs(
    senders: Notebook, sandbox: Sandbox, bound_s: float, tmp_path: Path
) -> None:
    os.mkfifo(fifo := tmp_path / "gate")
    request = senders.begin(f"%quix_publish silent halting({str(fifo)!r}) --create --stream silent")
    until(senders, request, printed("half was taken"))
    with paused(sandbox):
        fifo.write_text("go on")
        until(senders, request, printed("all was taken"))

        outputs, seconds = senders.interrupt(request)

    lines = stopped(outputs)
    assert seconds < bound_s
    rows, delivered, failed, named, *_ = facts(senders)
    assert rows == 4000
    assert delivered <= 2000
    assert failed == named == rows - delivered
    assert lines[2] == "Send the rest with: _quix_report.retry()"
    senders.run_well("again = _quix_report.retry()")
    assert senders.run_well("again.rows_delivered, again.rows_failed").text == f"({failed}, 0)"
    senders.run_well("back = %quix_read silent --stream silent")
    assert senders.run_well("sorted(set(back.number)) == list(range(4000))").text == "True"


@pytest.mark.skipif(sys.platform != "linux", reason="pauses the sandbox's process, and looks at its threads in /proc")
def test_interrupting_before_the_first_row_is_sent_keeps_the_frame_for_a_retry(
    senders: Notebook, sandbox: Sandbox, bound_s: float
) -> None:
    senders.run_well("%quix_publish f1-data frame(10);")
    with paused(sandbox):
        request = senders.begin("print('begins')\n%quix_publish f1-data frame(4000) --stream early")
        until(senders, request, printed("begins"))

        outputs, seconds = senders.interrupt(request)

    lines = stopped(outputs)
    assert seconds < bound_s
    assert facts(senders) == (4000, 0, 4000, 4000, True, 0)
    assert lines[1:] == ["Not delivered: rows 0-3,999: they were not sent.", "Send the rest with: _quix_report.retry()"]
    senders.run_well("_quix_report.retry();")
    assert senders.run_well("back = %quix_read f1-data --stream early\nlen(back)").text == "4000"


@pytest.mark.skipif(sys.platform != "linux", reason="pauses the sandbox's process, and looks at its threads in /proc")
def test_interrupting_while_the_topic_is_looked_up_is_said_as_that(
    senders: Notebook, sandbox: Sandbox, bound_s: float
) -> None:
    with paused(sandbox):
        request = senders.begin("print('begins')\n%quix_publish never-heard-of frame(10)")
        until(senders, request, printed("begins"))

        outputs, seconds = senders.interrupt(request)

    assert seconds < bound_s
    assert outputs.error["traceback"] == [
        "PublishInterrupted: Stopped before the first row was sent to 'never-heard-of'.",
        "Nothing was sent.",
        "Run the cell again.",
    ]
    assert facts(senders) == (0, 0, 0, 0, True, 0)


def test_interrupting_before_an_iterator_gave_anything_is_said_as_that(senders: Notebook) -> None:
    senders.run_well("def nothing():\n    print('is asked')\n    threading.Event().wait()\n    yield")
    request = senders.begin("%quix_publish f1-data nothing()")
    until(senders, request, printed("is asked"))

    outputs, _ = senders.interrupt(request)

    assert outputs.error["traceback"] == [
        "PublishInterrupted: Stopped before the first row was sent to 'f1-data'.",
        "Nothing was sent.",
        "Run the cell again.",
    ]
    assert facts(senders) == (0, 0, 0, 0, True, 0)


def test_the_kernel_works_on_after_an_interrupt(senders: Notebook) -> None:
    request = senders.begin(ENDLESS)
    until(senders, request, shows_deliveries)
    senders.interrupt(request)

    published = senders.run_well("%%quix_publish f1-data --stream after\nframe(10)")

    assert published.text.startswith("Published 10 rows to 'f1-data'")
    assert senders.run_well("back = %quix_read f1-data --stream after\nlen(back)").text == "10"
    assert senders.run_well("1 + 1").text == "2"
