"""Notebooks with a token, put through the tools that people put notebooks through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.search import planted

# nbconvert, in a process of its own: its imports take seconds, and warn.
_CONVERT = """
import sys
from pathlib import Path
import nbformat
from nbconvert import HTMLExporter, MarkdownExporter, NotebookExporter, ScriptExporter, SlidesExporter
from traitlets.config import Config

notebook, folder = nbformat.read("a.ipynb", 4), Path(sys.argv[1])
CLEAR, METADATA = "nbconvert.preprocessors.ClearOutputPreprocessor", "nbconvert.preprocessors.ClearMetadataPreprocessor"
no_input = {"TemplateExporter": {"exclude_input": True}}
WAYS = {
    "html.html": (HTMLExporter, {}, []),
    "markdown.md": (MarkdownExporter, {}, []),
    "slides.html": (SlidesExporter, {}, []),
    "no-input.html": (HTMLExporter, no_input, []),
    "no-input-cleared.html": (HTMLExporter, no_input, [CLEAR]),
    "script.py": (ScriptExporter, {}, []),
    "cleared.ipynb": (NotebookExporter, {}, [CLEAR]),
    "all-cleared.ipynb": (NotebookExporter, {}, [CLEAR, METADATA]),
}
for name, (exporter, settings, preprocessors) in WAYS.items():
    config = Config(settings)
    config.Exporter.preprocessors = preprocessors
    text, _ = exporter(config=config).from_notebook_node(notebook)
    (folder / name).write_text(text, encoding="utf-8")
"""


def converted(notebook: dict[str, Any], folder: Path) -> Path:
    """The folder with all that nbconvert makes of a notebook."""
    (planted(folder) / "exports").mkdir(parents=True)
    (folder / "a.ipynb").write_text(json.dumps(notebook))
    subprocess.run([sys.executable, "-c", _CONVERT, "exports"], cwd=folder, check=True, capture_output=True)
    return folder / "exports"


_EXECUTE = """
import logging
import nbformat
from nbclient import NotebookClient
logging.basicConfig(level="DEBUG", filename="debug.log")
notebook = nbformat.read("a.ipynb", 4)
NotebookClient(notebook, kernel_name="python3", store_widget_state=True).execute()
nbformat.write(notebook, "executed.ipynb")
"""


def executed(notebook: dict[str, Any], folder: Path) -> Path:
    """The folder with the notebook as nbclient leaves it, `executed.ipynb`, and with its log at level DEBUG."""
    planted(folder).mkdir()
    (folder / "a.ipynb").write_text(json.dumps(notebook))
    subprocess.run([sys.executable, "-c", _EXECUTE], cwd=folder, check=True, capture_output=True)
    return folder


def run(folder: Path, *command: str | Path) -> str:
    """Run a tool in a folder in which it leaves a token; what it says."""
    done = subprocess.run(
        [str(each) for each in command], cwd=planted(folder), check=True, capture_output=True, text=True
    )
    return done.stdout + done.stderr
