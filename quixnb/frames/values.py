"""Python values, of whatever sorts, to one typed column."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from quixnb.errors import FrameError
from quixnb.frames.columns import (
    Column,
    ListColumn,
    Named,
    NumberColumn,
    base64_text,
    check_finite,
    check_nested,
    check_text,
)
from quixnb.frames.texts import iso_datetime, iso_duration, iso_timedelta, json_text, shown

_PLAIN_TYPES: Final = frozenset({type(None), bool, int, float, str, bytes})

_SORTS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    ((bytes, bytearray, memoryview), "bytes"),
    (dt.datetime, "datetime"),
    (dt.date, "date"),
    (dt.time, "time of day"),
    (dt.timedelta, "duration"),
    (decimal.Decimal, "decimal"),
    (uuid.UUID, "UUID"),
    ((list, tuple, dict, np.ndarray), "list or dictionary"),
)

_PLURALS: Final = {
    "bytes": "bytes",
    "time of day": "times of day",
    "list or dictionary": "lists or dictionaries",
}

_TEXT_FORMS: Final[dict[str, Callable[[Any], str]]] = {
    "string": lambda value: value,
    "datetime": iso_datetime,
    "date": lambda value: value.isoformat(),
    "time of day": lambda value: value.isoformat(),
    "duration": iso_timedelta,
    "decimal": str,
    "UUID": str,
    "list or dictionary": json_text,
}


def from_values(name: str, values: Sequence[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for a sequence of Python values; None, NaN, NaT and pandas.NA are null.

    All values must be of one sort: numbers (integers stay integers, of any length below 2**64), booleans, text,
    bytes, or things with a text form. An integer among floats is a number like them.

    Raises
    ------
    FrameError
        Mixed sorts, named with counts, row number and the odd value; an infinity; a value with no form on the wire.
    """
    types = set(map(type, values))
    if types - _PLAIN_TYPES:
        values = [None if is_null(value) else unboxed(value) for value in values]
    if types <= {float, type(None)} and float in types:  # the usual case, at numpy's speed
        array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return Named(name, "numeric", NumberColumn(check_finite(name, array, first_row, inf), None, "float"))
    if float in types:
        values = [None if is_null(value) else value for value in values]
    sorts = Counter(map(type, values))
    del sorts[type(None)]
    names = {_sort(kind) for kind in sorts}
    if len(names) > 1:
        raise _mixed(name, values, sorts, first_row)
    sort = names.pop() if names else "number"
    if sort == "number":
        return Named(name, "numeric", _numbers(name, list(values), first_row, inf))
    if sort == "boolean":
        return Named(name, "numeric", ListColumn([None if v is None else int(v) for v in values], "bool"))
    if sort == "bytes":
        return Named(name, "binary", ListColumn([None if v is None else base64_text(v) for v in values], "bytes"))
    if sort not in _TEXT_FORMS:
        raise _no_form(name, values, first_row)
    if sort == "list or dictionary":
        check_nested(name, values, first_row, inf)
    form = _TEXT_FORMS[sort]
    column = ListColumn([None if v is None else form(v) for v in values], sort)
    check_text(name, column, len(values), first_row)
    return Named(name, "text", column)


def _numbers(name: str, values: list[Any], first_row: int, inf: str) -> Column:
    for row, value in enumerate(values):
        if type(value) is int and not -(2**63) <= value < 2**64:
            raise FrameError(
                f"Column {name!r} has the integer {shown(value)} in row {first_row + row:,}.",
                cause="Quix's readers take integers from -2**63 to 2**64 - 1.",
                fix=f"Publish it as text: df[{name!r}] = df[{name!r}].astype(str)",
            )
    if float not in set(map(type, values)):
        return ListColumn(values, "int")
    finite = check_finite(name, np.array(values, dtype=np.float64), first_row, inf)
    absent = np.isnan(finite).tolist()
    return ListColumn([None if no else value for value, no in zip(values, absent, strict=True)], "float")


def is_null(value: Any) -> bool:
    """Whether a value is one of Python's, numpy's or pandas' marks of absence."""
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.floating, np.datetime64, np.timedelta64)) and value != value


def unboxed(value: Any) -> Any:
    """A numpy scalar as the Python value it stands for, a datetime64 or timedelta64 as text; else as it is."""
    if isinstance(value, np.datetime64):
        return np.datetime_as_string(value).item()
    if isinstance(value, np.timedelta64):
        return _unboxed_duration(value)
    if isinstance(value, (np.float16, np.float32)):
        return float(str(value))  # its own digits; item() would show a float64's
    if isinstance(value, np.generic):
        return value.item()
    return str.__str__(value) if isinstance(value, str) else value


def _unboxed_duration(value: np.timedelta64) -> Any:
    unit, count = np.datetime_data(value.dtype)
    ns = {"W": 604_800 * 10**9, "D": 86_400 * 10**9, "h": 3_600 * 10**9, "m": 60 * 10**9, "s": 10**9}
    ns |= {"ms": 10**6, "us": 10**3, "ns": 1}
    # Months and years have no length, and ISO 8601 text as we write it ends at nanoseconds.
    return iso_duration(int(value.astype(np.int64)) * count * ns[unit]) if unit in ns else value


def _sort(kind: type) -> str:
    return next((sort for base, sort in _SORTS if issubclass(kind, base)), kind.__name__)


def _no_form(name: str, values: Sequence[Any], first_row: int) -> FrameError:
    row, value = next((row, value) for row, value in enumerate(values) if value is not None)
    return FrameError(
        f"Column {name!r} holds objects of type {type(value).__name__!r}; the first is row {first_row + row:,}: "
        f"{shown(value)}.",
        cause="A timeseries parameter is numeric, text or binary.",
        fix=f"Convert it, for example df[{name!r}] = df[{name!r}].astype(str), or leave it out with --columns.",
    )


def _mixed(name: str, values: Sequence[Any], sorts: Counter[type], first_row: int) -> FrameError:
    counts: Counter[str] = Counter()
    for kind, count in sorts.items():
        counts[_sort(kind)] += count
    (most, most_n), *others = counts.most_common()
    odd, odd_n = others[0]
    row = next(row for row, value in enumerate(values) if value is not None and _sort(type(value)) == odd)
    return FrameError(
        f"Column {name!r} mixes {_counted(most_n, most)} and {_counted(odd_n, odd)}; "
        f"the first {odd} is row {first_row + row:,}: {shown(values[row])}.",
        cause="A timeseries parameter is of one type, and quixnb does not guess which.",
        fix=_mixed_fix(name, most, odd),
    )


def _counted(count: int, sort: str) -> str:
    return f"{count:,} {sort if count == 1 else _PLURALS.get(sort, f'{sort}s')}"


def _mixed_fix(name: str, most: str, odd: str) -> str:
    if {most, odd} == {"number", "string"}:
        return f"Convert it: df[{name!r}] = pd.to_numeric(df[{name!r}], errors='coerce'), or .astype(str) for text."
    return f"Convert it to one type, for example df[{name!r}] = df[{name!r}].astype(str)."
