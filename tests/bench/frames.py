"""The frames that are published, made of a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

FULL_ROWS: Final = 1_000_000
DRIVERS: Final = np.array(["Hamilton", "Verstappen", "Räikkönen", "周冠宇"], dtype=object)


def _times(rows: int) -> Any:
    return pd.date_range("2026-03-01", periods=rows, freq="1ms", tz="UTC", unit="ns")


def usual(rows: int) -> pd.DataFrame:
    """8 floats with all their digits, 1 string, time."""
    random = np.random.default_rng(1)
    floats = {f"channel_{i}": random.normal(100.0, 30.0, rows) for i in range(8)}
    return pd.DataFrame({"timestamp": _times(rows), **floats, "driver": random.choice(DRIVERS, rows)})


def telemetry(rows: int) -> pd.DataFrame:
    """The same with three decimals, as sensors have them."""
    frame = usual(rows)
    floats = [name for name in frame if name.startswith("channel")]
    return frame.round(dict.fromkeys(floats, 3))


def narrow(rows: int) -> pd.DataFrame:
    """1 float, time."""
    return usual(rows)[["timestamp", "channel_0"]]


def wide(rows: int) -> pd.DataFrame:
    """200 floats, time; a twentieth of the rows."""
    rows //= 20
    random = np.random.default_rng(2)
    floats = {f"channel_{i}": random.normal(100.0, 30.0, rows) for i in range(200)}
    return pd.DataFrame({"timestamp": _times(rows), **floats})


def strings(rows: int) -> pd.DataFrame:
    """6 strings, of few and of many values, time."""
    random = np.random.default_rng(3)
    few = {f"name_{i}": random.choice(DRIVERS, rows) for i in range(3)}
    many = {f"text_{i}": [f"lap {n} of {i}" for n in random.integers(0, rows, rows).tolist()] for i in range(3)}
    return pd.DataFrame({"timestamp": _times(rows), **few, **many})


def integers(rows: int) -> pd.DataFrame:
    """8 integers, time."""
    random = np.random.default_rng(4)
    return pd.DataFrame(
        {"timestamp": _times(rows), **{f"n_{i}": random.integers(-1000, 10**9, rows) for i in range(8)}}
    )


def nullable(rows: int) -> pd.DataFrame:
    """2 Int64, 2 Float64, 2 boolean, 2 string, every tenth null, time."""
    random = np.random.default_rng(5)
    absent = random.random((8, rows)) < 0.1
    made: dict[str, Any] = {}
    for i, dtype in enumerate(("Int64", "Float64", "boolean", "string") * 2):
        values = {
            "Int64": random.integers(0, 9999, rows),
            "Float64": random.normal(size=rows),
            "boolean": random.random(rows) < 0.5,
            "string": random.choice(DRIVERS, rows),
        }[dtype]
        made[f"{dtype}_{i}"] = pd.Series(values).astype(dtype).mask(absent[i])
    return pd.DataFrame({"timestamp": _times(rows), **made})


def many_streams(rows: int) -> pd.DataFrame:
    """8 floats, time, in rows of 1,000 streams that alternate."""
    frame = usual(rows)
    frame["driver"] = [f"car-{n % 1000}" for n in range(rows)]
    return frame


# Name → how it is made, and how it is published.
FRAMES: Final[dict[str, tuple[Callable[[int], pd.DataFrame], dict[str, Any]]]] = {
    "8 floats, 1 string": (usual, {}),
    "1 float": (narrow, {}),
    "200 floats": (wide, {}),
    "6 strings": (strings, {}),
    "8 integers": (integers, {}),
    "8 nullable columns": (nullable, {}),
    "1,000 streams": (many_streams, {"stream_by": "driver"}),
}


def parts(rows: int, of: int = 100_000) -> Iterator[pd.DataFrame]:
    """The usual frame in pieces, as a generator makes them; no two are in memory at once."""
    for start in range(0, rows, of):
        yield usual(min(of, rows - start))
