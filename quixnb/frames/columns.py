"""One series of any library, or one Python list, to one typed column."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import orjson

from quixnb.errors import FrameError
from quixnb.redact import redact
from quixnb.timeseries import Cells, Kind

Mask = npt.NDArray[np.bool_]
_SLICE_ROWS: Final = 65_536


class NumberColumn:
    """Numbers in a numpy array; a mask marks nulls where the type itself has none (NaN is one by itself)."""

    __slots__ = ("_mask", "_values", "dtype", "nulls")
    longest = 25  # "-1.7976931348623157e+308," and no number is longer

    def __init__(self, values: npt.NDArray[Any], mask: Mask | None, dtype: str) -> None:
        self._values = values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
        self._mask = mask
        self.dtype = dtype
        self.nulls = int(mask.sum() if mask is not None else np.isnan(values).sum() if values.dtype.kind == "f" else 0)

    def cells(self, start: int, stop: int) -> Cells:  # noqa: D102 - see timeseries.Column
        values = np.ascontiguousarray(self._values[start:stop])  # orjson takes no strided array
        if self._mask is None or not self._mask[start:stop].any():
            return values
        cells = values.astype(object)
        cells[self._mask[start:stop]] = None
        listed: list[Any] = cells.tolist()
        return listed

    def take(self, rows: npt.NDArray[np.intp]) -> NumberColumn:  # noqa: D102
        return NumberColumn(self._values[rows], None if self._mask is None else self._mask[rows], self.dtype)


class ListColumn:
    """Cells that are Python objects already: text, base64 text, or integers too long for an array."""

    __slots__ = ("_values", "dtype", "longest", "nulls")

    def __init__(self, values: list[Any], dtype: str) -> None:
        self._values = values
        self.longest = max((len(v) for v in values if isinstance(v, str)), default=25)
        self.dtype = dtype
        self.nulls = values.count(None)

    def cells(self, start: int, stop: int) -> Cells:  # noqa: D102 - see timeseries.Column
        return self._values[start:stop]

    def take(self, rows: npt.NDArray[np.intp]) -> ListColumn:  # noqa: D102
        values = self._values
        return ListColumn([values[row] for row in rows.tolist()], self.dtype)


class SeriesColumn:
    """A series that is turned into text slice by slice, so that a long frame's text is never held twice."""

    __slots__ = ("_mask", "_series", "_text", "dtype", "longest", "nulls")

    def __init__(self, series: nw.Series[Any], mask: Mask, dtype: str, text: Callable[[nw.Series[Any]], list[Any]]):
        self._series, self._mask, self._text = series, mask, text
        self.longest = 64  # an ISO 8601 text; `check_text` measures the others
        self.dtype = dtype
        self.nulls = int(mask.sum())

    def cells(self, start: int, stop: int) -> Cells:  # noqa: D102 - see timeseries.Column
        cells = self._text(self._series[start:stop])
        if self.nulls:
            for row in np.flatnonzero(self._mask[start:stop]).tolist():
                cells[row] = None
        return cells

    def take(self, rows: npt.NDArray[np.intp]) -> SeriesColumn:  # noqa: D102
        taken = SeriesColumn(self._series[rows], self._mask[rows], self.dtype, self._text)
        taken.longest = self.longest
        return taken


Column = NumberColumn | ListColumn | SeriesColumn


class Named(NamedTuple):
    """A column's name, which map it belongs in, and its values."""

    name: str
    kind: Kind
    column: Column


def from_series(name: str, series: nw.Series[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for one narwhals series.

    Integers, floats and booleans (as 1/0) are numeric; strings, categories of strings, datetimes, dates, times,
    durations, decimals, lists and structs are text (ISO 8601 where there is one, else `str` or JSON); binary is
    base64. Nulls of every library, and NaN, are null.

    Raises
    ------
    FrameError
        Mixed types, an infinity with `inf="refuse"`, a lone surrogate, U+0000, or a type with no form on the wire.
    """
    dtype = series.dtype
    if dtype == nw.Categorical or dtype == nw.Enum:
        series = _uncategorised(series)
        dtype = series.dtype
    label = _label(series)
    if dtype in (nw.Object, nw.Unknown):
        return from_values(name, series.to_list(), first_row=first_row, inf=inf)
    mask: Mask = series.is_null().to_numpy().astype(bool, copy=False)
    if dtype.is_float():
        return Named(name, "numeric", NumberColumn(_finite(name, series.to_numpy(), first_row, inf), None, label))
    if dtype == nw.Boolean or dtype.is_integer():
        filled = series.fill_null(False if dtype == nw.Boolean else 0) if mask.any() else series
        numbers = filled.to_numpy()
        if numbers.dtype == object:  # pandas' object dtype with only integers or booleans in it
            return from_values(name, series.to_list(), first_row=first_row, inf=inf)
        numbers = numbers.view(np.uint8) if numbers.dtype == bool else numbers
        return Named(name, "numeric", NumberColumn(numbers, mask if mask.any() else None, label))
    if dtype == nw.Binary:
        coded = SeriesColumn(series, mask, label, _base64)
        coded.longest = _longest(coded, len(series))
        return Named(name, "binary", coded)
    column = SeriesColumn(series, mask, label, _text_of(dtype))
    if dtype == nw.String or isinstance(dtype, (nw.List, nw.Array, nw.Struct)):
        check_text(name, column, len(series), first_row)
    return Named(name, "text", column)


def _longest(column: Column, rows: int) -> int:
    slices = (column.cells(start, min(start + _SLICE_ROWS, rows)) for start in range(0, rows, _SLICE_ROWS))
    return max((len(cell) for cells in slices for cell in cells if cell is not None), default=0)


def from_array(name: str, values: npt.NDArray[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for a numpy array of numbers, booleans, datetimes or timedeltas; NaN and NaT are null."""
    label = str(values.dtype)
    if values.dtype.kind in "Mm":
        return from_values(name, [None if np.isnat(v) else v for v in values], first_row=first_row, inf=inf)
    if values.dtype.kind == "f":
        values = _finite(name, values, first_row, inf)
    return Named(name, "numeric", NumberColumn(values.view(np.uint8) if values.dtype == bool else values, None, label))


def _label(series: nw.Series[Any]) -> str:
    return str(getattr(nw.to_native(series), "dtype", series.dtype))


def _uncategorised(series: nw.Series[Any]) -> nw.Series[Any]:
    """A categorical series by its underlying values; narwhals itself knows only categories of strings."""
    native = nw.to_native(series)
    if not hasattr(native, "cat") or not hasattr(native.cat, "categories"):  # only pandas has others
        return series.cast(nw.String)
    categories = native.cat.categories
    nullable = categories.dtype.kind in "iub" and native.isna().any()
    name = {"i": "Int64", "u": "UInt64", "b": "boolean"}[categories.dtype.kind] if nullable else categories.dtype
    return nw.from_native(native.astype(name), series_only=True)


def _finite(name: str, values: npt.NDArray[Any], first_row: int, inf: str) -> npt.NDArray[Any]:
    infinite = np.isinf(values)
    if not infinite.any():
        return values
    if inf == "null":
        return np.where(infinite, np.nan, values).astype(values.dtype)
    row = int(infinite.argmax())
    raise FrameError(
        f"Column {name!r} has {int(infinite.sum()):,} infinities; the first is row {first_row + row:,}: {values[row]}.",
        cause="JSON has no infinity, and Quix's readers agree on no other form.",
        fix="Replace them, or publish them as null with --inf null (inf='null').",
    )


# ---- text forms, slice by slice


def _text_of(dtype: nw.dtypes.DType) -> Callable[[nw.Series[Any]], list[Any]]:
    if dtype == nw.String:
        return lambda series: series.to_list()
    if dtype == nw.Datetime:
        return _iso_datetimes
    if dtype == nw.Duration:
        return lambda series: [iso_duration(int(ns)) for ns in _nanoseconds(series)]
    if dtype in (nw.Date, nw.Time):
        return lambda series: [None if cell is None else cell.isoformat() for cell in series.to_list()]
    if isinstance(dtype, (nw.List, nw.Array, nw.Struct)):
        return lambda series: [json_text(cell) for cell in series.to_list()]
    return lambda series: [str(cell) for cell in series.to_list()]


def _iso_datetimes(series: nw.Series[Any]) -> list[str]:
    zoned = getattr(series.dtype, "time_zone", None) is not None
    utc = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else series
    values = utc.to_numpy().astype(f"datetime64[{_unit(series)}]")
    texts: list[str] = np.datetime_as_string(values).tolist()
    return [text + "Z" for text in texts] if zoned else texts


def _nanoseconds(series: nw.Series[Any]) -> npt.NDArray[np.int64]:
    return series.to_numpy().astype(f"timedelta64[{_unit(series)}]").astype("timedelta64[ns]").astype(np.int64)


def _unit(series: nw.Series[Any]) -> str:
    return str(getattr(series.dtype, "time_unit", "ns"))


def iso_duration(ns: int) -> str:
    """A duration in nanoseconds as ISO 8601, days and seconds: `P1DT2.5S`."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    days, rest = divmod(ns, 86_400_000_000_000)
    seconds, fraction = divmod(rest, 1_000_000_000)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{sign}P{days}DT{seconds}{tail}S" if days else f"{sign}PT{seconds}{tail}S"


def json_text(cell: Any) -> str:
    """A list, dictionary or array as JSON text."""
    return orjson.dumps(cell, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _base64(series: nw.Series[Any]) -> list[Any]:
    return [None if _is_null(cell) else base64.b64encode(cell).decode("ascii") for cell in series.to_list()]


# ---- Python values


def from_values(name: str, values: Sequence[Any], *, first_row: int = 0, inf: str = "refuse") -> Named:
    """The column for a sequence of Python values; None, NaN, NaT and pandas.NA are null.

    All values must be of one sort: numbers (integers stay integers, of any length below 2**64), booleans, text,
    bytes, or things with a text form. An integer among floats is a number like them.

    Raises
    ------
    FrameError
        Mixed sorts, named with counts, row number and the odd value; an infinity; a value with no form on the wire.
    """
    sorts = Counter(map(type, values))
    if sorts.keys() - _PLAIN_TYPES:
        values = [None if _is_null(value) else _unboxed(value) for value in values]
        sorts = Counter(map(type, values))
    del sorts[type(None)]
    if set(sorts) == {float}:
        array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return Named(name, "numeric", NumberColumn(_finite(name, array, first_row, inf), None, "float"))
    if float in sorts:
        values = [None if value is None or value != value else value for value in values]
        sorts = Counter(map(type, values))
        del sorts[type(None)]
    names = {_sort(kind) for kind in sorts}
    if len(names) > 1:
        raise _mixed(name, values, sorts, first_row)
    sort = names.pop() if names else "number"
    if sort == "number":
        return Named(name, "numeric", _numbers(name, list(values), sorts, first_row, inf))
    if sort == "boolean":
        return Named(name, "numeric", ListColumn([None if v is None else int(v) for v in values], "bool"))
    if sort == "bytes":
        coded = [None if v is None else base64.b64encode(v).decode("ascii") for v in values]
        return Named(name, "binary", ListColumn(coded, "bytes"))
    if sort not in _TEXT_FORMS:
        row, value = next((row, value) for row, value in enumerate(values) if value is not None)
        raise FrameError(
            f"Column {name!r} holds objects of type {type(value).__name__!r}; the first is row {first_row + row:,}.",
            cause="A timeseries parameter is numeric, text or binary.",
            fix=f"Convert it, for example df[{name!r}] = df[{name!r}].astype(str), or leave it out with --columns.",
        )
    form = _TEXT_FORMS[sort]
    column = ListColumn([None if v is None else form(v) for v in values], sort)
    check_text(name, column, len(values), first_row)
    return Named(name, "text", column)


def _numbers(name: str, values: list[Any], sorts: Counter[type], first_row: int, inf: str) -> Column:
    infinite = [row for row, v in enumerate(values) if v in (np.inf, -np.inf)] if float in sorts else []
    if infinite and inf != "null":
        _finite(name, np.array([values[infinite[0]]]), first_row + infinite[0], inf)
    for row in infinite:
        values[row] = None
    for row, value in enumerate(values):
        if type(value) is int and not -(2**63) <= value < 2**64:
            raise FrameError(
                f"Column {name!r} has the integer {value} in row {first_row + row:,}.",
                cause="Quix's readers take integers from -2**63 to 2**64 - 1.",
                fix=f"Publish it as text: df[{name!r}] = df[{name!r}].astype(str)",
            )
    return ListColumn(values, "int" if float not in sorts else "float")


_PLAIN_TYPES: Final = frozenset({type(None), bool, int, float, str, bytes})

_TEXT_FORMS: Final[dict[str, Callable[[Any], str]]] = {
    "string": lambda value: value,
    "datetime": lambda value: _iso(value),
    "date": lambda value: value.isoformat(),
    "time of day": lambda value: value.isoformat(),
    "duration": lambda value: iso_duration(
        value.value if hasattr(value, "value") else (value // dt.timedelta(microseconds=1)) * 1000
    ),
    "decimal": str,
    "UUID": str,
    "list or dictionary": json_text,
}

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


def _sort(kind: type) -> str:
    return next((sort for base, sort in _SORTS if issubclass(kind, base)), kind.__name__)


def _unboxed(value: Any) -> Any:
    """A numpy scalar as the Python value it stands for; anything else as it is."""
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        return value.item()
    if isinstance(value, np.datetime64):
        return np.datetime_as_string(value).item()
    if isinstance(value, np.timedelta64):
        return iso_duration(int(value.astype("timedelta64[ns]").astype(np.int64)))
    if isinstance(value, str):
        return str(value)
    return value


def _is_null(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return True
    return isinstance(value, (float, np.floating, np.datetime64, np.timedelta64, decimal.Decimal)) and value != value


def _iso(value: dt.datetime) -> str:
    """ISO 8601, aware times in UTC with `Z`; a pandas Timestamp keeps its nanoseconds."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


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
    return f"{count:,} {sort}{'' if count == 1 else 's'}"


def _mixed_fix(name: str, most: str, odd: str) -> str:
    if {most, odd} == {"number", "string"}:
        return f"Convert it: df[{name!r}] = pd.to_numeric(df[{name!r}], errors='coerce'), or .astype(str) for text."
    return f"Convert it to one type, for example df[{name!r}] = df[{name!r}].astype(str)."


def shown(value: Any) -> str:
    """A value as an error shows it: short, and never a token."""
    text = redact(repr(value))
    return text if len(text) <= 60 else text[:57] + "…"


def check_text(name: str, column: Column, rows: int, first_row: int) -> None:
    """Refuse what text cannot carry to both of Quix's readers, and measure the longest cell.

    A lone surrogate has no UTF-8, and Quix Streams 0.5 cuts a string off at U+0000.
    """
    for start in range(0, rows, _SLICE_ROWS):
        cells = column.cells(start, min(start + _SLICE_ROWS, rows))
        # Joined, the usual case is two scans at the speed of memory instead of a loop over cells.
        present = [cell for cell in cells if cell is not None]
        joined = "".join(present)
        if not isinstance(column, NumberColumn):
            column.longest = max(column.longest, max(map(len, present), default=0))
        if "\0" not in joined and _is_utf8(joined):
            continue
        row, cell = next((i, c) for i, c in enumerate(cells) if c is not None and ("\0" in c or not _is_utf8(c)))
        what = "the character U+0000" if "\0" in cell else "half of a surrogate pair"
        raise FrameError(
            f"Column {name!r} has {what} in row {first_row + start + row:,}: {shown(cell)}.",
            cause="Quix Streams 0.5 cuts a string off there."
            if "\0" in cell
            else "It has no UTF-8 form, so no message can carry it.",
            fix=f"Remove it, for example df[{name!r}] = df[{name!r}].str.replace('\\x00', '')"
            if "\0" in cell
            else f"Repair it: df[{name!r}] = df[{name!r}].str.encode('utf-8', 'replace').str.decode('utf-8')",
        )


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
