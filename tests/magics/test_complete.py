"""What Tab offers on the lines of quixnb's magics, and that it disturbs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.core.completer import CompletionContext

from quixnb.connecting import current
from quixnb.magics.complete import PARSERS, matcher_for
from tests.magics.shells import Shell


@pytest.fixture
def ready(connected: Shell) -> Shell:
    """A shell that knows its topics."""
    current().topics(refresh=True)
    return connected


def ours(shell: Shell, line: str) -> tuple[list[str], bool]:
    """What quixnb itself offers at the end of `line`, in its order, and whether it silences the others."""
    context = CompletionContext(token="", full_text=line, cursor_position=len(line), cursor_line=0, limit=None)
    result = matcher_for(shell)(context)
    return [each.text for each in result["completions"]], bool(result["suppress"])


@pytest.mark.parametrize("magic", ["%%quix_publish", "%quix_publish", "%quix_read", "%quix_topics", "x = %quix_read"])
def test_topics_are_offered(ready: Shell, magic: str) -> None:
    assert ready.complete_at_end(f"{magic} f1-") == ["f1-data"]
    assert "weather" in ready.complete_at_end(f"{magic} ")


def test_topics_are_offered_behind_an_option_and_its_value(ready: Shell) -> None:
    assert ready.complete_at_end("%quix_read --last 5 tele") == ["telemetry"]


def test_the_portal_is_not_asked(shell: Shell) -> None:
    assert ours(shell, "%quix_read f1-") == ([], False)


def test_options_of_this_magic_are_offered(ready: Shell) -> None:
    assert ready.complete_at_end("%%quix_publish f1-data --stream") == ["--stream", "--stream-by"]
    assert "--last" in ready.complete_at_end("%quix_read f1-data --")
    assert "--dry-run" not in ready.complete_at_end("%quix_read f1-data --")


def test_an_option_is_offered_once_unless_it_may_be_repeated(ready: Shell) -> None:
    offered = ready.complete_at_end("%%quix_publish f1-data --time speed --tag car --")

    assert "--time" not in offered
    assert "--tag" in offered


@pytest.mark.parametrize("option", ["--time", "--tag", "--columns", "--stream-by"])
def test_columns_of_the_frame_on_the_last_line_are_offered(ready: Shell, option: str) -> None:
    line = f"%%quix_publish f1-data {option} "

    assert ready.complete_in(f"{line}\nx = 1\ndf.head()", len(line)) == ["'lap time'", "car", "speed"]


def test_columns_are_offered_behind_a_comma_and_an_equals_sign(ready: Shell) -> None:
    line = "%%quix_publish f1-data --columns=speed,c"

    assert ready.complete_in(f"{line}\ndf", len(line)) == ["car"]


def test_columns_of_the_expression_of_a_line_form_are_offered(ready: Shell) -> None:
    assert ready.complete_at_end("%quix_publish f1-data df --time sp") == ["speed"]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1], "b": [2]}),
        pl.DataFrame({"a": [1], "b": [2]}),
        pa.table({"a": [1], "b": [2]}),
        {"a": [1], "b": [2]},
    ],
    ids=["pandas", "polars", "pyarrow", "dict"],
)
def test_columns_of_any_kind_of_frame_are_offered(ready: Shell, frame: Any) -> None:
    ready.user_ns["frame"] = frame

    assert ready.complete_at_end("%quix_publish f1-data frame --tag ") == ["a", "b"]


def test_nothing_of_the_users_is_called(ready: Shell) -> None:
    class Trap:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"asked for {name}")

    ready.user_ns["trap"] = Trap()

    assert ours(ready, "%quix_publish f1-data trap --tag ") == ([], False)


def test_choices_and_actions_are_offered(ready: Shell) -> None:
    assert ours(ready, "%%quix_publish f1-data --format ") == (["timeseries", "json"], True)
    assert ours(ready, "%quix_sandbox st") == (["start", "stop", "status"], True)
    assert ours(ready, "%quix_sandbox start --env p") == (["prod"], True)


def test_every_magic_is_known(ready: Shell) -> None:
    lines = {f"%{name}" for name in ready.magics_manager.magics["line"] if name.startswith("quix_")}

    assert lines <= set(PARSERS)
    assert ready.complete_at_end("%quix_rotate --leaked ") == ["1", "2"]
    assert "--history" in ready.complete_at_end("%quix_scan --")


def test_profiles_are_offered(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEV_TOKEN", current().token.reveal())
    monkeypatch.setenv("Quix__Portal__Api", current().portal_api)
    ready.run("%quix_token --env DEV_TOKEN --save practice")

    assert ready.complete_at_end("%quix_use pr") == ["practice"]


def test_the_body_of_the_cell_has_pythons_completion(ready: Shell) -> None:
    ready.user_ns["name"] = "text"

    assert "removeprefix" in ready.complete_at_end("%%quix_publish f1-data\nname.removep")


def test_frames_are_offered_for_the_expression_of_a_line_form(ready: Shell) -> None:
    ready.user_ns.update(dfs=[1], df_too=ready.user_ns["df"])

    assert ready.complete_at_end("%quix_publish f1-data df") == ["df", "df_too"]


def test_other_magics_and_code_are_left_alone(ready: Shell) -> None:
    ready.user_ns["f1_of_mine"] = 1

    assert ready.complete_at_end("f1_of_m") == ["f1_of_mine"]
    assert "%timeit" in ready.complete_at_end("%timei")


@pytest.mark.parametrize("line", ["%quix_read f1-data ", "%quix_status ", "%quix_token --file ", "%quix_nothing "])
def test_where_nothing_can_be_offered_ours_holds_back(ready: Shell, line: str) -> None:
    assert ours(ready, line) == ([], False)


def test_it_never_raises(ready: Shell, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text("this is = = not TOML")

    assert ours(ready, "%quix_use pr") == ([], False)
