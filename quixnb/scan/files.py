"""Which files of a folder are looked at: what git tracks or would track, no images and the like, no links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from quixnb.scan.contents import ARCHIVES
from quixnb.scan.git import GitFailed, git
from quixnb.scan.ignored import Ignored

_NEVER = {".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"}
# Kinds that hold no text; all others are looked into.
_BINARY = {
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".bmp",
    ".ico",
    ".tif",
    ".tiff",
    ".webp",
    ".pdf",
    ".mp3",
    ".mp4",
    ".avi",
    ".mov",
    ".ogg",
    ".wav",
    ".flac",
    ".zip",
    ".whl",
    ".jar",
    ".kmz",
    ".7z",
    ".bz2",
    ".xz",
    ".zst",
    ".tar",
    ".rar",
    ".parquet",
    ".feather",
    ".arrow",
    ".npy",
    ".npz",
    ".h5",
    ".hdf5",
    ".so",
    ".dll",
    ".dylib",
    ".exe",
    ".o",
    ".a",
    ".pyc",
    ".pyd",
    ".class",
    ".woff",
    ".woff2",
    ".ttf",
    ".otf",
    ".eot",
    ".xlsx",
    ".docx",
    ".pptx",
}


class File(NamedTuple):
    """A file to look at, and what it is called in the report: the path as given, and what is below it."""

    path: Path
    name: str


def files(given: Path, *, archives: bool = False) -> Iterator[File]:
    """The files at or below `given`; a file that is named itself is looked at whatever its kind."""
    if not given.is_dir():
        yield File(given, str(given))
        return
    listed = _by_git(given)
    for path in _by_walking(given, _above(given)) if listed is None else listed:
        if _is_looked_at(path, archives=archives):
            yield File(path, str(path))


def is_binary_kind(path: Path) -> bool:
    """Whether files with such a name hold no text."""
    return path.suffix.lower() in _BINARY


def _is_looked_at(path: Path, *, archives: bool) -> bool:
    if is_binary_kind(path) and not (archives and path.suffix.lower() in ARCHIVES):
        return False
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False  # git tracks it, and it was deleted
    except OSError:
        return True  # it is looked at, and then reported as what cannot be read
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # a folder that cannot be opened is reported, too


def _by_git(folder: Path) -> list[Path] | None:
    """What git tracks and what it would; None where there is no work tree, or no git."""
    try:
        listed = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except GitFailed:
        return None
    if not listed and _is_ignored(folder):
        return None  # a folder that git ignores, but that was named
    names = sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})
    found: list[Path] = []
    for name in names:
        path = folder / name
        if os.path.isdir(path) and not os.path.islink(path):  # another repository inside this one
            found.extend(_by_git(path) or _by_walking(path, None))
        elif not _has_link(folder, name):
            found.append(path)
    return found


def _is_ignored(folder: Path) -> bool:
    try:
        git(folder, "check-ignore", "--quiet", ".")
    except GitFailed:
        return False
    return True


def _has_link(folder: Path, name: str) -> bool:
    """Whether the way to a file leads over a link below `folder`."""
    return any(os.path.islink(folder / parent) for parent in Path(name).parents if parent.parts)


def _by_walking(folder: Path, above: Ignored | None) -> Iterator[Path]:
    ignored = Ignored(folder.absolute(), above)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        path = folder / entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.is_symlink() or ignored.hides(path.absolute(), is_folder=is_folder):
            continue
        if is_folder and entry.name not in _NEVER:
            yield from _by_walking(path, ignored)
        elif not is_folder:
            yield path


def _above(folder: Path) -> Ignored | None:
    """The rules of the folders above, up to the one that is a repository; none outside a repository."""
    parents = [folder.absolute(), *folder.absolute().parents]
    root = next((number for number, each in enumerate(parents) if os.path.exists(each / ".git")), 0)
    scope: Ignored | None = None
    for each in reversed(parents[1 : root + 1]):
        scope = Ignored(each, scope)
    return scope
