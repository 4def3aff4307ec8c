"""One series of any frame library, or one numpy array, to one typed column."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from quixnb.frames.columns import (
    ListColumn,
    Mask,
    Named,
    NumberColumn,
    SeriesColumn,
    base64_text,
    check_finite,
    check_nested,
    check_text,
)
from quixnb.frames.strings import text_column
from quixnb.frames.texts import NS_PER, iso_duration, json_text
from quixnb.frames.values import from_values, is_null

# Longer than any array's integers, or of a class of their own: taken value by value.
_AS_VALUES: Final = (nw.Object, nw.Unknown, nw.Int128, nw.UInt128)


def from_series(name: str, series: nw.Series[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for one narwhals series.

    Integers, floats and booleans (as 1/0) are numeric; strings, datetimes, dates, times, durations, decimals, lists
    and structs are text (ISO 8601 where there is one, else `str` or JSON); binary is base64; categories are what they
    stand for. Nulls of every library, and NaN, are null.

    Raises
    ------
    FrameError
        Mixed types, an infinity with `inf="refuse"`, a lone surrogate, U+0000, or a type with no form on the wire.
    """
    if series.dtype == nw.Categorical or series.dtype == nw.Enum:
        series = uncategorised(series)
    dtype, label = series.dtype, _label(series)
    if label == "float16":  # not every narwhals knows it
        return from_array(name, series.to_numpy(), first_row=first_row, inf=inf)
    # narwhals tells the type of pandas' object dtype by its first hundred values.
    if label == "object" and is_text(series):
        return Named(name, "text", text_column(name, series, "string", first_row))
    if dtype in _AS_VALUES or label == "object":
        return from_values(name, series.to_list(), first_row=first_row, inf=inf)
    if dtype == nw.String:
        return Named(name, "text", text_column(name, series, label, first_row))
    mask: Mask = series.is_null().to_numpy().astype(bool, copy=False)
    if dtype.is_float():
        numbers = check_finite(name, _array(series, mask, math.nan), first_row, inf)
        return Named(name, "numeric", NumberColumn(numbers, None, label))
    if dtype == nw.Boolean or dtype.is_integer():
        numbers = _array(series, mask, False if dtype == nw.Boolean else 0)
        numbers = numbers.view(np.uint8) if numbers.dtype == bool else numbers
        return Named(name, "numeric", NumberColumn(numbers, mask if mask.any() else None, label))
    if dtype == nw.Datetime:
        return Named(name, "text", _datetimes(series, mask, label))
    if dtype.is_nested():
        check_nested(name, series.to_list(), first_row, inf)
    column = SeriesColumn(series, mask, label, _text_of(dtype))
    check_text(name, column, len(series), first_row)
    return Named(name, "binary" if dtype == nw.Binary else "text", column)


def from_array(name: str, values: npt.NDArray[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for a numpy array; NaN and NaT are null."""
    label = str(values.dtype)
    if values.dtype.kind == "f" and values.dtype.itemsize <= 8:
        return Named(name, "numeric", NumberColumn(check_finite(name, values, first_row, inf), None, label))
    if values.dtype.kind in "iub":
        return Named(name, "numeric", NumberColumn(values.view(np.uint8) if label == "bool" else values, None, label))
    if values.dtype.kind == "M":
        texts = np.datetime_as_string(values).tolist()
        return Named(name, "text", ListColumn([None if text == "NaT" else text for text in texts], label))
    listed = list(values) if values.dtype.kind == "m" else values.tolist()  # tolist() makes integers of nanoseconds
    return from_values(name, listed, first_row=first_row, inf=inf)


def _array(series: nw.Series[Any], mask: Mask, null: float) -> npt.NDArray[Any]:
    """The numbers of a series, `null` in place of nulls."""
    array: npt.NDArray[Any] = (series.fill_null(null) if mask.any() else series).to_numpy()
    # pandas before 2.2 hands out objects for its nullable types.
    return array.astype(str(series.dtype).lower().replace("boolean", "bool")) if array.dtype == object else array


def _label(series: nw.Series[Any]) -> str:
    return str(getattr(nw.to_native(series), "dtype", series.dtype))


def is_text(series: nw.Series[Any]) -> bool:
    """Whether a series holds text and nulls only, seen without a loop over it in Python."""
    if _label(series) != "object":
        return bool(series.dtype == nw.String)
    return bool(sys.modules["pandas"].api.types.infer_dtype(nw.to_native(series), skipna=True) == "string")


def uncategorised(series: nw.Series[Any]) -> nw.Series[Any]:
    """A categorical series by its underlying values; narwhals itself knows only categories of strings."""
    native = nw.to_native(series)
    if series.implementation.is_polars():
        return series.cast(nw.String)
    if series.implementation.is_pyarrow():
        plain = native.cast(native.type.value_type)
    else:
        # Taken by code and not cast: pandas casts integers with nulls by way of floats.
        codes, categories = native.cat.codes.to_numpy(), native.cat.categories
        if categories.dtype.kind in "iub" and (codes < 0).any():
            categories = categories.astype({"i": "Int64", "u": "UInt64", "b": "boolean"}[categories.dtype.kind])
        plain = type(native)(categories.array.take(codes, allow_fill=True))
    return nw.from_native(plain, series_only=True)


# ---- text forms, slice by slice


def _text_of(dtype: nw.dtypes.DType) -> Callable[[nw.Series[Any]], list[Any]]:
    if dtype == nw.Duration:
        return _iso_durations
    if dtype == nw.Date:
        return lambda series: series.cast(nw.String).to_list()
    if dtype == nw.Time:
        return _iso_times
    return _each(base64_text if dtype == nw.Binary else str if dtype == nw.Decimal else json_text)


def _each(text: Callable[[Any], str]) -> Callable[[nw.Series[Any]], list[Any]]:
    return lambda series: [None if is_null(cell) else text(cell) for cell in series.to_list()]


def _datetimes(series: nw.Series[Any], mask: Mask, label: str) -> SeriesColumn:
    """Datetimes, aware ones in UTC; converted as a whole, because a library takes long for each slice."""
    zoned = getattr(series.dtype, "time_zone", None) is not None
    utc = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else series
    values = utc.to_numpy().astype(f"datetime64[{_unit(series)}]")
    return SeriesColumn(values, mask, label, partial(_iso_datetimes, zone="Z" if zoned else ""))


def _iso_datetimes(values: npt.NDArray[np.datetime64], zone: str) -> list[str]:
    texts: list[str] = np.datetime_as_string(values).tolist()
    return [text + zone for text in texts] if zone else texts


def _iso_durations(series: nw.Series[Any]) -> list[str]:
    counts = series.to_numpy().astype(f"timedelta64[{_unit(series)}]").astype(np.int64).tolist()
    ns = NS_PER[_unit(series)]
    return [iso_duration(count * ns) for count in counts]


def _iso_times(series: nw.Series[Any]) -> list[Any]:
    # Python's own times, and Polars' as text, end at microseconds.
    if series.implementation.is_polars():
        return series.dt.to_string("%H:%M:%S%.f").to_list()
    return series.cast(nw.String).to_list()


def _unit(series: nw.Series[Any]) -> str:
    return str(getattr(series.dtype, "time_unit", "ns"))
