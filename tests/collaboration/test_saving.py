"""What reaches the disk while several people edit a notebook: the server saves by itself, a second after each edit."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Array, Map

from tests import loops
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


def in_mode(lab: Server, mode: str) -> None:
    """A folder with a setting of its own, and a notebook in it."""
    (lab.folder / mode).mkdir()
    (lab.folder / mode / ".quixnb.toml").write_text(f'on_save = "{mode}"\n')
    lab.save(f"{mode}/a.ipynb", notebook("x = 1"))


@pytest.fixture
def token() -> str:
    return fake_token()


def test_by_default_outputs_are_clean_and_sources_warned_of(lab: Server, token: str) -> None:
    lab.save("a.ipynb", notebook("x = 1"))

    saved = loops.run(edited(lab, "a.ipynb", source=f"\nt = '{token}'", output=f"it is {token}\n"))

    assert f"it is {HIDDEN}" in saved
    assert f"t = '{token}'" in saved
    assert saved.count(token) == 1
    assert lab.notices("a.ipynb")[-1]["action"] == "redacted in outputs, saved in sources"
    assert token[4:16] not in "".join(lab.log)


def test_redact_reaches_the_disk(lab: Server, token: str) -> None:
    in_mode(lab, "redact")

    saved = loops.run(edited(lab, "redact/a.ipynb", source=f"\nt = '{token}'"))

    assert f"t = '{HIDDEN}'" in saved
    assert token not in saved
    assert lab.notices("redact/a.ipynb")[-1]["action"] == "redacted"


def test_refuse_saves_and_warns_since_a_refused_save_would_lose_work(lab: Server, token: str) -> None:
    in_mode(lab, "refuse")

    saved = loops.run(edited(lab, "refuse/a.ipynb", source=f"\nt = '{token}'\nwork = 'of an hour'"))

    assert "work = 'of an hour'" in saved
    assert lab.notices("refuse/a.ipynb")[-1]["action"].endswith("not refused while shared")
    assert any("not refused while shared" in line for line in lab.log)
