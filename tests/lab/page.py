"""A page's end of the line, without a browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from tests.kernel.notebook import WAIT_S, Message, Notebook


class Refused(Exception):
    """The kernel answered with a problem, in words."""


class Page:
    """One page that has found the kernel's line.

    Attributes
    ----------
    heard
        Every message of the line so far, as it came.
    """

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        self.heard: list[Any] = []
        self.comms = find_lines(client)

    def ask(self, ask: str, **details: Any) -> Any:
        """Ask, and wait for the answer."""
        identity = self.send(ask, **details)
        return self.answer_to(identity)

    def send(self, ask: str, **details: Any) -> str:
        """Ask; the request's ID."""
        identity = str(uuid.uuid4())
        [comm] = self.comms
        self._send("comm_msg", {"comm_id": comm, "data": {**details, "id": identity, "ask": ask}})
        return identity

    def answer_to(self, identity: str) -> Any:
        """Wait for one answer."""
        while True:
            data = self.next()
            if data.get("id") == identity:
                if "problem" in data:
                    raise Refused(data["problem"])
                return data["answer"]

    def state(self) -> Any:
        """Wait for the next state that is pushed."""
        while True:
            if state := self.next().get("state"):
                return state

    def next(self) -> Any:
        """Wait for the next message of the line."""
        while True:
            message: Message = self._client.get_iopub_msg(timeout=WAIT_S)
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] in self.comms:
                data = message["content"]["data"]
                self.heard.append(data)
                return data

    def close_line(self) -> None:
        """Close what the kernel has announced, as a page without our extension does."""
        [comm] = self.comms
        self._send("comm_close", {"comm_id": comm, "data": {}})

    def _send(self, kind: str, content: Message) -> None:
        self._client.shell_channel.send(self._client.session.msg(kind, content))


def find_lines(client: BlockingKernelClient) -> list[str]:
    """IDs of the comms of quixnb's in the kernel."""
    reply: Message = client.comm_info("quixnb", reply=True, timeout=WAIT_S)
    return list(reply["content"]["comms"])


@contextmanager
def page_of(notebook: Notebook) -> Iterator[Page]:
    """A page that shows the notebook, opened now."""
    with notebook.beside() as client:
        yield Page(client)
