"""What goes wrong is three lines in the notebook, stops it, and quotes neither the user's cell nor our code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from quixnb.sandbox import Sandbox
from tests.kernel.conftest import FRAME, variables_for
from tests.kernel.notebook import ROOT, Notebook

pytestmark = pytest.mark.kernel

BAD_CELLS = {
    "TopicNotFound": "canary = df\n%quix_publish f1-dta canary",
    "TopicNotFound: in Python": "import quixnb\nquixnb.publish(df, 'f1-dta')  # canary",
    "TopicNotFound: reading": "canary = 'f1-dta'\n%quix_read f1-dta",
    "FrameError": "%%quix_publish f1-data\ncanary = df",
    "FrameError: no times": "%%quix_publish f1-data\ncanary = df.reset_index(drop=True)\ncanary",
    "FrameError: no frame": "%%quix_publish f1-data\ncanary = 42\ncanary",
    "TokenMalformed": "import quixnb\ncanary = quixnb.connect(token='canary')",
    "TokenMissing": "import os\ncanary = 1\n%quix_token --env CANARY",
    "EnvironmentNotFound": "canary = 1\n%quix_use acme-f1-nowhere",
}
# A process of its own, since pytest's stack makes the import of nbformat take seconds.
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
notebook = nbformat.read(sys.argv[1], 4)
try:
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
except CellExecutionError as error:
    notebook.metadata["stopped_by"] = error.ename
nbformat.write(notebook, sys.argv[1])
"""


@pytest.mark.parametrize("name", BAD_CELLS)
def test_an_error_is_three_lines_with_its_own_name_and_no_source_line(connected: Notebook, name: str) -> None:
    outputs = connected.run(BAD_CELLS[name])

    error = outputs.error
    assert outputs.reply["status"] == "error"
    assert outputs.reply["ename"] == error["ename"] == name.partition(":")[0]
    assert len(error["traceback"]) == 3
    assert error["traceback"][0].startswith(f"{error['ename']}: ")
    assert not any("canary =" in line or 'File "' in line or "---->" in line for line in error["traceback"])
    assert "\n".join(error["traceback"]) == f"{error['ename']}: {error['evalue']}"


def test_verbose_tracebacks_do_not_change_that(connected: Notebook) -> None:
    connected.run_well("%xmode Verbose")

    error = connected.run("canary = df\n%quix_publish f1-dta canary").error

    assert len(error["traceback"]) == 3
    connected.run_well("%xmode Context")


def test_an_unknown_option_is_an_error_that_names_the_nearest(connected: Notebook) -> None:
    outputs = connected.run("%quix_read f1-data --limt 3")

    assert outputs.reply["ename"] == "UsageError"
    assert "the nearest is --limit" in outputs.printed + outputs.reply["evalue"]


def test_a_mistake_of_the_users_own_keeps_its_traceback_without_our_frames(connected: Notebook) -> None:
    error = connected.run("%%quix_publish f1-data\nlaps = df\nlaps.speeed").error

    assert error["ename"] == "AttributeError"
    assert ", line 3" in "".join(error["traceback"])
    assert "laps.speeed" in "".join(error["traceback"])
    assert "quixnb/" not in "".join(error["traceback"])


def test_a_scheduled_notebook_stops_at_the_cell_that_fails_and_keeps_three_lines(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sources = [
        "%load_ext quixnb\n%quix_sandbox start",
        FRAME,
        "canary = df\n%quix_publish f1-dta canary",
        "print('on')",
    ]
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**cell, "id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]
    file = tmp_path / "scheduled.ipynb"
    file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))

    variables = {**os.environ, **variables_for(sandbox), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", EXECUTE, str(file)], env=variables, cwd=tmp_path, check=True)

    notebook = json.loads(file.read_text())
    assert notebook["metadata"]["stopped_by"] == "TopicNotFound"
    [output] = notebook["cells"][2]["outputs"]
    assert output["output_type"] == "error"
    assert len(output["traceback"]) == 3
    assert "canary" not in json.dumps(output)
    assert notebook["cells"][3]["outputs"] == []
    assert "widgets" not in notebook["metadata"]
