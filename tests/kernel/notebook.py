"""A notebook without a browser: a real kernel, spoken to in its own protocol."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0  # for anything that comes at all; no test measures by it

Message = dict[str, Any]


class Outputs(list[Message]):
    """Everything that one cell sent, and the reply to it."""

    reply: Message

    def contents(self, *kinds: str) -> list[Message]:
        """What the messages of these types hold, in order."""
        return [message["content"] for message in self if message["msg_type"] in kinds]

    @property
    def value(self) -> dict[str, str]:
        """The bundle of the cell's value."""
        [result] = self.contents("execute_result")
        data: dict[str, str] = result["data"]
        return data

    @property
    def text(self) -> str:
        """The cell's value as text."""
        return self.value["text/plain"]

    @property
    def printed(self) -> str:
        """What the cell printed."""
        return "".join(content["text"] for content in self.contents("stream"))

    @property
    def error(self) -> Message:
        """What the cell raised: `ename`, `evalue`, `traceback`."""
        [error] = self.contents("error")
        return error


class Notebook:
    """A front end of one kernel.

    Attributes
    ----------
    folder
        The kernel's home and working folder; IPython's files are in `.ipython` below it.
    """

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, folder: Path) -> None:
        self._manager, self._client, self.folder = manager, client, folder

    def run(self, cell: str, *, typed: Sequence[str] = (), store_history: bool = True) -> Outputs:
        """Run `cell` to its end, typing one of `typed` each time it asks with hidden input."""
        request = self.begin(cell, allow_stdin=bool(typed), store_history=store_history)
        for text in typed:
            asked = self._client.get_stdin_msg(timeout=WAIT_S)
            assert asked["content"]["password"], "the input is not hidden"
            self._client.input(text)
        return self.end(request)

    def run_well(self, cell: str, **options: Any) -> Outputs:
        """Run `cell`, which must not raise."""
        outputs = self.run(cell, **options)
        assert outputs.reply["status"] == "ok", outputs.reply
        return outputs

    def begin(self, cell: str, *, allow_stdin: bool = False, store_history: bool = True) -> str:
        """Start `cell`; its request."""
        return str(self._client.execute(cell, store_history=store_history, allow_stdin=allow_stdin))

    def next_message(self, request: str) -> Message:
        """The next thing that the running cell sends."""
        while True:
            message: Message = self._client.get_iopub_msg(timeout=WAIT_S)
            if message["parent_header"].get("msg_id") == request:
                return message

    def end(self, request: str) -> Outputs:
        """Wait for the end of a cell that was begun."""
        outputs = Outputs()
        while not outputs or outputs[-1]["content"].get("execution_state") != "idle":
            outputs.append(self.next_message(request))
        outputs.reply = self._reply(request)
        return outputs

    @contextmanager
    def beside(self) -> Iterator[BlockingKernelClient]:
        """Another front end of the same kernel."""
        client = self._manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=WAIT_S)
            yield client
        finally:
            client.stop_channels()

    def interrupt(self, request: str) -> tuple[Outputs, float]:
        """Press the stop button; the rest of what the cell sent, and the seconds that it took to end."""
        pressed_at = time.monotonic()
        self._manager.interrupt_kernel()
        outputs = self.end(request)
        return outputs, time.monotonic() - pressed_at

    def restart(self) -> None:
        """Restart the kernel."""
        self._manager.restart_kernel()
        self._client.wait_for_ready(timeout=WAIT_S)

    def complete(self, cell: str, offset: int | None = None) -> list[str]:
        """What Tab offers, at the end of `cell` if not elsewhere."""
        at = len(cell) if offset is None else offset
        return list(self._client.complete(cell, at, reply=True, timeout=WAIT_S)["content"]["matches"])

    def inspect(self, cell: str) -> dict[str, str]:
        """What Shift+Tab at the end of `cell` shows."""
        return dict(self._client.inspect(cell, len(cell), reply=True, timeout=WAIT_S)["content"]["data"])

    def history(self) -> bytes:
        """The bytes of IPython's history database, with all cells so far."""
        self.run_well("get_ipython().history_manager.writeout_cache()")
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("history.sqlite*")))

    def _reply(self, request: str) -> Message:
        while True:
            message: Message = self._client.get_shell_msg(timeout=WAIT_S)
            if message["parent_header"].get("msg_id") == request:
                content: Message = message["content"]
                return content


@contextmanager
def opened(folder: Path, **variables: str) -> Iterator[Notebook]:
    """A notebook with a kernel of its own, whose files are all in `folder`; it ends with the block."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("Quix__", "STREAMING_TOKEN"))}
    own = {"HOME": str(folder), "IPYTHONDIR": str(folder / ".ipython"), "PYTHONPATH": str(ROOT)}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(
        env=kept | own | variables,
        cwd=str(folder),
        extra_arguments=["--log-level=ERROR", "--InteractiveShell.colors=nocolor"],
    )
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=WAIT_S)
        yield Notebook(manager, client, folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
