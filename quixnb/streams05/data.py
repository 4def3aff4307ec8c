"""Rows of parameters in memory, as Quix Streams 0.5 has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from quixnb.streaming.rows import Row
from quixnb.streams05 import tables
from quixnb.streams05.times import Time, as_datetime, is_relative, nanoseconds
from quixnb.streams05.values import ParameterValue, Value, plain

if TYPE_CHECKING:
    import pandas as pd


class _Parameters(dict[str, ParameterValue]):
    """Values by parameter; one that is not there is empty, and is there once it is set."""

    def __init__(self, values: dict[str, Value]) -> None:
        super().__init__({name: ParameterValue(values, name) for name in values})
        self._values = values

    def __missing__(self, name: str) -> ParameterValue:
        return ParameterValue(self._values, name)


class TimeseriesDataTimestamp:
    """One row: a time, parameters and tags."""

    def __init__(self, time_ns: int, *, is_relative: bool = False) -> None:
        self._time_ns, self._is_relative = time_ns, is_relative
        self._values: dict[str, Value] = {}
        self._tags: dict[str, str] = {}

    def __str__(self) -> str:
        return f"Time: {self._time_ns}, tags: {self._tags}, parameters: {self._values}"

    @property
    def parameters(self) -> Mapping[str, ParameterValue]:
        """The row's values by parameter."""
        return _Parameters(self._values)

    @property
    def tags(self) -> dict[str, str]:
        """The row's tags."""
        return self._tags

    @property
    def timestamp_nanoseconds(self) -> int:
        """Nanoseconds since 1970-01-01 UTC, or since the stream's epoch where the time was given so."""
        return self._time_ns

    @property
    def timestamp_milliseconds(self) -> int:
        """The same in milliseconds, cut."""
        return self._time_ns // 1_000_000

    @property
    def timestamp(self) -> dt.datetime:
        """The same as a datetime in UTC, without a zone."""
        return as_datetime(self._time_ns)

    @property
    def timestamp_as_time_span(self) -> dt.timedelta:
        """The same as a duration."""
        return dt.timedelta(microseconds=self._time_ns // 1000)

    def add_value(self, parameter_id: str, value: Any) -> TimeseriesDataTimestamp:
        """Set a parameter's value: a number, text or bytes; None changes nothing.

        Raises
        ------
        FrameError
            A value of another type.
        """
        new = plain(parameter_id, value)
        if new is not None:
            self._values[parameter_id] = new
        return self

    def remove_value(self, parameter_id: str) -> TimeseriesDataTimestamp:
        """Take a parameter's value away."""
        self._values.pop(parameter_id, None)
        return self

    def add_tag(self, tag_id: str, tag_value: Any) -> TimeseriesDataTimestamp:
        """Set a tag; None takes it away."""
        if tag_value is None:
            return self.remove_tag(tag_id)
        self._tags[tag_id] = str(tag_value)
        return self

    def remove_tag(self, tag_id: str) -> TimeseriesDataTimestamp:
        """Take a tag away."""
        self._tags.pop(tag_id, None)
        return self

    def add_tags(self, tags: Mapping[str, Any] | None) -> TimeseriesDataTimestamp:
        """Set several tags."""
        for tag_id, value in (tags or {}).items():
            self.add_tag(tag_id, value)
        return self

    @property
    def is_empty(self) -> bool:
        """Whether it has neither values nor tags."""
        return not (self._values or self._tags)

    def row(self, epoch_ns: int, default_tags: Mapping[str, str]) -> Row:
        """The row as it is now, at its absolute time, with the default tags that it has not."""
        time_ns = self._time_ns + epoch_ns if self._is_relative else self._time_ns
        return Row(time_ns, dict(self._values), {**default_tags, **self._tags})

    def clone(self, parameter_filter: Iterable[str] | None = None) -> TimeseriesDataTimestamp:
        """A copy, with only the parameters in the filter if there is one."""
        copy = TimeseriesDataTimestamp(self._time_ns, is_relative=self._is_relative)
        chosen = self._values.keys() if parameter_filter is None else set(parameter_filter)
        copy._values = {name: value for name, value in self._values.items() if name in chosen}
        copy._tags = dict(self._tags)
        return copy

    @classmethod
    def of(cls, row: Row) -> TimeseriesDataTimestamp:
        """The row at an absolute time; what is null in it is left out."""
        new = cls(row.time_ns)
        new._values = {name: value for name, value in row.values.items() if value is not None}
        new._tags = {name: tag for name, tag in row.tags.items() if tag is not None}
        return new


class TimeseriesData:
    """Rows of parameters. `publish` does not change it.

    A row of no values and tags is not sent. Rows of equal time and tags become one where they have no parameter in
    common; Quix Streams 0.5 loses the first's value where they have.
    """

    def __init__(self) -> None:
        self._timestamps: list[TimeseriesDataTimestamp] = []

    def __enter__(self) -> TimeseriesData:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __str__(self) -> str:
        return "\n".join([f"{len(self._timestamps)} rows", *map(str, self._timestamps)])

    def dispose(self) -> None:
        """Do nothing: Python frees what it held."""

    @property
    def timestamps(self) -> list[TimeseriesDataTimestamp]:
        """The rows."""
        return self._timestamps

    def add_timestamp(self, time: Time) -> TimeseriesDataTimestamp:
        """Add a row at a datetime or ISO 8601 text, or at a duration or nanoseconds since the stream's epoch.

        Raises
        ------
        FrameError
            It is no time.
        """
        row = TimeseriesDataTimestamp(nanoseconds(time), is_relative=is_relative(time))
        self._timestamps.append(row)
        return row

    def add_timestamp_milliseconds(self, milliseconds: int) -> TimeseriesDataTimestamp:
        """Add a row at so many milliseconds since the stream's epoch."""
        return self.add_timestamp(milliseconds * 1_000_000)

    def add_timestamp_nanoseconds(self, nanoseconds: int) -> TimeseriesDataTimestamp:
        """Add a row at so many nanoseconds since the stream's epoch."""
        return self.add_timestamp(nanoseconds)

    def clone(self, parameter_filter: Sequence[str] | None = None) -> TimeseriesData:
        """A copy, with only the parameters in the filter if there is one."""
        copy = TimeseriesData()
        copy._timestamps = [row.clone(parameter_filter) for row in self._timestamps]
        return copy

    def rows(self, epoch_ns: int = 0) -> list[Row]:
        """The rows that hold something, as they are now, at their absolute times."""
        return [row.row(epoch_ns, {}) for row in self._timestamps if not row.is_empty]

    def to_dataframe(self) -> pd.DataFrame:
        """A pandas DataFrame: `timestamp` (int64 ns), the parameters, and `TAG__<tag>` columns."""
        return tables.dataframe([row.row(0, {}) for row in self._timestamps])

    @classmethod
    def of(cls, rows: Iterable[Row]) -> TimeseriesData:
        """Rows at absolute times."""
        new = cls()
        new._timestamps = [TimeseriesDataTimestamp.of(row) for row in rows]
        return new

    @staticmethod
    def from_panda_dataframe(data_frame: Any, epoch: int = 0) -> TimeseriesData:
        """The rows of a frame; `epoch` (ns) is added to times that are numbers.

        Raises
        ------
        FrameError
            The frame cannot be sent as it is; see `quixnb.publish`.
        """
        return TimeseriesData.of(tables.rows_of(tables.columns_of(data_frame, epoch)))

    from_dataframe = from_panda_dataframe
