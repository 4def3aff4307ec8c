"""What reaches the disk while several people edit a notebook: the server saves by itself, a second after each edit."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pycrdt import Array, Map

from tests.collaboration.conftest import Start
from tests.collaboration.rooms import Room, until_saved
from tests.fakes import fake_token
from tests.server.conftest import notebook
from tests.server.servers import Server

HIDDEN = "[quix token]"


async def edited(server: Server, path: str, *, source: str = "", output: str = "") -> str:
    """Type into a shared notebook and run it; what the server, unasked, has saved then."""
    async with Room(server, path) as room:
        cell = room.cells[0]
        if output:
            made: dict[str, Any] = {"output_type": "stream", "name": "stdout", "text": Array([output])}
            cell["outputs"].append(Map(made))
        text = cell["source"]
        text += f"{source}\n# the end"
        return await until_saved(server, path, "# the end")


@pytest.fixture
def token() -> str:
    return fake_token()


def test_by_default_outputs_are_clean_and_sources_warned_of(started: Start, token: str) -> None:
    server = started()
    server.save("a.ipynb", notebook("x = 1"))

    saved = asyncio.run(edited(server, "a.ipynb", source=f"\nt = '{token}'", output=f"it is {token}\n"))

    assert f"it is {HIDDEN}" in saved
    assert f"t = '{token}'" in saved
    assert saved.count(token) == 1
    assert server.notices("a.ipynb")[-1]["action"] == "redacted in outputs, saved in sources"


def test_redact_reaches_the_disk_and_leaves_the_open_notebook_alone(started: Start, token: str) -> None:
    server = started("--QuixSaves.on_token=redact")
    server.save("a.ipynb", notebook("x = 1"))

    saved = asyncio.run(edited(server, "a.ipynb", source=f"\nt = '{token}'"))

    assert f"t = '{HIDDEN}'" in saved
    assert token not in saved
    assert server.notices("a.ipynb")[-1]["action"] == "redacted"


def test_refuse_saves_and_warns_since_a_refused_save_would_lose_work(started: Start, token: str) -> None:
    server = started("--QuixSaves.on_token=refuse")
    server.save("a.ipynb", notebook("x = 1"))

    saved = asyncio.run(edited(server, "a.ipynb", source=f"\nt = '{token}'\nwork = 'of an hour'"))

    assert "work = 'of an hour'" in saved
    assert server.notices("a.ipynb")[-1]["action"].endswith("not refused while shared")
    assert any("not refused while shared" in line for line in server.log)


def test_what_is_typed_is_not_in_the_log(started: Start, token: str) -> None:
    server = started("--debug")
    server.save("a.ipynb", notebook("x = 1"))

    asyncio.run(edited(server, "a.ipynb", source=f"\nt = '{token}'", output=token))

    assert token[4:16] not in server.stop()
