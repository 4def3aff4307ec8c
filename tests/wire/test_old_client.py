"""Quix Streams 0.5 given the same DataFrame: where it was right ours arrives equal, where it was not ours is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from quixnb import timeseries
from quixnb.decode import block
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions, to_columns
from tests.frames.encoded import Arrived, arrived
from tests.wire import captures
from tests.wire.test_decode import agrees, rows_of


def ours(case: str, *, drop: tuple[str, ...] = (), **options: Any) -> Arrived:
    frame = captures.frame(case)
    tags = [name for name in frame.columns if name.startswith("TAG__")]
    return arrived(frame.drop(columns=list(drop)), **{"tags": tags, "time_unit": "ns", **options})


def theirs(case: str) -> list[dict[str, Any]]:
    """The rows of data that Quix Streams 3 read from the old client's messages."""
    return [row for message in captures.messages(case) for row in message.rows or () if "Id" not in row]


def assert_equal_to_theirs(case: str, *, drop: tuple[str, ...] = (), **options: Any) -> None:
    frame = captures.frame(case).drop(columns=list(drop))
    tags = [name for name in frame.columns if name.startswith("TAG__")]
    columns = to_columns(frame, FrameOptions(**{"tags": tags, "time_unit": "ns", **options}))
    read = [block("s", rows.value, (), 0) for rows in timeseries.messages(columns, 0, len(columns))]
    rows = [row for item in read if item is not None for row in rows_of(item)]
    expected = [{name: cell for name, cell in row.items() if name not in drop} for row in theirs(case)]

    assert len(rows) == len(expected)
    for one, other in zip(rows, expected, strict=True):
        missing = dict.fromkeys(other.keys() - one.keys())  # a binary null, left out for 0.5's sake
        assert agrees({**one, **missing}, other)


# ---- where it was right


def test_L08_text_arrives_as_from_the_old_client() -> None:
    assert_equal_to_theirs("L08_df_strings", drop=("nul",))


def test_L09_bytes_arrive_as_from_the_old_client() -> None:
    # Its null row is a string of no value under the same name; Quix Streams 3 reads None for both.
    assert_equal_to_theirs("L09_df_binary")


def test_L10_tags_arrive_as_from_the_old_client() -> None:
    read = ours("L10_df_tags")

    for name in ("str", "int", "empty", "none"):
        assert read.tags[name] == [row["Tags"].get(name) for row in theirs("L10_df_tags")], name
    assert read.tags["float"] == ["1.5", None, "2.0"]


def test_L14_aware_times_arrive_as_from_the_old_client() -> None:
    assert_equal_to_theirs("L14_df_time_tz_prague")


def test_L20_unsorted_and_repeated_times_keep_their_order_as_from_the_old_client() -> None:
    assert_equal_to_theirs("L20_df_unsorted_duplicate_ts_raw")


def test_L26_an_empty_frame_has_no_rows() -> None:
    assert ours("L26_df_empty") == Arrived([], {}, {})


def test_L37_numbers_text_bytes_and_tags_arrive_as_from_the_old_client() -> None:
    assert_equal_to_theirs("L37_codec_json")


def test_L42_a_frame_of_several_messages_arrives_whole_and_in_order() -> None:
    i = np.arange(60_000)
    frame = pd.DataFrame({
        "time": captures.load("L05_df_numeric")["input"]["columns"][0]["values"][0] + i,
        "a": i * 0.5, "s": [f"row-{n:06d}" for n in i], "TAG__k": [f"k{n % 3}" for n in i],
    })  # fmt: skip

    read = arrived(frame, tags=["TAG__k"], time_unit="ns")

    assert read.time == frame["time"].tolist()
    assert read.columns == {"a": frame["a"].tolist(), "s": frame["s"].tolist()}
    assert read.tags == {"k": frame["TAG__k"].tolist()}


# ---- where it was not


def test_L05_a_numeric_frame_keeps_its_nanoseconds_and_its_integers() -> None:
    read = ours("L05_df_numeric")

    assert read.time == [1700000000000000000, 1700000000000000001, 1700000000000000002]
    assert read.columns == {
        "i": [1, -2, 3],
        "f": [1.5, 2.0, 0.1],
        "f32": [0.1, 16777216.0, 1.0],
        "i8": [1, 2, 127],
        "u64": [1, 2, 2**64 - 1],
    }


def test_L06_nulls_stay_null_and_make_no_text_column() -> None:
    assert ours("L06_df_numeric_nulls_raw_path").columns == {
        "a": [1.0, None, 3.0],
        "b": [1, None, 3],
        "c": [1, None, None],
        "all_null": [None] * 3,
        "all_none": [None] * 3,
    }


def test_L07_a_null_tag_stays_in_its_row_and_leaves_the_others() -> None:
    read = ours("L07_df_nulls_buffer_path")

    assert read.tags == {"t": ["t", None, ""]}
    assert read.columns == {
        "a": [1.0, None, 3.0],
        "all_null": [None] * 3,
        "s": ["x", None, ""],
        "b": [b"\x00\x01", None, b""],
    }


def test_L08_text_that_the_old_client_cuts_off_is_refused() -> None:
    with pytest.raises(FrameError, match=r"'nul' has the character U\+0000 in row 0"):
        ours("L08_df_strings")


def test_L11_naive_times_keep_their_nanoseconds() -> None:
    assert ours("L11_df_time_naive_utc").time == [1700000000123456789, 1700000000000000001]


def test_L12_naive_times_are_utc_whatever_this_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Prague")

    assert ours("L12_df_time_naive_local_tz").time == [1700000000000000000, 1686780800000000000]


def test_L12_naive_times_placed_in_a_zone_have_the_offset_of_their_own_day() -> None:
    read = ours("L12_df_time_naive_local_tz", tz="Europe/Prague")

    assert read.time == [1700000000000000000 - 3600 * 10**9, 1686780800000000000 - 7200 * 10**9]


def test_L13_aware_times_keep_their_nanoseconds() -> None:
    assert ours("L13_df_time_tz_utc").time == [1700000000123456789, 1700000001000000000]


def test_L15_digits_among_times_as_text_are_not_guessed_to_be_nanoseconds() -> None:
    with pytest.raises(FrameError, match="row 1 that is no ISO 8601 time: '1700000000123456789'"):
        ours("L15_df_time_strings")


def test_L16_times_as_floats_are_taken_with_a_unit_only() -> None:
    with pytest.raises(FrameError, match="holds numbers"):
        ours("L16_df_time_float", time_unit=None)

    assert ours("L16_df_time_float").time[0] == 1700000000000000000


def test_L17_a_frame_without_a_time_column_is_refused_and_no_integers_are_taken_for_it() -> None:
    with pytest.raises(FrameError, match="No time column"):
        ours("L17_df_no_time_column")


@pytest.mark.parametrize("name", ["timestamp", "Tags"])
def test_L18_names_that_a_reader_overwrites_are_refused(name: str) -> None:
    others = {"Timestamp", "timestamp", "Tags"} - {name}

    with pytest.raises(FrameError, match=f"A parameter cannot be called '{name}'"):
        ours("L18_df_column_names", drop=tuple(others), time="time")


def test_L18_all_other_names_arrive() -> None:
    read = ours("L18_df_column_names", drop=("Timestamp", "timestamp", "Tags"))

    assert read.columns == {"a b/c": [1.0, 2.0], "ž日🚀": [1.0, 2.0], "": [5.0, 6.0], "Epoch": [1.0, 2.0]}


def test_L19_duplicate_columns_are_refused() -> None:
    with pytest.raises(FrameError, match="3 columns are called 'd'"):
        ours("L19_df_duplicate_columns")


def test_L21_rows_of_equal_time_are_not_merged() -> None:
    read = ours("L21_df_unsorted_duplicate_ts_buffer")

    assert read.time == [30, 10, 20, 10]
    assert read.columns == {"v": [3.0, 1.0, 2.0, 1.5], "w": ["c", "a", "b", None]}


def test_L22_other_types_have_their_text_form_and_their_nulls() -> None:
    assert ours("L22_df_other_types").columns == {
        "bool": [1, 0],
        "obool": [1, None],
        "dt": ["2023-11-14T22:13:20.123456789", "2023-11-14T00:00:00.000000000"],
        "td": ["PT0.000000001S", "PT0.000000002S"],
        "cat": ["x", "y"],
        "dec": ["1.10", "2"],
        "obj": ['{"a":[1,2]}', '[1,"x"]'],
        "nat": [None, "2023-11-14T00:00:00.000000000"],
        "npf": [0.5, None],
    }


def test_L23_integers_beyond_2_to_the_53_lose_no_bit() -> None:
    assert ours("L23_df_int64_beyond_2_53").columns == {
        "big": [9007199254740993, 9223372036854775807, -9223372036854775808, 1234567890123456789]
    }


def test_L25_times_before_1970_and_at_the_end_are_exact() -> None:
    assert ours("L25_df_time_extremes").time == [-1, 0, 1, 2**63 - 1]


def test_L24_infinities_are_refused_by_row() -> None:
    with pytest.raises(FrameError, match="'x' has 2 infinities; the first is row 5: inf"):
        ours("L24_df_float_formats")


def test_L24_all_other_floats_arrive_to_the_bit() -> None:
    given = captures.frame("L24_df_float_formats")["x"].tolist()

    read = ours("L24_df_float_formats", inf="null").columns["x"]

    assert repr(read) == repr([None if abs(x) == np.inf else x for x in given])
