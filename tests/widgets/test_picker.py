"""The widget around the conversation: what is in its traits, how it answers, what shows where no widget does."""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
from typing import Any

import pytest

import quixnb
from quixnb import connecting
from quixnb.errors import TokenMissing
from quixnb.sandbox import Sandbox
from quixnb.widgets.picker import TokenPicker
from tests.fakes import fake_token

WAIT_S = 60.0


class Heard(TokenPicker):
    """A picker whose messages to its front end are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: queue.Queue[dict[str, Any]] = queue.Queue()

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.put(json.loads(json.dumps(content)))

    def hear(self, **message: Any) -> None:
        """As the front end's comm does it."""
        self._handle_custom_msg(message, [])

    def until(self, **wanted: Any) -> dict[str, Any]:
        """The first state that says so."""
        while True:
            state: dict[str, Any] = self.sent.get(timeout=WAIT_S)["state"]
            if all(state[name] == value for name, value in wanted.items()):
                return state


@pytest.fixture
def picker() -> Heard:
    return Heard()


def test_it_is_the_packages_own_and_imported_when_it_is_asked_for() -> None:
    assert quixnb.TokenPicker is TokenPicker


def test_no_trait_but_those_of_anywidget_is_synced() -> None:
    synced = {name for name, trait in TokenPicker().traits(sync=True).items() if not name.startswith("_")}

    assert synced <= {"layout", "tabbable", "tooltip"}
    assert {"_esm", "_css"} <= set(TokenPicker().traits(sync=True))


def test_its_saved_state_knows_no_connection_and_no_key(picker: Heard, sandbox: Sandbox) -> None:
    before = json.dumps(picker.get_state(), default=str)

    picker.hear(type="token", plain=sandbox.environments["dev"].token_1.reveal())
    picker.until(step="connected")

    assert json.dumps(picker.get_state(), default=str) == before


def test_it_answers_at_once_with_its_key_and_the_whole_state(picker: Heard) -> None:
    picker.hear(type="hello")

    first = picker.sent.get_nowait()

    assert first["type"] == "state"
    assert len(first["key"]) == 88
    assert first["state"]["step"] == "choose"
    assert picker.until(number=2)["sources"] == []


def test_what_takes_long_does_not_keep_the_kernel_waiting(picker: Heard, sandbox: Sandbox) -> None:
    picker.hear(type="token", plain=sandbox.environments["dev"].token_1.reveal())

    # No answer of the portal can be there yet: all that was sent is what came before it was asked.
    assert picker.sent.get_nowait()["state"]["step"] == "checking"
    assert picker.until(step="connected")["connection"]["environment"]["id"] == "sandbox-f1-dev"


def test_a_message_of_any_kind_raises_nothing_and_logs_nothing_of_it(
    picker: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    token = fake_token()
    caplog.set_level(logging.DEBUG)

    for message in ({"type": "token", "sealed": token}, {"type": "token", "plain": {"x": token}}, {token: token}):
        picker.hear(**message)
    picker._handle_custom_msg(token, [])

    assert token[4:16] not in caplog.text


def test_each_picker_has_a_key_of_its_own(picker: Heard) -> None:
    other = Heard()
    for each in (picker, other):
        each.hear(type="hello")

    assert picker.sent.get(timeout=WAIT_S)["key"] != other.sent.get(timeout=WAIT_S)["key"]


def test_where_no_widget_is_shown_its_text_says_what_to_do(picker: Heard) -> None:
    bundle = picker._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle

    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].endswith("elsewhere run %quix_token --prompt")
    assert "%quix_token --prompt" in repr(picker)


def test_while_it_is_there_a_missing_token_is_to_be_chosen_in_it(picker: Heard) -> None:
    with pytest.raises(TokenMissing, match="No Quix token has been chosen yet"):
        connecting.current()

    picker.close()

    with pytest.raises(TokenMissing, match="No Quix token was found"):
        connecting.current()


def test_what_it_shows_is_built_from_its_sources() -> None:
    from tests.browser.server import ROOT
    from tests.demand import missing

    js = ROOT / "js"
    if not (js / "node_modules" / "esbuild").exists():
        missing("the packages of js/ are not installed: make .venv/.labextension (needs Node)")

    checked = subprocess.run(["node", "build-picker.mjs", "--check"], cwd=js, capture_output=True, text=True)

    assert checked.returncode == 0, checked.stderr


def test_its_front_end_is_small() -> None:
    assert len(TokenPicker._esm.encode()) < 26_000


@pytest.mark.alone
def test_the_tests_of_what_needs_no_page_pass() -> None:
    from tests.browser.server import ROOT
    from tests.demand import missing

    js = ROOT / "js"
    if not (js / "node_modules" / "vitest").exists():
        missing("the packages of js/ are not installed: make .venv/.labextension (needs Node)")

    run = subprocess.run(["npm", "run", "--silent", "test"], cwd=js, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout + run.stderr


def test_importing_the_package_of_widgets_is_what_costs() -> None:
    program = (
        "import sys, quixnb; print('anywidget' in sys.modules); quixnb.TokenPicker; print('anywidget' in sys.modules)"
    )

    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert out.split() == ["False", "True"]
