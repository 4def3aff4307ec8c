"""How frames come: whole, in chunks, from files; and what is no frame."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import csv, feather, parquet

from quixnb.errors import FrameError
from quixnb.frames import FrameOptions, chunks, is_frame, to_columns
from quixnb.frames.inputs import CHUNK_ROWS
from tests.frames.encoded import arrived


class Laps(pd.DataFrame):
    """A user's own kind of frame, as GeoPandas' is."""

    @property
    def _constructor(self) -> type[Laps]:
        return Laps


def table(rows: int) -> pa.Table:
    return pa.table({"time": pa.array(range(rows)), "x": pa.array([float(i) for i in range(rows)])})


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (lambda: pd.DataFrame({"a": [1, 2]}), 2),
        (lambda: Laps({"a": [1, 2]}), 2),
        (lambda: pl.DataFrame({"a": [1, 2]}), 2),
        (lambda: table(3), 3),
        (lambda: table(3).to_batches()[0], 3),
        (lambda: {"a": [1, 2]}, 2),
        (lambda: {"a": pd.Series([1])}, 1),
        (lambda: [{"a": 1}], 1),
        (list, 0),
        (dict, 0),
        (lambda: pd.Series([1], index=pd.date_range("2024", periods=1)), 1),
    ],
)
def test_what_is_in_memory_is_one_frame_of_known_length(make: Callable[[], Any], rows: int) -> None:
    source = chunks(make())

    assert source.is_whole
    assert source.rows == rows
    assert len(list(source.frames)) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: pl.DataFrame({"a": [1]}).lazy(),
        lambda: table(3).to_reader(),
        lambda: iter([pd.DataFrame({"a": [1]})]),
        lambda: [pd.DataFrame({"a": [1]})],
        lambda: ({"a": i} for i in range(1)),
        lambda: deque([{"a": 1}]),
    ],
)
def test_what_comes_in_parts_has_no_known_length(make: Callable[[], Any]) -> None:
    source = chunks(make())

    assert not source.is_whole
    assert len(list(source.frames)) == 1


@pytest.mark.parametrize("value", [None, 1, 1.5, b"x", print, Laps, object(), np.float64(1)], ids=repr)
def test_what_is_no_frame_is_refused_by_type(value: Any) -> None:
    with pytest.raises(FrameError, match=f"A value of type '{type(value).__name__}' is not a frame"):
        list(chunks(value).frames)


@pytest.mark.parametrize("items", [[1], [pd.DataFrame({"a": [1]}), 5], ["a"], [None], [[1, 2]]], ids=repr)
def test_an_iterator_of_something_else_is_refused(items: list[Any]) -> None:
    with pytest.raises(FrameError, match="is not a frame"):
        list(chunks(iter(items)).frames)


@pytest.mark.parametrize(
    "column",
    [5, "abc", b"abc", {1, 2}, (i for i in range(3)), np.array(5), np.zeros((2, 2)), np.array([[1, 2]])],
    ids=lambda c: type(c).__name__,
)
def test_a_dictionary_of_something_else_than_columns_is_refused_by_name(column: Any) -> None:
    with pytest.raises(FrameError, match="Column 'x' is a"):
        to_columns({"x": column, "time": [1, 2]}, FrameOptions(time_unit="s"))


def test_a_lazy_frame_that_cannot_be_computed_is_refused_in_words() -> None:
    with pytest.raises(FrameError, match="The lazy frame cannot be computed: ColumnNotFoundError") as refusal:
        list(chunks(pl.DataFrame({"a": [1]}).lazy().filter(pl.col("nope") > 1)).frames)
    assert "nope" in refusal.value.cause
    assert refusal.value.fix


def test_columns_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(FrameError, match="Column 'x' has 1 values and column 'time' has 2"):
        to_columns({"time": [1, 2], "x": [1]}, FrameOptions(time_unit="s"))


def test_rows_are_gathered_and_frames_between_them_keep_their_place() -> None:
    row = {"time": 1, "x": 1}
    frame = pd.DataFrame([row])

    listed = list(chunks(iter([[row], row, row, frame, row, [row], row])).frames)

    assert [len(item) for item in listed] == [1, 2, 1, 1, 1, 1]


def test_the_first_row_does_not_wait_for_the_second() -> None:
    taken: list[int] = []

    def source() -> Iterator[dict[str, int]]:
        for number in range(3):
            taken.append(number)
            yield {"time": number}

    frames = chunks(source()).frames

    assert next(frames) == [{"time": 0}]
    assert taken == [0]
    assert next(frames) == [{"time": 1}, {"time": 2}]


def test_many_rows_are_passed_on_in_bounded_parts() -> None:
    sizes = [len(part) for part in chunks({"time": i} for i in range(2 * CHUNK_ROWS + 1)).frames]

    assert sum(sizes) == 2 * CHUNK_ROWS + 1
    assert max(sizes) <= CHUNK_ROWS


def test_an_iterator_is_not_read_ahead() -> None:
    taken: list[int] = []

    def source() -> Iterator[pd.DataFrame]:
        for number in range(3):
            taken.append(number)
            yield pd.DataFrame({"time": [number]})

    frames = chunks(source()).frames

    assert taken == []
    next(frames)
    assert taken == [0]


def test_a_row_may_hold_lists() -> None:
    read = arrived(({"time": i, "points": [i, None], "who": {"a": 1}} for i in range(2)), time_unit="ns")

    assert read.columns == {"points": ["[0,null]", "[1,null]"], "who": ['{"a":1}', '{"a":1}']}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"time": [], "x": []}),
        pd.DataFrame(columns=["time", "x"]),
        pl.DataFrame(),
        table(0),
        [],
        {},
        {"time": [], "x": []},
    ],
    ids=lambda frame: type(frame).__name__,
)
def test_an_empty_frame_is_no_error_whatever_its_columns(frame: Any) -> None:
    assert len(to_columns(frame, FrameOptions())) == 0


def test_rows_without_columns_have_no_time() -> None:
    with pytest.raises(FrameError, match="No time column was found in a frame of 3 rows"):
        to_columns(pd.DataFrame(index=range(3)), FrameOptions())


# ---- files


def _write_csv(data: pa.Table, path: Path) -> None:
    csv.write_csv(data, path)


@pytest.mark.parametrize(
    ("suffix", "write"),
    [(".parquet", parquet.write_table), (".feather", feather.write_feather), (".csv", _write_csv)],
)
def test_a_file_is_read_in_parts_and_in_order(suffix: str, write: Callable[..., None], tmp_path: Path) -> None:
    rows = CHUNK_ROWS + 5
    path = tmp_path / f"laps{suffix}"
    write(table(rows), path)

    for given in (path, str(path)):
        sizes = [part.num_rows for part in chunks(given).frames]
        assert sum(sizes) == rows
        assert max(sizes) <= CHUNK_ROWS
    assert arrived(path, time_unit="ns").time == list(range(rows))


@pytest.mark.parametrize("name", ["missing.parquet", "laps.xlsx", "laps"])
def test_a_file_that_is_missing_or_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if not name.startswith("missing"):
        path.touch()

    with pytest.raises(FrameError, match=name):
        list(chunks(str(path)).frames)


@pytest.mark.parametrize("name", ["broken.parquet", "broken.feather"])
def test_a_broken_file_is_refused_in_three_lines(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is none")

    with pytest.raises(FrameError, match=name):
        list(chunks(path).frames)


def test_a_csv_column_that_changes_its_type_is_refused_in_three_lines(tmp_path: Path) -> None:
    path = tmp_path / "laps.csv"
    path.write_text("time,x\n" + "1,1\n" * 600_000 + "2,a\n")

    with pytest.raises(FrameError, match=r"'laps.csv' cannot be read on") as refusal:
        list(chunks(path).frames)
    assert "invalid value 'a'" in refusal.value.cause


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FrameError):
        list(chunks(tmp_path).frames)


# ---- what is imported


def test_no_frame_library_is_imported_for_plain_python_values() -> None:
    code = """
import sys
from quixnb.frames import FrameOptions, chunks, to_columns
import numpy
for data in ([{"time": "2024-01-01T00:00Z", "x": 1.5, "s": "a"}], {"time": numpy.array([1]), "x": [b"a"]}):
    for frame in chunks(data).frames:
        to_columns(frame, FrameOptions(time_unit="s"))
print([name for name in ("pandas", "polars", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[2])  # fmt: skip

    assert done.stdout.strip() == "[]"


def test_frames_are_known_by_their_libraries_own_types_only() -> None:
    assert is_frame(pd.DataFrame())
    assert is_frame(pl.DataFrame())
    assert is_frame(table(1))
    assert not is_frame(pd.Series([1]))
    assert not is_frame(pl.Series([1]))
    assert not is_frame(pa.array([1]))
    assert not is_frame("text")
