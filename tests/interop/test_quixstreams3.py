"""What quixnb publishes is read by Quix's own current client, through the same portal and broker."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import quixnb
from quixnb.sandbox import Sandbox
from tests.demand import demand_environment
from tests.sandbox.helpers import remembered

pytestmark = pytest.mark.quixstreams

READER = Path(__file__).with_name("read_quixstreams3.py")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start() as running:
        yield remembered(running)


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[quixnb.Session]:
    with quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api) as session:
        yield session


def read(sandbox: Sandbox, topic: str, rows: int, deserializer: str = "quix") -> list[dict[str, Any]]:
    asked = {
        "token": sandbox.environments["dev"].token_1.reveal(),
        "portal_api": sandbox.portal_api,
        "topic": topic,
        "rows": rows,
        "deserializer": deserializer,
        "timeout_s": 20,
    }
    command = [str(demand_environment("quixstreams3")), str(READER)]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def frame(rows: int = 500) -> pd.DataFrame:
    random = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "timestamp": pd.date_range("2026-01-01", periods=rows, freq="7ms", tz="UTC", unit="ns"),
            "speed": random.normal(200.0, 30.0, rows),
            "gear": random.integers(1, 8, rows),
            "driver": random.choice(["Hamilton", "Räikkönen", "周冠宇", ""], rows),
            "session": "race",
        }
    )


def test_quix_streams_3_connects_to_the_sandbox_and_reads_the_rows_as_they_were_published(
    session: quixnb.Session, sandbox: Sandbox
) -> None:
    published = frame()
    session.publish(published, "f1-data", stream="car-1", tags=["session"])

    rows = read(sandbox, "f1-data", len(published))

    assert {row["stream"] for row in rows} == {"car-1"}
    expected = [
        {
            "speed": speed,
            "gear": gear,
            "driver": driver,
            "Tags": {"session": "race"},
            "Timestamp": time.value,
        }
        for time, speed, gear, driver, _ in published.itertuples(index=False)
    ]
    assert [row["value"] for row in rows] == expected


def test_a_topic_whose_id_is_not_built_from_its_name_is_read_by_its_name(
    session: quixnb.Session, sandbox: Sandbox
) -> None:
    assert session.topic("telemetry").id != f"{session.environment.id}-telemetry"
    session.publish(frame(20), "telemetry", stream="car-2")

    rows = read(sandbox, "telemetry", 20)

    assert [row["value"]["Timestamp"] for row in rows] == [time.value for time in frame(20)["timestamp"]]


def test_rows_published_as_json_are_read_with_the_json_deserializer(session: quixnb.Session, sandbox: Sandbox) -> None:
    session.create_topic("json-rows")
    session.publish(frame(20), "json-rows", stream="car-3", format="json", columns=["speed", "gear"])

    rows = read(sandbox, "json-rows", 20, "json")

    expected = [
        {"speed": speed, "gear": gear, "Timestamp": time.value}
        for time, speed, gear in frame(20)[["timestamp", "speed", "gear"]].itertuples(index=False)
    ]
    assert [row["value"] for row in rows] == expected
