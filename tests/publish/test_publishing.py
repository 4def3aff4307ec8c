"""Publishing through a broker: streams, their order and their frame of messages, and what a report says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from quixnb import decode, envelope, publishing, timeseries
from quixnb.broker import Broker
from quixnb.errors import FrameError, MessageTooLarge
from quixnb.options import Options
from tests.broker.clusters import Cluster, destination, publish, records


def frame(rows: int, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"timestamp": np.arange(rows), "x": np.arange(rows), **columns})


def models(broker: Broker, topic: str) -> dict[str, list[str]]:
    """Stream to the models of its messages, in order."""
    found: dict[str, list[str]] = {}
    for record in records(broker, topic):
        found.setdefault((record.key or b"").decode(), []).append(envelope.unwrap(record.value).model)
    return found


def rows_of(broker: Broker, topic: str) -> dict[str, list[int]]:
    """Stream to the values of `x`, in order."""
    found: dict[str, list[int]] = {}
    for record in records(broker, topic):
        stream = (record.key or b"").decode()
        block = decode.block(stream, record.value, record.headers, record.timestamp_ms)
        found.setdefault(stream, []).extend(list(block.numeric["x"]) if block else [])
    return found


def test_a_stream_begins_with_its_properties_and_ends_with_its_end(broker: Broker) -> None:
    to = destination(broker)

    report = publish(frame(3), to, time_unit="ns", stream="car-1", name="Řím", metadata={"lap": 3}, parents=["p"])

    first, data, last = records(broker, to.topic_id)
    assert {record.key for record in (first, data, last)} == {b"car-1"}
    assert not any(record.headers for record in (first, data, last))
    assert first.value == timeseries.properties(name="Řím", metadata={"lap": "3"}, parents=["p"])
    assert last.value == timeseries.end()
    assert (report.rows, report.rows_delivered, report.rows_failed, report.messages) == (3, 3, 0, 3)
    assert report.bytes == sum(len(record.value or b"") for record in (first, data, last))
    assert report.offsets == {first.partition: (0, 2)}
    assert report.stream_ids == ("car-1",)


def test_a_stream_that_is_kept_open_has_no_end(broker: Broker) -> None:
    to = destination(broker)

    publish(frame(1), to, time_unit="ns", stream="s", keep_open=True)
    publish(frame(1), to, time_unit="ns", stream="s", end="Aborted")

    assert models(broker, to.topic_id) == {
        "s": ["StreamProperties", "ParameterData", "StreamProperties", "ParameterData", "StreamEnd"]
    }
    assert records(broker, to.topic_id)[-1].value == timeseries.end("Aborted")


def test_each_call_makes_a_stream_of_its_own(broker: Broker) -> None:
    to = destination(broker)

    reports = [publish(frame(2), to, time_unit="ns") for _ in range(2)]

    assert len({report.stream_ids for report in reports}) == 2
    assert sorted(map(len, rows_of(broker, to.topic_id).values())) == [2, 2]


def test_an_empty_frame_sends_nothing_and_reports_no_rows(broker: Broker) -> None:
    for empty in (frame(0), [], {}, pd.DataFrame()):
        to = destination(broker)

        report = publish(empty, to, time_unit="ns")

        assert (report.rows, report.messages, report.stream_ids, report.failures) == (0, 0, (), ())
        assert records(broker, to.topic_id) == []


def test_an_iterator_without_frames_reports_no_rows(broker: Broker) -> None:
    report = publish(iter([]), destination(broker))

    assert (report.rows, report.messages, report.rows_failed) == (0, 0, 0)


def test_many_messages_of_a_stream_stand_on_one_partition_in_order(broker: Broker) -> None:
    to = destination(broker)

    report = publish(frame(1000), to, time_unit="ns", stream="s", rows_per_message=7)

    assert list(report.offsets.values()) == [(0, 144)]
    assert rows_of(broker, to.topic_id) == {"s": list(range(1000))}


def test_streams_lie_where_murmur2_puts_them(broker: Broker) -> None:
    to = destination(broker)
    # Quix Streams 3 and Java put these keys of 4 partitions there.
    publish({"timestamp": [1, 2, 3], "s": ["stream-1", "a", "car-44"]}, to, time_unit="ns", stream_by="s")

    places = {record.key: record.partition for record in records(broker, to.topic_id)}

    assert places == {key: (_murmur2(key) & 0x7FFFFFFF) % 4 for key in (b"stream-1", b"a", b"car-44")}
    assert places[b"stream-1"] == 2


def _murmur2(data: bytes) -> int:
    """Kafka's own hash of keys, written from its definition."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    for i in range(0, len(data) // 4 * 4, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        h = (h * m ^ (k ^ k >> 24) * m) & mask
    tail = data[len(data) // 4 * 4 :]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


# ---- streams by a column


def test_rows_go_to_the_stream_that_a_column_names_in_order(broker: Broker) -> None:
    to = destination(broker)
    rng = np.random.default_rng(5)
    cars = rng.choice(["a", "b", "ž", "long name"], 5000)

    report = publish(frame(5000, car=cars), to, time_unit="ns", stream_by="car", rows_per_message=100)

    expected = {car: np.flatnonzero(cars == car).tolist() for car in dict.fromkeys(cars)}
    assert rows_of(broker, to.topic_id) == expected
    assert list(report.stream_ids) == list(expected)
    for sequence in models(broker, to.topic_id).values():
        assert sequence == ["StreamProperties", *["ParameterData"] * (len(sequence) - 2), "StreamEnd"]


def test_streams_go_on_over_the_frames_of_an_iterator(broker: Broker) -> None:
    to = destination(broker)
    parts = [frame(3, car=["a", "b", "a"]), frame(2, car=["b", "c"])]

    report = publish(iter(parts), to, time_unit="ns", stream_by="car")

    assert rows_of(broker, to.topic_id) == {"a": [0, 2], "b": [1, 0], "c": [1]}
    assert models(broker, to.topic_id)["b"] == ["StreamProperties", "ParameterData", "ParameterData", "StreamEnd"]
    assert report.rows == 5


def test_a_row_too_large_is_named_by_its_number_in_the_frame_and_not_in_its_stream(broker: Broker) -> None:
    to = destination(broker)
    data = frame(4, car=["a", "b", "a", "b"], text=["", "x" * 950_000, "", ""])

    with pytest.raises(MessageTooLarge, match="Row 1 alone") as refusal:
        publish(data, to, time_unit="ns", stream_by="car")
    assert "'text'" in refusal.value.cause
    assert records(broker, to.topic_id) == []


# ---- refused before anything is sent


@pytest.mark.parametrize(
    "data",
    [
        {"timestamp": [1] * 3, "x": ["", "x" * 950_000, ""]},
        {"timestamp": [1] * 3, "x": [1, 2, "a"]},
        {"timestamp": [1] * 2 + [None], "x": [1] * 3},
    ],
)
@pytest.mark.parametrize("format", ["timeseries", "json"])
def test_nothing_is_sent_of_a_whole_frame_with_one_bad_row(broker: Broker, data: Any, format: str) -> None:
    to = destination(broker)

    with pytest.raises(FrameError):
        publish(data, to, time_unit="ns", format=format)
    assert records(broker, to.topic_id) == []


def test_a_client_with_a_higher_limit_may_send_larger_messages(mock_broker: Cluster) -> None:
    raised = mock_broker.connect(message_max_bytes=3_000_000)
    to = destination(raised)

    report = publish({"timestamp": [1], "x": ["x" * 2_000_000]}, to, time_unit="ns")

    assert report.rows_delivered == 1
    with pytest.raises(MessageTooLarge):
        publish({"timestamp": [1], "x": ["x" * 3_000_000]}, to, time_unit="ns")


def test_a_client_with_a_lower_limit_sends_smaller_messages(mock_broker: Cluster) -> None:
    to = destination(mock_broker.connect(message_max_bytes=10_000))

    report = publish(frame(5000), to, time_unit="ns")

    assert report.rows_delivered == 5000
    assert max(len(record.value or b"") for record in records(to.broker, to.topic_id)) < 9000


# ---- iterators that fail


def _failing(error: BaseException | None, rows: int = 3) -> Iterator[pd.DataFrame]:
    yield frame(rows)
    yield frame(rows)
    if error is not None:
        raise error
    yield frame(rows, x=["a", 1, "b"])


def test_the_rows_before_a_bad_frame_of_an_iterator_are_delivered_and_named(broker: Broker) -> None:
    to = destination(broker)

    with pytest.raises(FrameError, match="the first number is row 7: 1") as refusal:
        publish(_failing(None), to, time_unit="ns", stream="s")
    assert refusal.value.cause.endswith("The 6 rows before its frame were delivered.")
    assert rows_of(broker, to.topic_id) == {"s": [0, 1, 2, 0, 1, 2]}


def test_a_column_that_changes_its_sort_between_frames_is_refused(broker: Broker) -> None:
    to = destination(broker)
    parts = [frame(2, y=[None, None]), frame(2, y=["a", "b"]), frame(2, y=[None, None]), frame(2, y=[1, 2])]

    with pytest.raises(FrameError, match="'y' is text in the rows before row 6, and numeric from there on"):
        publish(iter(parts), to, time_unit="ns", stream="s")
    assert rows_of(broker, to.topic_id) == {"s": [0, 1, 0, 1, 0, 1]}


def test_what_a_generator_raises_comes_through_after_its_rows_were_delivered(broker: Broker) -> None:
    to = destination(broker)
    problem = ZeroDivisionError("the user's own")

    with pytest.raises(ZeroDivisionError) as caught:
        publish(_failing(problem), to, time_unit="ns", stream="s")
    assert caught.value is problem
    assert caught.value.__notes__ == ["The 6 rows before its frame were delivered."]
    assert rows_of(broker, to.topic_id) == {"s": [0, 1, 2, 0, 1, 2]}


def test_a_broker_is_as_good_as_new_after_an_input_failed(broker: Broker) -> None:
    to = destination(broker)
    with pytest.raises(ZeroDivisionError):
        publish(_failing(ZeroDivisionError()), to, time_unit="ns")

    assert publish(frame(5), to, time_unit="ns").rows_delivered == 5


# ---- one row one message


def test_json_rows_stand_alone(broker: Broker) -> None:
    to = destination(broker)

    report = publish(frame(3, t=["a", None, "b"]), to, time_unit="ns", stream="s", format="json", tags=["t"])

    found = records(broker, to.topic_id)
    assert [json.loads(record.value or b"") for record in found] == [
        {"x": i, "Timestamp": i, "Tags": {"t": tag}} for i, tag in enumerate(["a", None, "b"])
    ]
    assert {record.key for record in found} == {b"s"}
    assert report.messages == 3


def test_json_rows_may_have_stream_ids_of_many_rows(broker: Broker) -> None:
    to = destination(broker)
    cars = ["a", "b"] * 2500

    publish(frame(5000, car=cars), to, time_unit="ns", stream_by="car", format="json")

    assert rows_of(broker, to.topic_id) == {"a": list(range(0, 5000, 2)), "b": list(range(1, 5000, 2))}


# ---- in parallel, and again


def test_two_threads_publish_in_parallel_on_one_connection(broker: Broker) -> None:
    to = destination(broker)
    reports: dict[str, publishing.PublishReport] = {}

    def work(stream: str) -> None:
        reports[stream] = publish(frame(20_000), to, time_unit="ns", stream=stream, rows_per_message=100)

    threads = [threading.Thread(target=work, args=(stream,)) for stream in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {stream: report.rows_delivered for stream, report in reports.items()} == dict.fromkeys(reports, 20_000)
    assert rows_of(broker, to.topic_id) == {stream: list(range(20_000)) for stream in ("one", "two", "three")}


def test_progress_is_told_and_ends_with_everything(broker: Broker) -> None:
    told: list[publishing.Progress] = []

    publishing.publish(
        frame(50_000), destination(broker), Options.of(time_unit="ns", rows_per_message=500), told.append
    )

    assert told[-1].rows_delivered == told[-1].rows == 50_000
    delivered = [progress.rows_delivered for progress in told]
    assert delivered == sorted(delivered)


def test_the_users_decisions_are_noted_once(broker: Broker) -> None:
    parts = (pd.DataFrame({"x": [i]}, index=pd.DatetimeIndex(["2024-01-01"])) for i in range(3))

    report = publish(parts, destination(broker))

    assert len(report.notes) == 1
    assert "UTC" in report.notes[0]


# ---- dry run


def test_a_plan_says_what_would_be_sent_and_sends_nothing(broker: Broker) -> None:
    to = destination(broker)
    data = frame(2000, s=["text", None] * 1000, car=["a", "b"] * 1000)

    plan = publishing.plan(data, to, Options.of(time_unit="ns", stream_by="car", tags=["s"], rows_per_message=100))
    report = publish(data, to, time_unit="ns", stream_by="car", tags=["s"], rows_per_message=100)

    data_bytes = [len(r.value or b"") for r in records(broker, to.topic_id) if b"ParameterData" in (r.value or b"")]
    assert (plan.rows, plan.messages, plan.bytes, plan.largest) == (2000, 20, sum(data_bytes), max(data_bytes))
    assert plan.stream_ids == report.stream_ids == ("a", "b")
    assert {(c.name, c.kind, c.nulls) for c in plan.columns} == {("x", "numeric", 0), ("s", "tag", 1000)}
    assert '"Timestamps": [' in plan.first_message


def test_a_plan_of_an_iterator_is_of_its_first_frame(broker: Broker) -> None:
    plan = publishing.plan(iter([frame(2), frame(3)]), destination(broker), Options.of(time_unit="ns"))

    assert (plan.rows, plan.is_partial) == (2, True)


def test_a_plan_of_rows_as_they_come_is_of_the_first_that_come_together(broker: Broker) -> None:
    rows = ({"timestamp": x, "x": x} for x in range(3))

    plan = publishing.plan(rows, destination(broker), Options.of(time_unit="ns"))

    assert (plan.rows, plan.is_partial) == (3, True)


def test_a_plan_of_nothing_has_no_rows(broker: Broker) -> None:
    for nothing in (iter([]), frame(0)):
        assert publishing.plan(nothing, destination(broker), Options.of()).rows == 0


# ---- options


@pytest.mark.parametrize(
    "options",
    [
        {"stream": "a/b"},
        {"stream": "a\\b"},
        {"stream": ""},
        {"stream": "é" * 513},
        {"stream": "a\ud800"},
        {"stream": "___KA___"},
        {"stream": 5},
        {"stream": "s", "stream_by": "x"},
        {"format": "xml"},
        {"inf": "drop"},
        {"end": "closed"},
        {"rows_per_message": 0},
        {"rows_per_message": "many"},
        {"replay": "fast"},
        {"every": "50ms"},
        {"tags": 3},
        {"columns": 5},
        {"time": ["a", "b"]},
        {"stream_by": ["car"]},
    ],
    ids=repr,
)
def test_options_that_cannot_be_are_refused_in_words(options: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as refusal:
        Options.of(**options)
    assert refusal.value.cause
    str(refusal.value).encode()


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(TypeError, match="'stram'"):
        Options.of(stram="s")
