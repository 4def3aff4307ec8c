"""The line itself: one comm for all pages that show this kernel.

Every message of a page has an `id` and says what it asks for in `ask`; the answer has the same `id`, and `answer` or,
in words for people, `problem`. A message without an `id` is the `state`, which is sent whenever it has changed.
`js/src/link/` is the other end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any, Final

from IPython.core.interactiveshell import InteractiveShell

from quixnb._version import __version__
from quixnb.errors import QuixnbError
from quixnb.known import known_secrets
from quixnb.lab.requests import Answers
from quixnb.redact import redact, scrubbed
from quixnb.watching import unwatch, watch

TARGET: Final = "quixnb"

_log = logging.getLogger(__name__)


class Line:
    """Answers the pages of one shell's kernel; in a shell without a kernel it does nothing."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._answers = Answers(shell)
        self._has_kernel = getattr(shell, "kernel", None) is not None
        self._comm: Any = None
        self._is_heard = False
        self._sent: Mapping[str, Any] | None = None
        self._sending, self._slow = threading.Lock(), threading.Lock()

    def open(self) -> None:
        """Announce the line to the pages that are there, and wait for those that come."""
        if self._has_kernel:
            self._comm = self._new_comm(data={"version": __version__})
            watch(self.push)

    def close(self) -> None:
        """Take the line down."""
        if self._comm is not None:
            unwatch(self.push)
            comm, self._comm = self._comm, None
            comm.close()

    def push(self) -> None:
        """Tell the pages how the connection is now, if one of them listens and it is news."""
        if not self._is_heard:
            return
        # One at a time, so that the last to arrive is the latest.
        with self._sending:
            state = self._answers.state()
            if state != self._sent:
                self._sent = state
                self._send({"state": state})

    def _new_comm(self, **settings: Any) -> Any:
        from comm import create_comm

        comm = create_comm(target_name=TARGET, **settings)
        comm.on_msg(self._receive)
        comm.on_close(self._stay)
        return comm

    def _stay(self, _: object) -> None:
        """Keep the line when a page closes it: one without our extension does so with all that it does not know.

        It is the other pages' line too, and of those that come later, which find it by its target.
        """
        from comm import get_comm_manager

        if self._comm is not None:
            self._comm = self._new_comm(comm_id=self._comm.comm_id, primary=False)
            get_comm_manager().register_comm(self._comm)

    def _receive(self, message: Mapping[str, Any]) -> None:
        """Answer one message, at once or, where the portal is to be asked, from a thread.

        Comm messages come on the channel that cells come on, or where the kernel has subshells on one of their own:
        nothing that waits for the network may hold up either.
        """
        try:
            request = message["content"]["data"]
            identity, ask = request["id"], request["ask"]
            if ask in self._answers.slow:
                threading.Thread(target=self._answer_in_turn, args=(identity, ask, request), daemon=True).start()
            else:
                self._answer(identity, ask, request)
        except Exception as exc:
            # The kernel would log the message with the error's traceback, and a page can do nothing about either.
            _log.debug("a message was not understood: %s", type(exc).__name__)

    def _answer_in_turn(self, identity: str, ask: str, request: Mapping[str, Any]) -> None:
        with self._slow:
            self._answer(identity, ask, request)

    def _answer(self, identity: str, ask: str, request: Mapping[str, Any]) -> None:
        try:
            reply = {"answer": self._answers.to(ask, request)}
        except QuixnbError as error:
            reply = {"problem": str(error)}
        except Exception as exc:
            # As in `_receive`; the type alone, since a message may quote what was sent.
            reply = {"problem": f"quixnb could not answer: {type(exc).__name__}."}
        self._is_heard = True
        self.push()
        self._send({"id": identity, **reply})

    def _send(self, content: Mapping[str, Any]) -> None:
        comm = self._comm
        if comm is None:
            return
        secrets = known_secrets()
        try:
            comm.send(scrubbed(content, lambda text: redact(text, secrets)))
        except Exception as exc:
            # The kernel ends, or its sockets are closed: nobody is there to be told.
            _log.debug("a message was not sent: %s", type(exc).__name__)
