"""Rows that are written one at a time: which values are those, and the short way for the usual ones."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from quixnb.frames import FrameOptions
from quixnb.streaming.rows import Row, datetime_ns

_TIME_NAMES: Final = ("timestamp", "time", "datetime")
# Years whose every moment has a place in 64-bit nanoseconds.
_FIRST_YEAR, _LAST_YEAR = 1678, 2261


def is_row(value: Any) -> bool:
    """Whether a value is one row: a record, or a mapping that is none of columns alone."""
    if isinstance(value, Mapping):
        return not (value and all(map(_is_column, value.values())))
    return hasattr(value, "_asdict") or (dataclasses.is_dataclass(value) and not isinstance(value, type))


def _is_column(cell: Any) -> bool:
    if isinstance(cell, (str, bytes, bytearray, memoryview)):
        return False
    return isinstance(cell, Sequence) or getattr(cell, "ndim", 0) > 0


class Singles:
    """Reads single rows by a writer's options. A row may lack its time, tags and columns."""

    def __init__(self, options: FrameOptions) -> None:
        self._options = options
        self._knows_naive = False

    def quick(self, row: Any) -> Row | None:
        """A dictionary as a row, if its time is a datetime or the present one; None is to be read as a frame is.

        That way notes, as it should once, that a time without a zone was taken as UTC.
        """
        if not isinstance(row, dict):
            return None
        names = [name for name in row if not isinstance(name, str) or self._is_time(name)]
        if not names and self._options.time is None:
            return self._row(row, None, time.time_ns())
        if len(names) != 1 or type(moment := row[names[0]]) is not datetime:
            return None
        if moment.tzinfo is None and (self._options.tz is not None or not self._knows_naive):
            self._knows_naive = self._options.tz is None
            return None
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            return None
        return self._row(row, names[0], datetime_ns(moment))

    def _is_time(self, name: str) -> bool:
        return name.lower() in _TIME_NAMES if self._options.time is None else name == self._options.time

    def _row(self, row: dict[Any, Any], time_name: str | None, time_ns: int) -> Row:
        chosen, tagged = self._options.columns, self._options.tags
        values = {
            name: value
            for name, value in row.items()
            if name != time_name and name not in tagged and (chosen is None or name in chosen)
        }
        tags = {name.removeprefix("TAG__"): row[name] for name in tagged if name in row}
        return Row(time_ns, values, {name: str(tag) if type(tag) is int else tag for name, tag in tags.items()})

    def options_for(self, row: Any) -> FrameOptions:
        """How to read a single row as a frame."""
        if not isinstance(row, Mapping):
            return self._options
        columns, tags = self._options.columns, self._options.tags
        return replace(
            self._options,
            tags=[name for name in tags if name in row],
            columns=None if columns is None else [name for name in columns if name in row],
        )
