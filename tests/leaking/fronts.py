"""A front end of a kernel that a JupyterLab server runs: everything that the kernel says to it is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from tests import leaks
from tests.kernel.notebook import WAIT_S, Message, Notebook, Outputs
from tests.leaks import Leak, Secrets
from tests.server.servers import Server

HIDDEN = "[quix token]"
WARNING = "in plain text (line "


class Front(Notebook):
    """Runs cells in a kernel of `server`.

    Attributes
    ----------
    received
        Every message of every channel, as it came.
    client
        What it receives them with.
    """

    def __init__(self, server: Server, client: BlockingKernelClient, kernel_id: str) -> None:
        super().__init__(None, client, server.home)  # type: ignore[arg-type]
        self.server, self.kernel_id, self.client = server, kernel_id, client
        self.received: list[Message] = []
        deserialize: Callable[..., Message] = client.session.deserialize

        def kept(*args: Any, **options: Any) -> Message:
            self.received.append(deserialize(*args, **options))
            return self.received[-1]

        client.session.deserialize = kept

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.run_well("import os; os.getpid()", store_history=False).text)

    def answer(self, cell: str, *texts: str) -> Outputs:
        """Run a cell that asks with `input()`, once for each text."""
        request = self.begin(cell, allow_stdin=True)
        for text in texts:
            self._client.get_stdin_msg(timeout=WAIT_S)
            self._client.input(text)
        return self.end(request)

    def asked_for_history(self) -> Message:
        """What a console is told that looks for earlier cells."""
        content: Message = self._client.history(n=20, reply=True, timeout=WAIT_S)["content"]
        return content

    def send(self, kind: str, content: Message) -> None:
        """Send a message that asks for no reply, such as a widget's."""
        self._client.shell_channel.send(self._client.session.msg(kind, content))


def shown(outputs: Outputs) -> list[Message]:
    """All that a cell sent, but the echo of its source, and the reply."""
    return [*(each for each in outputs if each["msg_type"] != "execute_input"), outputs.reply]


def leaks_in(value: object, *secrets: str) -> list[Leak]:
    """Leaks in messages, or in whatever else there is."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return list(leaks.in_text(text, "here", Secrets(secrets, and_fakes=False)))


def as_notebook(*cells: tuple[str, Outputs], **metadata: Any) -> dict[str, Any]:
    """What a front end makes of cells and their outputs."""
    import nbformat

    made = []
    for source, outputs in cells:
        kinds = ("stream", "display_data", "execute_result", "error")
        kept = [nbformat.v4.output_from_msg(each) for each in outputs if each["msg_type"] in kinds]
        made.append(nbformat.v4.new_code_cell(source, outputs=kept))
    return dict(nbformat.v4.new_notebook(cells=made, metadata=metadata))


def with_debugging_kernels(server: Server) -> None:
    """Have the server's kernels log all that they do, into the server's log."""
    folder = server.home / "data" / "kernels" / "debugged"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=DEBUG"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))


@contextmanager
def front(server: Server) -> Iterator[Front]:
    """A kernel started through the server's REST API, and a front end of it."""
    started = server.http.post("api/kernels", json={"name": "debugged"}).raise_for_status().json()
    kernel_id = started["id"]
    client = BlockingKernelClient(connection_file=str(Path(server.home, "runtime", f"kernel-{kernel_id}.json")))
    client.load_connection_file()
    client.start_channels(hb=False)  # a kernel that is only slow to start has no heartbeat either
    try:
        client.wait_for_ready(timeout=WAIT_S)
        running = Front(server, client, kernel_id)
        running.run_well("%load_ext quixnb\n%colors nocolor", store_history=False)
        yield running
    finally:
        client.stop_channels()
        server.http.delete(f"api/kernels/{kernel_id}")
