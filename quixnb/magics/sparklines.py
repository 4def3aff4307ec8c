"""Small plots of a frame's numeric columns, as SVG in the notebook's own colours: one line a column, newest right."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

_WIDTH: Final = 180
_HEIGHT: Final = 40
_POINTS: Final = 180  # more than there are pixels would not be seen
_MOST: Final = 8

_FIGURE = "display:inline-block;margin:0 16px 8px 0;vertical-align:top"
_CAPTION = (
    f"display:flex;justify-content:space-between;gap:8px;width:{_WIDTH}px;color:var(--jp-ui-font-color2,inherit);"
    "font-size:var(--jp-ui-font-size0,11px)"
)
_NAME = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
_LINE = "fill:none;stroke:var(--jp-brand-color1,#1976d2);stroke-width:1.5;vector-effect:non-scaling-stroke"


def sparklines(frame: pd.DataFrame) -> str:
    """HTML with a plot for each numeric column, at most 8; no value is a gap. Empty for fewer than 2 rows."""
    if len(frame) < 2:
        return ""
    numeric = [name for name in frame.columns if frame[name].dtype.kind in "iuf"]
    return "".join(_plot(str(name), _floats(frame[name])) for name in numeric[:_MOST])


def _floats(column: pd.Series[Any]) -> list[float]:
    return [float(value) for value in column.to_numpy(dtype="float64", na_value=math.nan)[-_POINTS:]]


def _plot(name: str, values: list[float]) -> str:
    present = [value for value in values if not math.isnan(value)]
    if not present:
        return ""
    low, high = min(present), max(present)
    said = f"{name}: from {_short(low)} to {_short(high)}, last {_short(present[-1])}"
    paths = "".join(f'<polyline points="{points}" style="{_LINE}"/>' for points in _lines(values, low, high))
    return (
        f'<figure style="{_FIGURE}"><svg role="img" aria-label="{escape(said)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}"><title>{escape(said)}</title>{paths}</svg><figcaption style="{_CAPTION}">'
        f'<span style="{_NAME}">{escape(name)}</span><span>{_short(present[-1])}</span></figcaption></figure>'
    )


def _lines(values: list[float], low: float, high: float) -> list[str]:
    """Points of each run of values without a gap; a run of one is a dash, so that it is seen."""
    step = _WIDTH / max(len(values) - 1, 1)
    scale = (_HEIGHT - 4) / (high - low) if math.isfinite(high - low) and high > low else 0.0
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if math.isnan(value):
            runs.append([])
            continue
        y = _HEIGHT - 2 - (value - low) * scale if scale else _HEIGHT / 2
        runs[-1].append(f"{number * step:.1f},{y:.1f}")
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs if run]


def _short(value: float) -> str:
    return f"{value:.4g}"
