"""A process is told from a later one that got its ID."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from quixnb.sandbox.processes import Process, jupyter_server
from tests.sandbox.helpers import finish, program


def test_a_process_that_got_the_id_of_a_former_server_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    younger = program("import sys; sys.stdin.read()")
    monkeypatch.setenv("JPY_PARENT_PID", str(younger.pid))

    assert jupyter_server() is None
    finish(younger)


def test_this_process_is_watched_when_it_is_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getppid()))

    assert jupyter_server() == Process.of(os.getppid())


def test_a_process_is_not_taken_for_another_one_with_its_id() -> None:
    this = Process.of(os.getpid())
    assert this

    assert this.is_alive()
    assert Process.parse(str(this)) == this
    assert not Process(this.pid, this.started - 1).is_alive()


def test_a_zombie_is_not_alive() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    process = Process.of(ended.pid)
    assert process

    # Wait for its end, but let it stay in the process table.
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

    assert not process.is_alive()
    ended.wait()
