"""Rows, frames and events written to a stream as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Final, get_args

from quixnb import frames
from quixnb.errors import DeliveryError, FrameError
from quixnb.frames import FrameOptions
from quixnb.options import Destination, StreamOptions, new_stream_id
from quixnb.report import PublishReport
from quixnb.streaming.announcements import Announcements
from quixnb.streaming.buffer import Conditions
from quixnb.streaming.buffered import BufferedStream
from quixnb.streaming.outcome import interrupted
from quixnb.streaming.outlet import Outlet
from quixnb.streaming.singles import Singles, is_row
from quixnb.timeseries import EndType

# Ctrl-C ends a `with` block within a second, its stream's end included; a new producer needs half of one for its ID.
_INTERRUPTED_S: Final = 0.7


class StreamWriter:
    """Writes to one stream of a topic. A context manager; may be used in several threads at once.

    Rows wait for company in a buffer until one of its conditions is met, and then travel in one message; everything
    arrives in the order in which it was written. The stream ends with `close`, or with the `with` block: as `Closed`,
    or as `Aborted` where an exception leaves it. Made by `Session.stream`.

    Attributes
    ----------
    stream_id
        ID of the stream, the Kafka key.
    """

    def __init__(
        self,
        to: Destination,
        said: StreamOptions,
        frame: FrameOptions,
        conditions: Conditions,
        *,
        event_definitions: Mapping[str, Mapping[str, Any]] | None = None,
        on_report: Callable[[PublishReport], None] = lambda report: None,
    ) -> None:
        self.stream_id = said.stream or new_stream_id()
        self._singles = Singles(frame)
        self._frame, self._keeps_open, self._is_defined = frame, said.keep_open, bool(said.definitions)
        announcements = Announcements()
        announcements.describe(said)
        if said.definitions:
            announcements.define_parameters(said.definitions)
        if event_definitions:
            announcements.define_events(event_definitions)
        self._outlet = Outlet(to.broker, to.topic_id)  # when nothing is left to be refused
        self._out = BufferedStream(
            self._outlet,
            to,
            self.stream_id,
            conditions,
            inf=frame.inf,
            announcements=announcements,
            on_report=on_report,
        )

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "open"
        return f"<StreamWriter of stream '{self.stream_id}', {state}, {self._out.rows:,} rows written>"

    def __enter__(self) -> StreamWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        is_stopped = isinstance(error, KeyboardInterrupt)
        try:
            self._close("Aborted", time.monotonic() + _INTERRUPTED_S if is_stopped else float("inf"))
        except DeliveryError as lost:
            if is_stopped:
                raise interrupted(replace(lost.report, is_interrupted=True)) from None
            if not isinstance(error, DeliveryError):
                error.add_note(f"quixnb: {lost.what}")

    # ---- writing

    def write(self, rows: Any) -> None:
        """Write one row or many.

        Parameters
        ----------
        rows
            One row (dictionary, dataclass, named tuple), a list of rows, or anything that `Session.publish` takes. A
            single row without a time is given the present one, and need not have every tag and column. A parameter
            keeps its kind (numeric, text, binary) throughout the stream.

        Raises
        ------
        FrameError
            The rows cannot be sent as they are; names column, row and value. Row numbers count everything that was
            written; of the frame that is at fault nothing was.
        DeliveryError
            The broker lost rows written before; carries the report, whose `retry()` sends them and what follows them.
            The stream takes no more.
        """
        is_single = is_row(rows)
        if is_single and (row := self._singles.quick(rows)) is not None:
            with self._out.turn():
                self._out.add_row(row)
            return
        options = self._singles.options_for(rows) if is_single else self._frame
        for frame in frames.chunks([rows] if is_single else rows).frames:
            with self._out.turn():
                columns = frames.to_columns(frame, options, first_row=self._out.rows)
                self._define(frames.definitions_of(frame))
                self._out.add(columns, is_ours=is_single)

    def _define(self, said: frames.Definitions) -> None:
        if said and not self._is_defined:
            self._is_defined = True
            self._out.stream.announcements.define_parameters(said)

    def write_event(
        self,
        id: str,
        value: Any = None,
        *,
        tags: Mapping[str, Any] | None = None,
        timestamp: datetime | str | float | None = None,
    ) -> None:
        """Write one event.

        Parameters
        ----------
        id
            What kind of event it is.
        value
            Text, or what has a text form.
        tags
            Text by which it can be found.
        timestamp
            Datetime, ISO 8601 text, or a number where the stream has a `time_unit`; None is now.

        Raises
        ------
        FrameError, DeliveryError
            As `write`.
        """
        tagged = {f"TAG__{name}": [tag] for name, tag in (tags or {}).items()}
        options = replace(self._frame, time="timestamp", tags=tuple(tagged), columns=None, events=True)
        if timestamp is None:
            timestamp, options = time.time_ns(), replace(options, time_unit="ns")
        event = {"timestamp": [timestamp], "id": [id], "value": [value], **tagged}
        with self._out.turn():
            columns = frames.to_columns(event, options, first_row=self._out.rows)
            self._out.add(columns, is_events=True, is_ours=True)

    # ---- the rest

    def flush(self) -> None:
        """Send what is held and wait until the broker has acknowledged everything.

        Raises
        ------
        DeliveryError
            Some rows were lost; carries the report. The stream takes no more.
        """
        self._out.flush()

    @property
    def report(self) -> PublishReport:
        """What happened so far; final once the stream is closed."""
        return self._out.report()

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more rows."""
        return self._out.stream.is_finished

    def close(self, end: EndType = "Closed") -> PublishReport:
        """Send what is held, end the stream, and wait until the broker has acknowledged everything.

        Parameters
        ----------
        end
            `Closed`, `Aborted` or `Terminated`.

        Raises
        ------
        FrameError
            Another end.
        DeliveryError, PublishInterrupted
            Some rows were not acknowledged; carries the report, whose `retry()` sends the rest.
        """
        if end not in get_args(EndType):
            raise FrameError(f"A stream cannot end as {end!r}.", cause=f"It ends as {', '.join(get_args(EndType))}.")
        return self._close(end)

    def _close(self, end: EndType, until: float = float("inf")) -> PublishReport:
        try:
            return self._out.close(None if self._keeps_open else end, until)
        finally:
            if self.is_closed:
                self._outlet.close()
