"""A frame's time column as int64 nanoseconds since 1970-01-01 UTC, exactly or not at all."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from quixnb.errors import FrameError
from quixnb.frames.texts import NS_PER, nanoseconds, shown
from quixnb.frames.values import is_null

Nanoseconds = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MAX_NS: Final = 2**63 - 1
_DAY_NS: Final = 86_400 * 10**9
_EPOCH: Final = dt.datetime(1970, 1, 1)
# Date, hours and minutes, seconds, fraction, zone: the forms of ISO 8601 that can be nothing else.
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:(?<=:\d\d:\d\d)[.,](\d{1,9})0*)? ?(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_LINES: Final = re.compile(r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z?)?\n)+", re.ASCII)
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
        without a unit, a local time that `tz` does not have or has twice, or a type that is no time.
    """
    dtype = series.dtype
    if dtype in (nw.Int128, nw.UInt128, nw.String, nw.Object, nw.Unknown):
        return from_values(name, series.to_list(), unit=unit, tz=tz, first_row=first_row)
    _refuse_nulls(name, series.is_null().to_numpy().astype(bool, copy=False), first_row)
    if dtype == nw.Datetime:
        return _from_datetimes(name, series, tz, first_row)
    if dtype == nw.Date:
        return from_array(name, series.to_numpy().astype("datetime64[D]"), unit=unit, tz=tz, first_row=first_row)
    if dtype.is_numeric():
        return from_array(name, series.to_numpy(), unit=unit, tz=tz, first_row=first_row)
    raise _not_time(name, str(dtype))


def from_array(
    name: str, values: npt.NDArray[Any], *, unit: str | None, tz: str | None, first_row: int
) -> tuple[Nanoseconds, bool]:
    """Nanoseconds for a numpy array of datetime64, or of numbers with a unit."""
    if values.dtype.kind == "M":
        _refuse_nulls(name, np.isnat(values), first_row)
        step, count = np.datetime_data(values.dtype)
        if step not in NS_PER:  # days and longer fit in seconds; what is shorter than ns has no place on the wire
            step, count = "ns" if step in ("ps", "fs", "as") else "s", 1
            values = values.astype(f"datetime64[{step}]")
        ns = _scaled(name, values, NS_PER[step] * count, first_row)
        return _placed(name, ns, tz, first_row), True
    if values.dtype.kind in "iu":
        return _scaled(name, values, _unit_ns(name, values, unit), first_row), False
    if values.dtype.kind == "f":
        return _from_floats(name, values.astype(np.float64), _unit_ns(name, values, unit), first_row), False
    raise _not_time(name, str(values.dtype))


def from_values(
    name: str, values: Sequence[Any], *, unit: str | None, tz: str | None, first_row: int
) -> tuple[Nanoseconds, bool]:
    """Nanoseconds for Python values: datetimes, dates, pandas Timestamps, ISO 8601 text, or numbers with a unit."""
    if set(map(type, values)) == {str} and (bulk := _in_bulk(values)) is not None:
        ns, is_naive = bulk
        return _placed(name, ns, tz, first_row) if is_naive else ns, is_naive
    _refuse_nulls(name, np.fromiter(map(is_null, values), dtype=bool, count=len(values)), first_row)
    values = [value.item() if isinstance(value, np.number) else value for value in values]
    if values and {type(value) for value in values} <= {int, float}:
        per_unit = _unit_ns(name, values, unit)
        return _checked(name, [_exactly(value, per_unit) for value in values], values, first_row), False
    moments = [_moment(name, value, first_row + row) for row, value in enumerate(values)]
    naive = np.fromiter((is_naive for _, is_naive in moments), dtype=bool, count=len(moments))
    instants = _checked(name, [ns for ns, _ in moments], values, first_row)
    return np.where(naive, _placed(name, instants, tz, first_row, naive), instants), bool(naive.any())


def _in_bulk(texts: Sequence[str]) -> tuple[Nanoseconds, bool] | None:
    """Texts that are alike, all with `Z` or none, at numpy's speed; None for all others, which are read one by one."""
    lines = "".join(f"{text}\n" for text in texts)
    zoned = lines.count("Z\n")
    if zoned not in (0, len(texts)) or not _LINES.fullmatch(lines):
        return None
    bare = lines.replace("Z\n", "\n").split("\n")[:-1]
    try:
        seconds = np.array(bare, dtype="datetime64[s]").astype(np.int64)
    except ValueError:  # no such day or hour
        return None
    if np.abs(seconds).max() >= _MAX_NS // NS_PER["s"]:  # numpy would wrap around
        return None
    return np.array(bare, dtype="datetime64[ns]").astype(np.int64), not zoned


# ---- one value


def _exactly(value: float, ns: int) -> int:
    if isinstance(value, int):
        return value * ns
    return round(Fraction(value) * ns) if math.isfinite(value) else _MAX_NS + 1


def _moment(name: str, value: Any, row: int) -> tuple[int, bool]:
    """Nanoseconds of one value, and whether it has no zone."""
    if isinstance(value, str):
        return _parsed(name, value, row)
    if isinstance(value, dt.datetime):
        return nanoseconds(value - _EPOCH.replace(tzinfo=value.tzinfo and dt.UTC)), value.tzinfo is None
    if isinstance(value, dt.date):
        return (value - _EPOCH.date()).days * _DAY_NS, True
    if isinstance(value, np.datetime64):
        return int(from_array(name, np.array([value]), unit=None, tz=None, first_row=row)[0][0]), True
    raise FrameError(
        f"Time column {name!r} has in row {row:,} a value of type {type(value).__name__!r}: {shown(value)}.",
        cause="A time is a datetime, a date, ISO 8601 text, or a number with --time-unit.",
        fix=f"Convert the column first: df[{name!r}] = pd.to_datetime(df[{name!r}])",
    )


def _parsed(name: str, text: str, row: int) -> tuple[int, bool]:
    """ISO 8601 text, read here because Python's own reader drops digits beyond microseconds."""
    try:
        day, clock, seconds, fraction, zone = _ISO.fullmatch(text.strip()).groups()  # type: ignore[union-attr]
        moment = dt.datetime.fromisoformat(f"{day}T{clock or '00:00'}{seconds or ''}{zone or ''}")
    except (AttributeError, ValueError):
        raise FrameError(
            f"Time column {name!r} has text in row {row:,} that is no ISO 8601 time: {shown(text)}.",
            cause="Times as text look like 2024-01-31T12:30:00.5Z; other notations are not guessed, because day and "
            "month are too easily swapped.",
            fix=f"Parse it yourself: df[{name!r}] = pd.to_datetime(df[{name!r}], format='…')",
        ) from None
    ns, is_naive = _moment(name, moment, row)
    return ns + int((fraction or "").ljust(9, "0")), is_naive


# ---- all values


def _from_datetimes(name: str, series: nw.Series[Any], tz: str | None, first_row: int) -> tuple[Nanoseconds, bool]:
    naive = getattr(series.dtype, "time_zone", None) is None
    if not naive:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    unit = str(getattr(series.dtype, "time_unit", "ns"))
    values = series.to_numpy().astype(f"datetime64[{unit}]")
    return from_array(name, values, unit=None, tz=tz if naive else None, first_row=first_row)[0], naive


def _placed(name: str, ns: Nanoseconds, tz: str | None, first_row: int, naive: Mask | None = None) -> Nanoseconds:
    """Clock times in `tz` as instants; those that are not `naive` are not looked at."""
    if tz is None or not len(ns):
        return ns
    import pandas as pd  # which knows a zone's changes for a whole array, and is there as `read` needs it

    local = pd.DatetimeIndex(ns.view("datetime64[ns]"))
    try:
        placed = local.tz_localize(ZoneInfo(tz), ambiguous="NaT", nonexistent="NaT")
    except (KeyError, OSError, ValueError):
        raise FrameError(
            f"{tz!r} is no time zone, or has no times such as those in column {name!r}.",
            cause="A zone is named as in the IANA database.",
            fix="For example --tz Europe/Prague",
        ) from None
    unclear = np.asarray(placed.isna()) if naive is None else placed.isna() & naive
    if unclear.any():
        row = int(unclear.argmax())
        raise FrameError(
            f"Time column {name!r} has in row {first_row + row:,} a clock time that {tz} does not have, or has twice: "
            f"{local[row]}.",
            cause="Clocks were changed in that hour.",
            fix="Localise it yourself, deciding what such hours mean, or publish it as UTC.",
        )
    return placed.asi8


def _scaled(name: str, values: npt.NDArray[Any], ns: int, first_row: int) -> Nanoseconds:
    counts = values.astype(np.int64) if values.dtype.kind == "M" else values
    outside = (counts > _MAX_NS // ns) | (counts < -(_MAX_NS // ns))
    if outside.any():
        raise _out_of_range(name, values, int(outside.argmax()), first_row)
    scaled: Nanoseconds = counts.astype(np.int64) * ns if ns != 1 else np.ascontiguousarray(counts, dtype=np.int64)
    return scaled


def _from_floats(name: str, values: npt.NDArray[Any], ns: int, first_row: int) -> Nanoseconds:
    _refuse_nulls(name, np.isnan(values), first_row)
    outside = np.abs(values) >= _MAX_NS // ns
    if outside.any():
        raise _out_of_range(name, values, int(outside.argmax()), first_row)
    # Whole and fractional part apart: 1.7e18 as one float would be rounded to 256 ns.
    whole = np.floor(values)
    nanoseconds_: Nanoseconds = whole.astype(np.int64) * ns + np.rint((values - whole) * ns).astype(np.int64)
    return nanoseconds_


def _checked(name: str, exact: Sequence[int], values: Sequence[Any], first_row: int) -> Nanoseconds:
    row = next((row for row, ns in enumerate(exact) if abs(ns) > _MAX_NS), None)
    if row is not None:
        raise _out_of_range(name, values, row, first_row)
    return np.array(exact, dtype=np.int64)


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


def _refuse_nulls(name: str, mask: Mask, first_row: int) -> None:
    if mask.any():
        count = int(mask.sum())
        raise FrameError(
            f"Time column {name!r} has {count:,} row{'' if count == 1 else 's'} without a time; the first is row "
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
