"""What the magics show in a notebook, and what they leave to work with."""

from __future__ import annotations

import pytest

from tests.kernel.notebook import Notebook

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("%quix_sandbox", "sandbox-f1-dev"),
        ("%quix_sandbox status", "sandbox-f1-prod"),
        ("%quix_topics", "telemetry-7c1e"),
        ("%quix_status", "token from sandbox"),
        ("%quix_use", "sandbox-f1-dev"),
        ("%%quix_publish f1-data\ndf", "sandbox-f1-dev-f1-data"),
        ("%quix_publish f1-data df.head(2) --dry-run", "nothing was sent"),
        ("%quix_read f1-data --last 2", "stream_id"),
    ],
)
def test_what_a_magic_returns_is_text_and_html_and_no_widget(connected: Notebook, cell: str, shown: str) -> None:
    connected.run_well("%quix_publish f1-data df ;")

    outputs = connected.run_well(cell)

    assert outputs.value.keys() == {"text/plain", "text/html"}
    assert shown in outputs.value["text/plain"]
    assert shown in outputs.value["text/html"]
    assert "<script" not in outputs.value["text/html"]
    assert outputs.contents("comm_open", "display_data", "stream") == []


def test_rows_published_from_a_cell_are_read_back_identical(connected: Notebook) -> None:
    connected.run_well("%%quix_publish f1-data --stream same-rows\ndf")

    connected.run_well("back = %quix_read f1-data --stream same-rows")

    connected.run_well("pd.testing.assert_frame_equal(back.set_index('timestamp'), df, check_freq=False)")


def test_a_question_mark_opens_the_manual(notebook: Notebook) -> None:
    [page] = notebook.run_well("%quix_publish?").reply["payload"]

    assert page["source"] == "page"
    assert "Publish the frame that this cell ends with" in page["data"]["text/plain"]
    assert "--stream-by COLUMN" in page["data"]["text/plain"]


def test_shift_tab_shows_the_manual(notebook: Notebook) -> None:
    assert "--since SPAN" in notebook.inspect("%quix_read")["text/plain"]


def test_the_report_can_be_kept_with_the_underscore(connected: Notebook) -> None:
    connected.run_well("%%quix_publish f1-data\ndf")

    connected.run_well("report = _")

    counts = "report.rows, report.rows_delivered, report.rows_failed, report.topic_id"
    assert connected.run_well(counts).text == "(3, 3, 0, 'sandbox-f1-dev-f1-data')"


@pytest.mark.parametrize(
    "cell", ["%quix_topics ;", "x = 1\n%quix_status ;", "%quix_publish f1-data df;", "%%quix_publish f1-data\ndf;"]
)
def test_a_semicolon_silences_a_magic(connected: Notebook, cell: str) -> None:
    assert connected.run_well(cell).contents("execute_result", "display_data", "stream") == []


def test_tab_offers_topics_columns_and_options(connected: Notebook) -> None:
    connected.run_well("%quix_topics ;")

    assert connected.complete("%%quix_publish f1-") == ["f1-data"]
    assert connected.complete("%quix_read te") == ["telemetry"]
    assert connected.complete("%quix_read f1-data --li") == ["--limit"]
    cell = "%%quix_publish f1-data --time \ndf"
    offered = connected.complete(cell, cell.index("\n"))
    assert {"speed", "'lap time'", "car"} <= set(offered)


def test_a_restarted_kernel_finds_the_sandbox_and_its_rows_again(notebook: Notebook, connected: Notebook) -> None:
    connected.run_well("%quix_publish f1-data df --stream before-the-restart")
    before = connected.run_well("%quix_sandbox status").text

    notebook.restart()
    notebook.run_well("%load_ext quixnb")

    assert notebook.run_well("%quix_sandbox status").text == before
    assert "connected to" in notebook.run_well("%quix_sandbox start").text
    notebook.run_well("back = %quix_read f1-data --stream before-the-restart")
    assert notebook.run_well("len(back)").text == "3"
