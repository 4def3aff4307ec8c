"""Every kind of frame, column by column, from the frame to its bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from quixnb.errors import FrameError
from quixnb.frames import FrameOptions, to_columns
from tests.frames.encoded import arrived, one
from tests.sample_frames import SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_every_awkward_frame_arrives_exactly(name: str) -> None:
    sample = SAMPLES[name]

    read = arrived(sample.make(), **sample.options)

    assert read.time == sample.time
    # repr tells 1 from 1.0, True from 1 and -0.0 from 0.0.
    assert {name: repr(cells) for name, cells in read.columns.items()} == {
        name: repr(list(cells)) for name, cells in sample.columns.items()
    }
    assert read.tags == sample.tags


def _long(values: list[Any]) -> dict[str, Any]:
    """A long column of text in every form that takes a way of its own."""
    half = len(values) // 2
    arrow_string = pd.ArrowDtype(pa.string())
    return {
        "list": values,
        "object": pd.Series(values, dtype=object),
        "object array": np.array(values, dtype=object),
        "string": pd.Series(values, dtype="string"),
        "string[python]": pd.Series(values, dtype="string[python]"),
        "str": pd.Series(values, dtype="str" if pd.__version__ >= "3" else object),
        "string[pyarrow]": pd.Series(values, dtype=arrow_string),
        "category": pd.Series(values, dtype="category"),
        "pl.String": pl.Series(values, dtype=pl.String),
        "pl.Categorical": pl.Series(values, dtype=pl.Categorical),
        "pa.string": pa.array(values, pa.string()),
        "pa.large_string in chunks": pa.chunked_array([values[:half], [], values[half:]], pa.large_string()),
        "pa.dictionary in chunks": pa.chunked_array(
            [pa.array(values[:half], pa.string()), pa.array(values[half:], pa.string())]
        ).dictionary_encode(),
    }


@pytest.mark.parametrize("kind", _long(["a"]))
@pytest.mark.parametrize("distinct", [3, 3000], ids=["few values", "many values"])
def test_long_columns_of_text_arrive_exactly(kind: str, distinct: int) -> None:
    texts = [None, "", *(f"ž{number}" for number in range(distinct))]
    values = [texts[number * number % len(texts)] for number in range(5000)]

    assert one(_long(values)[kind]) == values


@pytest.mark.parametrize("kind", _long(["a"]))
def test_long_columns_of_nothing_but_null_text_are_null(kind: str) -> None:
    assert one(_long([None] * 2000)[kind]) == [None] * 2000


@pytest.mark.parametrize("kind", _long(["a"]))
@pytest.mark.parametrize("rows", [10, 5000])
def test_a_bad_text_is_refused_by_row_in_every_form(kind: str, rows: int) -> None:
    # pandas before 3 takes texts for equal that differ behind U+0000, also when it makes categories of them.
    values = ["a", None, *["a", "b"] * (rows // 2), "z\0b" if kind == "category" else "a\0b"]

    with pytest.raises(FrameError, match=rf"U\+0000 in row {rows + 2:,}"):
        one(_long(values)[kind])


@pytest.mark.parametrize("rows", [10, 5000])
@pytest.mark.parametrize("dtype", [object, "string[python]"])
def test_half_a_surrogate_pair_is_refused_by_row_where_it_can_be_held(rows: int, dtype: Any) -> None:
    values = pd.Series(["a", None, *["a", "b"] * (rows // 2), "a\ud800"], dtype=dtype)

    with pytest.raises(FrameError, match=rf"surrogate pair in row {rows + 2:,}"):
        one(values)


@pytest.mark.parametrize("kind", _long(["a"]))
def test_rows_of_text_keep_their_place_when_streams_are_sorted_apart(kind: str) -> None:
    values = [f"{number % 7}" if number % 5 else None for number in range(3000)]
    columns = to_columns({"time": range(3000), "x": _long(values)[kind]}, FrameOptions(time_unit="ns"))
    order = np.random.default_rng(1).permutation(3000)

    cells = columns.take(order).text["x"].cells(0, 3000)

    assert list(cells) == [values[row] for row in order]
