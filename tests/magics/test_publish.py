"""`%%quix_publish` and `%quix_publish`, through a real shell, a real portal and a real broker."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from IPython.core.error import UsageError

from quixnb.connecting import current
from quixnb.errors import DeliveryError, FrameError, PublishInterrupted, TopicNotFound
from quixnb.magics.publish import CELL, OPTIONS
from quixnb.session import Session
from tests.fakes import fake_token
from tests.magics.shells import Shell


def test_the_value_of_the_last_line_is_published(connected: Shell) -> None:
    report = connected.run("%%quix_publish f1-data --stream one\nfaster = df[df.speed > 2]\nfaster")

    assert (report.rows_delivered, report.topic_name, report.stream_ids) == (2, "f1-data", ("one",))
    assert list(current().read("f1-data", stream="one").speed) == [2.5, 3.5]


def test_the_line_form_publishes_an_expression(connected: Shell) -> None:
    report = connected.run("%quix_publish f1-data df[df.speed > 2] --stream two")

    assert report.rows_delivered == 2


def test_a_report_can_be_assigned_and_is_the_last_value(connected: Shell) -> None:
    connected.run("report = %quix_publish f1-data df")
    connected.run("%quix_publish f1-data df")

    assert connected.user_ns["report"].rows == connected.run("_").rows == 3


@pytest.mark.parametrize("cell", ["%%quix_publish f1-data\ndf;", "%quix_publish f1-data df;"])
def test_a_semicolon_silences_the_report(connected: Shell, cell: str) -> None:
    before = current().last_report

    assert connected.run(cell) is None
    assert current().last_report is not before


def test_the_report_goes_into_a_variable(connected: Shell) -> None:
    connected.run("%%quix_publish f1-data --out sent\ndf")

    assert connected.user_ns["sent"].rows_delivered == 3


def test_a_dry_run_sends_nothing(connected: Shell) -> None:
    plan = connected.run("%quix_publish weather df --dry-run --stream dry")

    assert (plan.rows, plan.topic_name) == (3, "weather")
    assert current().read("weather", stream="dry").empty


def test_options_reach_the_message(connected: Shell) -> None:
    connected.run("%quix_publish f1-data df --tag car --columns 'lap time' --stream tagged --name 'A name'")

    frame = current().read("f1-data", stream="tagged")
    assert list(frame.columns) == ["timestamp", "lap time", "TAG__car"]
    assert list(frame["TAG__car"]) == ["a", "b", "a"]


def test_one_stream_for_each_value_of_a_column(connected: Shell) -> None:
    report = connected.run("%quix_publish f1-data df --stream-by car")

    assert report.stream_ids == ("a", "b")


def test_rows_per_message_is_a_setting_that_an_option_overrides(connected: Shell) -> None:
    connected.run("%config QuixMagics.rows_per_message = 1")

    assert connected.run("%quix_publish f1-data df --dry-run").messages == 3
    assert connected.run("%quix_publish f1-data df --dry-run --rows-per-message 3").messages == 1


def test_a_topic_is_made_when_asked_for(connected: Shell) -> None:
    report = connected.run("%quix_publish brand-new df --create")

    assert report.rows_delivered == 3
    assert current().topic("brand-new").status == "Ready"


def test_an_unknown_topic_is_an_error_that_names_the_nearest(connected: Shell) -> None:
    with pytest.raises(TopicNotFound, match="f1-dta") as caught:
        connected.run("%quix_publish f1-dta df")

    assert "The nearest is 'f1-data'" in caught.value.cause
    assert connected.errors[0].startswith("TopicNotFound: There is no topic 'f1-dta'")
    assert len(connected.errors[0].splitlines()) == 3


@pytest.mark.parametrize("body", ["pass", "# nothing", "print(1)", "None"])
def test_says_what_to_do_when_the_cell_ends_without_a_value(connected: Shell, body: str) -> None:
    with pytest.raises(FrameError, match="There is no frame to publish") as caught:
        connected.run(f"%%quix_publish f1-data\n{body}")

    assert caught.value.fix == "End the cell with the frame's name, for example: df"


def test_names_the_frame_that_the_cell_made_last(connected: Shell) -> None:
    with pytest.raises(FrameError) as caught:
        connected.run("%%quix_publish f1-data\nlaps = df.head(1)")

    assert caught.value.fix == "End the cell with the frame's name: laps"


def test_an_expression_without_a_value_is_an_error(connected: Shell) -> None:
    with pytest.raises(FrameError, match="There is no frame to publish"):
        connected.run("%quix_publish f1-data print('nothing')")


def test_an_expression_in_two_pieces_is_a_usage_error(connected: Shell) -> None:
    with pytest.raises(UsageError, match="unrecognized arguments: df"):
        connected.run("%quix_publish f1-data df + --stream s df")


def test_a_value_that_is_no_frame_is_an_error(connected: Shell) -> None:
    with pytest.raises(FrameError):
        connected.run("%quix_publish f1-data 42")


def test_the_body_does_not_run_when_the_line_is_mistyped(connected: Shell) -> None:
    with pytest.raises(UsageError):
        connected.run("%%quix_publish f1-data --nope\nran = True\ndf")

    assert "ran" not in connected.user_ns


def test_nothing_runs_when_a_token_is_on_the_line(connected: Shell) -> None:
    token = fake_token()

    result = connected.run_quietly(f"%%quix_publish {token}\nran = True\ndf")

    assert type(result.error_in_exec).__name__ == "TokenOnLine"
    assert token[4:12] not in "".join(connected.errors) + repr(connected.shown)
    assert "ran" not in connected.user_ns
    assert connected.shown == []  # said once, by the magic, not by the guard too


def test_names_of_a_function_can_be_published(connected: Shell) -> None:
    connected.run(
        "def publish():\n"
        "    rows = {'timestamp': df.index, 'x': [1, 2, 3]}\n"
        "    return get_ipython().run_line_magic('quix_publish', 'f1-data rows')\n"
        "report = publish()"
    )

    assert connected.user_ns["report"].rows_delivered == 3


def test_a_dollar_or_brace_on_the_line_is_left_alone(connected: Shell) -> None:
    connected.user_ns["car"] = "expanded"

    report = connected.run("%quix_publish f1-data df --stream '{car}$car'")

    assert report.stream_ids == ("{car}$car",)


@pytest.mark.parametrize(("out", "name"), [("", "_quix_report"), ("--out sent", "sent")])
def test_an_error_with_a_report_leaves_it_under_a_name(connected: Shell, out: str, name: str) -> None:
    # What `Session.publish` raises when it is interrupted, raised by the iterator that it consumes.
    connected.run("from quixnb import PublishInterrupted\ndef rows():\n    yield df\n    raise KeyboardInterrupt")

    with pytest.raises((PublishInterrupted, DeliveryError)) as caught:
        connected.run(f"%quix_publish f1-data rows() {out}")

    assert connected.user_ns[name] is caught.value.report


def test_every_option_is_one_of_the_python_api() -> None:
    documented = inspect.getdoc(Session.publish) or ""
    actions = CELL._option_string_actions

    for flag in OPTIONS:
        assert actions[flag].dest in documented


def test_the_manual_is_the_docstring(connected: Shell) -> None:
    manual: Any = connected.magics_manager.magics["cell"]["quix_publish"].__doc__

    assert manual.startswith("usage: %%quix_publish")
    assert all(flag in manual for flag in (*OPTIONS, "--out", "Examples"))
