"""Rows of many messages, of many shapes and sizes, to one frame."""

from __future__ import annotations

import random

import numpy as np
import pytest

from quixnb.decode import MANY_ROWS, Block, block
from quixnb.gathering import Gathered
from quixnb.jsonrows import messages as json_messages
from quixnb.timeseries import Columns, messages
from tests.wire.test_messages import columns_of


def made(stream: str, rows: range, name: str) -> Block:
    """A message with its rows' numbers in one parameter."""
    columns = columns_of(**{name: [float(row) for row in rows]})
    columns = Columns(np.array(rows), numeric=columns.numeric)
    [message] = messages(columns, 0, len(rows), rows_per_message=len(rows))
    read = block(stream, message.value, (), 0)
    assert read is not None
    return read


@pytest.mark.parametrize("sizes", [(1,), (3, 1), (MANY_ROWS,), (1, MANY_ROWS, 2, 2 * MANY_ROWS)], ids=str)
def test_rows_stand_in_the_order_of_their_moments_whatever_their_columns_and_sizes(sizes: tuple[int, ...]) -> None:
    chance = random.Random(1)
    gathered, added, row = Gathered(), [], 0
    for number in range(60):
        rows = range(row, row + sizes[number % len(sizes)])
        row, moment, stream, name = rows.stop, chance.randrange(20), f"s{number % 3}", chance.choice("abc")
        gathered.add(made(stream, rows, name), moment)
        added.append((moment, number, rows, stream, name))

    frame = gathered.frame(with_stream=True)

    wanted = [(n, stream, name) for _, _, rows, stream, name in sorted(added, key=lambda m: m[:2]) for n in rows]
    assert frame["timestamp"].astype(np.int64).tolist() == [n for n, _, _ in wanted]
    assert frame["stream_id"].tolist() == [stream for _, stream, _ in wanted]
    for name in "abc":
        column = frame.get(name, np.full(len(frame), np.nan))
        assert [n for n in column if n == n] == [n for n, _, given in wanted if given == name]
    assert frame.index.tolist() == list(range(len(frame)))


@pytest.mark.parametrize("keep", [slice(None, 3), slice(-3, None), slice(-2, None)], ids=str)
def test_only_the_rows_asked_for_are_kept(keep: slice) -> None:
    gathered = Gathered()
    for moment in (2, 1, 3, 0):
        gathered.add(made("s", range(10 * moment, 10 * moment + 2), "a"), moment)

    frame = gathered.frame(with_stream=False, keep=keep)

    assert frame["a"].tolist() == [0.0, 1.0, 10.0, 11.0, 20.0, 21.0, 30.0, 31.0][keep]


def test_rows_of_a_moment_and_later_ones_are_counted() -> None:
    gathered = Gathered()
    for moment in (2, 1, 3):
        gathered.add(made("s", range(moment), "a"), moment)

    assert [gathered.rows_since(moment) for moment in range(5)] == [6, 6, 5, 3, 0]


def test_rows_one_by_one_make_the_frame_that_they_make_together() -> None:
    columns = columns_of(
        i=[1, None, 2**60 + 1] * 50, f=[0.5, None, 1.0] * 50, s=["a", None, ""] * 50, b=[b"x", b"", b"y"] * 50
    )
    together, alone, plain = Gathered(), Gathered(), Gathered()
    for into, encoded in (
        (together, messages(columns, 0, 150)),
        (alone, messages(columns, 0, 150, rows_per_message=1)),
        (plain, json_messages(columns, 0, 150, limit_bytes=900_000)),
    ):
        for message in encoded:
            read = block("s", message.value, (), 0)
            assert read is not None
            into.add(read)

    expected = together.frame(with_stream=True)

    assert alone.frame(with_stream=True).equals(expected)
    assert plain.frame(with_stream=True)[["timestamp", "i", "f", "s"]].equals(expected[["timestamp", "i", "f", "s"]])
