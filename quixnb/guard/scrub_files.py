"""Takes tokens out of files that were left beside notebooks, each replaced as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from quixnb import files
from quixnb.guard.clean import clean_text
from quixnb.server import documents

# Checkpoints, and what jupyterlab-lsp lets language servers read: the cells of a notebook, under the notebook's name.
_COPIES = {".ipynb_checkpoints", ".virtual_documents"}
_NEVER = {".git", ".venv", "node_modules"}
# Below HOME: what was typed in a terminal, or in plain Python.
_HISTORIES = (
    ".bash_history",
    ".zsh_history",
    ".zhistory",
    ".history",
    ".local/share/fish/fish_history",
    ".python_history",
    "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
)


def copies_below(folder: Path) -> Iterator[Path]:
    """Files in the folders where Jupyter keeps copies of notebooks; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NEVER]
        if not _COPIES.isdisjoint(Path(parent).relative_to(folder.parent).parts):
            yield from (file for name in names if not (file := Path(parent, name)).is_symlink())


def histories_of_shells(home: Path) -> Iterator[Path]:
    """Those that there are."""
    yield from (file for name in _HISTORIES if (file := home / name).is_file())


def scrub_history(file: Path) -> int:
    """Clean what a shell has remembered, whatever the encoding of its commands; 1 if it changed, else 0."""
    # A link may have been put there to keep the history elsewhere: that file is replaced, not the link.
    return _scrub(file.resolve(), clean_text, errors="surrogateescape")


def scrub_text(file: Path) -> int:
    """Clean a text file; 1 if it changed, else 0."""
    return _scrub(file, clean_text)


def scrub_document(file: Path) -> int:
    """Clean a notebook in all its texts, or another file as one text; 1 if it changed, else 0."""
    return _scrub(file, _cleaned_notebook if file.suffix == ".ipynb" else clean_text)


def _scrub(file: Path, clean: Callable[[str], str], *, errors: str = "strict") -> int:
    try:
        # Not read_text(): that would make all line breaks those of this system.
        text = file.read_bytes().decode("utf-8", errors)
    except UnicodeDecodeError:
        return 0  # not a text
    result = clean(text)
    if result == text:
        return 0
    files.rewrite(file, result.encode("utf-8", errors))
    return 1


def _cleaned_notebook(text: str) -> str:
    notebook = documents.read(text, is_notebook_file=True)
    clean = documents.cleaned(notebook, clean_text, sources=True)
    return text if clean == notebook else documents.written(clean)
