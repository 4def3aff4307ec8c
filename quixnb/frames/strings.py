"""Columns of text: by their different values where those are few, as they mostly are, else slice by slice."""

from __future__ import annotations

from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy.typing as npt

from quixnb.frames.columns import CodedColumn, SeriesColumn, check_text

_SAMPLE_ROWS: Final = 1024
_ARROW: Final = ("string", "large_string")


def text_column(name: str, series: nw.Series[Any], label: str, first_row: int) -> CodedColumn | SeriesColumn:
    """The column for a series of text and nulls.

    Raises
    ------
    FrameError
        A lone surrogate, or U+0000.
    """
    coded = _coded(series, label)
    if coded is not None and coded.is_sendable:
        return coded
    column = coded or SeriesColumn(series, series.is_null().to_numpy().astype(bool, copy=False), label, _listed)
    if _is_utf8(series) and not series.str.contains("\0", literal=True).any():
        column.longest = int(series.str.len_chars().fill_null(0).max())
    else:
        check_text(name, column, len(series), first_row)
    return column


def _coded(series: nw.Series[Any], label: str) -> CodedColumn | None:
    """A column that makes no text anew for each row; None where that does not pay, or the library has no codes."""
    if len(series) < _SAMPLE_ROWS or series[:_SAMPLE_ROWS].n_unique() > _SAMPLE_ROWS // 8:
        return None
    factorized_ = factorized(series)
    return None if factorized_ is None else CodedColumn(*factorized_, label)


def factorized(series: nw.Series[Any]) -> tuple[npt.NDArray[Any], list[str]] | None:
    """For each row of text which value it has, -1 for null, and the values; None where the library cannot tell."""
    native = nw.to_native(series)
    if series.implementation.is_pandas():
        if not _is_utf8(series) and series.str.contains("\0", literal=True).any():
            return None  # before pandas 3, factorize() ends a text at U+0000: what differs behind it would be equal
        codes, distinct = native.factorize()
        return codes, distinct.tolist()
    if series.implementation.is_pyarrow() and str(native.type) in _ARROW:
        encoded = native.combine_chunks().dictionary_encode()
        return encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary.to_pylist()
    return None


def _is_utf8(series: nw.Series[Any]) -> bool:
    """Whether the series is held as UTF-8, which has no lone surrogates, and its library can search it as it is."""
    if series.implementation.is_pandas():
        return getattr(nw.to_native(series).dtype, "storage", None) == "pyarrow"
    if series.implementation.is_pyarrow():
        return str(nw.to_native(series).type) in _ARROW
    return bool(series.implementation.is_polars())


def _listed(series: nw.Series[Any]) -> list[Any]:
    return series.to_list()
