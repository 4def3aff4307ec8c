"""What is measured, by group; each yields its figures as they are taken."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import confluent_kafka as kafka

import quixnb
from quixnb import reading
from quixnb.broker import Ledger, Message
from quixnb.sandbox import Sandbox
from tests import environments
from tests.bench import frames, memory, peers
from tests.bench.measuring import Figure, Size, compared, figure, timed, wait_for_quiet
from tests.bench.places import Place, encoded, produce, publish


class Skipped(Exception):
    """A group that cannot be measured here, and why."""


def bare_producer(place: Place, size: Size) -> Iterator[Figure]:
    """Every kind of frame, against a loop around `produce` with the same bytes and settings."""
    for name, (make, options) in frames.FRAMES.items():
        frame = make(size.rows)
        messages = encoded(frame, place.destination(), **options)
        for codec in ("lz4", "none"):
            to, producer = place.destination(codec), place.producer(codec)
            ours = partial(timed, len(frame), partial(publish, frame, to, **options))
            theirs = partial(timed, len(frame), partial(produce, messages, producer, place.new_topic()))
            yield compared("bare producer", name, f"`produce` of the same bytes, {codec}", ours, theirs, size)


def clients(place: Place, size: Size) -> Iterator[Figure]:
    """The usual frame, against Quix's own clients, all without compression."""
    frame = frames.usual(size.rows)
    to, topic = place.destination(), place.new_topic()
    ours = partial(timed, len(frame), partial(publish, frame, to))
    for name, rows, ways in (
        ("quixstreams3", size.part(20), {"quix_timeseries": "row by row, timeseries", "json": "row by row, JSON"}),
        ("quixstreams05", size.part(100), {"publish": "`timeseries.publish(df)`", "buffer": "`buffer.publish(df)`"}),
    ):
        _demand(name)
        with peers.client(name, place.address, frame[:rows]) as client:
            for do, said in ways.items():
                theirs = partial(client.timed, do=do, topic=topic)
                yield compared("clients", "8 floats, 1 string", f"{peers.NAMES[name]}, {said}", ours, theirs, size)


def loops(place: Place, size: Size) -> Iterator[Figure]:
    """The usual frame, against the loops that people write, without compression."""
    frame = frames.usual(size.rows)
    to, producer, topic = place.destination(), place.producer(), place.new_topic()
    ours = partial(timed, len(frame), partial(publish, frame, to))
    for said, loop, rows in (
        ("`iterrows` and `json.dumps`", peers.with_iterrows, size.part(50)),
        ('`to_dict("records")` and `json.dumps`', peers.with_to_dict, size.part(10)),
    ):
        theirs = partial(timed, rows, partial(loop, frame[:rows], producer, topic))
        yield compared("loops", "8 floats, 1 string", said, ours, theirs, size)


def reading_back(_: Place, size: Size) -> Iterator[Figure]:
    """Topics of telemetry on several partitions to a DataFrame, against Quix Streams 3 on the same topics."""
    _demand("quixstreams3")
    with (
        quixnb.sandbox.start() as sandbox,
        _connected(sandbox) as session,
        peers.client("quixstreams3", sandbox.bootstrap_servers, frames.telemetry(1)) as client,
    ):
        for name, rows, most in (("telemetry, 16 streams", size.part(5), None), ("a message a row", size.part(20), 1)):
            frame = frames.telemetry(rows).assign(driver=[f"car-{row % 16}" for row in range(rows)])
            topic = session.create_topic(f"read-{most}")
            session.publish(frame, topic.name, stream_by="driver", rows_per_message=most)
            ours = partial(timed, rows, partial(_read_whole, session.broker, topic.id, rows))
            given = {"topic": topic.id, "name": topic.name, "rows": rows}
            given |= {"token": session.token.reveal(), "portal_api": sandbox.portal_api}
            for do, said in (("run", "an Application's function"), ("read", "its deserialiser alone")):
                theirs = partial(client.timed, do=do, **given)
                yield compared("reading", name, f"Quix Streams 3, {said}", ours, theirs, size)


def _connected(sandbox: Sandbox) -> quixnb.Session:
    return quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api)


def _read_whole(broker: Any, topic_id: str, rows: int) -> None:
    if (found := len(reading.read(broker, topic_id, reading.ReadOptions()))) != rows:
        raise RuntimeError(f"{found:,} of {rows:,} rows are on the topic: it holds 5 MB of each partition")


def first_message(place: Place, size: Size) -> Iterator[Figure]:
    """From the call to the first acknowledgement, against a bare producer's first message."""
    for rows in (min(1000, size.rows), size.rows):
        frame = frames.usual(rows)
        to, producer, topic = place.destination("lz4"), place.producer("lz4"), place.new_topic()
        first = encoded(frame, to)[:1]
        _until_first(frame, to), _acknowledged(first[0], producer, topic)
        pairs = []
        for _ in range(size.pairs):
            wait_for_quiet(size.quiet_s)
            pairs.append((_until_first(frame, to), _acknowledged(first[0], producer, topic)))
        facts = {"rows": rows, "pairs": len(pairs), "ms": round(1000 * min(a for a, _ in pairs), 1)}
        ratios = [ours / theirs for ours, theirs in pairs]
        yield figure("first message", f"{rows:,} rows", "a bare producer's first message", ratios, "time", facts)


def _until_first(frame: Any, to: Any) -> float:
    moments: list[float] = []
    note = Ledger.acknowledge

    def noted(*args: Any) -> None:
        moments.append(time.perf_counter())
        note(*args)

    started = time.perf_counter()
    with patch.object(Ledger, "acknowledge", noted):
        publish(frame, to)
    return moments[0] - started


def _acknowledged(message: Message, producer: kafka.Producer, topic: str) -> float:
    came: list[Any] = []
    started = time.perf_counter()
    producer.produce(topic, message.value, message.key, on_delivery=lambda *outcome: came.append(outcome))
    while not came:
        producer.poll(0.2)
    return time.perf_counter() - started


def wire(place: Place, size: Size) -> Iterator[Figure]:
    """Bytes of a row on the wire by codec, all of the protocol's included."""
    for name, make in (("8 floats, 1 string", frames.usual), ("the same, 3 decimals", frames.telemetry)):
        frame = make(size.part(5))
        messages = encoded(frame, place.destination())
        sent: dict[str, float] = {}
        for codec in ("none", "lz4", "snappy", "gzip", "zstd"):
            sent[codec] = _sent(messages, place, codec) / len(frame)
            facts = {"rows": len(frame), "bytes_per_row": round(sent[codec], 1)}
            yield figure("wire", f"{name}, {codec}", "no compression", [sent[codec] / sent["none"]], "bytes", facts)


def _sent(messages: list[Any], place: Place, codec: str) -> int:
    """Bytes that a producer sends to its brokers, by its own count."""
    said: list[dict[str, Any]] = []
    more = {"statistics.interval.ms": 50, "stats_cb": lambda text: said.append(json.loads(text))}
    producer = place.producer(codec, **more)
    topic = place.new_topic()
    produce(messages, producer, topic)
    said.clear()
    while not said:
        producer.poll(0.1)
    return sum(broker["txbytes"] for broker in said[-1]["brokers"].values())


def memory_added(place: Place, size: Size) -> Iterator[Figure]:
    """Peak memory that publishing adds: to a frame in memory, and for data that is streamed, of ten times the rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "laps.parquet"
        for kind, rows in (("frame", size.rows), ("generator", size.rows * 10), ("parquet", size.rows * 10)):
            asked = {"kind": kind, "rows": rows, "broker": place.address, "topic": place.new_topic(), "path": str(path)}
            found = memory.measured(asked)
            if found is None:
                raise Skipped("the peak of a process's memory is reset on Linux only")
            ratio = found["added_mb"] / found["data_mb"]
            facts = {"rows": rows, **found}
            yield figure("memory", memory.KINDS[kind], "the data's own size in memory", [ratio], "memory", facts)


def _demand(environment: str) -> None:
    if reason := environments.reason_missing(environment):
        raise Skipped(f"the environment '{environment}' is missing: {reason}")


Group = Callable[[Place, Size], Iterator[Figure]]
GROUPS: Final[dict[str, Group]] = {
    "bare-producer": bare_producer,
    "clients": clients,
    "loops": loops,
    "reading": reading_back,
    "first-message": first_message,
    "wire": wire,
    "memory": memory_added,
}
