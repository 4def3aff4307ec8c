"""`%quix_tail` in a notebook: one output, updated in place, and the stop button as its regular end."""

from __future__ import annotations

import pytest

from tests.kernel.notebook import Message, Notebook

pytestmark = pytest.mark.kernel

FEED = "running = quixnb.publish((df for _ in iter(int, 1)), 'f1-data', every=0.05, stream='fed', background=True);"


@pytest.fixture
def fed(connected: Notebook) -> Notebook:
    """The notebook, with rows being published beside it."""
    connected.run_well(f"import quixnb\n{FEED}")
    return connected


def shows_rows(message: Message) -> bool:
    return "the newest" in message["content"].get("data", {}).get("text/plain", "")


def test_the_stop_button_ends_it_with_the_newest_rows_as_its_value(fed: Notebook) -> None:
    request = fed.begin("%quix_tail f1-data")
    while not shows_rows(message := fed.next_message(request)):
        assert message["content"].get("execution_state") != "idle", "it ended too early"
    outputs, _ = fed.interrupt(request)
    fed.run_well("running.stop();")

    assert outputs.reply["status"] == "ok", outputs.reply
    assert "speed" in outputs.text
    *_, last = outputs.contents("update_display_data")
    assert last["data"] == {"text/plain": "", "text/html": ""}, "the view is gone, its result is there"
    html = message["content"]["data"]["text/html"]
    assert "<svg" in html
    assert "<table" in html


def test_a_quiet_topic_says_that_it_waits(connected: Notebook) -> None:
    outputs = connected.run_well("%quix_tail telemetry --for 1s")

    [first, *_] = outputs.contents("display_data")
    assert first["data"]["text/plain"].startswith("telemetry: waiting for rows")
