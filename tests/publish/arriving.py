"""What a published pandas frame reads back as: `Gathered.frame`'s promise, written down a second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

TEXT = "str" if pd.__version__ >= "3" else object


def expected(columns: dict[str, Sequence[Any]], time: Sequence[int]) -> pd.DataFrame:
    """The frame for columns of plain cells (None is null) in row order.

    Where all cells are null the sort is not to be seen: a column of a string dtype (named `str…`) and tags are text,
    others are float64.
    """
    frame: dict[str, Any] = {"timestamp": pd.DatetimeIndex(np.array(time, "M8[ns]"), tz="UTC")}
    for name, cells in columns.items():
        is_text = name.startswith(("str", "TAG__"))
        frame[name] = pd.Series(list(cells), dtype=TEXT) if is_text else _column(list(cells))
    return pd.DataFrame(frame)


def _column(cells: list[Any]) -> Any:
    given = [cell for cell in cells if cell is not None]
    kinds = set(map(type, given))
    if kinds == {bytes}:
        return pd.Series(cells, dtype=object)
    if kinds == {str}:
        return pd.Series(cells, dtype=TEXT)
    if kinds <= {float} or float in kinds:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    sort = "int64" if max(given) < 2**63 else "uint64" if min(given) >= 0 else "object"
    if sort == "object":
        return pd.Series(cells, dtype=object)
    return (
        pd.array(cells, dtype=sort.replace("i", "I", 1).replace("u", "U")) if None in cells else np.array(cells, sort)
    )
