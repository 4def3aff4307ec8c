"""What quixnb publishes is read by Quix's own current client, through the same portal and broker."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import quixnb
from quixnb.sandbox import Sandbox
from tests.interop.clients import read_with_3

pytestmark = pytest.mark.quixstreams


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

    rows = read_with_3(sandbox, "f1-data", len(published))

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

    rows = read_with_3(sandbox, "telemetry", 20)

    assert [row["value"]["Timestamp"] for row in rows] == [time.value for time in frame(20)["timestamp"]]


def test_rows_published_as_json_are_read_with_the_json_deserializer(session: quixnb.Session, sandbox: Sandbox) -> None:
    session.create_topic("json-rows")
    session.publish(frame(20), "json-rows", stream="car-3", format="json", columns=["speed", "gear"])

    rows = read_with_3(sandbox, "json-rows", 20, "json")

    expected = [
        {"speed": speed, "gear": gear, "Timestamp": time.value}
        for time, speed, gear in frame(20)[["timestamp", "speed", "gear"]].itertuples(index=False)
    ]
    assert [row["value"] for row in rows] == expected
