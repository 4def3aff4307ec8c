"""When rows that wait for company are released, and in which packets."""

from __future__ import annotations

import random

import numpy as np
import pytest

from quixnb import frames
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.streaming import conditions
from quixnb.streaming.buffer import Buffer, Conditions, Piece
from quixnb.streaming.rows import Row, RowRun

MS = 1_000_000


def piece(times_ns: list[int]) -> Piece:
    table = {"t": np.array(times_ns, dtype=np.int64), "n": list(range(len(times_ns)))}
    return Piece(frames.to_columns(table, FrameOptions(time="t", time_unit="ns")))


def times(released: list[list[Piece | RowRun]]) -> list[list[int]]:
    """The times of each packet's rows."""
    return [[t for part in parts for t in _columns(part).time.tolist()] for parts in released]


def _columns(part: Piece | RowRun) -> frames.Columns:
    return part.columns("refuse") if isinstance(part, RowRun) else part.columns


def packets(buffer: Buffer, times_ns: list[int], *, at_once: bool) -> list[list[int]]:
    """The packets that rows of these times make, written as one frame or one by one, and what is left behind."""
    released = (
        list(buffer.add(piece(times_ns)))
        if at_once
        else [parts for t in times_ns for parts in buffer.add_row(Row(t, {"n": 1}, {}))]
    )
    rest = buffer.release()
    return times([*released, rest] if rest else released)


@pytest.fixture(params=[True, False], ids=["as a frame", "one by one"])
def at_once(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_with_no_condition_everything_is_released_at_once(at_once: bool) -> None:
    buffer = Buffer(Conditions())

    made = packets(buffer, [1, 2, 3], at_once=at_once)

    assert made == ([[1, 2, 3]] if at_once else [[1], [2], [3]])


def test_a_packet_is_released_with_its_last_row(at_once: bool) -> None:
    assert packets(Buffer(Conditions(packet_size=3)), list(range(7)), at_once=at_once) == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_span_is_released_before_the_row_that_exceeds_it(at_once: bool) -> None:
    given = [ms * MS for ms in (0, 40, 80, 120, 160, 200, 260)]

    made = packets(Buffer(Conditions(time_span_ns=100 * MS)), given, at_once=at_once)

    # What Quix Streams 0.5 makes of the same rows.
    assert made == [given[:3], given[3:6], given[6:]]


def test_a_span_counts_times_that_go_back(at_once: bool) -> None:
    assert packets(Buffer(Conditions(time_span_ns=10)), [100, 95, 91, 90, 99], at_once=at_once) == [
        [100, 95, 91],
        [90, 99],
    ]


def test_a_span_of_nothing_makes_a_packet_of_each_row(at_once: bool) -> None:
    assert packets(Buffer(Conditions(time_span_ns=0)), [1, 1, 2], at_once=at_once) == [[1], [1], [2]]


def test_rows_far_apart_in_a_long_frame_are_found(at_once: bool) -> None:
    given = [*range(1000), 10_000, *range(10_001, 10_500)]

    made = packets(Buffer(Conditions(time_span_ns=5000)), given, at_once=at_once)

    assert [len(packet) for packet in made] == [1000, 500]


def test_a_frame_and_its_rows_one_by_one_make_the_same_packets() -> None:
    chance = random.Random(7)
    for _ in range(200):
        given = [chance.randrange(1000) for _ in range(chance.randrange(1, 200))]
        met = Conditions(chance.choice([None, 1, 5, 64]), chance.choice([0, 1, 50, 400, 2000]))

        assert packets(Buffer(met), given, at_once=True) == packets(Buffer(met), given, at_once=False)


def test_a_condition_that_is_changed_holds_for_the_next_row() -> None:
    buffer = Buffer(Conditions(packet_size=10))
    assert times(list(buffer.add(piece([1, 2, 3, 4])))) == []

    buffer.conditions.packet_size = 2

    assert times(list(buffer.add(piece([5])))) == [[1, 2, 3, 4]]
    assert buffer.rows == 1


def test_the_time_out_runs_from_the_oldest_row() -> None:
    buffer = Buffer(Conditions(timeout_s=60.0))
    list(buffer.add(piece([1])))
    due = buffer.due
    list(buffer.add(piece([2])))

    assert due is not None
    assert buffer.due == due
    assert buffer.release()
    assert buffer.due is None


def test_rows_without_end_are_not_held_without_bound() -> None:
    buffer = Buffer(Conditions(timeout_s=3600.0))

    released = list(buffer.add(piece(list(range(25_000)))))

    assert [len(packet) for packet in times(released)] == [10_000, 10_000]
    assert buffer.rows == 5_000


@pytest.mark.parametrize("bad", [{"packet_size": 0}, {"time_span_s": -1.0}, {"buffer_timeout_s": float("inf")}])
def test_conditions_that_cannot_be_are_refused(bad: dict[str, float]) -> None:
    given = {"packet_size": None, "time_span_s": None, "buffer_timeout_s": None, **bad}

    with pytest.raises(FrameError, match=r"cannot"):
        conditions(**given)  # type: ignore[arg-type]


def test_seconds_become_nanoseconds_exactly() -> None:
    assert conditions(None, 0.1, None).time_span_ns == 100 * MS
    assert conditions(None, None, 0.0).is_none
