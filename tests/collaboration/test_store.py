"""The store of every edit, as jupyter-collaboration writes it, and what scrubbing leaves of it.

That a token which was typed and deleted leaves it is one of the places in `tests/leaking`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text
from pycrdt.store import SQLiteYStore

from quixnb.guard import scrub_collaboration
from tests import loops
from tests.collaboration.conftest import Start
from tests.collaboration.edits import documents, typed_and_deleted
from tests.fakes import fake_token
from tests.search import planted
from tests.server.conftest import notebook


def test_a_store_is_left_alone_while_its_server_runs(started: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = started()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.home / "runtime"))
    file = server.folder / scrub_collaboration.NAME
    server.save("a.ipynb", notebook("x = 1"))
    loops.run(typed_and_deleted(server, "a.ipynb", "abc"))
    [before] = documents(file)

    count, says = scrub_collaboration.scrub(file)

    assert count is None
    assert "uses it; stop that" in says
    [after] = documents(file)
    assert after[: len(before)] == before


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
    [stored] = documents(file)
    assert any(token[:20].encode() in blob for blob in stored)  # a checkpoint has nearly all of it in one piece

    assert scrub_collaboration.scrub(file)[0] == 1

    assert token[:12].encode() not in file.read_bytes()
    assert [len(blobs) for blobs in documents(file)] == [1]
    assert loops.run(read()) == "keep "
