"""Reading back: which rows, in which order, from how many partitions, and how long."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from confluent_kafka import Producer

from quixnb import envelope, reading
from quixnb.broker import Broker
from quixnb.errors import BrokerError, FrameError
from quixnb.options import Destination
from quixnb.reading import IncompleteRead, ReadOptions, SkippedMessages
from tests.broker.clusters import Cluster, destination, publish

Sending = Callable[..., None]


@pytest.fixture
def to(broker: Broker) -> Destination:
    return destination(broker)


@pytest.fixture
def send(mock_broker: Cluster, to: Destination) -> Sending:
    """Send one message as somebody else would: any value, at any time of the broker's."""
    producer = Producer({"bootstrap.servers": mock_broker.address, "log_level": 0})

    def send(value: bytes | None, *, key: str = "s", partition: int = 0, ms: int = 0, headers: Any = None) -> None:
        producer.produce(to.topic_id, value, key, partition, timestamp=ms, headers=headers)
        assert producer.flush(10) == 0

    return send


def row(x: int) -> bytes:
    return envelope.wrap("ParameterData", b'{"Timestamps":[%d],"NumericValues":{"x":[%d]}}' % (x, x))


def read(to: Destination, **options: Any) -> pd.DataFrame:
    return reading.read(to.broker, to.topic_id, ReadOptions(**options))


def xs(to: Destination, **options: Any) -> list[int]:
    return read(to, **options)["x"].tolist()


# ---- all


def test_everything_is_read_in_the_order_of_the_brokers_time_over_all_partitions(
    to: Destination, send: Sending
) -> None:
    for x in range(40):
        send(row(x), key=f"s{x % 4}", partition=x % 4, ms=1_000_000 + x)

    frame = read(to)

    assert frame["x"].tolist() == list(range(40))
    assert frame["stream_id"].tolist() == [f"s{x % 4}" for x in range(40)]
    assert list(frame.columns) == ["timestamp", "x", "stream_id"]


def test_an_empty_topic_has_no_rows(to: Destination) -> None:
    frame = read(to)

    assert len(frame) == 0
    assert frame["timestamp"].dtype == "datetime64[ns, UTC]"


def test_a_topic_that_is_not_there_is_an_error(broker: Broker) -> None:
    with pytest.raises(BrokerError, match="does not have the topic 'nowhere-at-all'"):
        reading.read(broker, "nowhere-at-all", ReadOptions())


def test_one_stream_is_read_without_its_name(to: Destination) -> None:
    publish({"timestamp": [1, 2, 3], "x": [1, 2, 3], "car": ["a", "b", "a"]}, to, time_unit="ns", stream_by="car")

    frame = read(to, stream="a")

    assert frame["x"].tolist() == [1, 3]
    assert list(frame.columns) == ["timestamp", "x"]
    assert len(read(to, stream="nobody")) == 0


def test_a_frame_reads_back_equal(to: Destination) -> None:
    frame = pd.DataFrame({
        "timestamp": pd.date_range("2024-01-01", periods=1000, freq="1ms", tz="UTC", unit="ns"),
        "f": np.random.default_rng(1).normal(size=1000), "i": np.arange(1000), "s": [f"ž{i}" for i in range(1000)],
        "n": pd.array([None, *range(999)], dtype="Int64"),
    })  # fmt: skip

    report = publish(frame, to)

    back = read(to, stream=report.stream_ids[0])[list(frame.columns)]
    pd.testing.assert_frame_equal(back, frame)


# ---- the newest


@pytest.mark.parametrize("last", [1, 5, 63, 64, 65, 1000])
def test_the_last_rows_are_the_newest_ones_of_one_stream(to: Destination, last: int) -> None:
    publish({"timestamp": range(500), "x": range(500)}, to, time_unit="ns", rows_per_message=3)

    assert xs(to, last=last) == list(range(500))[-last:]


def test_the_last_rows_are_the_newest_of_all_partitions_however_uneven_they_are(to: Destination, send: Sending) -> None:
    # One partition has many old rows in few messages, the other many new messages of one row.
    old = envelope.wrap(
        "ParameterData", b'{"Timestamps":%s,"NumericValues":{"x":%s}}' % ((str([0] * 50).encode(),) * 2)
    )
    for ms in range(100):
        send(old, key="old", partition=0, ms=1_000 + ms)
    for x in range(1, 301):
        send(row(x), key="new", partition=1, ms=2_000 + x)

    assert xs(to, last=200) == list(range(101, 301))
    assert xs(to, last=301) == [0, *range(1, 301)]


def test_the_last_rows_since_a_time_are_read_at_once_where_there_are_fewer(to: Destination, send: Sending) -> None:
    now = int(time.time() * 1000)
    for x in range(200):
        send(row(x), ms=now - 3_600_000)
    for x in range(200, 203):
        send(row(x), ms=now)
    began = time.monotonic()

    rows = xs(to, last=100, since="10m", timeout_s=20)

    assert rows == [200, 201, 202]
    assert time.monotonic() - began < 10


def test_the_last_rows_of_one_stream_are_found_behind_others(to: Destination, send: Sending) -> None:
    for x in range(5):
        send(row(x), key="mine", ms=1_000 + x)
    for x in range(300):
        send(row(x), key="other", ms=2_000 + x)

    assert xs(to, last=3, stream="mine") == [2, 3, 4]


def test_the_newest_of_the_last_are_kept_where_there_is_a_limit_too(to: Destination) -> None:
    publish({"timestamp": range(50), "x": range(50)}, to, time_unit="ns")

    assert xs(to, last=10, limit=3) == [47, 48, 49]
    assert xs(to, last=3, limit=10) == [47, 48, 49]


# ---- since, limit


def test_only_what_the_broker_has_since_a_time_is_read(to: Destination, send: Sending) -> None:
    now = dt.datetime.now(dt.UTC)
    for minutes in (120, 70, 30, 5):
        send(row(minutes), ms=int((now - dt.timedelta(minutes=minutes)).timestamp() * 1000))

    assert xs(to, since="1h") == [30, 5]
    assert xs(to, since=dt.timedelta(minutes=71)) == [70, 30, 5]
    assert xs(to, since=now - dt.timedelta(minutes=10)) == [5]
    assert xs(to, since=(now - dt.timedelta(minutes=10)).replace(tzinfo=None)) == [5]
    assert len(read(to, since="1s")) == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10m", 600), ("1h30m", 5400), ("45s", 45), ("2d", 172_800), ("500ms", 0.5), ("1.5h", 5400), (" 5s ", 5)],
)
def test_spans_of_time_are_read(text: str, seconds: float) -> None:
    assert reading.parse_span(text) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "10 minutes", "5x", "-5m", "10m!"])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(FrameError, match="is no span of time"):
        reading.parse_span(text)


def test_a_limit_cuts_within_a_message(to: Destination) -> None:
    publish({"timestamp": range(50), "x": range(50)}, to, time_unit="ns", rows_per_message=20)

    assert xs(to, limit=25) == list(range(25))
    assert len(read(to, limit=100)) == 50


@pytest.mark.parametrize("options", [{"last": 0}, {"limit": 0}, {"last": -1}, {"start": "end"}], ids=repr)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        ReadOptions(**options)


def test_looking_back_and_waiting_exclude_each_other() -> None:
    with pytest.raises(FrameError, match="cannot be read at once"):
        ReadOptions(last=1, start="latest")


# ---- waiting


def test_latest_waits_for_what_comes_from_now_on(to: Destination) -> None:
    publish({"timestamp": [1], "x": [1]}, to, time_unit="ns")
    found: list[pd.DataFrame] = []
    reader = threading.Thread(target=lambda: found.append(read(to, start="latest", limit=2, timeout_s=20)))

    reader.start()
    while reader.is_alive():
        publish({"timestamp": [2, 3], "x": [2, 3]}, to, time_unit="ns")

    assert found[0]["x"].tolist() == [2, 3]


def test_latest_ends_without_a_word_when_its_time_is_up(to: Destination) -> None:
    publish({"timestamp": [1], "x": [1]}, to, time_unit="ns")

    assert len(read(to, start="latest", timeout_s=0.2)) == 0


def test_time_that_runs_out_is_said_and_what_came_is_returned(to: Destination) -> None:
    publish({"timestamp": [1], "x": [1]}, to, time_unit="ns")

    with pytest.warns(IncompleteRead, match=r"stopped after 0 s, before its end, with 0 rows.*--timeout"):
        frame = read(to, timeout_s=0)
    assert len(frame) == 0


# ---- what others wrote


def test_messages_that_are_not_quix_are_left_out_and_counted(to: Destination, send: Sending) -> None:
    send(row(1), ms=1)
    for value in (b"hello", b"", None, b"[1]", b'{"C":"JT-PaDa-1","K":"ParameterData","V":{"Timestamps":[5,1]}}'):
        send(value, ms=2)
    send(row(2), ms=3)

    with pytest.warns(SkippedMessages, match="5 messages on .* are not Quix data and were left out: ") as caught:
        rows = xs(to)
    assert rows == [1, 2]
    assert len(caught) == 1


def test_plain_json_and_header_messages_of_others_are_rows_too(to: Destination, send: Sending) -> None:
    send(b'{"x":1,"Timestamp":5}', ms=1)
    send(b'{"Timestamps":[6],"NumericValues":{"x":[2]}}', ms=2,
         headers={"__Q_ModelKey": b"TimeseriesData", "__Q_CodecId": b"JT", "more": b"\xff"})  # fmt: skip
    send(row(3), ms=3, headers={"null": None})

    assert xs(to) == [1, 2, 3]


def test_keys_of_any_bytes_name_streams(mock_broker: Cluster, to: Destination) -> None:
    producer = Producer({"bootstrap.servers": mock_broker.address, "log_level": 0})
    for number, key in enumerate([None, b"", b"\xff\xfe"]):
        producer.produce(to.topic_id, row(number), key, 0)
    assert producer.flush(10) == 0

    assert read(to)["stream_id"].tolist() == ["", "", "\ufffd\ufffd"]


def test_reading_leaves_no_consumer_group_behind_it(to: Destination) -> None:
    publish({"timestamp": [1], "x": [1]}, to, time_unit="ns")

    assert [xs(to) for _ in range(3)] == [[1]] * 3
