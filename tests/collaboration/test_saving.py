"""What reaches the disk while several people edit a notebook: the server saves by itself, a second after each edit.

The default is one of the places in `tests/leaking`.
"""

from __future__ import annotations

import pytest

from tests import loops
from tests.collaboration.edits import edited
from tests.fakes import fake_token
from tests.server.conftest import notebook
from tests.server.servers import Server

HIDDEN = "[quix token]"


def in_mode(lab: Server, mode: str) -> None:
    """A folder with a setting of its own, and a notebook in it."""
    (lab.folder / mode).mkdir()
    (lab.folder / mode / ".quixnb.toml").write_text(f'on_save = "{mode}"\n')
    lab.save(f"{mode}/a.ipynb", notebook("x = 1"))


@pytest.fixture
def token() -> str:
    return fake_token()


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
    assert lab.said("not refused while shared")
