"""Read a topic with Quix Streams 3 and print each row as a line of JSON. Run by its own environment's interpreter.

Reads one JSON object from standard input, where a token leaves no trace: `token`, `portal_api`, `topic`, `rows` (stop
after so many), `deserializer` (`quix` or `json`), `timeout_s`.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
import uuid


def main() -> None:
    from quixstreams import Application

    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as state:
        app = Application(
            quix_sdk_token=asked["token"],
            quix_portal_api=asked["portal_api"],
            consumer_group=f"interop-{uuid.uuid4().hex}",
            auto_offset_reset="earliest",
            auto_create_topics=False,
            use_changelog_topics=False,
            loglevel="ERROR",
            state_dir=state,
        )
        topic = app.topic(asked["topic"], value_deserializer=asked["deserializer"])

        def show(value: object, key: object, timestamp: int, headers: object) -> None:
            stream = key.decode() if isinstance(key, bytes) else key
            print(json.dumps({"stream": stream, "value": value}, default=_plain), flush=True)

        app.dataframe(topic).update(show, metadata=True)
        app.run(count=asked["rows"], timeout=asked["timeout_s"])


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"$base64": base64.b64encode(value).decode()}
    raise TypeError(type(value))


if __name__ == "__main__":
    main()
