"""Cleans what is printed, however it is cut into messages: a text's end that may be half a token waits for the rest.

What has to go out earlier, because a person is to answer it or because it took too long, is remembered all the same,
so that no more of a token is seen than that.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from quixnb.guard import tails

# A prompt that ends like a token's first letters must not wait for the end of its cell; nor a thread's output for ever.
_PATIENCE_S, _LONG_PATIENCE_S = 0.5, 10.0

Message = dict[str, Any]
Send = Callable[[Message], Any]


@dataclass(frozen=True, eq=False)
class _Tail:
    """The end of a stream's text that may be half a token: what of it has been sent, what has not, and how to."""

    sent: str
    held: str
    message: Message
    send: Send

    @property
    def is_harmless(self) -> bool:
        """Whether it is too short to tell anything."""
        return len(self.sent) + len(self.held) < tails.HARMLESS


class Streams:
    """The streams of one kernel.

    Parameters
    ----------
    clean
        Returns a text as it may be shown.
    """

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._tails: dict[tuple[str, str], _Tail] = {}
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def cleaned(self, message: Message, *, send: Send, call_later: Callable[..., object]) -> Message | None:
        """`message` with the text that can be shown now, or None if there is none yet.

        Parameters
        ----------
        message
            A stream's.
        send
            Sends what is held back now, when its time has come.
        call_later
            Has a function called after so many seconds.
        """
        content = message["content"]
        if os.getpid() != self._pid:
            # Another process than the kernel's ends without a word, and what it held back would be lost. Nor may it
            # wait for the lock: a thread that it does not have may hold its copy.
            return _with_text(message, self._clean(content["text"]))
        key = (content["name"], str(message.get("parent_header", {}).get("msg_id")))
        with self._lock:
            self.release(but=key)
            before = self._tails.get(key)
            sent, held = (before.sent, before.held) if before else ("", "")
            text = self._clean(sent + held + content["text"])
            shown, rest = tails.split(text)
            self._tails.pop(key, None)
            if not text.startswith(sent):
                sent = ""  # it was a token's beginning, which text has a replacement for
            if rest:
                self._keep(
                    key, _Tail(sent[len(shown) :], text[max(len(shown), len(sent)) :], message, send), call_later
                )
        return _with_text(message, shown[len(sent) :])

    def release(self, *, but: tuple[str, str] | None = None) -> None:
        """Send what is short enough to tell nothing: something that was printed later goes out."""
        self._send_those(lambda key, tail: key != but and tail.is_harmless)

    def clear(self) -> None:
        """Show no more of what was printed so far, for it is to be cleared away: not even for a moment."""
        with self._lock:
            self.release()
            self._tails = {key: replace(tail, sent=tail.sent + tail.held, held="") for key, tail in self._tails.items()}

    def flush(self) -> None:
        """Send all that is held back: somebody waits for it."""
        self._send_those(lambda key, tail: True)

    def end(self) -> None:
        """Send all that is held back, for the end of the cell has shown that it is no token."""
        with self._lock:
            self.flush()
            self._tails.clear()

    def __bool__(self) -> bool:
        return bool(self._tails)

    def _keep(self, key: tuple[str, str], tail: _Tail, call_later: Callable[..., object]) -> None:
        self._tails[key] = tail
        patience_s = _PATIENCE_S if tail.is_harmless else _LONG_PATIENCE_S
        with suppress(Exception):  # a loop that is closing; the end of the cell sends it as well
            call_later(patience_s, self._send_those, lambda _, each: each is tail)

    def _send_those(self, which: Callable[[tuple[str, str], _Tail], bool]) -> None:
        """Send what is held back and `which` says so of, in the order in which it was printed."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            for key, tail in [each for each in self._tails.items() if each[1].held and which(*each)]:
                self._tails[key] = replace(tail, sent=tail.sent + tail.held, held="")
                tail.send({**tail.message, "content": {**tail.message["content"], "text": tail.held}})


def _with_text(message: Message, text: str) -> Message | None:
    return {**message, "content": {**message["content"], "text": text}} if text else None
