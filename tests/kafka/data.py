"""Frames that tell on themselves: every row has its number in `x`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from quixnb import reading
from quixnb.broker import Broker
from quixnb.options import Destination


def on(broker: Broker, topic_id: str) -> Destination:
    """That topic as a place to publish to."""
    return Destination("topic", topic_id, "env", broker)


def numbered(rows: int, first: int = 0) -> pd.DataFrame:
    """Rows `first` and on, a millisecond apart; `noise` can hardly be compressed."""
    x = np.arange(first, first + rows)
    timestamp = pd.to_datetime(x * 1_000_000, utc=True).as_unit("ns")
    return pd.DataFrame({"timestamp": timestamp, "noise": np.random.default_rng(first).random(rows), "x": x})


def rows_on(broker: Broker, topic_id: str, **options: Any) -> pd.DataFrame:
    """Rows of a topic, by the reader's options."""
    return reading.read(broker, topic_id, reading.ReadOptions(**options))
