"""Tokens in git's past: every version of every file that any branch has, and every commit's message."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, NamedTuple

from quixnb.detect import find_tokens
from quixnb.errors import QuixnbError
from quixnb.notebook import Leaf
from quixnb.scan.contents import HUGE, search_bytes
from quixnb.scan.files import is_binary_kind
from quixnb.scan.found import Found, found


class NoHistory(QuixnbError):
    """There is no git, or the folder is in no repository."""


class Version(NamedTuple):
    """One version of a file, and its first name."""

    blob: str
    name: str


def search_history(folder: Path) -> Iterator[Found]:
    """Tokens in the past of the repository that `folder` is in, each version of a file once.

    Raises
    ------
    NoHistory
        There is no git, or no repository.
    """
    root = Path(_git(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").strip())
    for version, data in _contents(root, _versions(root)):
        tokens = list(search_bytes(data, version.name))
        commit = _commit(root, version) if tokens else None
        yield from (replace(each, commit=commit) for each in tokens)
    yield from _messages(root)


def contents_of(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """What git calls by these names (`:path` for what is staged), and the bytes of each."""
    command = ["git", "-C", str(folder), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        for name in names:
            process.stdin.write(os.fsencode(name) + b"\n")
            process.stdin.flush()
            data = _object(process.stdout)
            if data is not None:
                yield name, data
        process.stdin.close()


def _object(stream: IO[bytes]) -> bytes | None:
    head = stream.readline().split()
    if len(head) < 3 or not head[-1].isdigit():
        return None
    size = int(head[-1])
    if head[-2] != b"blob" or size > HUGE:
        _skip(stream, size + 1)
        return None
    return stream.read(size + 1)[:-1]


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(stream.read(min(size, 1 << 20))) or size


def _contents(root: Path, versions: Iterable[Version]) -> Iterator[tuple[Version, bytes]]:
    by_blob = {version.blob: version for version in versions}
    for blob, data in contents_of(root, by_blob):
        yield by_blob[blob], data


def _versions(root: Path) -> Iterator[Version]:
    """Each object that has a file's name, of all branches, tags and the stash."""
    for line in _git(root, "rev-list", "--all", "--objects").splitlines():
        blob, _, name = line.decode("utf-8", "surrogateescape").partition(" ")
        if name and not is_binary_kind(Path(name)):
            yield Version(blob, name)


def _commit(root: Path, version: Version) -> str | None:
    """The first commit that has this version of the file."""
    log = ("log", "--all", "--format=%H", "--reverse", f"--find-object={version.blob}")
    return next(iter(_git(root, *log).decode().split()), None)


def _messages(root: Path) -> Iterator[Found]:
    for entry in _git(root, "log", "--all", "-z", "--format=%H%n%B").split(b"\0"):
        commit, _, message = entry.decode("utf-8", "replace").partition("\n")
        leaf = Leaf("", message, None)
        for finding in find_tokens(message):
            yield replace(found("the commit's message", leaf, finding), commit=commit)


def _git(folder: Path, *arguments: str) -> bytes:
    place = folder if folder.is_dir() else folder.parent
    try:
        return subprocess.run(["git", "-C", str(place), *arguments], capture_output=True, check=True).stdout  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        raise NoHistory(
            f"'{place}' has no past to look through.",
            cause="It is in no git repository, or git is not installed.",
            fix="Leave --history out to scan the files as they are.",
        ) from None
