"""One view of every kind of frame: names in order, and the values of a name as a series or a list."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from quixnb.errors import FrameError

Values = nw.Series[Any] | np.ndarray[Any, np.dtype[Any]] | Sequence[Any]


class Table:
    """Named columns of one length.

    Attributes
    ----------
    names
        Column names in the frame's order, unique.
    time_index
        Name of the column that was a datetime index, or None.
    """

    def __init__(self, columns: Mapping[str, Values], rows: int, time_index: str | None = None) -> None:
        self._columns, self._rows = columns, rows
        self.names = list(columns)
        self.time_index = time_index

    def __len__(self) -> int:
        return self._rows

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> Values:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def is_datetime(self, name: str) -> bool:
        """Whether a column's type says that it holds datetimes."""
        values = self._columns[name]
        if isinstance(values, np.ndarray):
            return values.dtype.kind == "M"
        return isinstance(values, nw.Series) and values.dtype in (nw.Datetime, nw.Date)


def table(frame: Any) -> Table:
    """The table of one frame; see `frames.to_columns` for what it may be.

    Raises
    ------
    FrameError
        Not a frame, duplicate or unusable column names, columns of unequal lengths.
    """
    if isinstance(frame, Mapping):
        return _from_mapping(frame)
    if isinstance(frame, Sequence) and not isinstance(frame, (str, bytes)):
        return _from_records(frame)
    if (pandas := sys.modules.get("pandas")) is not None:
        if isinstance(frame, pandas.Series):
            frame = frame.to_frame(frame.name if frame.name is not None else "value")
        if isinstance(frame, pandas.DataFrame):
            return _from_pandas(frame)
    if (arrow := sys.modules.get("pyarrow")) is not None and isinstance(frame, arrow.RecordBatch):
        frame = arrow.Table.from_batches([frame])
    if hasattr(frame, "column_names"):  # PyArrow; narwhals' own error for duplicates does not name them
        _refuse_duplicates(list(frame.column_names))
    try:
        native = nw.from_native(frame, eager_only=True)
    except TypeError:
        raise not_a_frame(frame) from None
    return Table({name: native.get_column(name) for name in native.columns}, len(native))


def not_a_frame(value: Any) -> FrameError:
    """The error for a value that cannot be published, whatever its options."""
    return FrameError(
        f"A value of type {type(value).__name__!r} is not a frame.",
        cause="A frame is a pandas or Polars DataFrame, a PyArrow table, a dictionary of columns, a list of "
        "dictionaries, or an iterator of these.",
        fix="End the cell with the frame's name, for example: df",
    )


def _from_pandas(frame: Any) -> Table:
    import pandas as pd

    _refuse_duplicates([_text_name(name) for name in frame.columns])  # before the index comes among them
    time_index = None
    index = frame.index
    if isinstance(index, pd.PeriodIndex):
        frame = frame.set_axis(index.to_timestamp(), axis=0)
        frame.index.name = index.name
        index = frame.index
    if isinstance(index, pd.DatetimeIndex):
        time_index = _free_name("timestamp" if index.name is None else str(index.name), frame.columns)
        frame = frame.reset_index(names=time_index)
    elif any(name is not None for name in index.names):
        # A named index is data: `set_index("driver")` must not make the column disappear without a word.
        frame = frame.reset_index(level=[name for name in index.names if name is not None], allow_duplicates=True)
    names = [_text_name(name) for name in frame.columns]
    _refuse_duplicates(names)
    series = [_pandas_series(frame.iloc[:, i]) for i in range(len(names))]
    return Table(dict(zip(names, series, strict=True)), len(frame), time_index)


def _pandas_series(series: Any) -> nw.Series[Any]:
    """A pandas series for narwhals; one of Arrow values as Arrow's own, which pandas would hand out as objects."""
    is_arrow = hasattr(series.dtype, "pyarrow_dtype")
    return nw.from_native(series.array.__arrow_array__() if is_arrow else series, series_only=True)


def _free_name(name: str, taken: Any) -> str:
    while name in taken:
        name = f"index {name}"
    return name


def _text_name(name: Any) -> str:
    if isinstance(name, str):
        return name
    if isinstance(name, (int, np.integer)):
        return str(name)
    raise FrameError(
        f"A column is called {name!r}, which is not text.",
        cause="A parameter's name is text.",
        fix="Rename the columns first, for example: df.columns = ['_'.join(map(str, c)) for c in df.columns]",
    )


def _refuse_duplicates(names: Sequence[str]) -> None:
    if len(set(names)) == len(names):
        return
    name = next(name for name in names if names.count(name) > 1)
    raise FrameError(
        f"{names.count(name)} columns are called {name!r}.",
        cause="A parameter's name is unique in a message; one column would overwrite the other.",
        fix="Rename one, or keep the first of each: df = df.loc[:, ~df.columns.duplicated()]",
    )


def _from_mapping(mapping: Mapping[Any, Any]) -> Table:
    names = [_text_name(name) for name in mapping]
    _refuse_duplicates(names)
    values = {name: _listlike(name, column) for name, column in zip(names, mapping.values(), strict=True)}
    lengths = {name: len(column) for name, column in values.items()}
    if len(set(lengths.values())) > 1:
        shortest, longest = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
        raise FrameError(
            f"Column {shortest!r} has {lengths[shortest]:,} values and column {longest!r} has {lengths[longest]:,}.",
            cause="All columns of a frame have one value for each row.",
            fix="Bring them to one length before publishing.",
        )
    return Table(values, next(iter(lengths.values()), 0))


def _listlike(name: str, column: Any) -> Values:
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise FrameError(
                f"Column {name!r} is an array of {column.ndim} dimensions.",
                cause="A column has one value for each row.",
                fix="Split it into columns of one dimension.",
            )
        # A masked array's data under the mask must not be sent; its list has None there.
        return column.tolist() if column.dtype.kind in "OUSV" or isinstance(column, np.ma.MaskedArray) else column
    if isinstance(column, (str, bytes)) or not isinstance(column, Sequence):
        pandas, arrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
        if pandas is not None and isinstance(
            column, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)
        ):
            return _pandas_series(pandas.Series(column))
        if arrow is not None and isinstance(column, arrow.Array):
            column = arrow.chunked_array([column])
        try:
            series: nw.Series[Any] = nw.from_native(column, series_only=True)
            return series
        except TypeError:
            raise FrameError(
                f"Column {name!r} is a {type(column).__name__!r}, which is no column.",
                cause="A dictionary of columns has a list, an array or a series for each name.",
                fix=f"For a single row, use a list of one dictionary: [{{{name!r}: …}}]",
            ) from None
    return column


def _from_records(records: Sequence[Any]) -> Table:
    rows = [_record(record) for record in records]
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    values: dict[str, Sequence[Any]] = {name: [row.get(name) for row in rows] for name in names}
    return _from_mapping(values)


def _record(record: Any) -> Mapping[str, Any]:
    if isinstance(record, Mapping):
        return record
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    if hasattr(record, "_asdict"):
        fields: Mapping[str, Any] = record._asdict()
        return fields
    raise not_a_frame([record])
