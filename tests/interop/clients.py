"""What a topic looks like to Quix's own clients, each run by the interpreter of its own environment."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from quixnb.sandbox import Sandbox
from tests.demand import demand_environment

_HERE = Path(__file__).parent


def read_with_3(sandbox: Sandbox, topic: str, rows: int, deserializer: str = "quix") -> list[dict[str, Any]]:
    """The first `rows` rows, by way of the portal: `stream` and `value` of each, as an Application gets them."""
    asked = {
        "token": sandbox.environments["dev"].token_1.reveal(),
        "portal_api": sandbox.portal_api,
        "topic": topic,
        "rows": rows,
        "deserializer": deserializer,
        "timeout_s": 20,
    }
    return _read("quixstreams3", asked)


def read_with_05(broker: str, topic_id: str, streams: int) -> list[dict[str, Any]]:
    """All that is delivered until `streams` streams have ended, in order; see `read_quixstreams05.py`."""
    return _read("quixstreams05", {"broker": broker, "topic": topic_id, "streams": streams, "timeout_s": 40})


def _read(environment: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    command = [str(demand_environment(environment)), str(_HERE / f"read_{environment}.py")]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line, object_hook=_with_bytes) for line in done.stdout.splitlines()]


def _with_bytes(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["$base64"]) if found.keys() == {"$base64"} else found
