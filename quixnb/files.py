"""Files that are replaced in one step, and those that several processes change, under a lock."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def replace(file: Path, content: bytes, *, mode: int) -> None:
    """Put `content` into `file` in one step, in a folder that is there; nobody reads half of it.

    Parameters
    ----------
    mode
        Permissions of the new file from its first moment on, less the process's umask.

    Raises
    ------
    OSError
        It cannot be written; the old file is as it was.
    """
    file = file.resolve()  # a link stays a link
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        fresh.replace(file)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def rewrite(path: Path, data: bytes) -> None:
    """Put `data` into a file that is there, in one step, with its permissions, attributes and owner.

    A file that has other names, or an owner that the new one cannot have, is written in its place: under the other
    names the old content would stay. What is to be written then stands beside it until all of it is there.

    Raises
    ------
    OSError
        It cannot be written.
    """
    target = Path(os.path.realpath(path))
    number, name = tempfile.mkstemp(prefix=f".{target.name}-"[:100], dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.stat().st_nlink == 1 and _is_like(Path(name), target):
            os.replace(name, target)
            return
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _write_in_place(target, data)
    Path(name).unlink()


def _is_like(new: Path, target: Path) -> bool:
    """Give a new file the other's permissions, attributes and owner; whether it has them."""
    about = target.stat()
    with suppress(OSError, AttributeError):  # there are no owners on Windows
        os.chown(new, about.st_uid, about.st_gid)
    shutil.copystat(target, new)
    os.utime(new)
    made = new.stat()
    return (made.st_uid, made.st_gid, made.st_mode) == (about.st_uid, about.st_gid, about.st_mode)


def _write_in_place(target: Path, data: bytes) -> None:
    with target.open("r+b") as file:
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def locked(file: Path, make_folder: Callable[[Path], None]) -> Iterator[None]:
    """Hold the lock that goes with `file`; waits while another process or thread holds it. Leaves nothing behind.

    Parameters
    ----------
    make_folder
        Makes the folder of `file`, or checks it; called again if somebody deletes it meanwhile.

    Raises
    ------
    OSError
        The folder cannot be written to, or its file system knows no locks.
    """
    path = file.resolve().with_suffix(".lock")
    descriptor = _lock(path, make_folder)
    try:
        yield
    finally:
        # Windows does not delete a file that is open; there it stays, empty.
        with suppress(PermissionError, FileNotFoundError):
            path.unlink()
        os.close(descriptor)


def _lock(path: Path, make_folder: Callable[[Path], None]) -> int:
    while True:
        make_folder(path.parent)
        with suppress(FileNotFoundError):
            # A file, not the folder: over NFS only what is open for writing can be locked.
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if _wait_for(descriptor, path):
                return descriptor
            os.close(descriptor)


def _wait_for(descriptor: int, path: Path) -> bool:
    try:
        _lock_descriptor(descriptor)
        # Who held it before has deleted it when done: then this is a lock on a file that nobody else will find.
        return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
    except BaseException:
        os.close(descriptor)
        raise


def _lock_descriptor(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
