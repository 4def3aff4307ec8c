"""Where a sandbox keeps its state: folders that only their owner may open, and a lock between processes."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from quixnb import files
from quixnb.errors import SandboxError

OWN_PREFIX = "quixnb-sandbox-"
OWN_STATE = "sandbox.json"


def shared_state() -> Path:
    """Return the state file of the user's shared sandbox on this host, whether it is there or not."""
    # Home folders may be shared between hosts; 127.0.0.1 and process IDs are not.
    host = re.sub(r"[^\w.-]", "_", socket.gethostname())
    return _runtime_folder() / "sandbox" / f"{host}.json"


def new_own_state() -> Path:
    """Make a folder (0700) for a sandbox that one process has to itself; return its state file's path."""
    return Path(tempfile.mkdtemp(prefix=OWN_PREFIX)) / OWN_STATE


def own_folders() -> list[Path]:
    """List the user's folders of sandboxes that one process has, or had, to itself."""
    return [path for path in Path(tempfile.gettempdir()).glob(f"{OWN_PREFIX}*") if _is_private(path)]


def make_private(folder: Path) -> None:
    """Make `folder` with mode 0700, or check that it is private.

    Raises
    ------
    SandboxError
        It cannot be made, or is there and open to others. It is not closed by force: it may not be quixnb's.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    except OSError as error:
        raise SandboxError(
            f"The sandbox cannot keep its state in {folder}.",
            cause=error.strerror or "",
            fix="Set QUIXNB_RUNTIME_DIR to a folder that you can write to.",
        ) from None
    if not _is_private(folder):
        raise SandboxError(
            f"The sandbox does not keep its tokens in {folder}.",
            cause="Others may open that folder.",
            fix=f"chmod 700 '{folder}', or set QUIXNB_RUNTIME_DIR to a folder of your own.",
        )


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the lock that goes with `state`; waits while another process holds it. Leaves nothing behind."""
    make_private(state.parent)
    try:
        with files.locked(state, make_private):
            yield
    finally:
        # The folder goes with the last file in it.
        with suppress(OSError):
            state.parent.rmdir()


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return folder.is_dir()
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _runtime_folder() -> Path:
    if chosen := os.environ.get("QUIXNB_RUNTIME_DIR"):
        return Path(chosen).expanduser()
    session = os.environ.get("XDG_RUNTIME_DIR")
    # After `su` and in containers the variable often names a folder that is another user's, or not there.
    if session and sys.platform != "win32" and _is_private(Path(session)):
        return Path(session) / "quixnb"
    return _data_folder() / "quixnb" / "runtime"


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
