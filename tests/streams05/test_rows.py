"""Rows by Quix Streams 0.5's names: exact where it was not, and by its conventions where those are sound."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import quixnb as qx
from quixnb.errors import FrameError
from tests.streams05.conftest import Topic

NOON = dt.datetime(2026, 1, 1, 12)
NOON_NS = 1_767_268_800_000_000_000


class Gear(enum.IntEnum):
    FIRST = 1


# ---- times


@pytest.mark.parametrize(
    ("time", "ns"),
    [
        (NOON, NOON_NS),
        (NOON.replace(tzinfo=dt.UTC), NOON_NS),
        (NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))), NOON_NS - 3_600_000_000_000),
        (pd.Timestamp(NOON_NS + 7), NOON_NS + 7),
        (np.datetime64(NOON_NS + 7, "ns"), NOON_NS + 7),
        (NOON.date(), NOON_NS - 43_200_000_000_000),
        ("2026-01-01T12:00:00.000000007Z", NOON_NS + 7),
        ("2026-01-01 12:00", NOON_NS),
        (str(NOON_NS), NOON_NS),
        (NOON_NS + 1, NOON_NS + 1),
        (np.int64(NOON_NS + 1), NOON_NS + 1),
        (dt.timedelta(days=20_454, microseconds=1), 20_454 * 86_400_000_000_000 + 1_000),
        (pd.Timedelta(5, "ns"), 5),
        (np.timedelta64(5, "ms"), 5_000_000),
        (-1, -1),
    ],
)
def test_a_time_is_taken_in_any_form_and_to_the_nanosecond(
    topic: Topic, stream: qx.StreamProducer, time: Any, ns: int
) -> None:
    stream.timeseries.buffer.add_timestamp(time).add_value("a", 1).publish()
    stream.events.add_timestamp(time).add_value("e", "v").publish()
    stream.close()

    assert topic.data()[0]["Timestamps"] == [ns] == [event["Timestamp"] for event in topic.events()]


@pytest.mark.parametrize("time", [None, True, "yesterday", object(), 2**63, dt.datetime(1600, 1, 1)])
def test_what_is_no_time_is_refused(stream: qx.StreamProducer, time: Any) -> None:
    for begin in (
        stream.timeseries.buffer.add_timestamp,
        stream.events.add_timestamp,
        qx.TimeseriesData().add_timestamp,
    ):
        with pytest.raises(FrameError):
            begin(time)


def test_the_epoch_is_added_to_what_is_counted_and_not_to_dates(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.epoch = dt.date(2026, 1, 1)
    assert stream.epoch == dt.datetime(2026, 1, 1)
    buffer = stream.timeseries.buffer
    for row in (
        buffer.add_timestamp(NOON),
        buffer.add_timestamp(dt.timedelta(hours=12)),
        buffer.add_timestamp_milliseconds(43_200_000),
        buffer.add_timestamp_nanoseconds(43_200_000_000_000),
    ):
        row.add_value("a", 1).publish()
    stream.timeseries.publish(pd.DataFrame({"time": [43_200_000_000_000], "a": [1]}))
    stream.timeseries.publish(pd.DataFrame({"time": [NOON], "a": [1]}))
    buffer.publish(pd.DataFrame({"time": [43_200_000_000_000], "a": [1]}))
    stream.events.add_timestamp_milliseconds(43_200_000).add_value("e", "v").publish()
    stream.close()

    assert [body["Timestamps"] for body in topic.data()] == [[NOON_NS]] * 7
    assert topic.events()[0]["Timestamp"] == NOON_NS


def test_the_epochs_of_buffer_and_events_may_differ(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.epoch = dt.datetime(1970, 1, 2)
    stream.timeseries.buffer.add_timestamp_nanoseconds(1).add_value("a", 1).publish()
    stream.events.add_timestamp_nanoseconds(1).add_value("e", "v").publish()
    stream.close()

    assert topic.data()[0]["Timestamps"] == [86_400_000_000_001]
    assert topic.events()[0]["Timestamp"] == 1


# ---- values


def test_values_keep_their_types(topic: Topic, stream: qx.StreamProducer) -> None:
    row = stream.timeseries.buffer.add_timestamp(NOON)
    values: dict[str, Any] = {
        "int": 2**62 + 1,
        "uint": np.uint64(2**64 - 1),
        "float": 0.1,
        "float32": np.float32(0.1),
        "true": True,
        "numpy": np.bool_(False),
        "enum": Gear.FIRST,
        "decimal": decimal.Decimal("1.5"),
        "text": "žluť",
        "bytes": bytearray(b"QUIX"),
        "none": None,
        "NaN": float("nan"),
        "NA": pd.NA,
    }
    for name, value in values.items():
        row.add_value(name, value)
    row.publish()
    stream.close()

    (body,) = topic.data()
    assert body["NumericValues"] == {
        "int": [2**62 + 1],
        "uint": [2**64 - 1],
        "float": [0.1],
        "float32": [0.1],
        "true": [1],
        "numpy": [0],
        "enum": [1],
        "decimal": [1.5],
        "NaN": [None],
    }
    assert (body["StringValues"], body["BinaryValues"]) == ({"text": ["žluť"]}, {"bytes": ["UVVJWA=="]})


@pytest.mark.parametrize("value", [object(), [1], {"a": 1}, 1j, dt.datetime(2026, 1, 1)])
def test_a_value_of_another_type_is_refused_where_it_is_added(stream: qx.StreamProducer, value: Any) -> None:
    with pytest.raises(FrameError, match="'x' cannot have a value of type"):
        stream.timeseries.buffer.add_timestamp(1).add_value("x", value)


@pytest.mark.parametrize(("name", "value"), [("x", float("inf")), ("Timestamp", 1), ("TAG__x", 1), ("x", "a\0")])
def test_a_row_that_cannot_be_sent_is_refused_and_leaves_the_others(
    topic: Topic, stream: qx.StreamProducer, name: str, value: Any
) -> None:
    buffer = stream.timeseries.buffer
    buffer.packet_size = 10
    buffer.add_timestamp(1).add_value("a", 1).publish()
    with pytest.raises(FrameError):
        buffer.add_timestamp(2).add_value(name, value).add_tag("x", "y").publish()
    buffer.add_timestamp(3).add_value("a", 3).publish()
    stream.close()

    assert topic.data()[0]["Timestamps"] == [1, 3]


def test_a_builder_without_values_and_tags_sends_nothing(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.default_tags["t"] = "v"
    stream.timeseries.buffer.add_timestamp(1).publish()
    stream.timeseries.publish(qx.TimeseriesData())
    stream.close()

    assert topic.models() == ["StreamEnd"]


def test_tags_are_text_and_none_takes_one_away(topic: Topic, stream: qx.StreamProducer) -> None:
    row = stream.timeseries.buffer.add_timestamp(1).add_value("a", 1)
    row.add_tag("lap", 53).add_tags({"driver": "ana", "gone": "x"}).add_tag("gone", None).add_tags(None).publish()
    stream.close()

    assert topic.data()[0]["TagValues"] == {"lap": ["53"], "driver": ["ana"]}


def test_builders_of_one_time_are_one_row_where_nothing_is_lost_by_it(topic: Topic, stream: qx.StreamProducer) -> None:
    buffer = stream.timeseries.buffer
    buffer.packet_size = 100
    for name, value in (("a", 1), ("b", 2), ("a", 3)):
        buffer.add_timestamp(1).add_value(name, value).publish()
    stream.close()

    assert topic.data()[0]["NumericValues"] == {"a": [1, 3], "b": [2, None]}


# ---- frames


@pytest.mark.parametrize("name", ["time", "Timestamp", "DATETIME"])
@pytest.mark.parametrize(
    "frame", [pd.DataFrame, pl.DataFrame, pa.table, dict, lambda table: pl.DataFrame(table).to_dicts()]
)
def test_a_frames_time_is_found_by_its_name_in_any_case(
    topic: Topic, stream: qx.StreamProducer, frame: Any, name: str
) -> None:
    given = frame({"n": [2**60 + 1, 3], name: [NOON_NS + 1, NOON_NS + 3], "TAG__car": ["a", None], "p": [1.5, None]})
    stream.timeseries.publish(given)
    stream.timeseries.buffer.publish(given)
    stream.close()

    for body in topic.data():
        assert body["Timestamps"] == [NOON_NS + 1, NOON_NS + 3]
        assert body["NumericValues"] == {"n": [2**60 + 1, 3], "p": [1.5, None]}
        assert body["TagValues"] == {"car": ["a", None]}
    assert len(topic.data()) == 2


def test_a_datetime_index_is_a_time_and_an_integer_column_of_another_name_is_none(
    topic: Topic, stream: qx.StreamProducer
) -> None:
    stream.timeseries.publish(pd.DataFrame({"p": [1]}, index=pd.DatetimeIndex([NOON])))
    with pytest.raises(FrameError, match="No time column"):
        stream.timeseries.publish(pd.DataFrame({"moment": [1], "p": [1]}))
    stream.close()

    assert topic.data()[0]["Timestamps"] == [NOON_NS]


def test_default_tags_fill_what_a_frame_lacks(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.timeseries.buffer.default_tags.update(car="b", team=7)  # type: ignore[arg-type]
    stream.timeseries.buffer.publish(pd.DataFrame({"time": [1, 2], "p": [1, 2], "TAG__car": ["a", None]}))
    stream.timeseries.publish(pd.DataFrame({"time": [3], "p": [3]}))
    stream.close()

    assert [body["TagValues"] for body in topic.data()] == [{"car": ["a", "b"], "team": ["7", "7"]}, {}]


@pytest.mark.parametrize("packet", [None, 1, "x", object()])
def test_what_is_no_packet_is_refused(stream: qx.StreamProducer, packet: Any) -> None:
    for publish in (stream.timeseries.publish, stream.timeseries.buffer.publish, stream.events.publish):
        with pytest.raises(FrameError, match="cannot be published here"):
            publish(packet)


# ---- TimeseriesData and TimeseriesDataRaw


def test_rows_in_memory_can_be_looked_at_and_changed() -> None:
    rows = qx.TimeseriesData()
    row = rows.add_timestamp(NOON).add_value("n", 1).add_value("s", "x").add_value("b", b"x").add_tag("t", "v")

    assert rows.timestamps == [row]
    assert (row.timestamp, row.timestamp_nanoseconds, row.timestamp_milliseconds) == (NOON, NOON_NS, NOON_NS // 10**6)
    assert row.timestamp_as_time_span == NOON - dt.datetime(1970, 1, 1)
    assert (row.parameters["n"].numeric_value, row.parameters["n"].string_value) == (1, None)
    assert row.parameters["s"].type is qx.ParameterValueType.String
    assert row.parameters["b"].binary_value == b"x"
    assert row.parameters["none"].type is qx.ParameterValueType.Empty
    row.parameters["none"].numeric_value = True
    row.parameters["n"].string_value = "now text"
    row.remove_value("s").remove_tag("t")
    assert {name: value.value for name, value in row.parameters.items()} == {"n": "now text", "b": b"x", "none": 1}
    assert (row.tags, str(rows).splitlines()[0]) == ({}, "1 rows")


def test_a_copy_is_apart_from_what_it_was_made_of() -> None:
    rows = qx.TimeseriesData()
    rows.add_timestamp(1).add_value("a", 1).add_value("b", 2).add_tag("t", "v")

    copy, part = rows.clone(), rows.clone(["b"])
    copy.timestamps[0].add_value("a", 9).add_tag("t", "w")

    assert rows.timestamps[0].parameters["a"].value == 1
    assert rows.timestamps[0].tags == {"t": "v"} == part.timestamps[0].tags
    assert list(part.timestamps[0].parameters) == ["b"]


@pytest.mark.parametrize("make", [qx.TimeseriesData.from_panda_dataframe, qx.TimeseriesData.from_dataframe])
def test_a_frame_becomes_rows_and_a_frame_again(make: Any) -> None:
    frame = pd.DataFrame(
        {"timestamp": [1, 2], "n": pd.array([2**60 + 1, None], "Int64"), "s": ["a", None], "TAG__t": ["x", None]}
    )

    with make(frame) as rows:
        again = rows.to_dataframe()

    assert again.columns.tolist() == ["timestamp", "n", "s", "TAG__t"]
    assert (again.timestamp.tolist(), again.timestamp.dtype) == ([1, 2], np.dtype("int64"))
    assert (again.n[0], again.n.isna().tolist()) == (2**60 + 1, [False, True])
    assert again.s.isna().tolist() == [False, True] == again["TAG__t"].isna().tolist()


def test_rows_can_be_published_twice_and_are_not_changed_by_it(topic: Topic, stream: qx.StreamProducer) -> None:
    stream.epoch = 1000
    rows = qx.TimeseriesData()
    rows.add_timestamp(dt.timedelta(microseconds=1)).add_value("a", 1)
    stream.timeseries.publish(rows)
    stream.timeseries.buffer.publish(rows)
    stream.timeseries.publish(rows.timestamps[0])
    stream.timeseries.buffer.publish(rows.timestamps[0])
    stream.close()

    assert [body["Timestamps"] for body in topic.data()] == [[2000]] * 4
    assert rows.timestamps[0].timestamp_nanoseconds == 1000


def test_columns_in_memory_are_published_as_they_are(topic: Topic, stream: qx.StreamProducer) -> None:
    raw = qx.TimeseriesDataRaw()
    raw.set_values(
        10, [1, 2], {"n": [2**60, None], "x": [None, None]}, {"x": ["a", None]}, {"b": [b"x", b""]}, {"t": ["v", None]}
    )
    stream.timeseries.publish(raw)
    stream.close()

    assert topic.data() == [
        {
            "Timestamps": [11, 12],
            "NumericValues": {"n": [2**60, None]},
            "StringValues": {"x": ["a", None]},
            "BinaryValues": {"b": ["eA==", ""]},
            "TagValues": {"t": ["v", None]},
        }
    ]
    assert raw.to_dataframe().timestamp.tolist() == [1, 2]
    assert [row.timestamp_nanoseconds for row in raw.convert_to_timeseriesdata().timestamps] == [11, 12]


def test_columns_of_unequal_length_are_refused(stream: qx.StreamProducer) -> None:
    raw = qx.TimeseriesDataRaw()
    raw.set_values(0, [1, 2], {"n": [1]}, {}, {}, {})

    with pytest.raises(FrameError):
        stream.timeseries.publish(raw)
