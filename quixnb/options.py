"""What a publish can be told, by theme: the frame, the stream, its messages, their pace; and where rows go."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from numbers import Integral, Real
from typing import Any, Final, Literal, NamedTuple

from quixnb.broker import Broker
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.timeseries import EndType, is_stream_id


@dataclass(frozen=True, slots=True)
class StreamOptions:
    r"""What is said of the streams written.

    Attributes
    ----------
    stream
        ID of the stream, the Kafka key; None makes a new one for this call. Not empty, no `/` or `\`, at most 1,024
        bytes of UTF-8.
    name, location, metadata, parents, time_of_recording
        The stream's properties, as Quix shows them; `time_of_recording` is UTC.
    definitions
        Parameter (or event) ID to what is said of it: `name`, `description`, `unit`, `minimum`, `maximum`, `format`,
        `level` (events), `group`, `custom_properties`. Empty takes `frame.attrs["definitions"]` where there is one.
    keep_open
        Write no StreamEnd: more will follow under the same ID.
    end
        How the stream ends: `Closed`, `Aborted` or `Terminated`.
    """

    stream: str | None = None
    name: str | None = None
    location: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    parents: Sequence[str] = ()
    time_of_recording: datetime | str | None = None
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keep_open: bool = False
    end: EndType = "Closed"

    def recorded(self) -> str | None:
        """`time_of_recording` as ISO 8601 with `Z`; Quix Streams 0.5 shifts any other offset to the reader's zone."""
        moment = self.time_of_recording
        if isinstance(moment, datetime):
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        return moment


@dataclass(frozen=True, slots=True)
class MessageOptions:
    """How rows are cut into messages.

    Attributes
    ----------
    format
        `timeseries`: many rows a message, columnar, what Quix's own clients read as data. `json`: one row one message,
        a JSON object as Quix Streams 3 hands it to a row function.
    rows_per_message
        At most so many rows in one message, 1 or more; None leaves it to their size.
    """

    format: Literal["timeseries", "json"] = "timeseries"
    rows_per_message: int | None = None


@dataclass(frozen=True, slots=True)
class PaceOptions:
    """When rows are sent; all None is at once.

    Attributes
    ----------
    replay
        At the frame's own pace: so many seconds of its time pass in one. Rows go out in the order of their times.
    restamp
        With `replay`: shift the times so that the first row's is now, and the others' when they are sent.
    every
        Seconds between two items of an iterator.
    until_stopped
        The data has no end of its own, and Ctrl-C is its regular one: streams are ended, and a report is returned.
    """

    replay: float | None = None
    restamp: bool = False
    every: float | None = None
    until_stopped: bool = False


class Destination(NamedTuple):
    """Where rows go: the topic by name and ID, its environment's ID, and the broker."""

    topic_name: str
    topic_id: str
    environment: str
    broker: Broker


@dataclass(frozen=True, slots=True)
class Options:
    """All that one publish can be told, by theme."""

    frame: FrameOptions = field(default_factory=FrameOptions)
    stream: StreamOptions = field(default_factory=StreamOptions)
    message: MessageOptions = field(default_factory=MessageOptions)
    pace: PaceOptions = field(default_factory=PaceOptions)

    @classmethod
    def of(cls, **given: Any) -> Options:
        """The options of a call's keywords, each in its theme and checked.

        Raises
        ------
        TypeError
            A keyword that no theme has.
        FrameError
            A value that cannot be.
        """
        themes = {f.name: _fields(f.name) for f in dataclasses.fields(cls)}
        sorted_: dict[str, dict[str, Any]] = {theme: {} for theme in themes}
        for name, value in given.items():
            theme = next((theme for theme, names in themes.items() if name in names), None)
            if theme is None:
                raise TypeError(f"publish() has no option {name!r}")
            sorted_[theme][name] = _names(name, value) if name in ("tags", "columns", "parents") else value
        options = cls(*(_THEMES[theme](**values) for theme, values in sorted_.items()))
        _check(options)
        return options


_THEMES: Final[dict[str, Any]] = {
    "frame": FrameOptions,
    "stream": StreamOptions,
    "message": MessageOptions,
    "pace": PaceOptions,
}
_CHOICES: Final = {
    "format": ("timeseries", "json"),
    "inf": ("refuse", "null"),
    "end": ("Closed", "Aborted", "Terminated"),
}


def _fields(theme: str) -> set[str]:
    return {f.name for f in dataclasses.fields(_THEMES[theme])}


def _names(option: str, value: object) -> object:
    """Several names, where one may be given by itself."""
    if value is None or isinstance(value, str):
        return value if value is None else (value,)
    if not isinstance(value, Iterable):
        raise FrameError(f"{option!r} cannot be {value!r}.", cause="It is one name or a list of names.")
    return value


def _check(options: Options) -> None:
    for theme in (options.frame, options.stream, options.message, options.pace):
        for f in dataclasses.fields(theme):
            value = getattr(theme, f.name)
            if f.name in _CHOICES and value not in _CHOICES[f.name]:
                choices = ", ".join(map(repr, _CHOICES[f.name]))
                raise FrameError(f"{f.name!r} cannot be {value!r}.", cause=f"It is one of {choices}.")
    rows = options.message.rows_per_message
    if rows is not None and not (isinstance(rows, Integral) and rows >= 1):
        raise FrameError(f"A message cannot have {rows!r} rows.", cause="--rows-per-message is 1 or more.")
    for name, seconds in (("replay", options.pace.replay), ("every", options.pace.every)):
        if seconds is not None and not (isinstance(seconds, Real) and 0 < seconds < float("inf")):
            raise FrameError(f"{name!r} cannot be {seconds!r}.", cause="It is a number above 0.")
    for name, column in (("time", options.frame.time), ("stream_by", options.frame.stream_by)):
        if not isinstance(column, Hashable):
            raise FrameError(f"{name!r} cannot be {column!r}.", cause="It is the name of one column.")
    if options.pace.restamp and options.pace.replay is None:
        raise FrameError("Only a replay can be re-stamped.", cause="--restamp goes with --replay.")
    if options.stream.stream is not None:
        check_stream_id(options.stream.stream)
        if options.frame.stream_by is not None:
            raise FrameError(
                f"Rows cannot go to the stream {options.stream.stream!r} and to streams by column "
                f"{options.frame.stream_by!r} at once.",
                cause="--stream names one stream for all rows, --stream-by one for each value.",
                fix="Leave one of the two out.",
            )


def check_stream_id(stream: object) -> None:
    r"""Refuse what one of Quix's clients refuses or changes as a stream's ID.

    Raises
    ------
    FrameError
        Empty, with `/` or `\` (Quix Streams 0.5 refuses to write and changes on reading), or over 1,024 bytes.
    """
    if isinstance(stream, str) and is_stream_id(stream):
        return
    possible = re.sub(r"[^\w.-]+", "-", str(stream)).strip("-_")[:40]
    raise FrameError(
        f"{str(stream)[:80]!r} cannot be a stream's ID.",
        cause="A stream ID is text without '/' and '\\', not empty, of at most 1,024 bytes.",
        fix=f"For example --stream {possible or 'car-1'}",
    )


def new_stream_id() -> str:
    """An ID for a stream that was given none: sorts by time, and is new for each call."""
    return f"notebook-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
