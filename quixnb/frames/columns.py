"""What a frame's columns become: three kinds of `timeseries.Column`, and what no text may hold."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from quixnb.errors import FrameError
from quixnb.frames.texts import holds_infinity, shown
from quixnb.timeseries import Cells, Kind

Mask = npt.NDArray[np.bool_]
_SLICE_ROWS: Final = 65_536


class NumberColumn:
    """Numbers in a numpy array; a mask marks nulls where the type itself has none (NaN is one by itself)."""

    __slots__ = ("_mask", "_values", "dtype", "nulls")
    longest = 25  # "-1.7976931348623157e+308," and no number is longer

    def __init__(self, values: npt.NDArray[Any], mask: Mask | None, dtype: str) -> None:
        if values.dtype == np.float16:  # orjson would show digits that a float16 never had; numpy's text has no others
            values = values.astype(str).astype(np.float64)
        self._values = values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))
        self._mask = mask
        self.dtype = dtype
        absent = np.isnan(values) if mask is None and values.dtype.kind == "f" else mask
        self.nulls = 0 if absent is None else int(np.count_nonzero(absent))

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


class CodedColumn:
    """Text of few different values: each once, and for each row which of them it is, -1 for null."""

    __slots__ = ("_codes", "_distinct", "dtype", "longest", "nulls")

    def __init__(self, codes: npt.NDArray[Any], distinct: list[str], dtype: str) -> None:
        self._codes = codes.astype(np.int32, copy=False)
        self._distinct = np.array([*distinct, None], dtype=object)  # -1 is the last
        self.longest = max(map(len, distinct), default=0)
        self.dtype = dtype
        self.nulls = int(np.count_nonzero(self._codes < 0))

    @property
    def is_sendable(self) -> bool:
        """Whether every value arrives as it is."""
        return is_sendable("".join(self._distinct[:-1]))

    def cells(self, start: int, stop: int) -> Cells:  # noqa: D102 - see timeseries.Column
        cells: list[Any] = self._distinct[self._codes[start:stop]].tolist()
        return cells

    def take(self, rows: npt.NDArray[np.intp]) -> CodedColumn:  # noqa: D102
        return CodedColumn(self._codes[rows], self._distinct[:-1].tolist(), self.dtype)


class SeriesColumn:
    """A series that is turned into text slice by slice, so that a long frame's text is never held twice.

    The series may be an array. `text` makes a list of a slice; what it makes of a null does not matter.
    """

    __slots__ = ("_mask", "_series", "_text", "dtype", "longest", "nulls")

    def __init__(self, series: Any, mask: Mask, dtype: str, text: Callable[[Any], list[Any]]) -> None:
        self._series, self._mask, self._text = series, mask, text
        self.longest = 64  # an ISO 8601 text; `check_text` measures the others
        self.dtype = dtype
        self.nulls = int(np.count_nonzero(mask))

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


Column = NumberColumn | ListColumn | CodedColumn | SeriesColumn


class Named(NamedTuple):
    """A column's name, which map it belongs in, and its values."""

    name: str
    kind: Kind
    column: Column


def base64_text(value: Any) -> str:
    """Bytes as the standard base64 alphabet with padding, which both of Quix's readers ask for."""
    return base64.b64encode(value).decode("ascii")


def check_finite(name: str, values: npt.NDArray[Any], first_row: int, inf: str) -> npt.NDArray[Any]:
    """The numbers, infinities as NaN if `inf` is `null`.

    Raises
    ------
    FrameError
        There is an infinity, and `inf` is `refuse`.
    """
    infinite = np.isinf(values)
    if not infinite.any():
        return values
    row, count = int(infinite.argmax()), int(infinite.sum())
    if inf == "null":
        return np.where(infinite, np.nan, values).astype(values.dtype)
    raise FrameError(
        f"Column {name!r} has {count:,} infinit{'y' if count == 1 else 'ies'}; the first is row "
        f"{first_row + row:,}: {values[row]}.",
        cause="JSON has no infinity, and Quix's readers agree on no other form.",
        fix="Replace them, or publish them as null with --inf null (inf='null').",
    )


def check_nested(name: str, cells: Iterable[Any], first_row: int, inf: str) -> None:
    """Refuse an infinity within a list or dictionary, unless `inf` is `null`, as which its JSON text has it."""
    row, cell = next(((i, cell) for i, cell in enumerate(cells) if holds_infinity(cell)), (0, None))
    if inf == "null" or cell is None:
        return
    raise FrameError(
        f"Column {name!r} has an infinity within row {first_row + row:,}: {shown(cell)}.",
        cause="JSON has no infinity, and Quix's readers agree on no other form.",
        fix="Replace it, or publish it as null with --inf null (inf='null').",
    )


def check_text(name: str, column: ListColumn | CodedColumn | SeriesColumn, rows: int, first_row: int) -> None:
    """Refuse what text cannot carry to both of Quix's readers, and measure the longest cell.

    A lone surrogate has no UTF-8, and Quix Streams 0.5 cuts a string off at U+0000.
    """
    for start in range(0, rows, _SLICE_ROWS):
        cells = column.cells(start, min(start + _SLICE_ROWS, rows))
        # Joined, the usual case is two scans at the speed of memory instead of a loop over cells.
        present = [cell for cell in cells if cell is not None]
        column.longest = max(column.longest, max(map(len, present), default=0))
        if is_sendable("".join(present)):
            continue
        row, cell = next((i, c) for i, c in enumerate(cells) if c is not None and not is_sendable(c))
        raise _bad_text(name, cell, first_row + start + row)


def is_sendable(text: str) -> bool:
    """Whether text arrives at both of Quix's readers as it is: no U+0000, no half of a surrogate pair."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad_text(name: str, cell: str, row: int) -> FrameError:
    if "\0" in cell:
        return FrameError(
            f"Column {name!r} has the character U+0000 in row {row:,}: {shown(cell)}.",
            cause="Quix Streams 0.5 cuts a string off there.",
            fix=f"Remove it, for example df[{name!r}] = df[{name!r}].str.replace('\\x00', '')",
        )
    return FrameError(
        f"Column {name!r} has half of a surrogate pair in row {row:,}: {shown(cell)}.",
        cause="It has no UTF-8 form, so no message can carry it.",
        fix=f"Repair it: df[{name!r}] = df[{name!r}].str.encode('utf-8', 'replace').str.decode('utf-8')",
    )
