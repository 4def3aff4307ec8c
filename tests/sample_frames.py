"""Awkward frames, and what arrives of each: the columns as any of Quix's readers must get them.

Each sample is published with `sample.options`; `sample.columns` are its parameters' values in row order (None is null;
a binary null may also be missing), `sample.time` its rows' times in ns, `sample.tags` its tags.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import uuid
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

T0: Final = 1_700_000_000_123_456_789
MOMENT: Final = dt.datetime(2024, 2, 29, 12, 30, 0, 123456)
PRAGUE: Final = dt.timezone(dt.timedelta(hours=1))


@dataclass(frozen=True)
class Sample:
    """A frame, made anew for each use because iterators are read once, and what arrives of it."""

    make: Callable[[], Any]
    columns: Mapping[str, Sequence[Any]]
    time: Sequence[int]
    tags: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def _times(n: int) -> list[int]:
    return [T0 + i for i in range(n)]


_NS: Final = {"time_unit": "ns"}


def _one(make: Callable[[list[int]], Any], arrives: Sequence[Any], **options: Any) -> Sample:
    """A sample of one parameter, `x`."""
    time = _times(len(arrives))
    return Sample(lambda: make(time), {"x": list(arrives)}, time, options={**_NS, **options})


def pandas(x: Any, arrives: Sequence[Any], **options: Any) -> Sample:
    return _one(lambda time: pd.DataFrame({"timestamp": time, "x": x}), arrives, **options)


def arrow_backed(values: list[Any], kind: pa.DataType, arrives: Sequence[Any]) -> Sample:
    return pandas(pd.Series(pa.array(values, kind), dtype=pd.ArrowDtype(kind)), arrives)


def polars(x: Any, arrives: Sequence[Any]) -> Sample:
    return _one(lambda time: pl.DataFrame({"timestamp": time, "x": x}), arrives)


def arrow(x: pa.Array, arrives: Sequence[Any]) -> Sample:
    return _one(lambda time: pa.table({"timestamp": pa.array(time), "x": x}), arrives)


def mapping(x: Any, arrives: Sequence[Any], **options: Any) -> Sample:
    return _one(lambda time: {"timestamp": time, "x": x}, arrives, **options)


Row = namedtuple("Row", "timestamp x")


@dataclasses.dataclass
class Record:
    timestamp: int
    x: float | None


def _rows() -> Iterator[dict[str, Any]]:
    yield from ({"timestamp": T0 + i, "x": i, "list": [i]} for i in range(3))


_FLOAT_EDGES: Final = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3]
_TEXTS: Final = ["plain", "", None, 'a"b\\c/d\n\té', "日本語 🚀\x7f\u2028\x01"]
_ZONED: Final = pa.timestamp("ms", "Asia/Tokyo")
_MOMENTS: Final = np.array([MOMENT, "NaT"], "M8[us]")
_LOOKS: Final = ["1", "true", "null", "NaN", "2024-01-01"]
_KIND: Final = pa.dictionary(pa.int32(), pa.int64())

SAMPLES: Final[dict[str, Sample]] = {
    # ---- numbers
    "int8": pandas(np.array([-128, 0, 127], "i1"), [-128, 0, 127]),
    "int64 beyond 2**53": pandas(np.array([2**53 + 1, -(2**63), 2**63 - 1]), [2**53 + 1, -(2**63), 2**63 - 1]),
    "uint64": pandas(np.array([0, 2**63, 2**64 - 1], "u8"), [0, 2**63, 2**64 - 1]),
    "float64": pandas(_FLOAT_EDGES, _FLOAT_EDGES),
    "float64 with NaN": pandas([1.5, np.nan, 0.0], [1.5, None, 0.0]),
    "float64 of whole numbers": pandas([1.0, 2.0], [1.0, 2.0]),
    "float32": pandas(np.array([0.1, 16777217, np.nan], "f4"), [0.1, 16777216.0, None]),
    "float16": pandas(np.array([0.1, 65504, np.nan], "f2"), [0.1, 65500.0, None]),
    "bool": pandas([True, False], [1, 0]),
    "Int64": pandas(pd.array([2**53 + 1, None, 0], "Int64"), [2**53 + 1, None, 0]),
    "UInt64": pandas(pd.array([2**64 - 1, None], "UInt64"), [2**64 - 1, None]),
    "Float64": pandas(pd.array([1.5, None, 0.0], "Float64"), [1.5, None, 0.0]),
    "Float32": pandas(pd.array([0.1, None], "Float32"), [0.1, None]),
    "boolean": pandas(pd.array([True, None, False], "boolean"), [1, None, 0]),
    "nothing but NaN": pandas([np.nan, np.nan], [None, None]),
    "infinities as null": pandas([1.0, np.inf, -np.inf], [1.0, None, None], inf="null"),
    "sparse": pandas(pd.arrays.SparseArray([1.5, np.nan, 0.0]), [1.5, None, 0.0]),
    "big-endian": mapping(np.array([1.5, -2.5], ">f8"), [1.5, -2.5]),
    "strided": mapping(np.arange(6.0)[::-2], [5.0, 3.0, 1.0]),
    "masked": mapping(np.ma.MaskedArray([7, 8, 9], mask=[0, 1, 0]), [7, None, 9]),
    # ---- objects
    "object: integers and None": pandas(pd.Series([1, None, 2**64 - 1], dtype=object), [1, None, 2**64 - 1]),
    "object: floats and integers": pandas(pd.Series([1, 2.5, None, np.nan], dtype=object), [1, 2.5, None, None]),
    "object: booleans": pandas(pd.Series([True, None, False], dtype=object), [1, None, 0]),
    "object: text and every null": pandas(
        pd.Series(["a", None, np.nan, pd.NA, pd.NaT, ""], dtype=object), ["a", None, None, None, None, ""]
    ),
    "object: numpy scalars": pandas(
        pd.Series([np.float32(0.1), np.int8(3), None], dtype=object), [0.1, 3, None]
    ),
    "object: nothing but None": pandas(pd.Series([None, None], dtype=object), [None, None]),
    "object: text after a hundred nulls": pandas(
        pd.Series([None] * 150 + ["x"], dtype=object), [None] * 150 + ["x"]
    ),
    "object: numbers after a hundred nulls": pandas(pd.Series([None] * 150 + [5], dtype=object), [None] * 150 + [5]),
    "object: bytes": pandas(pd.Series([b"\x00\xff", None, b""], dtype=object), [b"\x00\xff", None, b""]),
    "object: bytearrays": pandas(pd.Series([bytearray(b"a"), memoryview(b"b")], dtype=object), [b"a", b"b"]),
    "object: decimals": pandas(
        pd.Series([decimal.Decimal("1.10"), None, decimal.Decimal("NaN")], dtype=object), ["1.10", None, None]
    ),
    "object: UUIDs": pandas(pd.Series([uuid.UUID(int=5), None]), [str(uuid.UUID(int=5)), None]),
    "object: dates": pandas(pd.Series([MOMENT.date(), None]), ["2024-02-29", None]),
    "object: times of day": pandas(pd.Series([MOMENT.time(), dt.time(1), None]), ["12:30:00.123456", "01:00:00", None]),
    "object: datetimes of several zones": pandas(
        pd.Series([MOMENT, MOMENT.replace(tzinfo=PRAGUE), None], dtype=object),
        ["2024-02-29T12:30:00.123456", "2024-02-29T11:30:00.123456Z", None],
    ),
    "object: Timedeltas": pandas(
        pd.Series([pd.Timedelta(1), dt.timedelta(-1), pd.NaT], dtype=object), ["PT0.000000001S", "-P1DT0S", None]
    ),
    "object: lists": pandas(pd.Series([[1, "é"], None, []], dtype=object), ['[1,"é"]', None, "[]"]),
    "object: arrays and NaN": pandas(
        pd.Series([np.nan, np.array([1, 2]), np.array([0.1], "f4")], dtype=object), [None, "[1,2]", "[0.1]"]
    ),
    "object: dictionaries": pandas(pd.Series([{"a": [1]}, {}, {1: None}]), ['{"a":[1]}', "{}", '{"1":null}']),
    "object: long integers in lists": pandas(pd.Series([[2**70], [1]]), [f"[{2**70}]", "[1]"]),
    # ---- text
    "str": pandas(pd.Series(_TEXTS, dtype="str"), _TEXTS),
    "string": pandas(pd.Series(_TEXTS, dtype="string"), _TEXTS),
    "texts that look like others": pandas(_LOOKS, _LOOKS),
    # ---- times as values
    "datetime64[ns]": pandas(np.array([1, "NaT"], "M8[ns]"), ["1970-01-01T00:00:00.000000001", None]),
    "datetime64[s]": pandas(np.array(["3000-01-01", "NaT"], "M8[s]"), ["3000-01-01T00:00:00", None]),
    "datetime64 of a zone": pandas(
        pd.Series(_MOMENTS).dt.tz_localize("Europe/Prague"), ["2024-02-29T11:30:00.123456Z", None]
    ),
    "timedelta64[ns]": pandas(np.array([1, "NaT"], "m8[ns]"), ["PT0.000000001S", None]),
    "timedelta64[s], longer than 292 years": pandas(np.array([10**12], "m8[s]"), ["P11574074DT6400S"]),
    # ---- categories
    "category of text": pandas(pd.Series(["a", None, "b", "a"], dtype="category"), ["a", None, "b", "a"]),
    "category of integers": pandas(pd.Series([3, 1, 3]).astype("category"), [3, 1, 3]),
    "category of integers with null": pandas(
        pd.Categorical.from_codes([0, -1, 1], categories=[2**53 + 1, 6]), [2**53 + 1, None, 6]
    ),
    "category of booleans": pandas(pd.Series([True, None], dtype="category"), [1, None]),
    "category of times": pandas(pd.Series(_MOMENTS).astype("category"), ["2024-02-29T12:30:00.123456", None]),
    # ---- Arrow in pandas
    "int64[pyarrow]": arrow_backed([2**53 + 1, None], pa.int64(), [2**53 + 1, None]),
    "uint64[pyarrow]": arrow_backed([2**64 - 1, None], pa.uint64(), [2**64 - 1, None]),
    "float[pyarrow]": arrow_backed([0.1, None], pa.float32(), [0.1, None]),
    "double[pyarrow]": arrow_backed([0.1, None], pa.float64(), [0.1, None]),
    "bool[pyarrow]": arrow_backed([True, None, False], pa.bool_(), [1, None, 0]),
    "string[pyarrow]": arrow_backed(_TEXTS, pa.string(), _TEXTS),
    "binary[pyarrow]": arrow_backed([b"\xff", None, b""], pa.binary(), [b"\xff", None, b""]),
    "timestamp[pyarrow]": arrow_backed([1, None], pa.timestamp("ns"), ["1970-01-01T00:00:00.000000001", None]),
    "date32[pyarrow]": arrow_backed([1, None], pa.date32(), ["1970-01-02", None]),
    "time64[pyarrow]": arrow_backed([1, None], pa.time64("ns"), ["00:00:00.000000001", None]),
    "duration[pyarrow]": arrow_backed([10**12, None], pa.duration("s"), ["P11574074DT6400S", None]),
    "decimal[pyarrow]": arrow_backed([decimal.Decimal("1.10"), None], pa.decimal128(9, 2), ["1.10", None]),
    "list[pyarrow]": arrow_backed([[1], None, []], pa.list_(pa.int64()), ["[1]", None, "[]"]),
    "map[pyarrow]": arrow_backed([[("a", 1)], None], pa.map_(pa.string(), pa.int64()), ['[["a",1]]', None]),
    "dictionary[pyarrow]": arrow_backed([5, None, 5], _KIND, [5, None, 5]),
    "null[pyarrow]": arrow_backed([None, None], pa.null(), [None, None]),
    # ---- Polars
    "pl.UInt8": polars(pl.Series([1, None, 255], dtype=pl.UInt8), [1, None, 255]),
    "pl.Float32 with null and NaN": polars(pl.Series([0.1, None, float("nan")], dtype=pl.Float32), [0.1, None, None]),
    "pl.Boolean": polars([True, None, False], [1, None, 0]),
    "pl.String": polars(_TEXTS, _TEXTS),
    "pl.Binary": polars([b"a", None, b""], [b"a", None, b""]),
    "pl.Categorical": polars(pl.Series(["a", None, "b"], dtype=pl.Categorical), ["a", None, "b"]),
    "pl.Enum": polars(pl.Series(["a", None], dtype=pl.Enum(["b", "a"])), ["a", None]),
    "pl.Datetime of a zone": polars(
        pl.Series([MOMENT, None]).dt.replace_time_zone("Europe/Prague"), ["2024-02-29T11:30:00.123456Z", None]
    ),
    "pl.Date": polars([MOMENT.date(), None], ["2024-02-29", None]),
    "pl.Time": polars(pl.Series([1, None]).cast(pl.Time), ["00:00:00.000000001", None]),
    "pl.Duration": polars([dt.timedelta(1, 1.5), None], ["P1DT1.5S", None]),
    "pl.Decimal": polars(pl.Series(["1.10", None]).cast(pl.Decimal(9, 2)), ["1.10", None]),
    "pl.List": polars([[1, None], None], ["[1,null]", None]),
    "pl.Struct": polars([{"a": 1}, None], ['{"a":1}', None]),
    "pl.Object": polars(pl.Series([uuid.UUID(int=5), None], dtype=pl.Object), [str(uuid.UUID(int=5)), None]),
    "pl.Null": polars([None, None], [None, None]),
    "lazy": _one(lambda time: pl.DataFrame({"timestamp": time, "x": [1, None, 3]}).lazy(), [1, None, 3]),
    # ---- PyArrow
    "pa.int64": arrow(pa.array([2**53 + 1, None]), [2**53 + 1, None]),
    "pa.float16": arrow(pa.array([np.float16(0.1), None]), [0.1, None]),
    "pa.bool": arrow(pa.array([True, None]), [1, None]),
    "pa.dictionary of text": arrow(pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
    "pa.dictionary of integers": arrow(pa.array([5, None]).dictionary_encode(), [5, None]),
    "pa.binary(2)": arrow(pa.array([b"ab", None], pa.binary(2)), [b"ab", None]),
    "pa.time32": arrow(pa.array([1, None], pa.time32("s")), ["00:00:01", None]),
    "pa.timestamp of a zone": arrow(pa.array([1, None], _ZONED), ["1970-01-01T00:00:00.001Z", None]),
    "pa.decimal256": arrow(pa.array([decimal.Decimal("1.10"), None], pa.decimal256(60, 2)), ["1.10", None]),
    "pa.struct": arrow(pa.array([{"a": 1}, None]), ['{"a":1}', None]),
    "pa.RecordBatch": _one(lambda time: pa.RecordBatch.from_pydict({"timestamp": time, "x": [1.5, None]}), [1.5, None]),
    "pa.RecordBatchReader": _one(
        lambda time: pa.table({"timestamp": time, "x": [1, 2, 3]}).to_reader(max_chunksize=2), [1, 2, 3]
    ),
    # ---- dictionaries, rows, iterators
    "dictionary of lists": mapping([1, None, 2.5], [1, None, 2.5]),
    "dictionary of text arrays": mapping(np.array(["a", "é"]), ["a", "é"]),
    "dictionary of datetime64": mapping(np.array([1, "NaT"], "M8[D]"), ["1970-01-02", None]),
    "dictionary of timedelta64": mapping(np.array([1, "NaT"], "m8[D]"), ["P1DT0S", None]),
    "dictionary of a pandas array": mapping(pd.array([1, None], "Int64"), [1, None]),
    "dictionary of a Polars series": mapping(pl.Series([1, None]), [1, None]),
    "dictionary of an Arrow array": mapping(pa.array([1, None]), [1, None]),
    "list of dictionaries": _one(
        lambda time: [{"timestamp": time[0], "x": 1}, {"x": None, "timestamp": time[1]}, {"timestamp": time[2]}],
        [1, None, None],
    ),
    "list of dataclasses": _one(lambda time: [Record(time[0], 1.5), Record(time[1], None)], [1.5, None]),
    "list of named tuples": _one(lambda time: [Row(time[0], "a"), Row(time[1], "")], ["a", ""]),
    "list of frames": _one(
        lambda time: [pd.DataFrame({"timestamp": time[:1], "x": [1]}), pl.DataFrame({"timestamp": time[1:], "x": [2]})],
        [1, 2],
    ),
    "generator of rows": Sample(_rows, {"x": [0, 1, 2], "list": ["[0]", "[1]", "[2]"]}, _times(3), options=_NS),
    "generator of frames": _one(
        lambda time: (pd.DataFrame({"timestamp": [ns], "x": [float(i)]}) for i, ns in enumerate(time)), [0.0, 1.0, 2.0]
    ),
    # ---- indexes and names
    "datetime index without a name": Sample(
        lambda: pd.DataFrame({"x": [1, 2]}, index=pd.DatetimeIndex(np.array([T0, T0 + 1], "M8[ns]"), tz="UTC")),
        {"x": [1, 2]},
        _times(2),
    ),
    "datetime index with a name": Sample(
        lambda: pd.DataFrame({"x": [1]}, index=pd.DatetimeIndex([MOMENT], tz="Asia/Tokyo", name="when")),
        {"x": [1]},
        [1_709_177_400_123_456_000],
    ),
    "period index": Sample(
        lambda: pd.DataFrame({"x": [1, 2]}, index=pd.period_range("2024-01", periods=2, freq="M")),
        {"x": [1, 2]},
        [1_704_067_200_000_000_000, 1_706_745_600_000_000_000],
    ),
    "series with a datetime index": Sample(
        lambda: pd.Series([1.5], index=pd.DatetimeIndex([MOMENT]), name="x"), {"x": [1.5]}, [1_709_209_800_123_456_000]
    ),
    "named index is a column": Sample(
        lambda: pd.DataFrame({"timestamp": [T0], "x": [1]}, index=pd.Index(["ham"], name="driver")),
        {"x": [1], "driver": ["ham"]},
        [T0],
        options=_NS,
    ),
    "other index is none": Sample(
        lambda: pd.DataFrame({"timestamp": [T0], "x": [1]}, index=["a"]), {"x": [1]}, [T0], options=_NS
    ),
    "integer names": Sample(
        lambda: pd.DataFrame({0: [T0], 1: [5]}), {"1": [5]}, [T0], options={"time": "0", **_NS}
    ),
    "odd names": Sample(
        lambda: {"timestamp": [T0], "": [1], "a b/c": [2], "ž日🚀": [3], "Epoch": [4], "time": [5], "X": [6], "x": [7]},
        {"": [1], "a b/c": [2], "ž日🚀": [3], "Epoch": [4], "time": [5], "X": [6], "x": [7]},
        [T0],
        options=_NS,
    ),
    "tags": Sample(
        lambda: pd.DataFrame({
            "timestamp": _times(3), "x": [1, 2, 3], "TAG__car": ["a", None, ""], "lap": [7, 8, 9],
            "f": np.array([0.1, np.nan, 2], "f4"), "flag": [True, False, True],
        }),
        {"x": [1, 2, 3]},
        _times(3),
        {"car": ["a", None, ""], "lap": ["7", "8", "9"], "f": ["0.1", None, "2.0"], "flag": ["1", "0", "1"]},
        {"tags": ["TAG__car", "lap", "f", "flag"], **_NS},
    ),
    "only a time column": Sample(lambda: pd.DataFrame({"timestamp": [T0]}), {}, [T0], options=_NS),
    "unsorted and repeated times": Sample(
        lambda: {"time": [30, 10, 20, 10], "x": [3, 1, 2, None]}, {"x": [3, 1, 2, None]}, [30, 10, 20, 10], options=_NS
    ),
    "times before 1970 and at the ends": Sample(
        lambda: {"time": [-1, -(2**63) + 1, 2**63 - 1], "x": [1, 2, 3]},
        {"x": [1, 2, 3]},
        [-1, -(2**63) + 1, 2**63 - 1],
        options=_NS,
    ),
}  # fmt: skip

# What not every version of these libraries has that quixnb works with.
if hasattr(pl, "Int128"):
    SAMPLES["pl.Int128"] = polars(pl.Series([2**63, None, -1], dtype=pl.Int128), [2**63, None, -1])
if hasattr(pa, "string_view"):
    SAMPLES["pa.string_view"] = arrow(pa.array(["a", None, ""], pa.string_view()), ["a", None, ""])
