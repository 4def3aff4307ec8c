"""A frame's time column as int64 nanoseconds since 1970-01-01 UTC, exactly or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from quixnb.errors import FrameError
from quixnb.frames.columns import shown

Nanoseconds = npt.NDArray[np.int64]

NS_PER: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_MAX_NS: Final = 2**63 - 1
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NAIVE_NOTE: Final = "Times without a zone were taken as UTC; choose another with --tz (tz=…)."


def from_series(
    name: str, series: nw.Series[Any], *, unit: str | None, tz: str | None, first_row: int
) -> tuple[Nanoseconds, bool]:
    """Nanoseconds for one narwhals series, and whether its times were naive.

    Datetimes of any unit (aware ones converted, naive ones taken in `tz` or UTC), dates (midnight), ISO 8601 text, and
    numbers with an explicit `unit` since the epoch. A number without a unit is never guessed to be a time.

    Raises
    ------
    FrameError
        A null, a time outside 1677-09-21…2262-04-11 (what int64 nanoseconds hold), text that is no time, a number
        without a unit, or a type that is no time.
    """
    dtype = series.dtype
    _refuse_nulls(name, series.is_null().to_numpy().astype(bool, copy=False), first_row)
    if dtype == nw.Datetime:
        return _from_datetimes(name, series, tz, first_row)
    if dtype == nw.Date:
        return _scaled(
            name, series.to_numpy().astype("datetime64[D]").astype(np.int64), 86_400 * 10**9, first_row
        ), True
    if dtype.is_integer():
        return _scaled(name, series.to_numpy(), _unit_ns(name, series, unit), first_row), False
    if dtype.is_float():
        return _from_floats(name, series.to_numpy(), _unit_ns(name, series, unit), first_row), False
    if dtype == nw.String:
        return from_values(name, series.to_list(), unit=unit, tz=tz, first_row=first_row)
    if dtype in (nw.Object, nw.Unknown):
        return from_values(name, series.to_list(), unit=unit, tz=tz, first_row=first_row)
    raise _not_time(name, str(dtype))


def from_array(
    name: str, values: npt.NDArray[Any], *, unit: str | None, tz: str | None, first_row: int
) -> tuple[Nanoseconds, bool]:
    """Nanoseconds for a numpy array of datetime64, or of numbers with a unit."""
    if values.dtype.kind == "M":
        _refuse_nulls(name, np.isnat(values), first_row)
        if tz is not None:
            return from_values(name, values.astype("datetime64[us]").tolist(), unit=unit, tz=tz, first_row=first_row)
        step, count = np.datetime_data(values.dtype)
        if step not in NS_PER:  # days, hours, months, or finer than ns: numpy counts them in seconds
            values, step, count = values.astype("datetime64[s]"), "s", 1
        return _scaled(name, values.astype(np.int64), NS_PER[step] * count, first_row), True
    if values.dtype.kind in "iu":
        return _scaled(name, values, _unit_ns(name, values, unit), first_row), False
    if values.dtype.kind == "f":
        return _from_floats(name, values, _unit_ns(name, values, unit), first_row), False
    raise _not_time(name, str(values.dtype))


def from_values(
    name: str, values: Sequence[Any], *, unit: str | None, tz: str | None, first_row: int
) -> tuple[Nanoseconds, bool]:
    """Nanoseconds for Python values: datetimes, dates, pandas Timestamps, ISO 8601 text, or numbers with a unit."""
    _refuse_nulls(name, np.fromiter((value is None or value != value for value in values), dtype=bool), first_row)
    kinds = {type(value) for value in values}
    if kinds <= {int} and kinds:
        exact = np.array(values, dtype=object) * _unit_ns(name, values, unit)
        return _checked(name, exact, values, first_row), False
    if kinds <= {int, float} and kinds:
        return _from_floats(name, np.array(values, dtype=np.float64), _unit_ns(name, values, unit), first_row), False
    naive = False
    out: list[int] = []
    for row, value in enumerate(values):
        moment = _moment(name, value, first_row + row)
        if isinstance(moment, int):  # already exact nanoseconds, aware or not
            out.append(moment)
            continue
        if moment.tzinfo is None:
            naive = True
            moment = _placed(moment, tz)
        out.append(((moment - _EPOCH) // dt.timedelta(microseconds=1)) * 1000 + getattr(moment, "nanosecond", 0))
    return _checked(name, np.array(out, dtype=object), values, first_row), naive


def _moment(name: str, value: Any, row: int) -> Any:
    if isinstance(value, str):
        return _parsed(name, value, row)
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, np.datetime64):
        return int(value.astype("datetime64[ns]").astype(np.int64))
    raise FrameError(
        f"Time column {name!r} has a {type(value).__name__} in row {row:,}: {shown(value)}.",
        cause="A time is a datetime, a date, ISO 8601 text, or a number with --time-unit.",
        fix=f"Convert the column first: df[{name!r}] = pd.to_datetime(df[{name!r}])",
    )


def _parsed(name: str, text: str, row: int) -> Any:
    """ISO 8601 text as a pandas Timestamp, which unlike datetime keeps nine fractional digits."""
    import pandas as pd

    try:
        return pd.to_datetime(text.strip(), format="ISO8601")
    except (ValueError, OverflowError):
        raise FrameError(
            f"Time column {name!r} has text in row {row:,} that is no ISO 8601 time: {shown(text)}.",
            cause="Other notations are not guessed: day and month are too easily swapped.",
            fix=f"Parse it yourself: df[{name!r}] = pd.to_datetime(df[{name!r}], format='…')",
        ) from None


def _placed(moment: dt.datetime, tz: str | None) -> dt.datetime:
    from zoneinfo import ZoneInfo

    return moment.replace(tzinfo=dt.UTC if tz is None else ZoneInfo(tz))


def _from_datetimes(name: str, series: nw.Series[Any], tz: str | None, first_row: int) -> tuple[Nanoseconds, bool]:
    naive = getattr(series.dtype, "time_zone", None) is None
    if naive and tz is not None:
        try:
            series = series.dt.replace_time_zone(tz)
        except Exception as error:  # each library has its own class for a local time that does not exist
            raise FrameError(
                f"Time column {name!r} cannot be placed in time zone {tz!r}.",
                cause=shown(str(error)),
                fix="Localise it yourself, deciding what ambiguous hours mean, or publish it as UTC.",
            ) from None
    if getattr(series.dtype, "time_zone", None) is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    unit = str(getattr(series.dtype, "time_unit", "ns"))
    values = series.to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)
    return _scaled(name, values, NS_PER[unit], first_row), naive


def _scaled(name: str, values: npt.NDArray[Any], ns: int, first_row: int) -> Nanoseconds:
    outside = (values > _MAX_NS // ns) | (values < -(_MAX_NS // ns))
    if outside.any():
        raise _out_of_range(name, values, int(outside.argmax()), first_row)
    scaled: Nanoseconds = values.astype(np.int64) * ns if ns != 1 else np.ascontiguousarray(values, dtype=np.int64)
    return scaled


def _from_floats(name: str, values: npt.NDArray[Any], ns: int, first_row: int) -> Nanoseconds:
    outside = ~(np.abs(values) <= _MAX_NS // ns)  # true for NaN and infinities too
    if outside.any():
        raise _out_of_range(name, values, int(outside.argmax()), first_row)
    # Whole and fractional part apart: 1.7e18 as one float would be rounded to 256 ns.
    whole = np.floor(values)
    nanoseconds: Nanoseconds = whole.astype(np.int64) * ns + np.rint((values - whole) * ns).astype(np.int64)
    return nanoseconds


def _checked(name: str, exact: npt.NDArray[Any], values: Sequence[Any], first_row: int) -> Nanoseconds:
    outside = np.fromiter((abs(ns) > _MAX_NS for ns in exact), dtype=bool, count=len(exact))
    if outside.any():
        raise _out_of_range(name, values, int(outside.argmax()), first_row)
    return exact.astype(np.int64)


def _unit_ns(name: str, values: Any, unit: str | None) -> int:
    if unit in NS_PER:
        return NS_PER[unit]
    if unit is not None:
        raise FrameError(
            f"{unit!r} is no time unit.", cause="It is one of s, ms, us, ns.", fix="For example --time-unit ms"
        )
    example = next(iter(values), 0)
    raise FrameError(
        f"Time column {name!r} holds numbers, such as {shown(example)}.",
        cause="Whether they are seconds or nanoseconds since 1970 is not guessed.",
        fix="Say it: --time-unit s, ms, us or ns (time_unit='ms').",
    )


def _refuse_nulls(name: str, mask: npt.NDArray[np.bool_], first_row: int) -> None:
    if mask.any():
        raise FrameError(
            f"Time column {name!r} has {int(mask.sum()):,} rows without a time; the first is row "
            f"{first_row + int(mask.argmax()):,}.",
            cause="Every row of a timeseries has a time.",
            fix=f"Drop them: df = df.dropna(subset=[{name!r}])",
        )


def _out_of_range(name: str, values: Any, row: int, first_row: int) -> FrameError:
    return FrameError(
        f"Time column {name!r} is out of range in row {first_row + row:,}: {shown(values[row])}.",
        cause="Quix stores times as 64-bit nanoseconds: 1677-09-21 to 2262-04-11.",
        fix="Correct those rows, or check the unit with --time-unit.",
    )


def _not_time(name: str, dtype: str) -> FrameError:
    return FrameError(
        f"Column {name!r} is of type {dtype}, which is no time.",
        cause="A time is a datetime, a date, ISO 8601 text, or a number with --time-unit.",
        fix="Name another column with --time COLUMN.",
    )
