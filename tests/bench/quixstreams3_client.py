"""Quix Streams 3 at work, timed by itself. Run by its own environment's interpreter; see `peers.Client`."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from typing import Any


def main() -> None:
    from quixstreams.kafka import Producer
    from quixstreams.models import Topic

    given = json.loads(sys.stdin.readline())
    columns = given["columns"]
    columns["Timestamp"] = columns.pop("timestamp")
    rows = [dict(zip(columns, cells)) for cells in zip(*columns.values())]  # noqa: B905
    print(json.dumps({}), flush=True)
    with Producer(given["broker"]) as producer:
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["do"] == "read":
                answer = _read(given["broker"], asked["topic"], asked["rows"])
            elif asked["do"] == "run":
                answer = _run(asked)
            else:
                answer = _publish(producer, Topic(asked["topic"], value_serializer=asked["do"]), rows)
            print(json.dumps(answer), flush=True)


def _publish(producer: Any, topic: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Row by row, as its documentation shows; each row is a dictionary already."""
    started = time.perf_counter()
    for row in rows:
        message = topic.serialize(key="car-1", value=row)
        producer.produce(topic.name, message.value, message.key)
    producer.flush()
    return {"rows": len(rows), "seconds": time.perf_counter() - started}


def _read(broker: str, name: str, rows: int) -> dict[str, Any]:
    """Messages to rows as an Application does it for its functions, from the first message on; no functions."""
    from quixstreams.kafka import Consumer
    from quixstreams.models import Topic
    from quixstreams.models.serializers.exceptions import IgnoreMessage

    topic = Topic(name, value_deserializer="quix")
    consumer = Consumer(broker, consumer_group=f"{name}-{time.time_ns()}", auto_offset_reset="earliest")
    consumer.subscribe([name])
    left, started = rows, 0.0
    while left > 0:
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        started = started or time.perf_counter()
        try:
            left -= len(topic.row_deserialize(message))
        except IgnoreMessage:
            continue
    seconds = time.perf_counter() - started
    consumer.close()
    return {"rows": rows, "seconds": seconds}


def _run(asked: dict[str, Any]) -> dict[str, Any]:
    """Rows as an Application hands them to a function, from the first one on."""
    from quixstreams import Application

    with tempfile.TemporaryDirectory() as state:
        app = Application(
            quix_sdk_token=asked["token"],
            quix_portal_api=asked["portal_api"],
            consumer_group=f"bench-{time.time_ns()}",
            auto_offset_reset="earliest",
            auto_create_topics=False,
            use_changelog_topics=False,
            loglevel="ERROR",
            state_dir=state,
        )
        times: list[float] = []
        app.dataframe(app.topic(asked["name"], value_deserializer="quix")).update(
            lambda value: times.append(time.perf_counter())
        )
        app.run(count=asked["rows"], timeout=60)
    return {"rows": len(times), "seconds": times[-1] - times[0]}


if __name__ == "__main__":
    main()
