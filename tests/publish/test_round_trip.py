"""Frame to topic and back through a broker: values, nulls and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from quixnb import decode, reading
from quixnb.broker import Broker
from tests.broker.clusters import destination, new_topic, publish, records
from tests.publish.arriving import expected
from tests.sample_frames import SAMPLES
from tests.wire import framed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NS = st.integers(-(2**63) + 1, 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)

# Name of a kind of column → its cells without nulls, and how to make a pandas column of cells with None in them.
KINDS: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "int64": (st.integers(-(2**63), 2**63 - 1), None),
    "int8": (st.integers(-128, 127), None),
    "uint64": (st.integers(0, 2**64 - 1), None),
    "Int64": (st.integers(-(2**63), 2**63 - 1), "Int64"),
    "UInt64": (st.integers(0, 2**64 - 1), "UInt64"),
    "integers": (st.integers(-(2**63), 2**64 - 1), object),
    "float64": (FLOATS, "float64"),
    "Float64": (FLOATS, "Float64"),
    "floats": (FLOATS, object),
    "text": (TEXT, object),
    "str": (TEXT, "string"),
    "category": (TEXT, "category"),
    "bytes": (st.binary(max_size=8), object),
}


@st.composite
def frames(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, list[Any]], list[int]]:
    """A pandas frame of a few columns of any kinds, its cells, and its times."""
    rows = draw(st.integers(1, 12))
    time = draw(st.lists(NS, min_size=rows, max_size=rows))
    cells: dict[str, list[Any]] = {}
    made: dict[str, Any] = {"time": time}
    for number, kind in enumerate(draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=5))):
        values, dtype = KINDS[kind]
        name = f"{kind}{number}"
        cell = values if dtype is None else st.none() | values
        cells[name] = draw(st.lists(cell, min_size=rows, max_size=rows))
        made[name] = pd.Series(cells[name], dtype=dtype or kind)
    return pd.DataFrame(made), cells, time


def normal(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns in one order: what is on the wire has none."""
    return frame[["timestamp", *sorted(set(frame.columns) - {"timestamp"})]]


@settings(max_examples=150, deadline=None)
@given(frames(), st.none() | st.integers(1, 5))
def test_any_frame_reads_back_with_values_nulls_and_dtypes(
    drawn: tuple[pd.DataFrame, dict[str, list[Any]], list[int]], most: int | None
) -> None:
    from quixnb import timeseries
    from quixnb.frames import FrameOptions, to_columns

    frame, cells, time = drawn
    columns = to_columns(frame, FrameOptions(time_unit="ns"))

    messages = timeseries.messages(columns, 0, len(frame), rows_per_message=most)
    blocks = [decode.block("s", message.value, (), 0) for message in messages]

    read = framed.frame(blocks)
    pd.testing.assert_frame_equal(normal(read), normal(expected(cells, time)))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=frames(), most=st.none() | st.integers(1, 5), library=st.sampled_from(["pandas", "rows", "polars"]))
def test_any_frame_comes_back_through_a_broker(
    broker: Broker,
    drawn: tuple[pd.DataFrame, dict[str, list[Any]], list[int]],
    most: int | None,
    library: str,
) -> None:
    frame, cells, time = drawn
    to = destination(broker)
    data: Any = frame
    # The dtype of a column without any value is lost on the way into another library.
    assume(library == "pandas" or not any(set(column) == {None} for column in cells.values()))
    if library == "rows":
        data = [{"time": ns, **{n: c[i] for n, c in cells.items()}} for i, ns in enumerate(time)]
    elif library == "polars" and not any(name.startswith(("integers", "floats")) for name in cells):
        data = pl.from_pandas(frame)

    report = publish(data, to, time_unit="ns", rows_per_message=most)

    read = reading.read(broker, to.topic_id, reading.ReadOptions(stream=report.stream_ids[0]))
    assert report.rows == report.rows_delivered == len(frame)
    pd.testing.assert_frame_equal(normal(read), normal(expected(cells, time)))


@pytest.fixture(scope="module")
def sampled(broker: Broker) -> dict[str, pd.DataFrame]:
    """Every sample frame published to one topic, each to its stream, and read back from it in one go."""
    topic = new_topic()
    streams = {}
    for name, sample in SAMPLES.items():
        [streams[name]] = publish(sample.make(), destination(broker, topic), **sample.options).stream_ids
    blocks: dict[str, list[decode.Block]] = {stream: [] for stream in streams.values()}
    for record in records(broker, topic):
        stream = (record.key or b"").decode()
        if block := decode.block(stream, record.value, record.headers, record.timestamp_ms):
            blocks[stream].append(block)
    return {name: framed.frame(blocks[stream]) for name, stream in streams.items()}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_awkward_frame_comes_back(name: str, sampled: dict[str, pd.DataFrame]) -> None:
    sample = SAMPLES[name]
    read = sampled[name]

    tags = {f"TAG__{tag}": cells for tag, cells in sample.tags.items()}
    whole = expected({**sample.columns, **tags}, sample.time)
    pd.testing.assert_frame_equal(normal(read), normal(whole))
    assert read["timestamp"].astype(np.int64).tolist() == list(sample.time)
