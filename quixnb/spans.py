"""Spans of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from quixnb.errors import FrameError

_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_span(text: str) -> timedelta:
    """A span of time such as `10m`, `1h30m`, `45s`, `2d`, `500ms`.

    Raises
    ------
    FrameError
        It is none.
    """
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise FrameError(
            f"{text!r} is no span of time.",
            cause="It is a number with ms, s, m, h or d, or several of them.",
            fix="For example 10m, 1h30m or 0.1s",
        )
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
