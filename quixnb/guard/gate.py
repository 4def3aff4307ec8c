"""The gate that everything passes which a Jupyter kernel sends to its front ends.

All of it goes through one object, `jupyter_client.session.Session`: output of streams (of threads, child processes and
C libraries too), displays, results, errors, replies and the messages of widgets. Its `send` is wrapped on that object.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from quixnb.guard import tails
from quixnb.guard.clean import cleaned
from quixnb.guard.magic_lines import without_own_tokens

_log = logging.getLogger(__name__)

# What has no text of a user in it. All else is looked at, whatever an extension may send.
_PLAIN = frozenset({"status", "iopub_welcome", "kernel_info_reply"})
# Before these, what is held back of a stream has to go out: it was printed earlier. Of the others, those that stand
# between two halves of a token: only what is too little to be one goes out before them.
_LAST = frozenset({"execute_result", "error", "input_request", "execute_reply"})
_BETWEEN = frozenset({"display_data", "clear_output"})
# A prompt that ends like a token's first letters must not wait for the end of its cell; nor a thread's output for ever.
_PATIENCE_S, _LONG_PATIENCE_S = 0.5, 10.0

Message = dict[str, Any]


@dataclass
class _Held:
    """The end of a stream's text that may be half a token, and the message that it belongs to."""

    text: str
    message: Message
    send: Callable[[Message], Any]


class Gate:
    """Cleans what a kernel's session sends.

    Parameters
    ----------
    session
        The session of the kernel.
    hides
        Whether tokens are replaced now; otherwise they are only noticed.
    looks
        Whether anything is looked at now.

    Attributes
    ----------
    has_found
        Whether a token was in something sent since this was last set to False.
    """

    def __init__(self, session: Any, *, looks: Callable[[], bool], hides: Callable[[], bool]) -> None:
        self._session, self._looks, self._hides = session, looks, hides
        self._send = session.send
        self._held: dict[tuple[str, str], _Held] = {}
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self.has_found = False

    def install(self) -> None:
        """Begin to clean."""
        self._session.send = self._guarded_send

    def uninstall(self) -> None:
        """Stop; a wrapper that somebody else has put around this one stays, and passes everything through."""
        self._looks = lambda: False
        self.drain()
        if vars(self._session).get("send") == self._guarded_send:
            del self._session.send

    def drain(self) -> None:
        """Send what was held back; the end of the cell has shown that it is no token."""
        if not self._held and not any(getattr(stream, "_flush_pending", False) for stream in (sys.stdout, sys.stderr)):
            return
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # a stream of somebody else's
                stream.flush()
        self._release(lambda held: True)

    def _guarded_send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._looks():
                if isinstance(msg_or_type, dict):
                    msg_or_type = self._cleaned_message(stream, msg_or_type, args, kwargs)
                    if msg_or_type is None:
                        return None
                else:
                    content = self._cleaned_content(str(msg_or_type), content)
                    if kwargs.get("metadata"):  # as comms have it
                        kwargs["metadata"] = self._chosen(kwargs["metadata"], cleaned(kwargs["metadata"]))
        except Exception as exc:
            # A guard that fails must cost nobody an output; the type alone, since a message may quote the text.
            _log.debug("a message was not checked: %s", type(exc).__name__)
        return self._send(stream, msg_or_type, content, *args, **kwargs)

    def _cleaned_message(self, stream: Any, message: Message, args: Any, kwargs: Any) -> Message | None:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            return self._cleaned_stream(message, stream, lambda each: self._send(stream, each, None, *args, **kwargs))
        clean = self._cleaned_content(kind, content)
        return message if clean is content else {**message, "content": clean}

    def _cleaned_content(self, kind: str, content: Any) -> Any:
        if self._held and kind in _LAST | _BETWEEN:
            self._release(lambda held: kind in _LAST or _is_harmless(held))
        if kind == "execute_input":
            return self._cleaned_input(content)
        if kind in _PLAIN or not content:
            return content
        clean = _cleaned_reply(content) if kind == "execute_reply" else cleaned(content)
        return self._chosen(content, clean)

    def _chosen(self, content: Any, clean: Any) -> Any:
        """What is sent of a content that was cleaned."""
        if clean is content:
            return content
        self.has_found = True
        return clean if self._hides() else content

    def _cleaned_input(self, content: Any) -> Any:
        # The front end that sent a cell has its source anyway; others need no token that a magic refuses.
        code = without_own_tokens(content["code"])
        return content if code == content["code"] else {**content, "code": code}

    # ---- streams

    def _cleaned_stream(self, message: Message, stream: Any, send: Callable[[Message], Any]) -> Message | None:
        """The message with the text that can be shown now, or None if there is none yet."""
        content = message["content"]
        key = (content["name"], str(message.get("parent_header", {}).get("msg_id")))
        with self._lock:
            self._release(lambda held: held is not self._held.get(key) and _is_harmless(held))
            before = self._held.get(key)
            text = (before.text if before else "") + content["text"]
            shown = self._chosen(text, cleaned(text))
            # Another process than the kernel's ends without a word, and what it held back would be lost.
            shown, rest = tails.split(shown) if os.getpid() == self._pid else (shown, "")
            self._held.pop(key, None)
            if rest:
                self._hold(key, _Held(rest, message, send), stream)
        return {**message, "content": {**content, "text": shown}} if shown else None

    def _hold(self, key: tuple[str, str], held: _Held, stream: Any) -> None:
        self._held[key] = held
        patience_s = _PATIENCE_S if _is_harmless(held) else _LONG_PATIENCE_S
        with suppress(Exception):  # a loop that is closing; the end of the cell sends it as well
            stream.io_loop.call_later(patience_s, self._release, lambda each: each is held)

    def _release(self, which: Callable[[_Held], bool]) -> None:
        """Send what is held back and `which` says so of, in the order in which it was printed."""
        with self._lock:
            for key, held in [(key, held) for key, held in self._held.items() if which(held)]:
                del self._held[key]
                content = {**held.message["content"], "text": held.text}
                held.send({**held.message, "content": content})


def _is_harmless(held: _Held) -> bool:
    return len(held.text) < tails.HARMLESS


def _cleaned_reply(content: Message) -> Message:
    """The reply to a cell. A cell's source that is put before the user is not an output and stays as it is."""
    payload = content.get("payload") or []
    sources = [each for each in payload if isinstance(each, dict) and each.get("source") == "set_next_input"]
    clean: Message = cleaned({**content, "payload": [each for each in payload if each not in sources]})
    others: Iterator[Any] = iter(clean["payload"])
    merged = [each if each in sources else next(others) for each in payload]
    unchanged = all(clean[name] is content[name] for name in content if name != "payload")
    return content if unchanged and merged == payload else {**clean, "payload": merged}
