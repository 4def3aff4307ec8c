"""A real kernel with quixnb in it, and everything that it sends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0


class Kernel:
    """A front end without a browser."""

    def __init__(self, client: BlockingKernelClient, home: Path) -> None:
        self._client, self.home = client, home

    def run(self, cell: str, *, typed: str | None = None, **options: Any) -> Sent:
        """Run `cell`; what it sent but the cell itself, the reply at last."""
        options = {"store_history": True, "allow_stdin": typed is not None, **options}
        request = self._client.execute(cell, **options)
        if typed is not None:
            self._client.get_stdin_msg(timeout=WAIT_S)
            self._client.input(typed)
        sent = Sent()
        while True:
            message = self._client.get_iopub_msg(timeout=WAIT_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                sent.append(self._client._recv_reply(request, timeout=WAIT_S))
                return sent
            if message["msg_type"] not in ("status", "execute_input"):
                sent.append(message)

    def inspect(self, name: str) -> dict[str, Any]:
        """What Shift+Tab shows."""
        content: dict[str, Any] = self._client.inspect(name, reply=True, timeout=WAIT_S)["content"]
        return content

    def later(self) -> dict[str, Any]:
        """The next thing that the kernel sends, whatever for."""
        while True:
            message: dict[str, Any] = self._client.get_iopub_msg(timeout=WAIT_S)
            if message["msg_type"] != "status":
                return message


class Sent(list[dict[str, Any]]):
    """Messages of one cell."""

    @property
    def text(self) -> str:
        """What the streams show."""
        return "".join(each["content"]["text"] for each in self if each["msg_type"] == "stream")

    @property
    def kinds(self) -> list[str]:
        """The kinds of the messages."""
        return [each["msg_type"] for each in self]

    def of(self, kind: str) -> dict[str, Any]:
        """The content of the only message of a kind."""
        [content] = [each["content"] for each in self if each["msg_type"] == kind]
        return dict(content)


@contextmanager
def running(home: Path) -> Iterator[Kernel]:
    """A kernel whose files are in `home`."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "QUIXNB_CONFIG": str(home / "profiles.toml")}
    variables |= dict.fromkeys(("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "QUIXNB_RUNTIME_DIR"), str(home))
    variables.pop("PYTEST_CURRENT_TEST", None)  # with it, a kernel leaves file descriptors 1 and 2 alone
    manager = KernelManager(kernel_name="python3")
    # What a cell writes to file descriptor 1 or 2, ipykernel copies to the terminal that it was started from, as it is.
    manager.start_kernel(env=variables, cwd=str(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        yield Kernel(client, home)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
