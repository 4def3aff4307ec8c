"""The store of every edit, as jupyter-collaboration writes it, and what scrubbing leaves of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Array, Doc, Text
from pycrdt.store import SQLiteYStore

from quixnb.guard import scrub_collaboration
from tests import loops
from tests.collaboration.conftest import Start
from tests.collaboration.rooms import Room, until_saved
from tests.fakes import fake_token
from tests.search import planted
from tests.server.conftest import notebook
from tests.server.servers import WAIT_S, Server

DELETED = "documents without their past"


def blobs(file: Path) -> Iterator[bytes]:
    """All that is stored of documents."""
    with closing(sqlite3.connect(file)) as database:
        for query in ("SELECT yupdate FROM yupdates ORDER BY timestamp", "SELECT checkpoint FROM ycheckpoints"):
            yield from (blob for (blob,) in database.execute(query))


def states(file: Path) -> Iterator[str]:
    """The source of the first cell after each edit, as whoever has the file can bring it back."""
    document: Doc[Any] = Doc()
    cells: Array[Any] = document.get("cells", type=Array)
    for blob in blobs(file):
        document.apply_update(blob)
        yield str(cells[0]["source"]) if len(cells) else ""


async def typed_and_deleted(server: Server, path: str, *texts: str) -> None:
    """Type texts key by key at the end of the first cell, and delete them again."""
    async with Room(server, path) as room:
        source = room.cells[0]["source"]
        before = len(str(source).encode())
        for text in texts:
            for key in text:
                source += key
        del source[before:]
        source += "\n# the end"
        # The server writes one edit after the other, and forgets those that it has not written when it is stopped.
        async with asyncio.timeout(WAIT_S):
            while not any(state.endswith("# the end") for state in states(server.folder / scrub_collaboration.NAME)):
                await asyncio.sleep(0.05)
        await until_saved(server, path, "# the end")


async def opened(server: Server, path: str) -> str:
    """The first cell's source, as it is when a notebook is opened."""
    async with Room(server, path) as room:
        return str(room.cells[0]["source"])


def test_a_token_that_was_typed_key_by_key_leaves_the_store_of_a_real_server(started: Start) -> None:
    token, server = fake_token(), started()
    file = server.folder / scrub_collaboration.NAME
    server.save("a.ipynb", notebook("é = 1"))
    loops.run(typed_and_deleted(server, "a.ipynb", f"\nt = '{token}'"))
    server.stop()
    assert token.encode() not in file.read_bytes()  # no search finds it,
    assert any(token in state for state in states(file))  # and yet it is there

    count, says = scrub_collaboration.scrub(file)

    assert (count, says.partition(";")[0]) == (1, DELETED)
    assert [*states(file)] == ["é = 1\n# the end"]
    assert loops.run(opened(started(), "a.ipynb")) == "é = 1\n# the end"


def test_a_store_is_left_alone_while_its_server_runs(started: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = started()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.home / "runtime"))
    file = server.folder / scrub_collaboration.NAME
    server.save("a.ipynb", notebook("x = 1"))
    loops.run(typed_and_deleted(server, "a.ipynb", "abc"))
    before = [*blobs(file)]

    count, says = scrub_collaboration.scrub(file)

    assert count is None
    assert "uses it; stop that" in says
    assert [*blobs(file)][: len(before)] == before


def test_checkpoints_of_the_store_go_with_the_past(tmp_path: Path) -> None:
    token, file = fake_token(), planted(tmp_path / scrub_collaboration.NAME)

    class Store(SQLiteYStore):
        db_path = str(file)
        checkpoint_interval = 10

    async def write() -> None:
        document: Doc[Any] = Doc()
        document["source"] = source = Text()
        edits: list[bytes] = []
        watching = document.observe(lambda event: edits.append(event.update))
        source += "keep "
        for key in token:
            source += key
        del source[5:]
        document.unobserve(watching)
        async with Store("a.ipynb") as store:
            for edit in edits:
                await store.write(edit)

    async def read() -> str:
        document: Doc[Any] = Doc()
        document["source"] = source = Text()
        async with Store("a.ipynb") as store:
            await store.apply_updates(document)
        return str(source)

    loops.run(write())
    assert any(token[:20].encode() in blob for blob in blobs(file))  # a checkpoint has nearly all of it in one piece

    assert scrub_collaboration.scrub(file)[0] == 1

    assert token[:12].encode() not in file.read_bytes()
    assert len([*blobs(file)]) == 1
    assert loops.run(read()) == "keep "
