"""Takes tokens out of files that were left beside notebooks, each replaced as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from quixnb.guard.clean import clean_text
from quixnb.server import documents

_CHECKPOINTS = ".ipynb_checkpoints"
_NEVER = {".git", ".venv", "node_modules"}


def checkpoints_below(folder: Path) -> Iterator[Path]:
    """Files in folders for checkpoints; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NEVER]
        if Path(parent).name == _CHECKPOINTS:
            yield from (file for name in names if not (file := Path(parent, name)).is_symlink())


def scrub_text(file: Path) -> int:
    """Clean a text file; 1 if it changed, else 0."""
    return _scrub(file, clean_text)


def scrub_document(file: Path) -> int:
    """Clean a notebook in all its texts, or another file as one text; 1 if it changed, else 0."""
    return _scrub(file, _cleaned_notebook if file.suffix == ".ipynb" else clean_text)


def _scrub(file: Path, clean: Callable[[str], str]) -> int:
    try:
        # Not read_text(): that would make all line breaks those of this system.
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return 0  # not a text
    result = clean(text)
    if result == text:
        return 0
    _replace(file, result.encode())
    return 1


def _cleaned_notebook(text: str) -> str:
    notebook = documents.read(text, is_notebook_file=True)
    clean = documents.cleaned(notebook, clean_text, sources=True)
    return text if clean == notebook else documents.written(clean)


def _replace(file: Path, data: bytes) -> None:
    """Write `data` in place of the file, with its mode, in one step."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".quixnb-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        shutil.copymode(file, name)
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
