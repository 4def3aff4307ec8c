"""A stream's properties, as Quix Streams 0.5 has them: set as attributes, sent by themselves."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Iterable, MutableSequence
from datetime import datetime
from typing import Any, overload

from quixnb.errors import FrameError
from quixnb.options import StreamOptions
from quixnb.streaming.buffered import BufferedStream
from quixnb.streams05.writing import Writing

# So long after a change it is sent, together with those that were made meanwhile.
_SOON_S = 0.02


class StreamProperties:
    """Name, location, metadata, parents and time of recording of a stream. Changes are sent within moments."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._name: str | None = None
        self._location: str | None = None
        self._time_of_recording: datetime | None = None
        self._metadata = _Texts(self._changed)
        self._parents = _Parents(self._changed)

    @property
    def name(self) -> str | None:
        """The stream's name for people."""
        return self._name

    @name.setter
    def name(self, value: str | None) -> None:
        self._name = value
        self._changed()

    @property
    def location(self) -> str | None:
        """Where Quix shows it, for example `/cars/ai`."""
        return self._location

    @location.setter
    def location(self, value: str | None) -> None:
        self._location = value
        self._changed()

    @property
    def time_of_recording(self) -> datetime | None:
        """When it was recorded; without a zone in UTC."""
        return self._time_of_recording

    @time_of_recording.setter
    def time_of_recording(self, value: datetime | None) -> None:
        self._time_of_recording = value
        self._changed()

    @property
    def metadata(self) -> UserDict[str, str]:
        """Text by name; a dictionary to change."""
        return self._metadata

    @property
    def parents(self) -> MutableSequence[str]:
        """IDs of the streams that it was made from; a list to change."""
        return self._parents

    @property
    def flush_interval(self) -> int:
        """Milliseconds after which the properties are sent again, in front of the next rows."""
        return round(self._writing.out.stream.announcements.repeat_s * 1000)

    @flush_interval.setter
    def flush_interval(self, value: int) -> None:
        if value <= 0:
            raise FrameError(f"The flush interval cannot be {value}.", cause="It is a number of milliseconds above 0.")
        self._writing.out.stream.announcements.repeat_s = value / 1000

    def flush(self) -> None:
        """Send changes now."""
        self._writing.write(lambda out: out.stream.announce())

    def _changed(self) -> None:
        said = StreamOptions(
            name=self._name,
            location=self._location,
            metadata=dict(self._metadata),
            parents=list(self._parents),
            time_of_recording=self._time_of_recording,
        )

        def describe(out: BufferedStream) -> None:
            out.stream.announcements.describe(said)
            out.announce_in(_SOON_S)

        self._writing.write(describe)


class _Texts(UserDict[str, str]):
    """A dictionary of text that tells of its changes."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[str(key)] = str(value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        del self.data[key]
        self._changed()


class _Parents(MutableSequence[str]):
    """A list of text that tells of its changes."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._ids: list[str] = []

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return repr(self._ids)

    def __eq__(self, other: object) -> bool:
        return list(self._ids) == (list(other) if isinstance(other, Iterable) else other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._ids[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._ids[index] = value
        self._changed()

    def __delitem__(self, index: int | slice) -> None:
        del self._ids[index]
        self._changed()

    def insert(self, index: int, value: str) -> None:
        """Insert an ID before `index`."""
        self._ids.insert(index, value)
        self._changed()
