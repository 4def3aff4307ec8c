"""How a stream's parts write: in its turns, and with a broker's loss told to who wants to hear of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quixnb.errors import DeliveryError
from quixnb.streaming.buffered import BufferedStream


class Writing:
    """What the parts of one stream share.

    Attributes
    ----------
    out
        The stream.
    on_lost
        Called in place of raising when the broker has lost rows; None raises.
    """

    def __init__(self, out: BufferedStream) -> None:
        self.out = out
        self.on_lost: Callable[[DeliveryError], Any] | None = None

    def write(self, action: Callable[[BufferedStream], object]) -> None:
        """Do something with the stream, alone; see `BufferedStream.turn`."""
        self.hear(lambda: self._in_turn(action))

    def _in_turn(self, action: Callable[[BufferedStream], object]) -> None:
        with self.out.turn():
            action(self.out)

    def hear(self, action: Callable[[], object]) -> None:
        """Do something, and have a broker's loss told to the handler."""
        try:
            action()
        except DeliveryError as error:
            if self.on_lost is None:
                raise
            self.on_lost(error)
