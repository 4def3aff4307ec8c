"""What the cases of `docs/leaks.md` have to work with, and the table in which each is noted under its row's name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quixnb.sandbox import Sandbox
from quixnb.scan import scan
from tests.leaking.fronts import WARNING, Front, shown
from tests.server.servers import ROOT, Server

Case = Callable[["World"], None]
CASES: dict[str, Case] = {}


@dataclass
class World:
    """What a case has: a server, a kernel of it, a token that this kernel has in `t`, and more on request."""

    lab: Server
    kernel: Front
    token: str
    folder: Path
    request: pytest.FixtureRequest

    def get(self, fixture: str) -> Any:
        """Another fixture."""
        return self.request.getfixturevalue(fixture)

    @property
    def source(self) -> str:
        """A cell that holds the token."""
        return f"secret = '{self.token}'"

    def history(self) -> Path:
        """IPython's history database, with all cells so far."""
        self.kernel.history()
        return self.lab.home / ".ipython" / "profile_default" / "history.sqlite"

    def in_history(self) -> bool:
        """Whether the token is in it."""
        return self.token.encode() in b"".join(
            path.read_bytes() for path in self.history().parent.glob("history.sqlite*")
        )


def place(name: str) -> Callable[[Case], Case]:
    """Note a case under the name of its row."""

    def note(case: Case) -> Case:
        assert name not in CASES
        CASES[name] = case
        return case

    return note


def places() -> list[str]:
    """First column of the page's tables."""
    lines = (ROOT / "docs" / "leaks.md").read_text(encoding="utf-8").splitlines()
    return [
        re.split(r"(?<!\\) \| ", line[2:])[0]
        for line in lines
        if line.startswith("| ") and not line.startswith("| place")
    ]


def found(*paths: Path) -> set[str]:
    """Names of those files, or below those folders, in which `quixnb scan` finds a token."""
    return {Path(each.path).name for each in scan(paths).found}


def is_warned_of(outputs: Any) -> bool:
    """Whether the first that a cell showed is the warning."""
    first = next(each for each in shown(outputs) if each.get("msg_type") in ("display_data", "stream", "error"))
    return first["msg_type"] == "display_data" and WARNING in first["content"]["data"]["text/plain"]


def broker_passwords(sandbox: Sandbox) -> list[str]:
    """The passwords of all its environments' brokers."""
    import httpx2

    headers = {"Authorization": f"Bearer {sandbox.admin_token.reveal()}"}
    answer = httpx2.get(f"{sandbox.portal_api}/workspaces", headers=headers, trust_env=False)
    return [each["broker"]["password"] for each in answer.json()]
