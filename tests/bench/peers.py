"""What quixnb is compared with: the loops that people write, and Quix's own clients in environments of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import confluent_kafka as kafka
import pandas as pd

from tests import environments
from tests.bench.measuring import Timed

NAMES: Final = {"quixstreams3": "Quix Streams 3", "quixstreams05": "Quix Streams 0.5.7"}
_HERE = Path(__file__).parent


def with_iterrows(frame: pd.DataFrame, producer: kafka.Producer, topic: str) -> None:
    """A message a row, by `iterrows` and `json`."""
    for _, row in frame.iterrows():
        _produce(producer, topic, json.dumps(row.to_dict(), default=str))
    producer.flush()


def with_to_dict(frame: pd.DataFrame, producer: kafka.Producer, topic: str) -> None:
    """A message a row, by `to_dict` and `json`."""
    for row in frame.to_dict("records"):
        _produce(producer, topic, json.dumps(row, default=str))
    producer.flush()


def _produce(producer: kafka.Producer, topic: str, value: str) -> None:
    while True:
        try:
            producer.produce(topic, value=value, key="car-1")
            break
        except BufferError:
            producer.poll(0.2)
    producer.poll(0)


class Client:
    """One of Quix's clients in a process of its own, which times itself when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def timed(self, **command: Any) -> Timed:
        """What it makes of one command: `do`, and what that needs."""
        return Timed(**self._answer(command))

    def _answer(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the client ended: status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def client(name: str, broker: str, frame: pd.DataFrame) -> Iterator[Client]:
    """The client of the environment `name`, which has `frame` ready to be published."""
    command = [str(environments.python(name)), str(_HERE / f"{name}_client.py")]
    columns = {column: _listed(frame[column]) for column in frame.columns}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        running = Client(process)
        running._answer({"broker": broker, "columns": columns})
        try:
            yield running
        finally:
            process.kill()


def _listed(column: pd.Series[Any]) -> list[Any]:
    return (column.astype("int64") if column.dtype.kind == "M" else column).tolist()
