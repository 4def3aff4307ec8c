"""Rows to messages: bounded, in order, each row once, and no value lost."""

from __future__ import annotations

import base64
import json
import tracemalloc
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb import jsonrows, timeseries
from quixnb.errors import MessageTooLarge
from quixnb.frames import FrameOptions, to_columns
from quixnb.frames.columns import ListColumn
from quixnb.timeseries import Columns, Rows
from tests.frames.encoded import bodies

CELLS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
BYTES = st.none() | st.binary(max_size=20)


def columns_of(**columns: Any) -> Columns:
    rows = len(next(iter(columns.values())))
    return to_columns({"time": range(rows), **columns}, FrameOptions(time_unit="ns"))


def body(message: Rows) -> dict[str, Any]:
    said = json.loads(message.value)
    cut: dict[str, Any] = json.loads(message.value[said["S"] : said["E"]])
    return cut


def gathered(messages: list[Rows], kind: str, name: str) -> list[Any]:
    """A column's cells in order; None in the rows of a message that lacks it."""
    return [cell for m in messages for cell in body(m)[kind].get(name, [None] * (m.stop - m.start))]


@given(
    st.lists(st.tuples(CELLS, BYTES, BYTES, st.floats(allow_infinity=False) | st.none()), min_size=1, max_size=80),
    st.integers(700, 2000),
    st.none() | st.integers(1, 7),
    st.data(),
)
def test_messages_are_bounded_in_order_and_complete(
    rows: list[tuple[Any, ...]], limit: int, most: int | None, data: st.DataObject
) -> None:
    texts, ones, twos, numbers = map(list, zip(*rows, strict=True))
    columns = columns_of(s=texts, b1=ones, b2=twos, f=numbers)
    begin = data.draw(st.integers(0, len(rows) - 1))

    messages = list(
        timeseries.messages(columns, begin, len(rows), target_bytes=900, limit_bytes=limit, rows_per_message=most)
    )

    assert all(len(m.value) <= limit for m in messages)
    assert [(m.start, m.stop) for m in messages] == list(
        zip([begin, *(m.stop for m in messages)], [m.stop for m in messages], strict=False)
    )
    assert messages[-1].stop == len(rows)
    if most is not None:
        assert max(m.stop - m.start for m in messages) <= most
    assert [ns for m in messages for ns in body(m)["Timestamps"]] == list(range(begin, len(rows)))
    assert gathered(messages, "StringValues", "s") == texts[begin:]
    for name, cells in (("b1", ones), ("b2", twos)):
        if any(cell is not None for cell in cells):
            coded = [None if cell is None else base64.b64encode(cell).decode() for cell in cells[begin:]]
            assert gathered(messages, "BinaryValues", name) == coded
        assert not any(None in body(m)["BinaryValues"].get(name, ()) for m in messages)


def test_all_five_maps_are_always_there() -> None:
    [message] = timeseries.messages(columns_of(f=[1.5]), 0, 1)

    assert list(body(message)) == ["Timestamps", "NumericValues", "StringValues", "BinaryValues", "TagValues"]


@pytest.mark.parametrize("longest", [1, 40, 4000])
def test_messages_are_near_their_target_where_rows_are_alike(longest: int) -> None:
    columns = columns_of(s=["x" * longest] * 20_000)

    sizes = [len(m.value) for m in timeseries.messages(columns, 0, 20_000)]

    assert max(sizes) < 1.3 * timeseries.TARGET_BYTES
    assert len(sizes) < 1.5 * sum(sizes) / timeseries.TARGET_BYTES + 4


def test_rows_that_grow_and_shrink_wildly_stay_below_the_limit() -> None:
    sizes = np.random.default_rng(0).permutation([10] * 3000 + [5_000] * 300 + [400_000] * 5)
    columns = columns_of(s=["é" * (size // 2) for size in sizes])

    messages = list(timeseries.messages(columns, 0, len(sizes)))

    assert max(len(m.value) for m in messages) <= timeseries.LIMIT_BYTES
    assert [m.start for m in messages[1:]] == [m.stop for m in messages[:-1]]
    assert gathered(messages, "StringValues", "s") == ["é" * (size // 2) for size in sizes]


class Counted(ListColumn):
    """A column that counts the characters it hands out at once."""

    most = 0

    def cells(self, start: int, stop: int) -> list[Any]:
        cells = list(super().cells(start, stop))
        Counted.most = max(Counted.most, sum(map(len, cells)))
        return cells


def test_no_text_of_many_messages_is_made_at_once_where_small_rows_are_followed_by_large_ones() -> None:
    texts = ["x"] * 60_000 + ["y" * 100_000] * 300
    columns = timeseries.Columns(np.arange(len(texts)), text={"s": Counted(texts, "string")})

    messages = list(timeseries.messages(columns, 0, len(texts)))

    assert gathered(messages, "StringValues", "s") == texts
    assert Counted.most <= 64 * 100_000


@pytest.mark.parametrize("cell", ["x" * 900_000, "\x01" * 150_000, "🚀" * 225_000])
def test_a_row_above_the_limit_is_refused_with_its_number_its_column_and_its_sizes(cell: str) -> None:
    columns = columns_of(small=["y"] * 3, large=["", cell, ""], f=[1.0] * 3)

    with pytest.raises(MessageTooLarge, match=r"Row 71 alone makes a message of [\d,]+ bytes; the limit") as refusal:
        list(timeseries.messages(columns, 0, 3, numbers=range(70, 73)))
    assert "'large' holds" in refusal.value.cause
    assert columns.heaviest_row() > timeseries.LIMIT_BYTES


def test_a_tag_that_makes_a_row_too_large_is_named() -> None:
    columns = to_columns({"time": [1], "t": ["x" * 900_000]}, FrameOptions(time_unit="ns", tags=["t"]))

    for encode in (timeseries.messages, jsonrows.messages):
        with pytest.raises(MessageTooLarge, match="Row 0 alone") as refusal:
            list(encode(columns, 0, 1, limit_bytes=timeseries.LIMIT_BYTES))
        assert "'t' holds 900,00" in refusal.value.cause


@given(st.lists(CELLS, min_size=1, max_size=20), st.lists(st.floats(allow_infinity=False, width=32), min_size=1))
def test_the_heaviest_row_is_never_underestimated(texts: list[Any], numbers: list[float]) -> None:
    rows = min(len(texts), len(numbers))
    columns = columns_of(s=texts[:rows], f=np.array(numbers[:rows], "f4"), ž=texts[:rows])

    for encode in (timeseries.messages, jsonrows.messages):
        for row in range(rows):
            [message] = encode(columns, row, row + 1, limit_bytes=900_000)
            assert len(message.value) <= columns.heaviest_row()


# ---- one row one message


def test_json_rows_are_what_quix_streams_3_hands_to_a_row_function() -> None:
    frame = pd.DataFrame({
        "time": [1, 2], "i": [2**53 + 1, -1], "f4": np.array([0.1, np.nan], "f4"), "f": [1.0, np.nan],
        "b": [True, False], "s": ["é", None], "n": pd.array([1, None], "Int64"), "y": [b"\x01", None], "t": ["x", None],
    })  # fmt: skip
    columns = to_columns(frame, FrameOptions(time_unit="ns", tags=["t"]))

    rows = [json.loads(m.value) for m in jsonrows.messages(columns, 0, 2, limit_bytes=900_000)]

    assert repr(rows[0]) == repr(
        {"i": 2**53 + 1, "f4": 0.1, "f": 1.0, "b": 1, "n": 1, "s": "é", "y": "AQ==", "Timestamp": 1, "Tags": {"t": "x"}}
    )
    assert rows[1] == {
        "i": -1, "f4": None, "f": None, "b": 0, "n": None, "s": None, "y": None, "Timestamp": 2, "Tags": {"t": None},
    }  # fmt: skip


def test_json_rows_are_one_each_beyond_the_slices_they_are_made_in() -> None:
    columns = columns_of(x=range(10_000))

    messages = list(jsonrows.messages(columns, 3, 10_000, limit_bytes=900_000))

    assert [(m.start, m.stop) for m in messages] == [(row, row + 1) for row in range(3, 10_000)]
    assert [json.loads(m.value)["x"] for m in messages] == list(range(3, 10_000))


# ---- how much memory


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_frame_takes_no_more_memory_to_encode_than_a_short_one() -> None:
    def encoded(rows: int) -> Callable[[], object]:
        columns = columns_of(
            f=np.arange(rows) * 0.5, s=np.array(["x" * 50]).repeat(rows), i=pd.array(range(rows), "Int64")
        )
        return lambda: deque(timeseries.messages(columns, 0, rows), maxlen=0)

    short, long = encoded(30_000), encoded(300_000)

    assert _peak(long) < 2 * _peak(short)


def test_a_long_generator_takes_no_more_memory_than_a_short_one() -> None:
    def encoded(frames: int) -> Callable[[], object]:
        source = ({"time": np.arange(5000), "s": ["x" * 50] * 5000} for _ in range(frames))
        return lambda: deque(bodies(source, {"time_unit": "ns"}), maxlen=0)

    short, long = encoded(4), encoded(20)

    assert _peak(long) < 1.5 * _peak(short)
