"""What is said of parameters and events, by Quix Streams 0.5's names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from quixnb.errors import FrameError
from quixnb.streams05.enums import EventLevel

Definitions = dict[str, dict[str, Any]]


@dataclass
class ParameterDefinition:
    """What is said of a parameter."""

    id: str
    name: str | None = None
    description: str | None = None
    location: str | None = None
    unit: str | None = None
    format: str | None = None
    minimum_value: float | None = None
    maximum_value: float | None = None
    custom_properties: str | None = None


@dataclass
class EventDefinition:
    """What is said of an event."""

    id: str
    name: str | None = None
    description: str | None = None
    location: str | None = None
    level: EventLevel = EventLevel.Information
    custom_properties: str | None = None


class DefinitionBook:
    """All definitions of one kind that a stream has.

    Parameters
    ----------
    publish
        Called with all of them when one changes; what it raises leaves them as they were.
    """

    def __init__(self, publish: Callable[[Definitions], None]) -> None:
        self._publish = publish
        self._said: Definitions = {}
        self._location = "/"

    @property
    def default_location(self) -> str:
        """Where definitions go that name no other place."""
        return self._location

    @default_location.setter
    def default_location(self, value: str | None) -> None:
        self._location = "/" + (value or "").strip("/")

    def define(self, identity: str, location: str | None, **said: Any) -> None:
        """Define something anew."""
        self.change(identity, None, group=self._location if location is None else location, **said)

    def change(self, identity: str, before: Mapping[str, Any] | None, **said: Any) -> None:
        """Say more of something."""
        words = {word: value for word, value in said.items() if value is not None}
        changed = {**self._said, identity: {**(before or {}), **words}}
        self._publish(changed)
        self._said = changed

    def said_of(self, identity: str) -> Mapping[str, Any]:
        """What is said of something."""
        return self._said[identity]


class _Builder:
    """Says more of the latest definition."""

    def __init__(self, book: DefinitionBook, location: str | None, identity: str | None = None) -> None:
        self._book, self._location, self._identity = book, location, identity

    def _define(self, identity: str, name: str | None, description: str | None) -> Self:
        self._book.define(identity, self._location, name=name, description=description)
        self._identity = identity
        return self

    def _say(self, **said: Any) -> Self:
        if self._identity is None:
            raise FrameError("There is nothing to say this of.", fix="Call add_definition(…) first.")
        self._book.change(self._identity, self._book.said_of(self._identity), **said)
        return self

    def set_custom_properties(self, custom_properties: str) -> Self:
        """Set text of your own."""
        return self._say(custom_properties=custom_properties)


class ParameterDefinitionBuilder(_Builder):
    """Says more of a parameter; every method returns the builder."""

    def add_definition(self, parameter_id: str, name: str | None = None, description: str | None = None) -> Self:
        r"""Define one more parameter at the same location.

        Raises
        ------
        FrameError
            The ID is empty or holds `/` or `\`: Quix Streams 0.5 loses all definitions over it.
        """
        return self._define(parameter_id, name, description)

    def set_range(self, minimum_value: float, maximum_value: float) -> Self:
        """Set the least and the greatest value.

        Raises
        ------
        FrameError
            They are no numbers, or the wrong way round.
        """
        if not (math.isfinite(minimum_value) and math.isfinite(maximum_value) and minimum_value <= maximum_value):
            raise FrameError(
                f"{self._identity!r} cannot range from {minimum_value} to {maximum_value}.",
                cause="A range is two finite numbers, the lower one first.",
            )
        return self._say(minimum=minimum_value, maximum=maximum_value)

    def set_unit(self, unit: str) -> Self:
        """Set the unit."""
        return self._say(unit=unit)

    def set_format(self, format: str) -> Self:
        """Set how values are shown."""
        return self._say(format=format)


class EventDefinitionBuilder(_Builder):
    """Says more of an event; every method returns the builder."""

    def add_definition(self, event_id: str, name: str | None = None, description: str | None = None) -> Self:
        r"""Define one more event at the same location.

        Raises
        ------
        FrameError
            The ID is empty or holds `/` or `\`: Quix Streams 0.5 loses all definitions over it.
        """
        return self._define(event_id, name, description)

    def set_level(self, level: EventLevel) -> Self:
        """Set how grave it is."""
        return self._say(level=level.name)
