"""The gate that everything passes which a Jupyter kernel sends to its front ends.

All of it goes through one object, `jupyter_client.session.Session`: output of streams (of threads, child processes and
C libraries too), displays, results, errors, replies and the messages of widgets. Its `send` is wrapped on that object.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from quixnb.guard.clean import cleaned
from quixnb.guard.magic_lines import without_own_tokens
from quixnb.guard.streams import Streams

_log = logging.getLogger(__name__)

# What has no text of a user in it. All else is looked at, whatever an extension may send.
_PLAIN = frozenset({"status", "iopub_welcome", "kernel_info_reply"})
# What has its place among streams' texts: what is held back of those, if it tells nothing, goes out before it.
_BESIDE_STREAMS = frozenset({"display_data", "execute_result"})
# Before these, all of it has to: somebody waits for it.
_ENDS_STREAMS = frozenset({"error", "input_request", "execute_reply"})

Message = dict[str, Any]


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
        self._streams = Streams(lambda text: str(self._chosen(text, cleaned(text))))
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
        if not self._streams and not any(
            getattr(stream, "_flush_pending", False) for stream in (sys.stdout, sys.stderr)
        ):
            return
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # a stream of somebody else's
                stream.flush()
        self._streams.end()

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
            return self._streams.cleaned(
                message,
                send=lambda each: self._send(stream, each, None, *args, **kwargs),
                call_later=lambda *call: stream.io_loop.call_later(*call),
            )
        clean = self._cleaned_content(kind, content)
        return message if clean is content else {**message, "content": clean}

    def _cleaned_content(self, kind: str, content: Any) -> Any:
        if self._streams and kind in _ENDS_STREAMS:
            self._streams.flush()
        elif self._streams and kind in _BESIDE_STREAMS:
            self._streams.release()
        elif self._streams and kind == "clear_output":
            self._streams.clear()
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


def _cleaned_reply(content: Message) -> Message:
    """The reply to a cell. A cell's source that is put before the user is not an output and stays as it is."""
    payload = content.get("payload") or []
    sources = [each for each in payload if isinstance(each, dict) and each.get("source") == "set_next_input"]
    clean: Message = cleaned({**content, "payload": [each for each in payload if each not in sources]})
    others: Iterator[Any] = iter(clean["payload"])
    merged = [each if each in sources else next(others) for each in payload]
    unchanged = all(clean[name] is content[name] for name in content if name != "payload")
    return content if unchanged and merged == payload else {**clean, "payload": merged}
