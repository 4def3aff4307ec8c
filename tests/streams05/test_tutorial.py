"""Quix's tutorials of the time run with their import changed, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

import quixnb.sandbox
from quixnb.connecting import opened
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from tests.sandbox.helpers import ROOT, remembered
from tests.stream.arrived import arrived

# The CPU load tutorial, as published but for its import and for what it measures.
CPU_LOAD = """
import datetime
import os
import random
import time

import quixnb as qx

client = qx.QuixStreamingClient(os.environ["STREAMING_TOKEN"])
topic_producer = client.get_topic_producer("cpu-load")
stream = topic_producer.create_stream()
stream.properties.name = "Quickstart CPU Load - Server 1"
stream.timeseries.buffer.time_span_in_milliseconds = 100   # Send data in 100 ms chunks


def get_cpu_load():
    time.sleep(0.05)
    return random.random() * 100


def main():
    try:
        while True:
            cpu_load = get_cpu_load()
            print("CPU load: ", cpu_load, flush=True)
            stream.timeseries.buffer \\
                .add_timestamp(datetime.datetime.utcnow()) \\
                .add_value("CPU_Load", cpu_load) \\
                .publish()
    except KeyboardInterrupt:
        print("Closing stream")
        stream.close()


main()
"""

# The quickstart for a Kafka cluster of one's own.
HELLO_WORLD = """
import datetime
import math
import sys

import quixnb as qx

client = qx.KafkaStreamingClient(sys.argv[1])

with (topic_producer := client.get_topic_producer(sys.argv[2])):
    stream = topic_producer.create_stream()
    stream.properties.name = "Hello World python stream"
    stream.properties.metadata["my-metadata"] = "my-metadata-value"
    stream.timeseries.buffer.time_span_in_milliseconds = 100   # Send data in 100 ms chunks

    for index in range(0, 300):
        stream.timeseries \\
            .buffer \\
            .add_timestamp(datetime.datetime.utcnow()) \\
            .add_value("ParameterA", math.sin(index / 200.0)) \\
            .add_value("ParameterB", "string value: " + str(index)) \\
            .add_value("ParameterC", bytearray.fromhex("51 55 49 58")) \\
            .publish()

    print("Closing stream")
    stream.close()
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield remembered(running)


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with opened(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api) as connected:
        yield connected


def run(program: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    # utcnow() is deprecated since Python 3.12 and works.
    return subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
    )


def test_the_cpu_load_tutorial(sandbox: Sandbox, session: Session) -> None:
    token = sandbox.environments["dev"].token_1.reveal()
    variables = {"STREAMING_TOKEN": token, "Quix__Portal__Api": sandbox.portal_api}
    process = run(CPU_LOAD, **variables)
    assert process.stdout is not None
    for _ in range(5):
        assert process.stdout.readline().startswith("CPU load: ")

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, "")
    assert "Closing stream" in output
    printed = 5 + output.count("CPU load: ")
    topic = session.topic("cpu-load")
    messages = arrived(session.broker, topic.id)
    assert messages[0].body["Name"] == "Quickstart CPU Load - Server 1"
    assert messages[-1].body == {"StreamEndType": "Closed"}
    assert len({message.stream for message in messages}) == 1
    rows = session.read("cpu-load")
    assert len(rows) in (printed, printed - 1)  # Ctrl-C may have come between the two lines
    assert rows.CPU_Load.between(0, 100).all()


def test_everything_can_be_imported_at_once_as_some_tutorials_do() -> None:
    names: dict[str, object] = {}

    exec("from quixnb import *", names)

    assert {"KafkaStreamingClient", "QuixStreamingClient", "TimeseriesData", "StreamEndType"} <= names.keys()


def test_the_kafka_quickstart(sandbox: Sandbox, session: Session) -> None:
    topic = session.topic("f1-data")
    process = run(HELLO_WORLD, sandbox.bootstrap_servers, topic.id)

    output, errors = process.communicate(timeout=30)

    assert (process.returncode, output, errors) == (0, "Closing stream\n", "")
    rows = session.read("f1-data")
    assert rows.ParameterB.tolist() == [f"string value: {index}" for index in range(300)]
    assert set(rows.ParameterC) == {b"QUIX"}
