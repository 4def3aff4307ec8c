"""Ctrl-C between calls into librdkafka, never within one.

A KeyboardInterrupt raised inside a delivery callback becomes a SystemError of the call that ran it, and the delivery is
never counted. So while a call is under way the signal is noted, and raised when the call is over.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """Holds SIGINT back between `hold()` and `release()`; elsewhere it acts as before.

    Does nothing outside the main thread, where Python delivers no signals.
    """

    def __init__(self) -> None:
        self._before: Any = None
        self._is_held = self._is_pending = False

    def __enter__(self) -> Interrupts:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before = before  # a signal may come as soon as it is ours
            signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None  # it may be entered again, and in another thread

    @property
    def is_pending(self) -> bool:
        """Whether a signal came while it was held."""
        return self._is_pending

    def hold(self) -> None:
        """From here on, note a signal only."""
        self._is_held = True

    def release(self) -> None:
        """Raise the KeyboardInterrupt that came meanwhile, if one did."""
        self._is_held = False
        if self._is_pending:
            self._is_pending = False
            raise KeyboardInterrupt

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._is_held:
            self._is_pending = True
        else:
            self._before(number, frame)
