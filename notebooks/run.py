"""Run notebooks from top to bottom in a real kernel, as "Run All" does, and print what the last cell of each printed.

    python notebooks/run.py notebooks/01-quickstart.ipynb …

The exit status is 0 only if every cell of every notebook ran without an error. Nothing is written: not to the
notebook, nor to the history of your own IPython.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def run(path: Path) -> nbformat.NotebookNode:
    """Execute a notebook in its own folder; returns it with its outputs.

    Raises
    ------
    CellExecutionError
        A cell raised.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="quixnb-ipython-") as ipython:
        env = {**os.environ, "IPYTHONDIR": ipython, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],  # ipykernel warns of TCP at every start, on loopback too
            resources={"metadata": {"path": str(path.parent)}},
        )
        client.execute(env=env)
    return notebook


def last_text(notebook: nbformat.NotebookNode) -> str:
    """What the last cell with text output printed."""
    texts = [
        "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    return next((text.rstrip() for text in reversed(texts) if text.strip()), "")


def main(arguments: list[str]) -> int:
    """Run the notebooks named; returns the exit status."""
    for argument in arguments:
        try:
            print(last_text(run(Path(argument))))
        except CellExecutionError as error:
            print(f"{argument}: a cell failed\n{error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
