"""The benchmark works: on next to no rows, for it has nothing to say about speed there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bench import run, table
from tests.bench.groups import GROUPS

KEYS = {"group", "what", "against", "ratio", "low", "high", "unit", "facts"}


def lines(capsys: pytest.CaptureFixture[str], *groups: str) -> list[dict[str, Any]]:
    run.main(["--rows", "2000", "--pairs", "1", "--quiet", "0", "--only", *groups])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_figure_is_a_line_of_json_with_its_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    machine, *figures = lines(capsys, "bare-producer", "loops", "first-message", "wire")

    assert machine["machine"]["cores"] >= 1
    assert {figure["group"] for figure in figures} == {"bare producer", "loops", "first message", "wire"}
    for figure in figures:
        assert figure.keys() == KEYS
        assert 0 < figure["low"] <= figure["ratio"] <= figure["high"]


def test_the_page_has_a_row_for_every_figure_and_says_what_is_missing() -> None:
    facts = {"rows": 1_000_000, "bytes_per_row": 97.6}
    figure = {"group": "wire", "what": "8 floats", "against": "nothing", "ratio": 0.5, "low": 0.4, "high": 0.6}
    said = [{**figure, "unit": "bytes", "facts": facts}, {"group": "clients", "skipped": "there is no Python 3.11"}]

    page = table.page(map(json.dumps, said))

    assert "| 8 floats | nothing | **0.5** (0.4–0.6) | 1,000,000 | 97.6 |" in page  # noqa: RUF001
    assert "Not measured: there is no Python 3.11." in page


def test_every_group_has_its_place_on_the_page() -> None:
    assert {group.replace("-", " ") for group in GROUPS} == set(table._GROUPS)
