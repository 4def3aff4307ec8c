"""Quix Streams 0.5 at work, timed by itself. Run by its own environment's interpreter; see `peers.Client`."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

# The client's own log goes to file descriptor 1, where only our lines may stand.
_OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def main() -> None:
    import pandas as pd
    from quixstreams import KafkaStreamingClient

    given = json.loads(sys.stdin.readline())
    frame = pd.DataFrame(given["columns"])
    client = KafkaStreamingClient(given["broker"], properties={"compression.codec": "none"})  # its own default is gzip
    _answer({})
    for line in sys.stdin:
        asked = json.loads(line)
        _answer(_publish(client, asked["topic"], frame, asked["do"]))


def _publish(client: Any, name: str, frame: Any, do: str) -> dict[str, Any]:
    """The whole frame in one call, on a producer and a stream that are there already."""
    topic = client.get_topic_producer(name)
    stream = topic.create_stream("car-1")
    stream.properties.name = "warm"
    stream.flush()
    topic.flush()
    started = time.perf_counter()
    if do == "buffer":
        stream.timeseries.buffer.publish(frame)
        stream.timeseries.buffer.flush()
    else:
        stream.timeseries.publish(frame)
    stream.flush()
    topic.flush()
    return {"rows": len(frame), "seconds": time.perf_counter() - started}


def _answer(said: dict[str, Any]) -> None:
    print(json.dumps(said), file=_OUT, flush=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # its .NET runtime may hang at the interpreter's regular end
