"""Text forms of values that are neither numbers, text nor bytes: ISO 8601 where there is one, else JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson

from quixnb.redact import redact

NS_PER: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

_JSON: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def iso_datetime(value: dt.datetime) -> str:
    """ISO 8601, aware times in UTC with `Z`; a pandas Timestamp keeps its nanoseconds."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def iso_timedelta(value: dt.timedelta) -> str:
    """A duration as ISO 8601."""
    return iso_duration(nanoseconds(value))


def nanoseconds(value: dt.timedelta) -> int:
    """A duration in ns, exactly; a pandas Timedelta has a part below Python's microseconds."""
    microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    return microseconds * 1000 + int(getattr(value, "nanoseconds", 0))


def iso_duration(ns: int) -> str:
    """A duration in nanoseconds as ISO 8601, days and seconds: `P1DT2.5S`."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    days, rest = divmod(ns, 86_400_000_000_000)
    seconds, fraction = divmod(rest, 1_000_000_000)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{sign}P{days}DT{seconds}{tail}S" if days else f"{sign}PT{seconds}{tail}S"


def json_text(cell: Any) -> str:
    """A list, dictionary or array as JSON text, or as `str` shows it where JSON has no form for its keys."""
    try:
        return orjson.dumps(cell, default=_plain, option=_JSON).decode()
    except TypeError:  # integers beyond 64 bits and lone surrogates, which orjson refuses
        try:
            return json.dumps(cell, default=_plain)
        except (TypeError, ValueError):
            return str(cell)


def holds_infinity(cell: Any) -> bool:
    """Whether a list, dictionary or array has an infinity anywhere in it, which JSON text would show as null."""
    if isinstance(cell, (float, np.floating)):
        return bool(np.isinf(cell))
    if isinstance(cell, np.ndarray) and cell.dtype.kind in "fc":
        return bool(np.isinf(cell).any())
    if isinstance(cell, Mapping):
        cell = cell.values()
    elif not isinstance(cell, (list, tuple, set, frozenset, np.ndarray)):
        return False
    return any(map(holds_infinity, cell))


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return list(value)
    return value.tolist() if hasattr(value, "tolist") else str(value)


def shown(value: Any) -> str:
    """A value as an error shows it: short, and never a token."""
    text = redact(repr(value.item() if isinstance(value, np.generic) else value))
    return text if len(text) <= 60 else text[:57] + "…"
