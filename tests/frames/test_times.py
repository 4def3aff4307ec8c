"""A frame's time column: every unit, zone and notation, to the nanosecond or refused."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb.errors import FrameError
from quixnb.frames import FrameOptions, to_columns
from quixnb.frames.times import NAIVE_NOTE

UTC = dt.UTC
EAST = dt.timezone(dt.timedelta(hours=2))
DAY_NS = 86_400 * 10**9
NEW_YEAR = 1_704_067_200_000_000_000  # 2024-01-01T00:00:00Z
LIMIT = 2**63 - 1


def times(time: Any, **options: Any) -> list[int]:
    return to_columns({"time": time}, FrameOptions(**options)).time.tolist()


def series_of(kind: pa.DataType, values: list[Any]) -> list[Any]:
    """The same Arrow values in PyArrow and in pandas."""
    array = pa.array(values, kind)
    return [array, pd.Series(array, dtype=pd.ArrowDtype(kind))]


# ---- units


@pytest.mark.parametrize(("unit", "ns"), [("s", 10**9), ("ms", 10**6), ("us", 1000), ("ns", 1)])
def test_every_unit_of_every_library_is_exact(unit: str, ns: int) -> None:
    counts = [1_700_000_000 * 10**9 // ns + 1, -5]
    expected = [count * ns for count in counts]
    array = np.array(counts, f"M8[{unit}]")

    assert times(array) == expected
    assert times(pd.Series(array)) == expected
    assert times(pd.DatetimeIndex(array)) == expected
    assert times(list(array)) == expected
    assert times(np.array(counts), time_unit=unit) == expected
    assert times(counts, time_unit=unit) == expected
    for zone in (None, "Asia/Tokyo"):
        for series in series_of(pa.timestamp(unit, zone), counts):
            assert times(series) == expected
    if unit != "s":
        assert times(pl.Series(counts).cast(pl.Datetime(unit))) == expected


@pytest.mark.parametrize(
    ("unit", "ns"), [("D", DAY_NS), ("h", 3600 * 10**9), ("W", 7 * DAY_NS), ("10ms", 10**7), ("3s", 3 * 10**9)]
)
def test_numpys_own_units_are_exact(unit: str, ns: int) -> None:
    assert times(np.array([1, -2], f"M8[{unit}]")) == [ns, -2 * ns]


def test_byte_order_and_strides_of_times_do_not_matter() -> None:
    assert times(np.array([1, 2, 3], ">M8[ms]")[::-2]) == [3_000_000, 1_000_000]


def test_dates_are_midnight() -> None:
    days = [dt.date(2024, 1, 1), dt.date(1969, 12, 31)]

    assert times(days) == times(pl.Series(days)) == times(pa.array(days)) == [NEW_YEAR, -DAY_NS]


def test_timestamps_in_a_list_keep_their_nanoseconds() -> None:
    moment = pd.Timestamp("2024-01-01T00:00:00.123456789")

    assert times([moment, moment.tz_localize("Asia/Tokyo")], tz="UTC") == [
        NEW_YEAR + 123_456_789,
        NEW_YEAR + 123_456_789 - 9 * 3600 * 10**9,
    ]


def test_what_pandas_makes_by_default_is_exact() -> None:
    assert times(pd.to_datetime(["2024-01-01T00:00:00.123456"])) == [NEW_YEAR + 123_456_000]
    assert times(pd.date_range("2024-01-01", periods=2, freq="ns")) == [NEW_YEAR, NEW_YEAR + 1]


# ---- zones


def test_aware_times_are_converted_whatever_their_zones() -> None:
    moment = dt.datetime(2024, 1, 1, 2)
    mixed = [moment.replace(tzinfo=UTC), moment.replace(tzinfo=EAST), pd.Timestamp(moment, tz="Asia/Tokyo")]

    expected = [NEW_YEAR + h * 3600 * 10**9 for h in (2, 0, -7)]
    assert times(mixed) == times(pd.Series(mixed, dtype=object)) == expected


def test_naive_times_are_utc_and_that_is_said() -> None:
    for naive in (
        [dt.datetime(2024, 1, 1)],
        ["2024-01-01"],
        np.array(["2024-01-01"], "M8[s]"),
        pd.Series(["2024-01-01"]),
        pl.Series([dt.datetime(2024, 1, 1)]),
        [np.datetime64("2024-01-01")],
    ):
        columns = to_columns({"time": naive}, FrameOptions())

        assert columns.time.tolist() == [NEW_YEAR]
        assert columns.notes == (NAIVE_NOTE,)


def test_nothing_is_said_where_nothing_was_decided() -> None:
    aware = {"time": pd.date_range("2024-01-01", periods=2, tz="UTC")}
    naive = {"time": pd.date_range("2024-01-01", periods=2)}

    assert to_columns(aware, FrameOptions()).notes == ()
    assert to_columns(naive, FrameOptions(tz="UTC")).notes == ()
    assert to_columns({"time": [1]}, FrameOptions(time_unit="s")).notes == ()


def test_a_zone_places_naive_times_of_every_library_to_the_nanosecond() -> None:
    ns = NEW_YEAR + 9 * 3600 * 10**9 + 1
    array = np.array([ns], "M8[ns]")

    for naive in (
        array,
        list(array),
        [pd.Timestamp(array[0])],
        ["2024-01-01T09:00:00.000000001"],
        pd.Series(array),
        pl.Series(array),
        pa.array(array),
    ):
        assert times(naive, tz="Asia/Tokyo") == [NEW_YEAR + 1]


def test_a_zone_leaves_aware_times_alone() -> None:
    assert times(["2024-01-01T00:00Z", "2024-01-01T09:00"], tz="Asia/Tokyo") == [NEW_YEAR, NEW_YEAR]
    assert times(pd.date_range("2024-01-01", periods=1, tz="UTC"), tz="Asia/Tokyo") == [NEW_YEAR]
    assert times([1], tz="Asia/Tokyo", time_unit="s") == [10**9]


@pytest.mark.parametrize("clock", ["2024-03-31T02:30", "2024-10-27T02:30"], ids=["skipped", "twice"])
def test_an_hour_that_clocks_skip_or_repeat_is_refused_by_row(clock: str) -> None:
    naive = ["2024-01-01", "2024-02-01", clock]
    moments = np.array(naive, "M8[s]")

    for column in (naive, moments, pd.Series(moments), pl.Series(moments.astype("M8[ms]")), moments.tolist()):
        with pytest.raises(FrameError) as refusal:
            times(column, tz="Europe/Prague")
        assert f"row 2 a clock time that Europe/Prague does not have, or has twice: {clock[:10]}" in refusal.value.what


@pytest.mark.parametrize("tz", ["Europe/Pragu", "", "../etc", "Europe"])
def test_an_unknown_zone_is_refused(tz: str) -> None:
    with pytest.raises(FrameError, match="is no time zone"):
        times(["2024-01-01"], tz=tz)


# ---- text


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2024-01-01", 0),
        (" 2024-01-01T00:00Z ", 0),
        ("2024-01-01 00:00:01", 10**9),
        ("2024-01-01T00:00:00.1Z", 10**8),
        ("2024-01-01T00:00:00,000000001", 1),
        ("2024-01-01T00:00:00.123456789Z", 123_456_789),
        ("2024-01-01T00:00:00.1234567890000Z", 123_456_789),
        ("2024-01-01T02:00:00.5+02:00", 5 * 10**8),
        ("2024-01-01T05:30+0530", 0),
        ("2023-12-31T23:00:00 -01", 0),
        ("2024-01-01T00:00:00-00:00", 0),
    ],
)
def test_iso_text_is_read_to_nine_digits(text: str, ns: int) -> None:
    assert times([text]) == times(pd.Series([text])) == times(pl.Series([text])) == [NEW_YEAR + ns]


@pytest.mark.parametrize(
    "text",
    [
        "", "nan", "NaT", "now", "today", "1700000000", "2024", "20240101", "12:30", "01/02/2024", "1. 2. 2024",
        "2024-1-1", "2024-13-01", "2024-02-30", "2024-01-01T25:00", "2024-01-01T24:00:01", "2024-01-01T23:59:60",
        "2024-01-01T00:00.5", "2024-01-01T00:00:00.", "2024-01-01T00:00:00.1234567891", "2024-01-01+02:00",
        "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00 UTC", "٢٠٢٤-01-01", "2024-01-01T", "2024-W01-1",
    ],
)  # fmt: skip
def test_text_that_is_no_iso_time_is_refused_by_row(text: str) -> None:
    for column in (["2024-01-01", text], pd.Series(["2024-01-01", text]), pl.Series(["2024-01-01", text])):
        with pytest.raises(FrameError, match="text in row 1 that is no ISO 8601 time: "):
            times(column)


@given(
    st.datetimes(dt.datetime(1678, 1, 1), dt.datetime(2262, 1, 1)),
    st.integers(0, 999),
    st.sampled_from(["", "Z", "+02:00", "-0930", "+14"]),
    st.sampled_from("T "),
)
def test_iso_text_says_what_pandas_makes_of_it(moment: dt.datetime, ns: int, zone: str, separator: str) -> None:
    text = f"{moment.isoformat(separator, 'microseconds')}{ns:03d}{zone}"

    assert times([text]) == [pd.to_datetime(text, format="ISO8601", utc=True).as_unit("ns").value]


CLOCKS = st.sampled_from(["", "T00:30", " 00:30:15", "T00:30:15.5", "T00:30:15.123456789"])


@given(
    st.lists(st.tuples(st.dates(dt.date(1600, 1, 1), dt.date(2300, 1, 1)), CLOCKS), min_size=1, max_size=5),
    st.sampled_from(["", "Z"]),
    st.sampled_from([None, "Asia/Tokyo"]),
)
def test_texts_that_are_read_together_are_what_each_is_beside_one_of_another_kind(
    parts: list[tuple[dt.date, str]], zone: str, tz: str | None
) -> None:
    texts = [f"{day}{clock}{zone if clock else ''}" for day, clock in parts]

    def read(texts: list[str]) -> list[int] | str:
        try:
            return times(texts, tz=tz)
        except FrameError as refusal:
            return refusal.what

    alone = [read([text, "2024-01-01T01:00+01:00"]) for text in texts]

    if all(isinstance(one, list) for one in alone):
        assert read(texts) == [one[0] for one in alone]
    else:
        # Tokyo had summer time from 1948 to 1951: a clock time that its zone lacks, or has twice, is refused too.
        refusals = ("out of range", "no time zone", "does not have, or has twice")
        assert any(refusal in read(texts) for refusal in refusals)


# ---- numbers


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pd.Categorical(pd.date_range("2024-01-01", periods=2, freq="ns", tz="UTC", unit="ns"))),
        pd.Series(["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000000001Z"], dtype="category"),
        pl.Series(["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000000001Z"], dtype=pl.Categorical),
    ],
    ids=["pandas datetimes", "pandas text", "polars text"],
)
def test_categories_are_the_times_that_they_stand_for(values: Any) -> None:
    assert times(values) == [1_704_067_200_000_000_000, 1_704_067_200_000_000_001]


def test_numbers_are_never_guessed_to_be_times() -> None:
    for numbers in ([1_700_000_000], np.array([1.7e9]), pd.Series([1]), pl.Series([1]), pa.array([1]), [1.5]):
        with pytest.raises(FrameError, match="holds numbers, such as 1") as refusal:
            times(numbers)
        assert "--time-unit" in refusal.value.fix


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(FrameError, match="'min' is no time unit"):
        times([1], time_unit="min")


@pytest.mark.parametrize(
    ("values", "unit", "ns"),
    [
        ([1.5, -0.25], "s", [1_500_000_000, -250_000_000]),
        ([1_700_000_000.25], "s", [1_700_000_000_250_000_000]),
        ([1_700_000_000_000.5], "ms", [1_700_000_000_000_500_000]),
        ([1.7e18], "ns", [1_700_000_000_000_000_000]),
        ([0, 0.5], "us", [0, 500]),
    ],
)
def test_floats_since_the_epoch_are_exact(values: list[float], unit: str, ns: list[int]) -> None:
    for column in (values, np.array(values), np.array(values, "f8")[::-1][::-1], pd.Series(values, dtype=object)):
        assert times(column, time_unit=unit) == ns


def test_a_float32_is_not_rounded_further() -> None:
    assert times(np.array([8_388_607.5], "f4"), time_unit="s") == [8_388_607_500_000_000]


def test_one_float_among_integers_does_not_round_them() -> None:
    assert times([1_700_000_000_123_456_789, 2.0], time_unit="ns") == [1_700_000_000_123_456_789, 2]


def test_numpy_scalars_in_a_list_are_numbers() -> None:
    assert times([np.int64(5), np.float64(0.5)], time_unit="s") == [5 * 10**9, 5 * 10**8]


def test_nullable_and_long_integers_are_numbers() -> None:
    assert times(pd.array([1, 2], "Int64"), time_unit="s") == [10**9, 2 * 10**9]
    if hasattr(pl, "Int128"):
        assert times(pl.Series([1], dtype=pl.Int128), time_unit="s") == [10**9]
    assert times(np.array([1], "u8"), time_unit="s") == [10**9]


# ---- what is refused


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([0, 2**63], {"time_unit": "ns"}),
        ([0, -(2**63)], {"time_unit": "ns"}),
        ([0, 9_223_372_037], {"time_unit": "s"}),
        (np.array([0, 9_223_372_037]), {"time_unit": "s"}),
        (np.array([0, 2**64 - 1], "u8"), {"time_unit": "ns"}),
        (np.array([0, 9_223_372_036.99]), {"time_unit": "s"}),
        (np.array([0, 2.0**63]), {"time_unit": "ns"}),
        (np.array([0, np.inf]), {"time_unit": "s"}),
        ([0, -np.inf], {"time_unit": "s"}),
        ([0.5, 1e300], {"time_unit": "s"}),
        (np.array(["2024-01-01", "2263-01-01"], "M8[s]"), {}),
        (np.array(["2024-01-01", "3000-01-01"], "M8[D]"), {}),
        (pd.Series(np.array(["2024-01-01", "1677-01-01"], "M8[us]")), {}),
        (pl.Series([dt.date(2024, 1, 1), dt.date(9999, 1, 1)]), {}),
        ([dt.datetime(2024, 1, 1), dt.datetime(1, 1, 1, tzinfo=EAST)], {}),
        ([dt.datetime(2024, 1, 1), np.datetime64("3000-01-01")], {}),
        ([dt.datetime(2024, 1, 1), pd.Timestamp("3000-01-01")], {}),
        (["2024-01-01", "1677-09-21T00:12:43.145224192Z"], {}),
        (["2024-01-01", "2262-04-11T23:47:16.854775808Z"], {}),
    ],
)
def test_times_out_of_range_are_refused_by_row_and_never_wrap_around(values: Any, options: dict[str, Any]) -> None:
    with pytest.raises(FrameError, match=r"Time column 'time' is out of range in row [01]: "):
        times(values, **options)


def test_the_ends_of_the_range_are_in_it() -> None:
    assert times(["1677-09-21T00:12:43.145224193Z", "2262-04-11T23:47:16.854775807Z"]) == [-LIMIT, LIMIT]
    assert times([LIMIT, -LIMIT], time_unit="ns") == [LIMIT, -LIMIT]
    assert times([9_223_372_036], time_unit="s") == [9_223_372_036 * 10**9]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([pd.Timestamp(0), pd.NaT]),
        pd.Series([pd.Timestamp(0), pd.NA], dtype=object),
        pd.Series(["2024-01-01", None]),
        pd.array([1, None], "Int64"),
        pl.Series([1, None]),
        pl.Series([1.0, float("nan")]),
        pa.array([1, None]),
        ["2024-01-01", None],
        [dt.datetime(2024, 1, 1), float("nan")],
        [1.0, float("nan")],
        np.array([0, "NaT"], "M8[s]"),
        np.array([1.0, np.nan]),
        np.ma.MaskedArray([1, 2], mask=[0, 1]),
        [np.datetime64(0, "s"), np.datetime64("NaT")],
    ],
    ids=repr,
)
def test_rows_without_a_time_are_refused(values: Any) -> None:
    with pytest.raises(FrameError, match="Time column 'time' has 1 row without a time; the first is row 1"):
        times(values, time_unit="s")


@pytest.mark.parametrize(
    "values",
    [
        [True],
        pd.Series([True]),
        pd.Series(pd.timedelta_range("1s", periods=1)),
        pd.Series(["a"], dtype="category"),
        [1, "2024-01-01"],
        [{"a": 1}],
        [b"2024-01-01"],
        np.array([1j]),
        pa.array([1], pa.duration("s")),
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused_in_three_lines(values: Any) -> None:
    with pytest.raises(FrameError, match=re.compile("time", re.IGNORECASE)) as refusal:
        times(values, time_unit="s")
    assert all(refusal.value._lines())
    assert len(refusal.value._lines()) == 3


def test_row_numbers_count_from_the_first_row_of_all() -> None:
    with pytest.raises(FrameError, match="row 70,001"):
        to_columns({"time": ["2024-01-01", "x"]}, FrameOptions(), first_row=70_000)


# ---- which column


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a", "time", "timestamp"], "timestamp"),
        (["DateTime", "TIME"], "TIME"),
        (["Timestamp", "a"], "Timestamp"),
        (["timestamp", "Timestamp"], "timestamp"),
    ],
)
def test_the_usual_names_are_found_in_any_case(names: list[str], chosen: str) -> None:
    options = FrameOptions(time_unit="s", columns=[])
    frame = {name: [number] for number, name in enumerate(names)}

    assert to_columns(frame, options).time.tolist() == [names.index(chosen) * 10**9]


def test_a_datetime_index_comes_before_the_usual_names() -> None:
    frame = pd.DataFrame({"time": [5]}, index=pd.DatetimeIndex(["2024-01-01"], tz="UTC"))

    columns = to_columns(frame, FrameOptions())

    assert columns.time.tolist() == [NEW_YEAR]
    assert list(columns.numeric) == ["time"]


def test_a_missing_time_column_is_refused_with_one_that_could_be_it() -> None:
    with pytest.raises(FrameError, match="No time column") as refusal:
        to_columns({"a": [1], "when": np.array([1], "M8[s]")}, FrameOptions())
    assert "--time when" in refusal.value.fix


def test_a_time_column_that_is_not_there_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(FrameError, match="no column 'tiem'") as refusal:
        to_columns({"time": [1]}, FrameOptions(time="tiem"))
    assert "'time'" in refusal.value.fix
