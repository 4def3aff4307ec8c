"""Rows of parameters by column, as Quix Streams 0.5 has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from quixnb.streaming.joining import listed
from quixnb.streaming.rows import to_columns
from quixnb.streams05 import tables
from quixnb.streams05.data import TimeseriesData
from quixnb.timeseries import Columns

if TYPE_CHECKING:
    import pandas as pd


class TimeseriesDataRaw:
    """Columns of equal length: times, numbers, text, bytes and tags; None is null."""

    def __init__(self) -> None:
        self.set_values(0, [], {}, {}, {}, {})

    def __enter__(self) -> TimeseriesDataRaw:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def dispose(self) -> None:
        """Do nothing: Python frees what it held."""

    def set_values(
        self,
        epoch: int,
        timestamps: Sequence[int],
        numeric_values: Mapping[str, Sequence[float | None]],
        string_values: Mapping[str, Sequence[str | None]],
        binary_values: Mapping[str, Sequence[bytes | None]],
        tag_values: Mapping[str, Sequence[str | None]],
    ) -> None:
        """Set everything: `timestamps` in nanoseconds since `epoch`, itself in nanoseconds since 1970 UTC."""
        self.epoch = epoch
        self.timestamps = list(timestamps)
        self.numeric_values = {name: list(cells) for name, cells in numeric_values.items()}
        self.string_values = {name: list(cells) for name, cells in string_values.items()}
        self.binary_values = {name: list(cells) for name, cells in binary_values.items()}
        self.tag_values = {name: list(cells) for name, cells in tag_values.items()}

    def columns(self, epoch_ns: int = 0) -> Columns:
        """The rows at their absolute times: both epochs are added, and none is sent.

        Raises
        ------
        FrameError
            As `frames.to_columns`; columns of unequal lengths among it.
        """
        values: dict[str, Sequence[Any]] = {}
        for columns in (self.numeric_values, self.string_values, self.binary_values):
            for name, cells in columns.items():
                # 0.5 itself makes two columns of one name, of which one is null where the other is not.
                values[name] = _either(values[name], cells) if name in values else cells
        return to_columns([time + self.epoch + epoch_ns for time in self.timestamps], values, self.tag_values)

    def to_dataframe(self) -> pd.DataFrame:
        """A pandas DataFrame: `timestamp` (int64 ns since the epoch), the parameters, and `TAG__<tag>` columns."""
        import pandas as pd

        numbers = {name: tables.exact(cells) for name, cells in self.numeric_values.items()}
        values = {**numbers, **self.string_values, **self.binary_values}
        tags = {f"TAG__{name}": cells for name, cells in self.tag_values.items()}
        return pd.DataFrame({"timestamp": pd.array(self.timestamps, dtype="int64"), **values, **tags})

    @staticmethod
    def from_dataframe(data_frame: Any, epoch: int = 0) -> TimeseriesDataRaw:
        """The columns of a frame, its times counted from `epoch` (ns since 1970 UTC).

        Raises
        ------
        FrameError
            The frame cannot be sent as it is; see `quixnb.publish`.
        """
        return TimeseriesDataRaw.of(tables.columns_of(data_frame), epoch)

    @classmethod
    def of(cls, columns: Columns, epoch: int = 0) -> TimeseriesDataRaw:
        """The same of the engine's columns."""
        n, new = len(columns), cls()
        maps: dict[str, dict[str, Any]] = {"numeric": {}, "text": {}, "binary": {}}
        for name, kind, column in columns.parameters():
            maps[kind][name] = tables.decoded(kind, column.cells(0, n))
        tags = {name: listed(column.cells(0, n)) for name, column in columns.tags.items()}
        times = (columns.time - epoch).tolist()
        new.set_values(epoch, times, maps["numeric"], maps["text"], maps["binary"], tags)
        return new

    def convert_to_timeseriesdata(self) -> TimeseriesData:
        """The same rows, one by one."""
        return TimeseriesData.of(tables.rows_of(self.columns()))


def _either(first: Sequence[Any], second: Sequence[Any]) -> list[Any]:
    return [a if b is None else b for a, b in zip(first, second, strict=True)]
