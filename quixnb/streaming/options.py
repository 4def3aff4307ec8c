"""What a stream writer can be told, checked."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.options import Options, StreamOptions
from quixnb.streaming.buffer import Conditions

# Long enough for company, short enough for somebody who watches.
BUFFER_TIMEOUT_S: Final = 0.1

_NOT_OURS: Final = {
    "stream_by": "A writer writes one stream: open one for each value.",
    "events": "Write events with write_event().",
    "end": "The end is given to close().",
}
_OURS: Final = {field.name for theme in (StreamOptions, FrameOptions) for field in dataclasses.fields(theme)}


def options(**given: Any) -> Options:
    """The options of a writer, out of those of a publish.

    Raises
    ------
    TypeError
        A keyword that it has not.
    FrameError
        A value that cannot be.
    """
    for name in given:
        if name in _NOT_OURS or name not in _OURS:
            raise TypeError(f"stream() has no option {name!r}. {_NOT_OURS.get(name, '')}".rstrip())
    return Options.of(**given)


def conditions(packet_size: int | None, time_span_s: float | None, buffer_timeout_s: float | None) -> Conditions:
    """When a writer's buffer is released; see `Session.stream`.

    Raises
    ------
    FrameError
        A value that cannot be.
    """
    if packet_size is not None and packet_size < 1:
        raise FrameError(f"A packet cannot have {packet_size} rows.", cause="packet_size is 1 or more.")
    for name, value in (("time_span_s", time_span_s), ("buffer_timeout_s", buffer_timeout_s)):
        if value is not None and not 0 <= value < float("inf"):
            raise FrameError(f"{name!r} cannot be {value}.", cause="It is a number of seconds, 0 or more.")
    span = None if time_span_s is None else round(time_span_s * 1e9)
    return Conditions(packet_size, span, buffer_timeout_s or None)
