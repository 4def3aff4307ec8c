"""Blocks of messages as one frame, as reading makes it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from quixnb.decode import Block
from quixnb.gathering import Gathered


def frame(blocks: Iterable[Block | None], *, with_stream: bool = False) -> pd.DataFrame:
    """The rows of some blocks in their order; the blocks are used up."""
    gathered = Gathered()
    for block in blocks:
        if block is not None:
            gathered.add(block)
    return gathered.frame(with_stream=with_stream)
