"""Streams that are written as rows come: buffered, in order, every delivery accounted for."""

from quixnb.streaming.buffer import Conditions
from quixnb.streaming.options import BUFFER_TIMEOUT_S, conditions, options
from quixnb.streaming.writer import StreamWriter

__all__ = ["BUFFER_TIMEOUT_S", "Conditions", "StreamWriter", "conditions", "options"]
