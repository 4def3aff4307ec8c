"""The events of a stream, as Quix Streams 0.5 publishes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quixnb import frames
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.streaming.buffered import BufferedStream
from quixnb.streams05 import tables
from quixnb.streams05.definitions import DefinitionBook, Definitions, EventDefinition, EventDefinitionBuilder
from quixnb.streams05.event_data import EventData
from quixnb.streams05.times import Time, as_datetime, nanoseconds
from quixnb.streams05.writing import Writing
from quixnb.timeseries import Columns

_SOON_S = 0.2


class StreamEvents:
    """Publishes events and event definitions of a stream. Events are sent at once, past rows that a buffer holds."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._epoch_ns = 0
        self._default_tags: dict[str, str] = {}
        self._book = DefinitionBook(self._define)

    def _define(self, said: Definitions) -> None:
        def define(out: BufferedStream) -> None:
            out.stream.announcements.define_events(said)
            out.announce_in(_SOON_S)

        self._writing.write(define)

    @property
    def default_tags(self) -> dict[str, str]:
        """Tags of every event that has none of that name; a dictionary to change."""
        return self._default_tags

    @property
    def epoch(self) -> dt.datetime:
        """What relative times are counted from, in UTC."""
        return as_datetime(self._epoch_ns)

    @epoch.setter
    def epoch(self, value: Time) -> None:
        self._epoch_ns = nanoseconds(value)

    # ---- events

    def publish(self, data: Any, **columns: str) -> None:
        """Send an event, several, or a frame of events.

        Parameters
        ----------
        data
            EventData, a list of them, or a frame with columns `id`, `timestamp`, `value`, and tags `TAG__x`.
        columns
            What the three columns are called where their names are others: `id="event_id"`.

        Raises
        ------
        FrameError
            An event cannot be sent as it is; none is.
        DeliveryError
            The broker lost rows published before; carries the report. The stream takes no more.
        """
        if isinstance(data, EventData):
            self._publish([data])
        elif isinstance(data, Sequence) and all(isinstance(event, EventData) for event in data):
            self._publish(data)
        else:
            self._send(_from_frame(tables.framed(data, "EventData"), columns, self._epoch_ns))

    def _publish(self, given: Sequence[EventData]) -> None:
        if not given:
            return
        tags = dict.fromkeys(name for event in given for name in event.tags)
        table: dict[str, list[Any]] = {
            "timestamp": [event.absolute_ns(self._epoch_ns) for event in given],
            "id": [event.id for event in given],
            "value": [None if event.value is None else str(event.value) for event in given],
        }
        table |= {tables.TAG + name: [event.tags.get(name) for event in given] for name in tags}
        self._send(_as_events(table))

    def _send(self, columns: Columns) -> None:
        default = {name: str(tag) for name, tag in self._default_tags.items()}
        tagged = tables.with_tags(columns, default)
        self._writing.write(lambda out: out.send(tagged, is_events=True))

    def add_timestamp(self, time: Time) -> EventDataBuilder:
        """Begin events at a datetime or ISO 8601 text, or at a duration or nanoseconds since the epoch.

        Raises
        ------
        FrameError
            It is no time.
        """
        return EventDataBuilder(self, time)

    def add_timestamp_milliseconds(self, milliseconds: int) -> EventDataBuilder:
        """Begin events at so many milliseconds since the epoch."""
        return self.add_timestamp(milliseconds * 1_000_000)

    def add_timestamp_nanoseconds(self, nanoseconds: int) -> EventDataBuilder:
        """Begin events at so many nanoseconds since the epoch."""
        return self.add_timestamp(nanoseconds)

    def flush(self) -> None:
        """Send definitions that are new; events never wait."""
        self._writing.write(lambda out: out.stream.announce())

    # ---- definitions

    @property
    def default_location(self) -> str:
        """Where definitions go that name no other place, for example `/car/motor`."""
        return self._book.default_location

    @default_location.setter
    def default_location(self, value: str) -> None:
        self._book.default_location = value

    def add_location(self, location: str) -> EventDefinitionBuilder:
        """A builder that defines events at another place than the default."""
        return EventDefinitionBuilder(self._book, location)

    def add_definition(
        self, event_id: str, name: str | None = None, description: str | None = None
    ) -> EventDefinitionBuilder:
        """Define an event at the default location; the builder says more of it.

        Raises
        ------
        FrameError
            See `EventDefinitionBuilder.add_definition`.
        """
        return EventDefinitionBuilder(self._book, None).add_definition(event_id, name, description)

    def add_definitions(self, definitions: Iterable[EventDefinition]) -> None:
        """Define several events.

        Raises
        ------
        FrameError
            See `EventDefinitionBuilder.add_definition`.
        """
        for said in definitions:
            words = {"name": said.name, "description": said.description, "custom_properties": said.custom_properties}
            self._book.define(said.id, said.location, level=said.level.name, **words)


def _from_frame(frame: Any, columns: Mapping[str, str], epoch_ns: int) -> Columns:
    """The events of a frame."""
    names = tables.names_of(frame)
    wanted = {word: columns.get(word, word) for word in ("timestamp", "id", "value")}
    missing = [name for name in wanted.values() if name not in names]
    if missing:
        raise FrameError(
            f"The frame of events has no column {missing[0]!r}.",
            cause=f"It has {', '.join(map(repr, names)) or 'no columns'}.",
            fix="Name the columns: publish(df, id='…', timestamp='…', value='…')",
        )
    table = {word: frame[name] for word, name in wanted.items()}
    table |= {name: frame[name] for name in names if name.startswith(tables.TAG)}
    return tables.since(_as_events(table), table["timestamp"], epoch_ns)


def _as_events(table: Mapping[str, Any]) -> Columns:
    tags = [name for name in table if name.startswith(tables.TAG)]
    return frames.to_columns(table, FrameOptions(time="timestamp", time_unit="ns", tags=tags, events=True))


class EventDataBuilder:
    """Events in the making, all at one time; every method but `publish` returns the builder."""

    def __init__(self, events: StreamEvents, time: Time) -> None:
        nanoseconds(time)
        self._stream, self._time = events, time
        self._events: list[EventData] = []
        self._tags: dict[str, Any] = {}

    def add_value(self, event_id: str, value: Any) -> EventDataBuilder:
        """Add one event."""
        self._events.append(EventData(event_id, self._time, value))
        return self

    def add_tag(self, tag_id: str, value: Any) -> EventDataBuilder:
        """Set a tag of all of them."""
        self._tags[tag_id] = value
        return self

    def add_tags(self, tags: Mapping[str, Any] | None) -> EventDataBuilder:
        """Set several tags of all of them."""
        self._tags |= tags or {}
        return self

    def publish(self) -> None:
        """Send the events.

        Raises
        ------
        FrameError, DeliveryError
            As `StreamEvents.publish`.
        """
        self._stream.publish([event.clone().add_tags(self._tags) for event in self._events])
