"""Takes tokens out of what has been stored already: place after place, each with what became of it."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from IPython.core.interactiveshell import InteractiveShell

from quixnb.guard import scrub_collaboration, scrub_database, scrub_files, scrub_memory

_log = logging.getLogger(__name__)


class Scrubbed(NamedTuple):
    """What became of one place.

    Attributes
    ----------
    place
        For people: `this kernel's history`, a file's path.
    texts
        How many texts in it were cleaned; None if it could not be looked at.
    says
        Why it could not be, or what else there is to know; else empty.
    """

    place: str
    texts: int | None
    says: str = ""


Step = Callable[[], Iterator[Scrubbed]]


def scrub(shell: InteractiveShell, folder: Path) -> list[Scrubbed]:
    """Clean all places in which tokens are known to be left; one that fails stops no other.

    Parameters
    ----------
    shell
        Whose history is cleaned.
    folder
        Below it, checkpoints and copies for language servers are cleaned; in it and in those around it, the store of
        real-time collaboration.
    """
    steps: dict[str, Step] = {
        "this kernel's history": lambda: _memory(shell),
        "IPython's history database": lambda: _database(shell),
        "the debugger's copies of cells": _dumps,
        f"checkpoints below {folder}": lambda: _copies(folder),
        **{str(file): partial(_shell, file) for file in scrub_files.histories_of_shells(Path.home())},
        "real-time collaboration's store": lambda: _collaboration(folder),
    }
    return [each for place, step in steps.items() for each in _contained(place, step)]


def _contained(place: str, step: Step) -> list[Scrubbed]:
    try:
        return list(step())
    except Exception as exc:
        # One place that cannot be cleaned is no reason to leave the others; the type alone, as everywhere.
        _log.debug("%s could not be scrubbed: %s", place, type(exc).__name__)
        return [Scrubbed(place, None, f"could not be cleaned ({type(exc).__name__})")]


def _memory(shell: InteractiveShell) -> Iterator[Scrubbed]:
    yield Scrubbed("this kernel's history", scrub_memory.scrub(shell), "In, _i, %history, tracebacks' sources")


def _database(shell: InteractiveShell) -> Iterator[Scrubbed]:
    yield Scrubbed(*scrub_database.scrub(shell))


def _dumps() -> Iterator[Scrubbed]:
    folders = filter(_is_mine, Path(tempfile.gettempdir()).glob("ipykernel_*"))
    files = [file for folder in folders for file in folder.glob("*.py")]
    count, left = _files(files, scrub_files.scrub_text)
    yield Scrubbed("the debugger's copies of cells", count, f"{tempfile.gettempdir()}/ipykernel_*{left}")


def _copies(folder: Path) -> Iterator[Scrubbed]:
    files = list(scrub_files.copies_below(folder))
    count, left = _files(files, scrub_files.scrub_document)
    says = f"{len(files)} looked at, jupyterlab-lsp's copies among them{left}"
    yield Scrubbed(f"checkpoints below {folder}", count, says)


def _files(files: list[Path], scrub_file: Callable[[Path], int]) -> tuple[int, str]:
    """How many changed, and, in words, how many could not be read or written."""
    count = failed = 0
    for file in files:
        try:
            count += scrub_file(file)
        except OSError:
            failed += 1
    return count, f", {failed} could not be read or written" if failed else ""


def _shell(file: Path) -> Iterator[Scrubbed]:
    cleaned = scrub_files.scrub_history(file)
    yield Scrubbed(str(file), cleaned, "an open terminal adds its own commands when it ends" if cleaned else "")


def _collaboration(folder: Path) -> Iterator[Scrubbed]:
    # It is where the server was started, and a kernel runs in its notebook's folder, somewhere below.
    for file in (each / scrub_collaboration.NAME for each in (folder, *folder.parents)):
        if file.is_file():
            yield Scrubbed(str(file), *scrub_collaboration.scrub(file))


def _is_mine(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
