"""What is said of a stream beside its rows: its properties and definitions, and when each is to be said again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from quixnb import definitions, timeseries
from quixnb.options import StreamOptions

# Quix Streams 0.5 repeats a stream's properties so often, for readers that come late.
REPEAT_S: Final = 30.0

_SILENT: Final = timeseries.properties()


class Announcements:
    """The messages that stand before the rows they concern.

    Attributes
    ----------
    repeat_s
        Seconds after which the properties are said again, in front of the next rows.
    """

    def __init__(self) -> None:
        self.repeat_s = REPEAT_S
        self._properties = _SILENT
        self._definitions: dict[str, bytes] = {}
        self._said: dict[str, bytes] = {}
        self._said_at = float("-inf")

    def describe(self, said: StreamOptions) -> None:
        """The stream's properties from now on; each message replaces all of them."""
        self._properties = timeseries.properties(
            name=said.name,
            location=said.location,
            metadata=said.metadata,
            parents=said.parents,
            time_of_recording=said.recorded(),
        )

    def define_parameters(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        """The stream's parameter definitions from now on.

        Raises
        ------
        FrameError
            As `definitions.parameters`.
        """
        self._definitions["parameters"] = definitions.parameters(said)

    def define_events(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        """The stream's event definitions from now on.

        Raises
        ------
        FrameError
            As `definitions.events`.
        """
        self._definitions["events"] = definitions.events(said)

    def before_rows(self) -> list[bytes]:
        """What is to be sent before the next rows: properties if new or old, definitions if new."""
        if self._said.get("properties") != self._properties or time.monotonic() >= self._said_at + self.repeat_s:
            self._said.pop("properties", None)
            return self._new(self._properties)
        return self._new(None)

    def changes(self) -> list[bytes]:
        """What is to be sent although no rows follow: what was changed since it was last sent.

        A stream's properties stand before all else, also where nothing is said by them.
        """
        is_silent = self._properties == _SILENT and "properties" not in self._said
        return self._new(None if is_silent and not self._new_definitions() else self._properties)

    def _new_definitions(self) -> dict[str, bytes]:
        return {what: value for what, value in self._definitions.items() if self._said.get(what) != value}

    def _new(self, properties: bytes | None) -> list[bytes]:
        new = self._new_definitions()
        if properties is not None and self._said.get("properties") != properties:
            new = {"properties": properties, **new}
            self._said_at = time.monotonic()
        self._said |= new
        return list(new.values())
