"""The cases of jupyter-collaboration: a notebook on a server that saves by itself, edited by several people at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quixnb.guard import scrub_collaboration
from tests import loops
from tests.collaboration.edits import edited, opened, states, typed_and_deleted
from tests.demand import demand_environment
from tests.fakes import fake_token
from tests.leaking.fronts import HIDDEN, leaks_in
from tests.leaking.world import World, place
from tests.search import planted
from tests.server.conftest import notebook
from tests.server.servers import Server, start


@dataclass
class Together:
    """What a session of several people leaves behind when its server has ended.

    Attributes
    ----------
    typed, deleted
        The token that one wrote and ran, and the one that another typed key by key and deleted again.
    saved
        The notebook with the first, as the server saved it of its own accord.
    """

    typed: str
    deleted: str
    saved: str
    notice: dict[str, Any]
    log: str
    home: Path

    def reopened(self) -> Server:
        """A server of the same files."""
        python = demand_environment("collaboration")
        return start(self.home, python=python, module=("jupyter", "lab"))


def session(home: Path) -> Together:
    """Have two notebooks edited, and the server ended."""
    python, typed, deleted = demand_environment("collaboration"), fake_token(), fake_token()
    server = start(planted(home), "--debug", python=python, module=("jupyter", "lab"))
    try:
        for name in ("run.ipynb", "typed.ipynb"):
            server.save(name, notebook("é = 1"))
        saved = loops.run(edited(server, "run.ipynb", source=f"\nt = '{typed}'", output=f"it is {typed}\n"))
        loops.run(typed_and_deleted(server, "typed.ipynb", f"\nt = '{deleted}'"))
        notice = server.notices("run.ipynb")[-1]
    finally:
        log = server.stop()
    return Together(typed, deleted, saved, notice, log, home)


@place("jupyter-collaboration's store")
def _(world: World) -> None:
    together: Together = world.get("together")
    file = together.home / "work" / scrub_collaboration.NAME
    assert together.deleted.encode() not in file.read_bytes()  # no search finds it,
    assert any(together.deleted in state for state in states(file))  # and yet it is there
    assert leaks_in(together.log, together.deleted, together.typed) == []

    report = world.kernel.run_well(f"%cd -q {file.parent}\n%quix_scrub").text
    world.kernel.run_well("%cd -q -")

    assert "documents without their past" in report
    assert {"é = 1\n# the end"} == {state for state in states(file) if together.typed not in state}
    server = together.reopened()
    try:
        assert loops.run(opened(server, "typed.ipynb")) == "é = 1\n# the end"
    finally:
        server.stop()


@place("jupyter-collaboration's autosave")
def _(world: World) -> None:
    together: Together = world.get("together")

    assert f"it is {HIDDEN}" in together.saved
    assert f"t = '{together.typed}'" in together.saved
    assert together.saved.count(together.typed) == 1
    assert together.notice["action"] == "redacted in outputs, saved in sources"
    assert leaks_in(together.log, together.typed) == []
