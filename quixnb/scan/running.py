"""One scan: which files, in how many processes, what is silenced, what could not be read."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from quixnb.scan.contents import search_file
from quixnb.scan.files import File, files
from quixnb.scan.found import Found, found_in_name

# Below this a second process costs more than it saves; bytes in all files.
_WORTH_PROCESSES = 48 * 2**20
_PROCESSES = 2


@dataclass(slots=True)
class Outcome:
    """What a scan found.

    Attributes
    ----------
    found
        Tokens, in the files' order.
    unreadable
        Files that could not be read, and why.
    file_count
        How many files were looked at.
    """

    found: list[Found] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    file_count: int = 0


def scan(paths: Iterable[str | Path], *, archives: bool = False, known: Sequence[str] = ()) -> Outcome:
    """Look for tokens in files and folders.

    Parameters
    ----------
    paths
        Files, which are looked at whatever they are, and folders, of which git's ignored files are left out.
    archives
        Whether to look into zip files and wheels.
    known
        Secrets to look for whatever they look like. They stay in this process: with any, there is no second one.
    """
    every = list(dict.fromkeys(chain.from_iterable(files(Path(path), archives=archives) for path in paths)))
    outcome, names = Outcome(), set[str]()
    for file, (found_in_file, problem) in zip(every, _results(every, archives, known), strict=True):
        outcome.found.extend(found_in_name(file.name, names, known))
        outcome.found.extend(found_in_file)
        outcome.unreadable.extend([problem] if problem else [])
        outcome.file_count += problem is None
    return outcome


_Result = tuple[list[Found], str | None]


def _results(every: Sequence[File], archives: bool, known: Sequence[str]) -> Iterator[_Result]:
    if known or len(every) < 2 or (os.cpu_count() or 1) < 2 or _is_small(every):
        yield from (_search(file, archives, known) for file in every)
        return
    from concurrent.futures import ProcessPoolExecutor  # takes a fifth of a small scan's start

    with ProcessPoolExecutor(_PROCESSES, initializer=_end_at_interrupt) as pool:
        yield from pool.map(_search, every, [archives] * len(every), chunksize=max(1, min(32, len(every) // 8)))


def _end_at_interrupt() -> None:
    """A Ctrl-C in a terminal reaches each process; this one has nothing to say to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _is_small(every: Sequence[File]) -> bool:
    total = 0
    for file in every:
        try:
            total += file.path.stat().st_size
        except OSError:
            continue
        if total > _WORTH_PROCESSES:
            return False
    return True


def _search(file: File, archives: bool, known: Sequence[str] = ()) -> _Result:
    found: list[Found] = []
    try:
        for each in search_file(file.path, file.name, archives=archives, known=known):
            found.append(each)  # not all at once: what was found before an error counts
    except OSError as exc:
        return found, f"{file.name}: {exc.strerror or exc}"
    return found, None
