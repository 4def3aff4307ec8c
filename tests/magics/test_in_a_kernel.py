"""The same through a real kernel and its protocol: what a notebook sends, and what it gets to show."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from quixnb.sandbox import Sandbox
from tests.fakes import fake_token

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
FRAME = (
    "import pandas as pd\ndf = pd.DataFrame({'speed': [1.5, 2.5]}, index=pd.date_range('2026', periods=2, tz='UTC'))"
)
WAIT_S = 30.0


class Notebook:
    """A front end without a browser."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, cell: str, *, typed: str | None = None) -> Outputs:
        """Run `cell`, typing `typed` when it asks; everything it sent."""
        request = self.begin(cell, allow_stdin=typed is not None)
        if typed is not None:
            asked = self.client.get_stdin_msg(timeout=WAIT_S)
            assert asked["content"]["password"]
            self.client.input(typed)
        return self.end(request)

    def begin(self, cell: str, *, allow_stdin: bool = False) -> str:
        """Start `cell`."""
        return str(self.client.execute(cell, store_history=True, allow_stdin=allow_stdin))

    def next_message(self, request: str) -> dict[str, Any]:
        """The next thing that the running cell sends."""
        while True:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=WAIT_S)
            if message["parent_header"].get("msg_id") == request:
                return message

    def end(self, request: str) -> Outputs:
        """Wait for the end of the cell that was started."""
        messages = []
        while True:
            message = self.next_message(request)
            messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return Outputs(messages)

    def complete(self, cell: str) -> list[str]:
        """What Tab at the end of `cell` offers."""
        reply = self.client.complete(cell, len(cell), reply=True, timeout=WAIT_S)
        return list(reply["content"]["matches"])


class Outputs(list[dict[str, Any]]):
    """Messages of one cell."""

    def contents(self, kind: str) -> list[dict[str, Any]]:
        return [message["content"] for message in self if message["msg_type"] == kind]

    @property
    def value(self) -> dict[str, str]:
        [result] = self.contents("execute_result")
        data: dict[str, str] = result["data"]
        return data

    @property
    def error(self) -> dict[str, Any]:
        [error] = self.contents("error")
        return error


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Notebook]:
    home = tmp_path_factory.mktemp("home")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("Quix__")}
    variables |= {"HOME": str(home), "IPYTHONDIR": str(home), "PYTHONPATH": str(ROOT), "JUPYTER_RUNTIME_DIR": str(home)}
    variables |= {"Quix__Portal__Api": sandbox.portal_api, "QUIXNB_RUNTIME_DIR": str(home)}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=variables, cwd=str(home))
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        yield Notebook(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.fixture
def connected(notebook: Notebook, sandbox: Sandbox) -> Notebook:
    token = sandbox.environments["dev"].token_1.reveal()
    notebook.run("%load_ext quixnb")
    notebook.run("%quix_token", typed=token)
    notebook.run(FRAME)
    return notebook


def history_of(notebook: Notebook) -> bytes:
    """The bytes of the kernel's history database."""
    notebook.run("get_ipython().history_manager.writeout_cache()")
    place = notebook.run("str(get_ipython().history_manager.hist_file)").value["text/plain"].strip("'")
    return b"".join(path.read_bytes() for path in Path(place).parent.glob("history.sqlite*"))


def test_a_typed_token_connects_and_is_in_no_message(notebook: Notebook, sandbox: Sandbox) -> None:
    token = sandbox.environments["dev"].token_1.reveal()
    notebook.run("%load_ext quixnb")

    outputs = notebook.run("%quix_token", typed=token)

    assert "sandbox-f1-dev" in outputs.value["text/html"]
    assert token not in repr(outputs)
    assert token.encode() not in history_of(notebook)


def test_a_run_without_a_person_takes_what_is_found(notebook: Notebook, sandbox: Sandbox) -> None:
    notebook.run("%load_ext quixnb")
    notebook.run(
        "import getpass, os\nos.environ['Quix__Sdk__Token'] = getpass.getpass('')",
        typed=sandbox.environments["prod"].token_2.reveal(),
    )

    outputs = notebook.run("%quix_token")

    assert "streaming token from Quix__Sdk__Token" in outputs.value["text/plain"]
    notebook.run("del os.environ['Quix__Sdk__Token']")


def test_a_report_has_text_and_html(connected: Notebook) -> None:
    data = connected.run("%%quix_publish f1-data\ndf").value

    assert data["text/plain"].startswith("Published 2 rows to 'f1-data'")
    assert "sandbox-f1-dev-f1-data" in data["text/html"]


def test_a_refused_token_is_three_lines_and_not_in_the_history(connected: Notebook) -> None:
    token = fake_token()

    error = connected.run(f"%quix_token {token}").error

    assert error["ename"] == "TokenOnLine"
    assert len(error["traceback"]) == 3
    assert token[4:12] not in repr(error)
    stored = history_of(connected)
    assert token[4:20].encode() not in stored
    assert b"%quix_token [quix token]" in stored


def test_the_guards_notice_is_displayed_before_the_cells_own_output(connected: Notebook) -> None:
    # Not stored: IPython's history keeps a cell that is only announced, and is searched for it when the tests end.
    request = connected.client.execute(f"print('mine')\ntoken = '{fake_token()}'", store_history=False)
    outputs = connected.end(request)

    kinds = [message["msg_type"] for message in outputs if message["msg_type"] in ("display_data", "stream")]
    assert kinds == ["display_data", "stream"]
    assert 'role="alert"' in outputs.contents("display_data")[0]["data"]["text/html"]


def test_an_error_of_the_users_code_names_the_cells_line(connected: Notebook) -> None:
    error = connected.run("%%quix_publish f1-data\nx = 1\nx / 0").error

    assert error["ename"] == "ZeroDivisionError"
    assert ", line 3" in "".join(error["traceback"])
    assert "quixnb" not in "".join(error["traceback"])


def test_topics_are_offered_by_tab(connected: Notebook) -> None:
    connected.run("%quix_topics ;")

    assert connected.complete("%%quix_publish f1-") == ["f1-data"]
    assert "--stream-by" in connected.complete("%%quix_publish f1-data --st")


def test_a_long_publish_shows_progress_and_leaves_no_trace_of_it(connected: Notebook) -> None:
    connected.run(
        "import itertools, time\n"
        "def slowly():\n"
        "    until = time.monotonic() + 1.5\n"
        "    while time.monotonic() < until:\n"
        "        yield df\n"
        "        time.sleep(0.01)"
    )

    outputs = connected.run("%quix_publish f1-data slowly()")

    [first] = outputs.contents("display_data")
    assert first["data"]["text/plain"].startswith("Publishing to 'f1-data': ")
    updates = outputs.contents("update_display_data")
    assert {update["transient"]["display_id"] for update in updates} == {first["transient"]["display_id"]}
    assert updates[-1]["data"] == {"text/plain": "", "text/html": ""}


def test_an_interrupt_leaves_the_report(connected: Notebook) -> None:
    connected.run("def endless():\n    while True:\n        yield df")
    request = connected.begin("%quix_publish f1-data endless() --out sent")
    while connected.next_message(request)["msg_type"] != "display_data":
        pass  # the progress that shows that it has begun

    connected.manager.interrupt_kernel()
    interrupted_at = time.monotonic()
    outputs = connected.end(request)

    assert time.monotonic() - interrupted_at < 5
    assert outputs.error["ename"] == "PublishInterrupted"
    assert connected.run("sent.rows_delivered > 0").value["text/plain"] == "True"
