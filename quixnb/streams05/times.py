"""Times as Quix Streams 0.5 takes them: absolute ones, and numbers and durations since an epoch.

A datetime without a zone is UTC. Quix Streams 0.5 takes its clock as UTC in its builders, and as the machine's local
time in frames and events; its tutorials write `datetime.utcnow()`, which is right for the first only.
"""

from __future__ import annotations

import datetime as dt
import numbers
from typing import Any, Final

import numpy as np

from quixnb import frames
from quixnb.errors import FrameError
from quixnb.frames import FrameOptions
from quixnb.streaming.rows import datetime_ns

Time = dt.datetime | dt.date | dt.timedelta | np.datetime64 | np.timedelta64 | str | int

_EPOCH: Final = dt.datetime(1970, 1, 1)
_MAX_NS: Final = 2**63 - 1


def is_relative(time: Any) -> bool:
    """Whether a time is counted from an epoch: a number, as text too, or a duration."""
    if isinstance(time, str):
        return time.strip().lstrip("-").isdecimal()
    if isinstance(time, (bool, np.datetime64)):
        return False
    return isinstance(time, (numbers.Number, dt.timedelta, np.timedelta64))


def nanoseconds(time: Any, epoch_ns: int = 0) -> int:
    """A time in nanoseconds since 1970-01-01 UTC.

    Parameters
    ----------
    time
        Datetime or ISO 8601 text, at which the epoch is not looked; or a number of nanoseconds, as text too, or a
        duration, since the epoch.
    epoch_ns
        Nanoseconds since 1970-01-01 UTC.

    Raises
    ------
    FrameError
        It is no time, or outside of what 64-bit nanoseconds hold.
    """
    if type(time) is dt.datetime:
        exact = datetime_ns(time)
    elif is_relative(time):
        exact = epoch_ns + _since_epoch(time)
    else:
        exact = _read(time)
    return exact if abs(exact) <= _MAX_NS else _read(exact)


def _since_epoch(time: Any) -> int:
    if isinstance(time, str):
        return int(time)
    if isinstance(time, dt.timedelta):
        return duration_ns(time)
    if isinstance(time, np.timedelta64):
        return int(time.astype("timedelta64[ns]").astype(np.int64))
    return int(time) if isinstance(time, numbers.Integral) else _read(time)


def _read(time: Any) -> int:
    """By the rules for a frame's time column."""
    if time is None or isinstance(time, bool):
        raise FrameError(f"{time!r} is no time.", cause="A time is a datetime, text, a duration, or nanoseconds.")
    columns = frames.to_columns({"time": [time]}, FrameOptions(time="time", time_unit="ns"))
    return int(columns.time[0])


def duration_ns(value: dt.timedelta) -> int:
    """A duration in nanoseconds, exactly; pandas' own has a part below Python's microseconds."""
    microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    return microseconds * 1000 + int(getattr(value, "nanoseconds", 0))


def as_datetime(ns: int) -> dt.datetime:
    """Nanoseconds since 1970 as a datetime in UTC without a zone, cut to its microseconds."""
    return _EPOCH + dt.timedelta(microseconds=ns // 1000)
