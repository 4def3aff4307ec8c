"""A topic's streams, as Quix Streams 0.5 has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

from quixnb.errors import DeliveryError, QuixnbError
from quixnb.options import Destination, check_stream_id, new_stream_id
from quixnb.report import PublishReport
from quixnb.streaming.buffer import Conditions
from quixnb.streaming.buffered import BufferedStream
from quixnb.streaming.outlet import Outlet
from quixnb.streams05.streams import StreamProducer
from quixnb.streams05.tables import merged


class TopicProducer:
    """Publishes streams to one topic, all through one connection. A context manager, which disposes of it.

    Made by `QuixStreamingClient.get_topic_producer`; may be used in several threads.
    """

    def __init__(self, to: Destination, on_report: Callable[[PublishReport], None] = lambda report: None) -> None:
        self._to, self._on_report = to, on_report
        self._outlet = Outlet(to.broker, to.topic_id, shared=True)
        self._streams: dict[str, StreamProducer] = {}  # changed in the outlet's turns
        self._is_disposed = False
        self._on_disposed: Callable[[TopicProducer], Any] | None = None

    def __repr__(self) -> str:
        return f"<TopicProducer of topic '{self._to.topic_name}', {len(self._streams)} streams open>"

    def __enter__(self) -> TopicProducer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.dispose()
        except DeliveryError as lost:
            if error is None:
                raise
            if not isinstance(error, DeliveryError):
                error.add_note(f"quixnb: {lost.what}")

    @property
    def on_disposed(self) -> Callable[[TopicProducer], Any] | None:
        """Called with the topic when it has been disposed of."""
        return self._on_disposed

    @on_disposed.setter
    def on_disposed(self, handler: Callable[[TopicProducer], Any] | None) -> None:
        self._on_disposed = handler

    def create_stream(self, stream_id: str | None = None) -> StreamProducer:
        r"""Open a new stream; without an ID it gets one of its own.

        Raises
        ------
        QuixnbError
            A stream with this ID is open here, or the topic was disposed of.
        FrameError
            The ID cannot be one: empty, with `/` or `\`, or over 1,024 bytes.
        """
        with self._outlet.turn():
            if stream_id is not None and stream_id in self._streams:
                raise QuixnbError(
                    f"The stream {stream_id!r} is open already.",
                    cause="A topic producer has each stream once.",
                    fix="Take the open one with get_or_create_stream(…), or close it first.",
                )
            return self._opened(stream_id)

    def get_stream(self, stream_id: str | None) -> StreamProducer | None:
        """The open stream with this ID; None if there is none."""
        return None if stream_id is None else self._streams.get(stream_id)

    def get_or_create_stream(
        self, stream_id: str, on_stream_created: Callable[[StreamProducer], Any] | None = None
    ) -> StreamProducer:
        """The open stream with this ID, or a new one; `on_stream_created` is called with a new one."""
        with self._outlet.turn():
            found = self._streams.get(stream_id)
            if found is None:
                found = self._opened(stream_id)
                if on_stream_created is not None:
                    on_stream_created(found)
            return found

    def _opened(self, stream_id: str | None) -> StreamProducer:
        if self._is_disposed:
            raise QuixnbError(
                f"The producer of topic '{self._to.topic_name}' was disposed of.",
                fix="Make another: get_topic_producer(…)",
            )
        if stream_id is None:
            stream_id = new_stream_id()
        check_stream_id(stream_id)
        over = partial(self._over, stream_id)
        out = BufferedStream(self._outlet, self._to, stream_id, Conditions(), combine=merged, on_report=over)
        self._streams[stream_id] = StreamProducer(self, out)
        return self._streams[stream_id]

    def _over(self, stream_id: str, report: PublishReport) -> None:
        self._streams.pop(stream_id, None)
        self._on_report(report)

    def flush(self) -> None:
        """Send what the streams hold, and wait until the broker has acknowledged everything.

        Raises
        ------
        DeliveryError
            The first stream's of which rows were lost.
        """
        self._for_each(StreamProducer.flush)

    def dispose(self) -> None:
        """Send what the streams hold, and part from the broker. Streams that were not closed get no end.

        Raises
        ------
        DeliveryError
            As `flush`.
        """
        with self._outlet.turn():
            if self._is_disposed:
                return
            self._is_disposed = True
        try:
            self._for_each(StreamProducer.dispose)
        finally:
            self._outlet.close()
            if self._on_disposed is not None:
                self._on_disposed(self)

    def _for_each(self, action: Callable[[StreamProducer], None]) -> None:
        losses: list[DeliveryError] = []
        for stream in list(self._streams.values()):
            try:
                action(stream)
            except DeliveryError as error:
                losses.append(error)
        if losses:
            raise losses[0]
