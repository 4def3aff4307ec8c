"""Files that only their owner may read: where they are, and how they are replaced in one step."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from quixnb import files


def data_folder() -> Path:
    """The folder of what quixnb keeps for its user: `$QUIXNB_DATA_DIR`, else `quixnb` in the platform's data folder.

    Not the folder of the profiles: those may be shared and committed, and what is here may not.
    """
    if chosen := os.environ.get("QUIXNB_DATA_DIR", "").strip():
        return Path(os.path.expanduser(chosen))
    home = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "quixnb"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "quixnb"
    # The XDG specification says to ignore a relative path.
    chosen_data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (chosen_data if chosen_data.is_absolute() else home / ".local" / "share") / "quixnb"


def is_private(file: Path) -> bool:
    """Whether nobody but the user may read `file`; where permissions are not Unix's, the folder's own are trusted."""
    if sys.platform == "win32":
        return True
    status = file.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def exposure(file: Path) -> str:
    """Why `file` is not used for tokens, as a sentence; empty if nobody but the user may read it."""
    if is_private(file):
        return ""
    if file.stat().st_uid != os.geteuid():
        return f"{file} belongs to another user, so it is not used."
    return f"Others may read {file}, so it is not used: chmod 600 '{file}', and rotate what is in it."


def replace(file: Path, content: bytes) -> None:
    """Put `content` into `file` in one step; no other user can read it at any moment.

    Raises
    ------
    OSError
        It cannot be written; the old file is as it was.
    """
    _make_folder(file.resolve().parent)
    files.replace(file, content, mode=0o600)


def locked(file: Path) -> AbstractContextManager[None]:
    """Hold the lock that goes with `file`; waits while another process holds it.

    Raises
    ------
    OSError
        The folder cannot be written to, or its file system knows no locks.
    """
    return files.locked(file, _make_folder)


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
