"""The buffer of a stream's rows, as Quix Streams 0.5 has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from quixnb.streaming.buffered import BufferedStream
from quixnb.streaming.rows import Row, as_columns
from quixnb.streams05 import tables
from quixnb.streams05.absent import refuse
from quixnb.streams05.data import TimeseriesData, TimeseriesDataTimestamp
from quixnb.streams05.raw import TimeseriesDataRaw
from quixnb.streams05.times import Time, as_datetime, is_relative, nanoseconds
from quixnb.streams05.writing import Writing
from quixnb.timeseries import Columns

Packet = Any  # TimeseriesData, TimeseriesDataRaw, TimeseriesDataTimestamp, or a frame


def columns_of(packet: Packet, epoch_ns: int) -> Columns:
    """A packet as columns.

    Raises
    ------
    FrameError
        It is none, or cannot be sent as it is.
    """
    if isinstance(packet, TimeseriesDataTimestamp):
        return as_columns([packet.row(epoch_ns, {})], "refuse")
    if isinstance(packet, TimeseriesData):
        return as_columns(tables.merged(packet.rows(epoch_ns)), "refuse")
    if isinstance(packet, TimeseriesDataRaw):
        return packet.columns(epoch_ns)
    return tables.columns_of(packet, epoch_ns)


class TimeseriesBuffer:
    """Holds rows until a condition releases them in one message. With no condition each packet is sent at once.

    Rows that arrive one by one at equal time and tags become one where they have no parameter in common. With
    `buffer_timeout` rows wait no longer than that for their message; Quix Streams 0.5 starts it anew at each row.
    """

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._conditions = writing.out.buffer.conditions
        self._default_tags: dict[str, str] = {}
        self._epoch_ns = 0
        self._filter: Callable[[TimeseriesDataTimestamp], bool] | None = None
        self._before: Callable[[TimeseriesDataTimestamp], bool] | None = None
        self._after: Callable[[TimeseriesData], bool] | None = None
        self._held: list[Row] = []

    # ---- conditions

    @property
    def packet_size(self) -> int | None:
        """Release when so many rows are held; None is no such condition."""
        return self._conditions.packet_size

    @packet_size.setter
    def packet_size(self, value: int | None) -> None:
        self._conditions.packet_size = None if value is None else max(int(value), 1)

    @property
    def time_span_in_nanoseconds(self) -> int | None:
        """Release before a row that would make the held rows' own times span so much; None is no such condition."""
        return self._conditions.time_span_ns

    @time_span_in_nanoseconds.setter
    def time_span_in_nanoseconds(self, value: int | None) -> None:
        self._conditions.time_span_ns = None if value is None else int(value)

    @property
    def time_span_in_milliseconds(self) -> int | None:
        """The same in milliseconds."""
        return None if self._conditions.time_span_ns is None else self._conditions.time_span_ns // 1_000_000

    @time_span_in_milliseconds.setter
    def time_span_in_milliseconds(self, value: float | None) -> None:
        self._conditions.time_span_ns = None if value is None else int(value * 1_000_000)

    @property
    def buffer_timeout(self) -> int | None:
        """Release when the oldest row has been held for so many milliseconds; None is no such condition."""
        return None if self._conditions.timeout_s is None else round(self._conditions.timeout_s * 1000)

    @buffer_timeout.setter
    def buffer_timeout(self, value: float | None) -> None:
        self._conditions.timeout_s = None if value is None else value / 1000

    @property
    def filter(self) -> Callable[[TimeseriesDataTimestamp], bool] | None:
        """Only rows for which it is true are taken."""
        return self._filter

    @filter.setter
    def filter(self, value: Callable[[TimeseriesDataTimestamp], bool] | None) -> None:
        self._filter = value

    @property
    def custom_trigger_before_enqueue(self) -> Callable[[TimeseriesDataTimestamp], bool] | None:
        """Release before a row for which it is true."""
        return self._before

    @custom_trigger_before_enqueue.setter
    def custom_trigger_before_enqueue(self, value: Callable[[TimeseriesDataTimestamp], bool] | None) -> None:
        self._before = value
        self._conditions.is_manual = value is not None or self._after is not None

    @property
    def custom_trigger(self) -> Callable[[TimeseriesData], bool] | None:
        """Release after a row if it is true of all that is held."""
        return self._after

    @custom_trigger.setter
    def custom_trigger(self, value: Callable[[TimeseriesData], bool] | None) -> None:
        self._after = value
        self._conditions.is_manual = value is not None or self._before is not None

    on_data_released = property(lambda self: None, lambda self, handler: refuse("on_data_released"))
    on_raw_released = property(lambda self: None, lambda self, handler: refuse("on_raw_released"))
    on_dataframe_released = property(lambda self: None, lambda self, handler: refuse("on_dataframe_released"))

    # ---- rows

    @property
    def default_tags(self) -> dict[str, str]:
        """Tags of every row that has none of that name; a dictionary to change."""
        return self._default_tags

    @property
    def epoch(self) -> datetime:
        """What relative times are counted from, in UTC."""
        return as_datetime(self._epoch_ns)

    @epoch.setter
    def epoch(self, value: Time) -> None:
        self._epoch_ns = nanoseconds(value)

    def add_timestamp(self, time: Time) -> TimeseriesDataBuilder:
        """Begin a row at a datetime or ISO 8601 text, or at a duration or nanoseconds since the epoch.

        Raises
        ------
        FrameError
            It is no time.
        """
        row = TimeseriesDataTimestamp(nanoseconds(time), is_relative=is_relative(time))
        return TimeseriesDataBuilder(self, row)

    def add_timestamp_milliseconds(self, milliseconds: int) -> TimeseriesDataBuilder:
        """Begin a row at so many milliseconds since the epoch."""
        return self.add_timestamp(milliseconds * 1_000_000)

    def add_timestamp_nanoseconds(self, nanoseconds: int) -> TimeseriesDataBuilder:
        """Begin a row at so many nanoseconds since the epoch."""
        return self.add_timestamp(nanoseconds)

    def publish(self, packet: Packet) -> None:
        """Put rows into the buffer: TimeseriesData, TimeseriesDataRaw, TimeseriesDataTimestamp, or a frame.

        A frame's time is its column `time`, `timestamp` or `datetime` in any case (numbers are nanoseconds since the
        epoch), else its datetime index; columns called `TAG__x` are tags.

        Raises
        ------
        FrameError
            The rows cannot be sent as they are; none of them is.
        DeliveryError
            The broker lost rows published before; carries the report. The stream takes no more.
        """
        tags = {name: str(tag) for name, tag in self._default_tags.items()}
        if isinstance(packet, TimeseriesDataTimestamp):
            if not packet.is_empty:
                self._writing.write(partial(self._take, packet.row(self._epoch_ns, tags)))
            return
        columns = tables.with_tags(columns_of(packet, self._epoch_ns), tags)
        self._writing.write(partial(self._take_all, columns))

    def _take_all(self, columns: Columns, out: BufferedStream) -> None:
        if not self._looks_at_rows:
            out.add(columns)
            return
        out.checked(columns)  # all of them, before the first is taken
        for row in tables.rows_of(columns):
            self._take(row, out)

    @property
    def _looks_at_rows(self) -> bool:
        return (self._filter, self._before, self._after) != (None, None, None)

    def _take(self, row: Row, out: BufferedStream) -> None:
        if self._looks_at_rows:
            view = TimeseriesDataTimestamp.of(row)
            if self._filter is not None and not self._filter(view):
                return
            if self._before is not None and self._before(view):
                out.release()
        out.add_row(row)
        if self._after is not None:
            self._held = [*self._held, row][-out.buffer.rows :] if out.buffer.rows else []
            if self._held and self._after(TimeseriesData.of(self._held)):
                out.release()

    def flush(self) -> None:
        """Release what is held."""
        self._writing.write(lambda out: out.release())


class TimeseriesDataBuilder:
    """One row in the making; every method but `publish` returns the builder."""

    def __init__(self, buffer: TimeseriesBuffer, row: TimeseriesDataTimestamp) -> None:
        self._buffer, self._row = buffer, row

    def add_value(self, parameter_id: str, value: Any) -> TimeseriesDataBuilder:
        """Set a parameter's value: a number, text or bytes; None changes nothing.

        Raises
        ------
        FrameError
            A value of another type.
        """
        self._row.add_value(parameter_id, value)
        return self

    def add_tag(self, tag_id: str, value: Any) -> TimeseriesDataBuilder:
        """Set a tag."""
        self._row.add_tag(tag_id, value)
        return self

    def add_tags(self, tags: Mapping[str, Any] | None) -> TimeseriesDataBuilder:
        """Set several tags."""
        self._row.add_tags(tags)
        return self

    def publish(self) -> None:
        """Put the row into the buffer.

        Raises
        ------
        FrameError, DeliveryError
            As `TimeseriesBuffer.publish`.
        """
        self._buffer.publish(self._row)
