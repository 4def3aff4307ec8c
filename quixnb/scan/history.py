"""Tokens in git's past: every version of every file, their names, and the messages of commits and tags."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from quixnb.detect import find_tokens
from quixnb.errors import QuixnbError
from quixnb.notebook import Leaf
from quixnb.redact import redact
from quixnb.scan.contents import HUGE, search_bytes
from quixnb.scan.files import is_binary_kind
from quixnb.scan.found import Found, found, found_in_name
from quixnb.scan.git import GitFailed, git

# Also what only the reflog remembers: an amended commit, an older stash.
_ALL = ("--all", "--reflog")


class NoHistory(QuixnbError):
    """There is no git, or the folder is in no repository."""


def search_histories(paths: Iterable[str | Path], known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in the pasts of the repositories that `paths` are in, each repository once.

    Raises
    ------
    NoHistory
        There is no git, or one of them is in no repository.
    """
    folders: dict[Path, Path] = {}
    for path in map(Path, paths):
        folder = path if path.is_dir() else path.parent
        common = os.fsdecode(_git(folder, "rev-parse", "--git-common-dir").removesuffix(b"\n"))
        folders.setdefault((folder / common).resolve(), folder)
    for folder in folders.values():
        yield from search_history(folder, known)


def search_history(folder: Path, known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in the past of the repository that `folder` is in, each with the first commit whose file has it.

    Parameters
    ----------
    known
        Secrets to look for whatever they look like.

    Raises
    ------
    NoHistory
        There is no git, or no repository.
    """
    if _git(folder, "rev-parse", "--is-shallow-repository") == b"true\n":
        print("This clone is shallow: what is before its first commit is not searched.", file=sys.stderr)
    names = dict(_objects(folder))
    tokens: dict[str, list[Found]] = {}
    wanted = (blob for blob, name in names.items() if not is_binary_kind(Path(name)))
    for blob, data in contents_of(folder, wanted):
        if in_file := list(search_bytes(data, names[blob], known)):
            tokens[blob] = in_file
    seen: set[str] = set()
    reported: set[tuple[str, str]] = set()
    for commit, blob, name in _changes(folder):
        yield from (replace(each, commit=commit) for each in found_in_name(name, seen, known))
        new = [each for each in tokens.pop(blob, []) if (name, each.fingerprint) not in reported]
        yield from (replace(each, path=redact(name), commit=commit) for each in new)
        reported.update((name, each.fingerprint) for each in new)
    for in_file in tokens.values():  # a tag's own, which no commit has
        yield from in_file
    yield from _messages(folder, known)


def contents_of(folder: Path, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of objects, which are given by their hash; those that are no files, or huge, are left out."""
    command = ["git", "-C", str(folder), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        for blob in blobs:
            process.stdin.write(blob.encode() + b"\n")
            process.stdin.flush()
            data = _object(process.stdout)
            if data is not None:
                yield blob, data
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


def _objects(folder: Path) -> Iterator[tuple[str, str]]:
    """Each object that has a file's or folder's name, of all branches, tags and the stash; and one of its names."""
    for line in _git(folder, "rev-list", *_ALL, "--objects").splitlines():
        blob, _, name = line.decode("utf-8", "surrogateescape").partition(" ")
        if name:
            yield blob, name


def _changes(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Commit, object and name of each file that a commit brings or changes, merges included; parents come first."""
    form = ("--format=%x00%H", "--raw", "-z", "--root", "-m", "--no-renames", "--no-abbrev")
    fields = iter(_git(folder, "log", *_ALL, "--topo-order", "--reverse", *form).split(b"\0"))
    commit = ""
    for field in fields:
        head = field.lstrip(b"\n")
        if head.startswith(b":"):
            yield commit, head.split()[3].decode(), os.fsdecode(next(fields))
        elif head:
            commit = head.decode()


def _messages(folder: Path, known: Sequence[str]) -> Iterator[Found]:
    for entry in _git(folder, "log", *_ALL, "-z", "--format=%H%n%B").split(b"\0"):
        yield from _in_message("the commit's message", entry, known)
    tags = _git(
        folder,
        "for-each-ref",
        "refs/tags",
        "--format=%(if:equals=tag)%(objecttype)%(then)%(objectname)%0a%(contents)%(end)%00",
    )
    for entry in tags.split(b"\0"):
        yield from _in_message("the tag's message", entry.removeprefix(b"\n"), known)


def _in_message(name: str, entry: bytes, known: Sequence[str]) -> Iterator[Found]:
    object_name, _, message = entry.decode("utf-8", "replace").partition("\n")
    for finding in find_tokens(message, known):
        yield replace(found(name, Leaf("", message, None), finding), commit=object_name)


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        return git(folder, *arguments)
    except GitFailed as exc:
        raise NoHistory(
            f"'{folder}' has no past to look through.",
            cause=str(exc),
            fix="Leave --history out to scan the files as they are.",
        ) from None
