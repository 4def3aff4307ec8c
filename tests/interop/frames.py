"""The awkward frames that both clients read: the samples of every kind, and what matters on the way to a reader."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from tests.sample_frames import SAMPLES, T0, Sample

_KINDS: Final[dict[str, Any]] = {"i": [2**53 + 1, -1], "f": [0.1, -2.5], "s": ["é", ""], "b": [b"\x00\xff", b""]}


def _with_nulls(places: list[int]) -> Sample:
    """Six rows of every kind, null at `places`."""
    columns = {name: [None if row in places else cells[row % 2] for row in range(6)] for name, cells in _KINDS.items()}
    time = [T0 + row for row in range(6)]
    frame = pd.DataFrame(
        {"timestamp": time, **{name: pd.Series(cells, dtype=object) for name, cells in columns.items()}}
    )
    return Sample(lambda: frame, columns, time, options={"time_unit": "ns"})


def _long(rows: int, **options: Any) -> Sample:
    time = list(range(T0, T0 + rows))
    columns: dict[str, list[Any]] = {"x": np.arange(rows).tolist(), "s": [f"row {row}" for row in range(rows)]}
    return Sample(lambda: {"timestamp": time, **columns}, columns, time, options={"time_unit": "ns", **options})


AWKWARD: Final[dict[str, Sample]] = {
    **SAMPLES,
    "null in the first row": _with_nulls([0]),
    "null in the middle": _with_nulls([2, 3]),
    "null in the last row": _with_nulls([5]),
    "null in every other row": _with_nulls([1, 3, 5]),
    "null in all rows but one": _with_nulls([0, 1, 2, 3, 4]),
    "300 columns": Sample(
        lambda: pd.DataFrame({"timestamp": [T0], **{f"column {i}": [i / 8] for i in range(300)}}),
        {f"column {i}": [i / 8] for i in range(300)},
        [T0],
        options={"time_unit": "ns"},
    ),
    "a row longer than a message should be": Sample(
        lambda: {"timestamp": [T0, T0 + 1], "x": ["é" * 300_000, "short"]},
        {"x": ["é" * 300_000, "short"]},
        [T0, T0 + 1],
        options={"time_unit": "ns"},
    ),
    "several messages": _long(7, rows_per_message=2),
    "several messages by size": _long(30_000),
}
