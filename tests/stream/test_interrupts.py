"""Ctrl-C at any point of writing live: noticed within a second, no row miscounted, and the stream can go on."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import confluent_kafka as kafka
import numpy as np
import pytest

from quixnb.errors import PublishInterrupted
from quixnb.options import Destination
from quixnb.streaming import StreamWriter
from tests.broker.accounts import failed_rows, held, rows_of_unknown_fate
from tests.broker.clusters import ChildCluster, destination
from tests.sandbox.helpers import ROOT
from tests.stream.arrived import arrived, writer


@pytest.fixture
def cluster() -> Iterator[ChildCluster]:
    with ChildCluster() as running:
        yield running


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    """Press Ctrl-C in so many seconds, as the terminal would; checks that it was noticed within one more."""
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(seconds, signal.pthread_kill, [main, signal.SIGINT])
    timer.start()
    begun = time.monotonic()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        assert time.monotonic() - begun < seconds + 1.5


@contextmanager
def silence_and_ctrl_c_once_messages_arrive(cluster: ChildCluster, to: Destination, more_than: int) -> Iterator[None]:
    """Press Ctrl-C as soon as the topic holds more messages than that, however fast this machine is.

    The broker falls silent before: else a fast machine delivers what is left while the stream is being ended.
    """
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        settings = {"bootstrap.servers": to.broker.servers, "group.id": "watching", "log_level": 0}
        consumer = kafka.Consumer(settings)
        try:
            while sum(_high(consumer, to.topic_id, partition) for partition in range(4)) <= more_than:
                pass
        finally:
            consumer.close()
            cluster.pause()
            signal.pthread_kill(main, signal.SIGINT)

    watching = threading.Thread(target=press)
    watching.start()
    try:
        yield
    finally:
        watching.join()


def _high(consumer: kafka.Consumer, topic: str, partition: int) -> int:
    _, high = consumer.get_watermark_offsets(kafka.TopicPartition(topic, partition), timeout=5)
    return high


def write_forever(stream: StreamWriter) -> NoReturn:
    for x in itertools.count():
        stream.write({"x": x})
    raise AssertionError


def test_ctrl_c_while_the_queue_is_full_ends_the_write_and_the_rest_follows_later(cluster: ChildCluster) -> None:
    to = destination(cluster.connect(queue_buffering_max_messages=5))
    stream = writer(to.broker, to)
    cluster.pause()
    with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.3):
        write_forever(stream)
    written = stream.report.rows

    cluster.go_on()
    stream.write({"x": written})
    stream.close()

    assert held(to) == dict.fromkeys(range(written + 1), 1)
    assert stream.report.rows_delivered == stream.report.rows == written + 1


def test_ctrl_c_while_flushing_leaves_the_stream_as_it_is(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())
    stream = writer(to.broker, to)
    stream.write({"x": 0})
    cluster.pause()
    stream.write({"x": 1})
    with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.3):
        stream.flush()

    cluster.go_on()
    report = stream.close()

    assert (report.rows, report.rows_delivered, report.is_interrupted) == (2, 2, False)
    assert held(to) == {0: 1, 1: 1}


def test_ctrl_c_while_closing_gives_up_what_is_on_its_way_and_says_what(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())
    stream = writer(to.broker, to, packet_size=10)
    for x in range(25):
        stream.write({"x": x})
    stream.flush()
    cluster.pause()
    for x in range(25, 55):
        stream.write({"x": x})

    with pytest.raises(PublishInterrupted) as caught, ctrl_c_after(0.3):
        stream.close()
    report = caught.value.report
    assert (report.rows, report.is_interrupted, stream.is_closed) == (55, True, True)
    assert failed_rows(report) == set(range(25, 55))

    cluster.go_on()
    again = report.retry()

    assert again.rows_delivered == 30
    assert held(to).keys() == set(range(55))
    assert sum(held(to).values()) - 55 <= rows_of_unknown_fate(report)
    assert arrived(to.broker, to.topic_id)[-1].model == "StreamEnd"


def interrupted_block(stream: StreamWriter) -> None:
    with stream:
        stream.write({"x": 1})
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_in_the_block_ends_the_stream_as_aborted(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())

    stream = writer(to.broker, to, packet_size=10)
    stream.write({"x": 0})
    stream.flush()

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted_block(stream)

    assert not isinstance(caught.value, PublishInterrupted)
    assert stream.report.rows_delivered == 2
    assert arrived(to.broker, to.topic_id)[-1].body == {"StreamEndType": "Aborted"}


def test_ctrl_c_in_the_block_does_not_wait_for_a_broker_that_is_silent(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())

    stream = writer(to.broker, to)
    stream.write({"x": 0})
    stream.flush()
    cluster.pause()
    pressed = time.monotonic()

    with pytest.raises(PublishInterrupted) as caught:
        interrupted_block(stream)

    assert time.monotonic() - pressed < 1.5
    assert failed_rows(caught.value.report) == {1}
    assert caught.value.report.is_interrupted


def test_an_open_stream_leaves_ctrl_c_to_others() -> None:
    before = signal.getsignal(signal.SIGINT)
    with ChildCluster() as cluster:
        to = destination(cluster.connect())

        with writer(to.broker, to) as stream:
            stream.write({"x": 0})
            during = signal.getsignal(signal.SIGINT)

    assert during is before is signal.getsignal(signal.SIGINT)


PROGRAM = """
import sys
from tests.broker.clusters import connection
from quixnb import streaming
from quixnb.options import Destination
from quixnb.options import Destination
from quixnb.streaming import StreamWriter

address, topic = sys.argv[1:]
said = streaming.options(stream="s")
to = Destination("topic", topic, "env", connection(address))
stream = StreamWriter(to, said.stream, said.frame, streaming.conditions(1000, None, None))
for x in range(20):
    stream.write({"x": x})
"""


def test_rows_that_are_held_when_python_ends_are_sent(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())

    subprocess.run([sys.executable, "-c", PROGRAM, cluster.address, to.topic_id], check=True, cwd=ROOT, timeout=60)

    assert held(to) == dict.fromkeys(range(20), 1)


def test_ctrl_c_in_the_middle_of_a_long_frame_does_not_wait_for_its_end(cluster: ChildCluster) -> None:
    to = destination(cluster.connect())
    rows = 3_000_000
    frame = {"timestamp": np.arange(rows).astype("datetime64[ms]"), "x": np.arange(rows), "y": np.random.random(rows)}
    stream = writer(to.broker, to)
    stream.write({"x": -1})
    stream.flush()

    def block() -> None:
        with stream:
            stream.write(frame)

    with pytest.raises(PublishInterrupted) as caught, silence_and_ctrl_c_once_messages_arrive(cluster, to, 5):
        block()

    report = caught.value.report
    assert report.rows == rows + 1
    assert report.rows_delivered + len(failed_rows(report)) == rows + 1
