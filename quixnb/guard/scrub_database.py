"""Takes tokens out of IPython's history database, all sessions of it, and out of the file's free pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from quixnb.guard.clean import clean_text

_TEXTS = {"history": ("source", "source_raw"), "output_history": ("output",)}
_WAIT_S = 5.0


def scrub(shell: InteractiveShell) -> tuple[str, int | None, str]:
    """Clean it; returns its path, how many rows changed (None if that failed), and what there is to say."""
    history = shell.history_manager
    place = str(getattr(history, "hist_file", ":memory:"))
    if history is None or not history.enabled:
        return place, 0, "the history is off"
    history.writeout_cache()
    try:
        with _opened(history, place) as database:
            rows = _scrub_rows(database)
            # Always: a row that was deleted before is still in a free page where SQLite does not overwrite those.
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:
        return place, None, "another kernel or terminal has it open; end that, then run %quix_scrub again"
    return place, rows, "rows, of all sessions"


@contextmanager
def _opened(history: Any, place: str) -> Iterator[sqlite3.Connection]:
    if place == ":memory:":
        yield history.db
        return
    with closing(sqlite3.connect(place, timeout=_WAIT_S)) as database:
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
