"""A stream of a topic, as Quix Streams 0.5 has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from quixnb.errors import DeliveryError
from quixnb.report import PublishReport
from quixnb.streaming.buffered import BufferedStream
from quixnb.streams05.enums import StreamEndType
from quixnb.streams05.events import StreamEvents
from quixnb.streams05.properties import StreamProperties
from quixnb.streams05.times import Time, as_datetime, nanoseconds
from quixnb.streams05.timeseries import StreamTimeseries
from quixnb.streams05.writing import Writing

if TYPE_CHECKING:
    from quixnb.streams05.topics import TopicProducer
    from quixnb.timeseries import EndType


class StreamProducer:
    """Publishes one stream. Made by `TopicProducer.create_stream`; a context manager, which closes it.

    Attributes
    ----------
    topic
        The topic that it belongs to.
    stream_id
        Its ID, the Kafka key.
    properties, timeseries, events
        What is said of it, its rows, its events.
    """

    def __init__(self, topic: TopicProducer, out: BufferedStream) -> None:
        self.topic, self.stream_id = topic, out.stream.id
        self._writing = Writing(out)
        self._on_write_exception: Callable[[StreamProducer, BaseException], Any] | None = None
        self.properties = StreamProperties(self._writing)
        self.timeseries = StreamTimeseries(self._writing)
        self.events = StreamEvents(self._writing)

    def __repr__(self) -> str:
        return f"<StreamProducer of stream '{self.stream_id}'>"

    def __enter__(self) -> StreamProducer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        try:
            self.close(StreamEndType.Aborted)
        except DeliveryError as lost:
            if not isinstance(error, DeliveryError):
                error.add_note(f"quixnb: {lost.what}")

    @property
    def epoch(self) -> datetime:
        """What relative times of rows and events are counted from; 1970-01-01 UTC at first."""
        return as_datetime(self.timeseries.epoch_ns)

    @epoch.setter
    def epoch(self, value: Time) -> None:
        self.timeseries.epoch_ns = nanoseconds(value)
        self.timeseries.buffer.epoch = self.events.epoch = value

    @property
    def on_write_exception(self) -> Callable[[StreamProducer, BaseException], Any] | None:
        """Called with the stream and a DeliveryError when the broker has lost rows, which is then not raised."""
        return self._on_write_exception

    @on_write_exception.setter
    def on_write_exception(self, handler: Callable[[StreamProducer, BaseException], Any] | None) -> None:
        self._on_write_exception = handler
        self._writing.on_lost = None if handler is None else lambda error: handler(self, error)

    @property
    def report(self) -> PublishReport:
        """What happened so far; final once the stream is closed."""
        return self._writing.out.report()

    def flush(self) -> None:
        """Send all that is held, and wait until the broker has acknowledged everything.

        Raises
        ------
        DeliveryError
            Some rows were lost; carries the report. The stream takes no more.
        """
        self._writing.hear(self._writing.out.flush)

    def close(self, end_type: StreamEndType = StreamEndType.Closed) -> None:
        """Send all that is held and the stream's end, and wait until the broker has acknowledged everything.

        A stream that is closed already stays as it is.

        Raises
        ------
        DeliveryError, PublishInterrupted
            Some rows were not acknowledged; carries the report, whose `retry()` sends the rest.
        """
        if not self._writing.out.stream.is_finished:
            self._over(end_type)

    def dispose(self) -> None:
        """Send all that is held, and no end: the stream may be opened again."""
        if not self._writing.out.stream.is_finished:
            self._over(None)

    def _over(self, end_type: StreamEndType | None) -> None:
        out = self._writing.out
        end = None if end_type is None else cast("EndType", end_type.name)
        self._writing.hear(lambda: out.close(end, even_alone=True))
