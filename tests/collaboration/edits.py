"""What people do to a shared notebook, and what its store keeps of that."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Map

from quixnb.guard import scrub_collaboration
from tests.collaboration.rooms import Room, until_saved
from tests.server.servers import WAIT_S, Server

_END = "# the end"


async def edited(server: Server, path: str, *, source: str = "", output: str = "") -> str:
    """Type into a shared notebook and run it; what the server, unasked, has saved then."""
    async with Room(server, path) as room:
        cell = room.cells[0]
        if output:
            made: dict[str, Any] = {"output_type": "stream", "name": "stdout", "text": Array([output])}
            cell["outputs"].append(Map(made))
        text = cell["source"]
        text += f"{source}\n{_END}"
        return await until_saved(server, path, _END)


async def typed_and_deleted(server: Server, path: str, *texts: str) -> None:
    """Type texts key by key at the end of the first cell, and delete them again."""
    async with Room(server, path) as room:
        source = room.cells[0]["source"]
        before = len(str(source).encode())
        for text in texts:
            for key in text:
                source += key
        del source[before:]
        source += f"\n{_END}"
        # The server writes one edit after the other, and forgets those that it has not written when it is stopped.
        async with asyncio.timeout(WAIT_S):
            while not any(state.endswith(_END) for state in states(server.folder / scrub_collaboration.NAME)):
                await asyncio.sleep(0.05)
        await until_saved(server, path, _END)


async def opened(server: Server, path: str) -> str:
    """The first cell's source, as it is when a notebook is opened."""
    async with Room(server, path) as room:
        return str(room.cells[0]["source"])


def documents(file: Path) -> list[list[bytes]]:
    """All that is stored: for each document, its edits in order and copies of it."""
    with closing(sqlite3.connect(file)) as database:
        edits = database.execute("SELECT path, yupdate FROM yupdates ORDER BY timestamp").fetchall()
        copies = database.execute("SELECT path, checkpoint FROM ycheckpoints").fetchall()
    paths = {path for path, _ in edits}
    return [[blob for path, blob in [*edits, *copies] if path == each] for each in sorted(paths)]


def states(file: Path) -> Iterator[str]:
    """The source of each document's first cell after each edit, as whoever has the file can bring it back."""
    for blobs in documents(file):
        document: Doc[Any] = Doc()
        cells: Array[Any] = document.get("cells", type=Array)
        for blob in blobs:
            document.apply_update(blob)
            yield str(cells[0]["source"]) if len(cells) else ""
