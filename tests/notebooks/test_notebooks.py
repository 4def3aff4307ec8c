"""The notebooks do what they say, from top to bottom, in a real kernel and against a real sandbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests import leaks
from tests.leaks import Secrets
from tests.sandbox.helpers import tokens

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
QUICKSTART = ROOT / "notebooks" / "01-quickstart.ipynb"
LAST_LINE = r"quixnb demo: published (\d+) rows to (\S+), read back \1, identical"
# Runs a notebook by the function that `make demo` runs it by, and keeps what that returns.
EXECUTE = """
import sys
from pathlib import Path
import nbformat
import run
executed = run.run(Path(sys.argv[1]))
nbformat.write(executed, sys.argv[2])
print(run.last_text(executed))
"""

Cell = dict[str, Any]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runtime folder, which is also the place for what plotting caches."""
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="module")
def sandbox(runtime: Path) -> Iterator[Sandbox]:
    """The sandbox that notebooks find in this runtime folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUIXNB_RUNTIME_DIR", str(runtime))
        patch.setenv("JPY_PARENT_PID", str(os.getpid()))  # it ends with this process, however that ends
        running = quixnb.sandbox.shared()
    yield running
    running.stop()


@pytest.fixture
def environment(runtime: Path) -> dict[str, str]:
    """Variables of a process that runs notebooks: those of this test, in which HOME is empty."""
    places = {"QUIXNB_RUNTIME_DIR": runtime, "MPLCONFIGDIR": runtime / "matplotlib"}
    path = os.pathsep.join(map(str, (ROOT, ROOT / "notebooks")))
    return {**os.environ, **{name: str(place) for name, place in places.items()}, "PYTHONPATH": path}


def cells_of(notebook: Path, kind: str = "code") -> list[Cell]:
    cells: list[Cell] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def copy_of(notebook: Path, to: Path, *, without: str, before: str, insert: str) -> Path:
    """A copy of `notebook` without the cell that has one text in it, and with one more before that with another."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] != "code" or without not in "".join(cell["source"])]
    [at] = [at for at, cell in enumerate(cells) if before in "".join(cell["source"])]
    cells.insert(at, {**cells[at], "id": "added-by-a-test", "source": [insert]})
    to.write_text(json.dumps({**content, "cells": cells}), encoding="utf-8")
    return to


def test_there_is_a_quickstart() -> None:
    assert QUICKSTART in NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))

    assert [cell["outputs"] for cell in cells_of(notebook) if cell["outputs"]] == []
    assert {cell["execution_count"] for cell in cells_of(notebook)} == {None}
    assert "widgets" not in content["metadata"]


@pytest.mark.kernel
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_and_leaves_no_secret(
    notebook: Path, sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    before = notebook.read_bytes()
    executed = tmp_path / "executed.ipynb"

    command = [sys.executable, "-c", EXECUTE, str(notebook), str(executed)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    found = re.fullmatch(LAST_LINE, done.stdout.splitlines()[-1])
    assert found
    assert int(found[1]) > 1000
    assert found[2].startswith(f"{sandbox.environments['dev'].id}-")
    assert notebook.read_bytes() == before
    assert "widgets" not in json.loads(executed.read_text(encoding="utf-8"))["metadata"]
    secrets = Secrets([token.reveal() for token in tokens(sandbox)])
    assert list(leaks.in_files([executed], secrets)) == []
    assert list(leaks.in_text(done.stdout + done.stderr, "what it printed", secrets)) == []


@pytest.mark.kernel
def test_running_a_notebook_whose_rows_differ_fails_and_does_not_claim_success(
    sandbox: Sandbox, environment: dict[str, str], tmp_path: Path
) -> None:
    change = "import pandas as pd\nback.loc[1000, 'temp_max'] += 0.1"
    copy = tmp_path / "copy.ipynb"
    copy_of(QUICKSTART, copy, without="psutil", before="assert_frame_equal", insert=change)

    command = [sys.executable, str(ROOT / "notebooks" / "run.py"), str(copy)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "AssertionError" in done.stderr
    assert "identical" not in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(rain=[0.1, 0.2, 0.3 + 1e-9]),
        lambda frame: frame.astype({"rain": "float32"}),
        lambda frame: frame.astype({"days": "float64"}),
        lambda frame: frame.assign(timestamp=frame.timestamp.astype("datetime64[us, UTC]")),
        lambda frame: frame[::-1],
        lambda frame: frame.head(2),
        lambda frame: frame[["timestamp", "days", "rain"]],
    ],
    ids=["value", "width", "type", "resolution", "order", "count", "columns"],
)
def test_the_comparison_of_the_quickstart_sees_every_difference(change: Any) -> None:
    [comparison] = [
        "".join(cell["source"]) for cell in cells_of(QUICKSTART) if "assert_frame" in "".join(cell["source"])
    ]
    times = pd.date_range("2026-01-01", periods=3, tz="UTC", unit="ns")
    weather = pd.DataFrame({"timestamp": times, "rain": [0.1, 0.2, 0.3], "days": [1, 2, 3]})
    names = {"pd": pd, "weather": weather, "report": SimpleNamespace(rows_delivered=3, topic_id="t")}

    exec(comparison, {**names, "back": weather.copy()})
    with pytest.raises(AssertionError):
        exec(comparison, {**names, "back": change(weather)})
