"""One event in memory, as Quix Streams 0.5 has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from quixnb.errors import FrameError
from quixnb.streams05.times import Time, as_datetime, is_relative, nanoseconds


class EventData:
    """One event: an ID, a time, a value and tags.

    Parameters
    ----------
    event_id
        What kind of event it is.
    time
        Datetime or ISO 8601 text, or a duration or nanoseconds since the stream's epoch.
    value
        Text, or None.

    Raises
    ------
    FrameError
        There is no ID, or no time.
    """

    def __init__(self, event_id: str, time: Time, value: Any = None) -> None:
        if not event_id:
            raise FrameError("An event has no ID.", fix="For example EventData('pit-stop', datetime.utcnow(), 'in')")
        self.id, self.value = str(event_id), value
        self._time_ns, self._is_relative = nanoseconds(time), is_relative(time)
        self._tags: dict[str, str] = {}

    def __str__(self) -> str:
        return f"Time: {self._time_ns}, tags: {self._tags}, id: {self.id}, value: {self.value}"

    @property
    def tags(self) -> dict[str, str]:
        """The event's tags."""
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

    def add_tag(self, tag_id: str, tag_value: Any) -> EventData:
        """Set a tag; None takes it away."""
        if tag_value is None:
            return self.remove_tag(tag_id)
        self._tags[tag_id] = str(tag_value)
        return self

    def add_tags(self, tags: Mapping[str, Any] | None) -> EventData:
        """Set several tags."""
        for tag_id, value in (tags or {}).items():
            self.add_tag(tag_id, value)
        return self

    def remove_tag(self, tag_id: str) -> EventData:
        """Take a tag away."""
        self._tags.pop(tag_id, None)
        return self

    def clone(self) -> EventData:
        """A copy."""
        copy = EventData(self.id, self._time_ns, self.value)
        copy._is_relative = self._is_relative
        return copy.add_tags(self._tags)

    def absolute_ns(self, epoch_ns: int) -> int:
        """Its time in nanoseconds since 1970-01-01 UTC."""
        return self._time_ns + (epoch_ns if self._is_relative else 0)
