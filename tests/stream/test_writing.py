"""What is written arrives: as it was, once, in order, with what is said of it before and its end behind."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from quixnb.broker import Broker
from quixnb.errors import FrameError, MessageTooLarge, QuixnbError
from tests.broker.clusters import destination
from tests.stream.arrived import arrived, data, values, writer

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
NOON_NS = 1_767_268_800_000_000_000


@dataclasses.dataclass
class Lap:
    timestamp: dt.datetime
    speed: float


FRAMES: dict[str, Any] = {
    "pandas": pd.DataFrame({"timestamp": [NOON] * 2, "speed": [1.5, 2.5]}),
    "polars": pl.DataFrame({"timestamp": [NOON] * 2, "speed": [1.5, 2.5]}),
    "pyarrow": pa.table({"timestamp": [NOON] * 2, "speed": [1.5, 2.5]}),
    "columns": {"timestamp": [NOON] * 2, "speed": [1.5, 2.5]},
    "rows": [{"timestamp": NOON, "speed": 1.5}, {"timestamp": NOON, "speed": 2.5}],
    "records": [Lap(NOON, 1.5), Lap(NOON, 2.5)],
    "iterator": ({"timestamp": NOON, "speed": speed} for speed in (1.5, 2.5)),
    "series": pd.Series([1.5, 2.5], pd.DatetimeIndex([NOON] * 2, name="timestamp"), name="speed"),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_whatever_can_be_published_can_be_written(broker: Broker, kind: str) -> None:
    to = destination(broker)

    with writer(broker, to) as stream:
        stream.write(FRAMES[kind])

    assert values(broker, to.topic_id, "speed") == [1.5, 2.5]
    assert stream.report.rows_delivered == 2


def test_one_record_is_one_row(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to) as stream:
        stream.write(Lap(NOON, 1.5))

    assert data(broker, to.topic_id)[0]["Timestamps"] == [NOON_NS]


def test_a_row_without_a_time_is_given_the_present_one(broker: Broker) -> None:
    to = destination(broker)
    before = time.time_ns()

    with writer(broker, to) as stream:
        stream.write({"speed": 1.5})

    assert before <= data(broker, to.topic_id)[0]["Timestamps"][0] <= time.time_ns()
    assert stream.report.notes == ()


def test_a_row_with_a_time_keeps_it_to_the_nanosecond(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to) as stream:
        stream.write({"timestamp": np.datetime64(NOON_NS + 7, "ns"), "speed": 1.5})

    assert data(broker, to.topic_id)[0]["Timestamps"] == [NOON_NS + 7]


@pytest.mark.parametrize("name", ["timestamp", "Time", "lap start"])
@pytest.mark.parametrize(
    "moment", [NOON, NOON.astimezone(dt.timezone(dt.timedelta(hours=2))), NOON.replace(tzinfo=None)]
)
def test_a_rows_own_time_may_be_a_datetime(broker: Broker, name: str, moment: dt.datetime) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=10, **({"time": name} if " " in name else {})) as stream:
        for n in range(3):
            stream.write({"n": n, name: moment + dt.timedelta(microseconds=n)})

    (body,) = data(broker, to.topic_id)
    assert body["Timestamps"] == [NOON_NS, NOON_NS + 1000, NOON_NS + 2000]
    assert body["NumericValues"] == {"n": [0, 1, 2]}
    assert len(stream.report.notes) == (1 if moment.tzinfo is None else 0)


def test_a_rows_own_time_is_taken_in_the_zone_that_was_named(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=10, tz="Europe/Prague") as stream:
        for _ in range(2):
            stream.write({"n": 1, "time": NOON.replace(tzinfo=None)})

    assert data(broker, to.topic_id)[0]["Timestamps"] == [NOON_NS - 3_600_000_000_000] * 2


@pytest.mark.parametrize("moment", [None, dt.datetime(1600, 1, 1), "noon", 5])
def test_a_rows_own_time_that_is_none_is_refused(broker: Broker, moment: Any) -> None:
    with writer(broker) as stream, pytest.raises(FrameError, match="Time column 'time'"):
        stream.write({"n": 1, "time": moment})


def test_a_frame_without_a_time_is_refused(broker: Broker) -> None:
    with writer(broker) as stream, pytest.raises(FrameError, match="No time column"):
        stream.write([{"speed": 1.5}, {"speed": 2.5}])


def test_rows_written_one_by_one_travel_together_with_their_types(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=100) as stream:
        stream.write({"i": 2**62 + 1, "u": 2**64 - 1, "f": 0.1, "b": True, "s": "ž", "n": None})
        stream.write({"i": -3, "u": None, "f": float("nan"), "b": None, "s": "", "n": None})
        stream.write({"i": np.int64(5), "f": np.float32(0.1), "s": None})

    (body,) = data(broker, to.topic_id)
    assert body["NumericValues"] == {
        "i": [2**62 + 1, -3, 5],
        "u": [2**64 - 1, None, None],
        "f": [0.1, None, 0.1],
        "b": [1, None, None],
        "n": [None, None, None],
    }
    assert body["StringValues"] == {"s": ["ž", "", None]}


def test_bytes_and_their_absence_are_told_apart(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=100) as stream:
        for cell in (b"\x01\x02", None, b""):
            stream.write({"image": cell, "n": 1})

    assert [body["BinaryValues"] for body in data(broker, to.topic_id)] == [{"image": ["AQI="]}, {}, {"image": [""]}]


def test_booleans_and_numbers_of_one_name_both_arrive(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=100) as stream:
        for value in (1.5, True, 2, False):
            stream.write({"x": value})

    assert values(broker, to.topic_id, "x") == [1.5, 1, 2, 0]


def test_frames_and_rows_and_events_arrive_in_the_order_in_which_they_were_written(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=1000) as stream:
        stream.write({"n": 0})
        stream.write(pd.DataFrame({"timestamp": [NOON] * 2, "n": [1, 2]}))
        stream.write_event("pit", "in")
        stream.write_event("pit", "out")
        stream.write({"n": 3})

    kinds = [(model, len(body)) for _, model, body in arrived(broker, to.topic_id) if model == "EventData[]"]
    assert [message.model for message in arrived(broker, to.topic_id)] == [
        "StreamProperties",
        "ParameterData",
        "EventData[]",
        "ParameterData",
        "StreamEnd",
    ]
    assert kinds == [("EventData[]", 2)]
    assert values(broker, to.topic_id, "n") == [0, 1, 2, 3]
    assert (stream.report.rows, stream.report.rows_delivered) == (6, 6)


def test_an_event_has_its_time_its_value_as_text_and_its_tags(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, time_unit="ms") as stream:
        stream.write_event("lap", 71.5, tags={"driver": "ana", "none": None}, timestamp=NOON)
        stream.write_event("lap", None, timestamp="2026-01-01T12:00:00.000000001Z")
        stream.write_event("lap", "x", timestamp=1)

    events = [
        event for message in arrived(broker, to.topic_id) if message.model == "EventData[]" for event in message.body
    ]
    assert events == [
        {"Timestamp": NOON_NS, "Tags": {"driver": "ana"}, "Id": "lap", "Value": "71.5"},
        {"Timestamp": NOON_NS + 1, "Tags": {}, "Id": "lap", "Value": ""},
        {"Timestamp": 1_000_000, "Tags": {}, "Id": "lap", "Value": "x"},
    ]


def test_what_is_said_of_the_stream_stands_before_its_rows(broker: Broker) -> None:
    to = destination(broker)
    said: dict[str, Any] = {
        "name": "Car 1",
        "location": "/cars",
        "metadata": {"team": "a"},
        "parents": ["season"],
        "time_of_recording": NOON,
        "definitions": {"speed": {"unit": "km/h"}},
        "event_definitions": {"pit": {"level": "Warning"}},
    }

    with writer(broker, to, **said) as stream:
        stream.write({"speed": 1.5})

    properties, parameters, events, rows, end = arrived(broker, to.topic_id)
    assert properties.body == {
        "Name": "Car 1",
        "Location": "/cars",
        "Metadata": {"team": "a"},
        "Parents": ["season"],
        "TimeOfRecording": "2026-01-01T12:00:00Z",
    }
    assert parameters.body["Parameters"] == [{"Id": "speed", "Unit": "km/h"}]
    assert events.body["Events"] == [{"Id": "pit", "Level": "Warning"}]
    assert (rows.model, end.body) == ("ParameterData", {"StreamEndType": "Closed"})
    assert {message.stream for message in arrived(broker, to.topic_id)} == {"car-1"}


def test_definitions_are_taken_from_the_first_frame_that_has_some(broker: Broker) -> None:
    to = destination(broker)
    frame = pd.DataFrame({"timestamp": [NOON], "speed": [1.5]})
    frame.attrs["definitions"] = {"speed": {"unit": "km/h"}}

    with writer(broker, to) as stream:
        stream.write({"speed": 0.5})
        stream.write(frame)

    assert [message.model for message in arrived(broker, to.topic_id)][2:4] == ["ParameterDefinitions", "ParameterData"]


def test_tags_are_sent_as_tags_and_may_be_missing_in_a_row(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, tags=["lap"], packet_size=10) as stream:
        stream.write({"speed": 1.5, "lap": 1})
        stream.write({"speed": 2.5})
        stream.write({"timestamp": NOON, "speed": 3.5, "lap": "last"})

    (body,) = data(broker, to.topic_id)
    assert body["TagValues"] == {"lap": ["1", None, "last"]}
    assert list(body["NumericValues"]) == ["speed"]


def test_only_the_columns_asked_for_are_sent(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, columns=["speed"]) as stream:
        stream.write({"speed": 1.5, "gear": 3})
        stream.write({"timestamp": NOON, "speed": 2.5, "gear": 3})

    assert [list(body["NumericValues"]) for body in data(broker, to.topic_id)] == [["speed"], ["speed"]]


def test_a_value_that_was_null_so_far_takes_the_kind_of_the_first_value(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=3) as stream:
        for note in (None, "a", None, None, None, None):
            stream.write({"note": note, "n": 1})

    assert [body["StringValues"] for body in data(broker, to.topic_id)] == [
        {"note": [None, "a", None]},
        {"note": [None, None, None]},
    ]


# ---- refused


def test_a_parameter_keeps_its_kind_throughout_a_stream(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to) as stream:
        stream.write({"speed": 1.5})
        with pytest.raises(FrameError, match="'speed' is text in row 1, and was numeric before"):
            stream.write({"speed": "fast"})
        stream.write({"speed": 2.5})

    assert values(broker, to.topic_id, "speed") == [1.5, 2.5]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"speed": float("inf")}, "row 2: inf"),
        ({"speed": 2**64}, "row 2"),
        ({"note": "a\0b"}, r"U\+0000 in row 2"),
        ({"note": "\ud800"}, "surrogate pair in row 2"),
        ({"Timestamp": 1}, "Timestamp"),
        ({"TAG__x": 1}, "TAG__x"),
        ({"speed": object()}, "object"),
    ],
)
def test_a_row_that_cannot_be_sent_is_refused_at_once_and_leaves_the_others(
    broker: Broker, row: dict[str, Any], why: str
) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=10) as stream:
        stream.write({"speed": 1.5, "note": "ok"})
        stream.write({"speed": 2.5, "note": "ok"})
        with pytest.raises(FrameError, match=why):
            stream.write(row)
        stream.write({"speed": 3.5, "note": "ok"})

    assert values(broker, to.topic_id, "speed") == [1.5, 2.5, 3.5]


def test_infinities_become_null_on_request(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, inf="null", packet_size=10) as stream:
        for speed in (1.5, float("inf"), 2.5):
            stream.write({"speed": speed})

    assert values(broker, to.topic_id, "speed") == [1.5, None, 2.5]


def test_a_row_that_fits_in_no_message_is_refused_before_it_is_taken(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, packet_size=2) as stream:
        stream.write({"note": "a"})
        with pytest.raises(MessageTooLarge, match="Row 1 alone"):
            stream.write({"note": "x" * 1_200_000})
        stream.write({"note": "b"})

    assert values(broker, to.topic_id, "note", "StringValues") == ["a", "b"]


def test_many_rows_are_cut_into_messages_that_fit(broker: Broker) -> None:
    to = destination(broker)
    notes = [f"{i}" * 40_000 for i in range(9)] * 5

    with writer(broker, to, packet_size=1000) as stream:
        for note in notes:
            stream.write({"note": note})

    assert values(broker, to.topic_id, "note", "StringValues") == notes
    assert len(data(broker, to.topic_id)) > 1


# ---- what may change behind its back


def test_a_frame_that_is_changed_while_its_rows_wait_arrives_as_it_was(broker: Broker) -> None:
    to = destination(broker)
    frame = pd.DataFrame({"timestamp": [NOON] * 2, "speed": [1.5, 2.5], "note": ["a", "b"]})

    with writer(broker, to, packet_size=10) as stream:
        stream.write(frame)
        frame.loc[:, "speed"] = 0.0
        frame.loc[:, "note"] = "changed"

    assert values(broker, to.topic_id, "speed") == [1.5, 2.5]
    assert values(broker, to.topic_id, "note", "StringValues") == ["a", "b"]


def test_a_row_that_is_changed_while_it_waits_arrives_as_it_was(broker: Broker) -> None:
    to = destination(broker)
    row: dict[str, Any] = {"speed": 1.5, "gears": [1, 2]}

    with writer(broker, to, packet_size=10) as stream:
        stream.write(row)
        stream.write(row)
        row["gears"].append(3)
        row["speed"] = 0.0

    assert values(broker, to.topic_id, "speed") == [1.5, 1.5]
    assert values(broker, to.topic_id, "gears", "StringValues") == ["[1,2]", "[1,2]"]


# ---- the end


def test_the_end_is_of_the_kind_that_was_asked_for(broker: Broker) -> None:
    to = destination(broker)
    stream = writer(broker, to)
    stream.write({"speed": 1.5})

    report = stream.close("Terminated")

    assert arrived(broker, to.topic_id)[-1].body == {"StreamEndType": "Terminated"}
    assert (report.rows_delivered, report.stream_ids, stream.is_closed) == (1, ("car-1",), True)
    assert report is stream.report is stream.close()


def test_an_end_of_no_kind_is_refused_and_the_stream_goes_on(broker: Broker) -> None:
    with writer(broker) as stream:
        with pytest.raises(FrameError, match="cannot end as 'Done'"):
            stream.close("Done")  # type: ignore[arg-type]
        stream.write({"speed": 1.5})

    assert stream.report.rows_delivered == 1


def test_a_block_that_an_exception_leaves_ends_the_stream_as_aborted_with_its_rows(broker: Broker) -> None:
    to = destination(broker)

    def block() -> None:
        with writer(broker, to, packet_size=10) as stream:
            stream.write({"speed": 1.5})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()

    assert [message.model for message in arrived(broker, to.topic_id)][1:] == ["ParameterData", "StreamEnd"]
    assert arrived(broker, to.topic_id)[-1].body == {"StreamEndType": "Aborted"}


def test_a_stream_kept_open_has_no_end(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, keep_open=True) as stream:
        stream.write({"speed": 1.5})

    assert arrived(broker, to.topic_id)[-1].model == "ParameterData"


def test_a_stream_that_nothing_was_written_to_leaves_nothing(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to) as stream:
        stream.write(pd.DataFrame({"timestamp": pd.to_datetime([]), "speed": []}))

    assert arrived(broker, to.topic_id) == []
    assert stream.report.rows == 0


def test_a_named_stream_that_nothing_was_written_to_is_described_and_ended(broker: Broker) -> None:
    to = destination(broker)

    with writer(broker, to, name="Car 1"):
        pass

    assert [message.model for message in arrived(broker, to.topic_id)] == ["StreamProperties", "StreamEnd"]


def test_a_closed_stream_takes_no_more(broker: Broker) -> None:
    stream = writer(broker)
    stream.close()

    for write in (lambda: stream.write({"n": 1}), lambda: stream.write_event("e", "v"), stream.flush):
        with pytest.raises(QuixnbError, match="'car-1' is closed"):
            write()


def test_the_report_of_an_open_stream_counts_what_was_written_and_what_arrived(broker: Broker) -> None:
    with writer(broker, packet_size=10) as stream:
        stream.write({"n": 1})
        before = stream.report
        stream.flush()
        after = stream.report

    assert (before.rows, before.rows_delivered, before.failures) == (1, 0, ())
    assert (after.rows, after.rows_delivered) == (1, 1)


def test_it_shows_its_stream_and_how_it_stands(broker: Broker) -> None:
    with writer(broker) as stream:
        stream.write({"n": 1})
        shown = repr(stream)

    assert shown == "<StreamWriter of stream 'car-1', open, 1 rows written>"
    assert "closed" in repr(stream)
