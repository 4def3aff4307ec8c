"""What cannot arrive exactly is refused: with column, row and value, in three lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from quixnb.errors import FrameError
from quixnb.frames import FrameOptions, to_columns
from tests.fakes import fake_token

FAR = 70_000  # beyond the slices in which long columns are looked at


class Colour(Enum):
    RED = 1


def refusal(frame: Any, **options: Any) -> FrameError:
    with pytest.raises(FrameError) as caught:
        to_columns(frame, FrameOptions(**{"time_unit": "ns", **options}))
    lines = caught.value._lines()
    assert len(lines) == 3
    assert not any("\n" in line for line in lines)
    return caught.value


def of(x: Any, **options: Any) -> str:
    return refusal({"timestamp": range(len(x)), "x": x}, **options).what


def libraries(values: list[Any]) -> list[Any]:
    """The same column in every library that takes it."""
    return [values, pd.Series(values), pl.Series(values), pa.array(values)]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (["a"] * 150 + [5], "Column 'x' mixes 150 strings and 1 number; the first number is row 150: 5."),
        ([1, "12", "13"], "Column 'x' mixes 2 strings and 1 number; the first number is row 0: 1."),
        ([1.5, None, "n/a"], "Column 'x' mixes 1 number and 1 string; the first string is row 2: 'n/a'."),
        ([True, 2, 3], "Column 'x' mixes 2 numbers and 1 boolean; the first boolean is row 0: True."),
        ([b"a", "a"], "Column 'x' mixes 1 bytes and 1 string; the first string is row 1: 'a'."),
        ([[1], "a", [2]], "mixes 2 lists or dictionaries and 1 string; the first string is row 1: 'a'."),
        ([dt.date(2024, 1, 1), dt.datetime(2024, 1, 1)], "the first datetime is row 1: datetime.datetime(2024"),
    ],
)
def test_a_column_of_mixed_types_is_refused_with_counts_row_and_value(values: list[Any], says: str) -> None:
    assert says in of(values)
    assert says in of(pd.Series(values, dtype=object))
    assert says in of(np.array([*values, None], dtype=object)[:-1])


def test_a_mixed_column_of_numbers_and_text_is_answered_with_to_numeric() -> None:
    assert "pd.to_numeric(df['x']" in refusal({"timestamp": [1, 2], "x": [1, "a"]}).fix


def test_a_category_of_mixed_types_is_refused() -> None:
    assert "mixes" in of(pd.Series(pd.Categorical.from_codes([0, 1], categories=pd.Index([1, "a"], dtype=object))))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinity_is_refused_by_row(value: float) -> None:
    for column in [*libraries([1.0, None, value]), np.array([1.0, np.nan, value]), [1, None, value]]:
        assert of(column) == f"Column 'x' has 1 infinity; the first is row 2: {value}."


NESTED = {
    "lists": pd.Series([[1.0], [[2.0, -np.inf]]]),
    "dictionaries": [{"a": 1.0}, {"a": [np.inf]}],
    "arrays": pd.Series([np.array([1.0]), np.array([np.inf, 1.0])]),
    "polars": pl.Series([[1.0], [2.0, np.inf]]),
    "polars structs": pl.Series([{"a": 1.0}, {"a": np.inf}]),
    "arrow": pa.chunked_array([[[1.0], [2.0, np.inf]]]),
}


@pytest.mark.parametrize("column", NESTED.values(), ids=NESTED)
def test_an_infinity_within_a_cell_is_refused_by_row_or_null_on_request(column: Any) -> None:
    frame = {"time": [1, 2], "x": column}

    assert of(column).startswith("Column 'x' has an infinity within row 1: ")
    columns = to_columns(frame, FrameOptions(time_unit="ns", inf="null"))
    assert "null" in columns.text["x"].cells(0, 2)[1]


@pytest.mark.parametrize(
    "column",
    [
        np.array([1, np.inf], "f4"),
        pd.array([1.0, np.inf], "Float64"),
        pd.Series([1.0, np.inf], dtype="category"),
        pd.Series([1, np.inf], dtype=object),
        pl.Series([1, np.inf], dtype=pl.Float32),
    ],
    ids=repr,
)
def test_an_infinity_is_null_where_that_was_asked_for(column: Any) -> None:
    frame = {"timestamp": [1, 2], "x": column}

    columns = to_columns(frame, FrameOptions(time_unit="ns", inf="null"))

    assert columns.numeric["x"].nulls == 1
    assert "infinity" in of(column)
    assert "infinity" in of(column, tags=["x"])


def test_half_a_surrogate_pair_is_refused_by_row() -> None:
    assert of(["a", None, "b\ud800"]) == "Column 'x' has half of a surrogate pair in row 2: 'b\\ud800'."


def test_the_character_0_is_refused_in_every_library() -> None:
    for column in libraries(["a", None, "b\0c"]):
        assert of(column) == "Column 'x' has the character U+0000 in row 2: 'b\\x00c'."


def test_text_in_tags_is_looked_at_too() -> None:
    assert "U+0000 in row 1" in of(["a", "b\0"], tags=["x"])


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 2**200, 10**400])
def test_an_integer_that_readers_cannot_hold_is_refused_by_row(value: int) -> None:
    assert f"'x' has the integer {value}"[:60] in of([1, None, value])
    assert "in row 2" in of(pd.Series([1, None, value], dtype=object))
    assert "in row 2" in of([1.5, None, value])


@pytest.mark.parametrize(
    ("value", "name"),
    [(Colour.RED, "Colour"), (1j, "complex"), (object(), "object"), ({1}, "set"), (pd.Period("2024"), "Period")],
)
def test_objects_without_a_form_are_refused_by_type_and_row(value: Any, name: str) -> None:
    assert of([None, value]).startswith(f"Column 'x' holds objects of type '{name}'; the first is row 1: ")
    assert f"type '{name}'" in of(pd.Series([None, value], dtype=object))


@pytest.mark.parametrize(
    "array", [np.array([1j, 2]), np.array([1, 2], np.longdouble), np.array([1, 2], "m8[M]")], ids=repr
)
def test_arrays_without_a_form_are_refused(array: Any) -> None:
    assert "holds objects of type" in of(array)


def test_a_token_among_the_values_is_not_shown() -> None:
    token = fake_token()

    assert token not in of([1, token])
    assert token[:12] not in of(["a\0" + token])


# ---- names


@pytest.mark.parametrize("name", ["Timestamp", "Tags", "timestamp"])
def test_names_that_a_reader_takes_for_its_own_are_refused_with_a_rename(name: str) -> None:
    said = refusal({"time": [1], name: [1], f"{name.lower()}_value": [2]}, time="time")

    assert said.what == f"A parameter cannot be called {name!r}."
    assert f"{{'{name}': '{name.lower()}_value_'}}" in said.fix


def test_a_name_like_the_old_clients_tags_is_refused_or_sent_as_a_tag() -> None:
    frame = {"time": [1], "TAG__car": ["a"]}

    assert "--tag TAG__car" in refusal(frame).fix
    assert list(to_columns(frame, FrameOptions(time_unit="ns", tags=["TAG__car"])).tags) == ["car"]


def test_a_reserved_name_that_is_not_sent_does_not_matter() -> None:
    frame = {"time": [1], "Tags": [1], "x": [1]}

    assert list(to_columns(frame, FrameOptions(time_unit="ns", columns=["x"])).numeric) == ["x"]


def test_two_columns_for_one_tag_are_refused() -> None:
    assert "both the tag 'a'" in refusal({"time": [1], "TAG__a": [1], "a": [2]}, tags=["TAG__a", "a"]).what


@pytest.mark.parametrize("name", ["a\ud800", "a\0"])
def test_a_name_that_no_reader_gets_is_refused(name: str) -> None:
    assert "cannot be called" in refusal({"time": [1], name: [1]}).what


@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame([[1, 2, 3]], columns=["time", "x", "x"]),
        lambda: pd.DataFrame([[1, 2, 3]], columns=pd.Index(["time", "1", 1], dtype=object)),
        lambda: pa.Table.from_arrays([pa.array([1])] * 3, names=["time", "x", "x"]),
        lambda: pd.DataFrame({"time": [1], "x": [2]}, index=pd.Index(["a"], name="x")),
        lambda: {"time": [1], 1: [1], "1": [2]},
    ],
)
def test_duplicate_names_are_refused(make: Callable[[], Any]) -> None:
    assert refusal(make()).what.startswith("2 columns are called ")


@pytest.mark.parametrize(
    "names", [pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]), pd.Index([1.5, 2.5]), pd.Index([None, "a"])]
)
def test_names_that_are_not_text_are_refused(names: pd.Index[Any]) -> None:
    assert "which is not text" in refusal(pd.DataFrame([[1, 2]], columns=names)).what


def test_a_users_own_column_is_named_and_not_one_made_of_the_index() -> None:
    names = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
    frame = pd.DataFrame([[1, 2]], columns=names, index=pd.date_range("2026", periods=1))

    assert refusal(frame).what == "A column is called ('a', 'x'), which is not text."


def test_an_index_of_a_name_that_no_parameter_may_have_is_answered_with_rename_axis() -> None:
    frame = pd.DataFrame({"t": [1]}, index=pd.date_range("2026", periods=1, name="timestamp"))

    assert "df.rename_axis('timestamp_value')" in refusal(frame, time="t").fix


@pytest.mark.parametrize("option", ["columns", "tags"])
def test_a_column_that_is_not_there_is_refused(option: str) -> None:
    assert refusal({"time": [1], "speed": [1]}, **{option: ["sped"]}).fix == "Did you mean 'speed'?"


def test_a_column_named_by_a_number_is_answered_with_its_text() -> None:
    assert "'0', '1'" in refusal(pd.DataFrame([[1, 2]]), time=0).cause


# ---- streams by a column


@pytest.mark.parametrize("bad", [None, "", "a/b", "a\\b", "x" * 1025, "é" * 513, "___KA___"])
def test_a_value_that_cannot_be_a_stream_id_is_refused_by_row(bad: str | None) -> None:
    for column in libraries(["a", "b", bad, "a", bad]):
        assert "gives row 2 no usable stream ID" in of(column, stream_by="x")


def test_numbers_and_categories_name_streams() -> None:
    frame = pd.DataFrame({"time": [1, 2], "i": [44, 1], "c": pd.Categorical(["a", "b"])})

    for by, named in (("i", ["44", "1"]), ("c", ["a", "b"])):
        streams = to_columns(frame, FrameOptions(time_unit="ns", stream_by=by)).streams
        assert streams is not None
        assert [streams.names[code] for code in streams.codes] == named


@pytest.mark.parametrize("library", range(4), ids=["a list", "pandas", "polars", "arrow"])
def test_text_names_streams_in_every_library(library: int) -> None:
    cells = ["b", "a", "b", "c"] * 500
    frame = {"time": range(2000), "x": libraries(cells)[library]}

    streams = to_columns(frame, FrameOptions(time_unit="ns", stream_by="x")).streams

    assert streams is not None
    assert streams.names == ["b", "a", "c"]
    assert [streams.names[code] for code in streams.codes] == cells


# ---- events


def test_an_event_without_an_id_is_refused_by_row() -> None:
    frame = {"time": [1, 2, 3], "id": ["a", "b", None], "value": ["x", None, "z"]}

    assert refusal(frame, events=True).what == "The event in row 2 has no ID."


def test_what_has_no_place_in_an_event_is_refused_or_sent_as_a_tag() -> None:
    frame = {"time": [1], "id": ["a"], "value": ["x"], "car": ["44"]}

    assert "--tag car" in refusal(frame, events=True).fix
    assert "no column 'value'" in refusal({"time": [1], "id": ["a"]}, events=True).what
    assert list(to_columns(frame, FrameOptions(time_unit="ns", events=True, tags=["car"])).tags) == ["car"]


# ---- far down


@pytest.mark.parametrize(
    "bad", ["a\0", "a\ud800", 5, float("inf"), b"x", [1]], ids=["0", "surrogate", "number", "inf", "bytes", "list"]
)
def test_the_row_is_right_beyond_the_first_slice(bad: Any) -> None:
    values: list[Any] = [1.5 if isinstance(bad, float) else "a"] * FAR + [bad]

    for column in (values, pd.Series(values, dtype=object)):
        assert f"row {FAR:,}: " in of(column)


def test_the_row_is_right_in_a_later_frame_of_many() -> None:
    with pytest.raises(FrameError, match="row 100,001: 'a'"):
        to_columns({"time": [1, 2], "x": [1, "a"]}, FrameOptions(time_unit="ns"), first_row=100_000)
