"""Takes what was deleted out of the store of jupyter-collaboration, which keeps every edit of every document."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

NAME = ".jupyter_ystore.db"
_COMMAND = "ipython --ext quixnb -c '%quix_scrub'"
_WAIT_S = 1.0


def scrub(file: Path) -> tuple[int | None, str]:
    """Replace each document's edits by its present state; returns how many documents, and what there is to say.

    The server that writes the store must have ended: it would not notice, and write on.
    """
    if server := _server_of(file):
        return None, f"left as it is: the Jupyter Server of {server} uses it; stop that, then run here: {_COMMAND}"
    try:
        pycrdt = import_module("pycrdt")
    except ImportError:
        return None, "left as it is: pycrdt is missing here (or delete the file: it holds the undo history alone)"
    try:
        with closing(sqlite3.connect(file, timeout=_WAIT_S)) as database:
            count = _squash(database, pycrdt)
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:
        return None, "left as it is: something has it open"
    return count, "documents without their past; what is still in one, remove in the notebook first"


def _squash(database: sqlite3.Connection, pycrdt: Any) -> int:
    database.execute("PRAGMA secure_delete = ON")
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    with database:
        paths = [path for (path,) in database.execute("SELECT DISTINCT path FROM yupdates")]
        for path in paths:
            rows = database.execute("SELECT yupdate, metadata, timestamp FROM yupdates WHERE path = ?", (path,))
            updates = sorted(rows.fetchall(), key=lambda row: row[2])
            document = pycrdt.Doc()
            for update, *_ in updates:
                document.apply_update(update)
            database.execute("DELETE FROM yupdates WHERE path = ?", (path,))
            values = (path, document.get_update(), *updates[-1][1:])
            database.execute("INSERT INTO yupdates (path, yupdate, metadata, timestamp) VALUES (?, ?, ?, ?)", values)
        if "ycheckpoints" in tables:
            # Copies of a document as it was at some time, for opening it sooner; the store makes them again.
            database.execute("DELETE FROM ycheckpoints")
    return len(paths)


def _server_of(file: Path) -> str | None:
    """The folder that a running server serves which writes this store; None if there is none."""
    for about in _servers():
        root, pid = about.get("root_dir"), about.get("pid")
        if root and _is_alive(pid) and file.parent.resolve() in (Path(root).resolve(), _working_folder(pid)):
            return str(root)
    return None


def _working_folder(pid: Any) -> Path | None:
    """Where a process was started, and where a server therefore keeps the store; None if that is not to be known."""
    try:
        psutil = import_module("psutil")  # ipykernel brings it
        return Path(psutil.Process(int(pid)).cwd()).resolve()
    except Exception:  # psutil is missing, or the process is gone or somebody else's
        return None


def _servers() -> Iterator[dict[str, Any]]:
    try:
        folder = Path(import_module("jupyter_core.paths").jupyter_runtime_dir())
    except ImportError:
        return
    for file in folder.glob("jpserver-*.json"):
        with suppress(OSError, ValueError):
            yield json.loads(file.read_text(encoding="utf-8"))


def _is_alive(pid: Any) -> bool:
    try:
        os.kill(int(pid), 0)
    except (TypeError, ValueError, ProcessLookupError):
        return False
    except OSError:
        return True  # it is, and somebody else's
    return True
