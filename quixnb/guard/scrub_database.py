"""Takes tokens out of IPython's history database, all sessions of it, and out of the file's free pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from quixnb.guard.clean import clean_text

_TEXTS = {"history": ("source", "source_raw"), "output_history": ("output",)}
_WAIT_S = 5.0
_IN_MEMORY = ":memory:"


def scrub(shell: InteractiveShell) -> tuple[str, int | None, str]:
    """Clean it; returns its path, how many rows changed (None if that failed), and what there is to say."""
    history = shell.history_manager
    place = str(getattr(history, "hist_file", _IN_MEMORY))
    try:
        if history is not None and history.enabled:
            history.writeout_cache()
        elif place == _IN_MEMORY or not Path(place).is_file():
            return place, 0, "the history is off"
        with _opened(history, place) as database:
            rows = _scrub_rows(database)
            # Always: a row that was deleted before is still in a free page where SQLite does not overwrite those.
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as exc:
        return place, None, _why(exc)
    return place, rows, "rows, of all sessions"


def _why(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)  # none if it is of this module, not of SQLite
    if code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another kernel or terminal has it open; end that, then run %quix_scrub again"
    return f"cannot be cleaned ({getattr(error, 'sqlite_errorname', type(error).__name__)}); delete it if you can"


@contextmanager
def _opened(history: Any, place: str) -> Iterator[sqlite3.Connection]:
    if place == _IN_MEMORY:
        yield history.db
        return
    # Not by its path alone: that would make an empty one in place of one that was deleted.
    with closing(sqlite3.connect(f"{Path(place).absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT_S)) as database:
        yield database


def _scrub_rows(database: sqlite3.Connection) -> int:
    database.execute("PRAGMA secure_delete = ON")
    with database:
        return sum(_scrub_table(database, table, texts) for table, texts in _TEXTS.items())


def _scrub_table(database: sqlite3.Connection, table: str, texts: tuple[str, ...]) -> int:
    columns = ", ".join(texts)
    values = ", ".join(f"{name} = ?" for name in texts)
    changed = []
    for row in database.execute(f"SELECT rowid, {columns} FROM {table}"):  # noqa: S608 - names of our own
        clean = [clean_text(text) if isinstance(text, str) else text for text in row[1:]]
        if clean != list(row[1:]):
            changed.append((*clean, row[0]))
    database.executemany(f"UPDATE {table} SET {values} WHERE rowid = ?", changed)  # noqa: S608
    return len(changed)
