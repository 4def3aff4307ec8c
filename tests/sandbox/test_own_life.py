"""A sandbox of one's own ends with its caller, however that ends, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import psutil
import pytest

import quixnb.sandbox
from quixnb.errors import SandboxError
from quixnb.sandbox import Sandbox
from tests.sandbox.helpers import finish, is_running, line, program, remembered, wait_until_gone

START = """
import json, os, sys, quixnb.sandbox
from tests.sandbox.helpers import remembered
sandbox = remembered(quixnb.sandbox.start())
print(json.dumps({"pid": sandbox.pid, "folder": str(sandbox.state_path.parent)}), flush=True)
"""


def test_it_ends_with_its_block(own_folder: Path) -> None:
    with quixnb.sandbox.start() as sandbox:
        remembered(sandbox)
        during = list(own_folder.iterdir())

    assert during == [sandbox.state_path.parent]
    assert list(own_folder.iterdir()) == []
    assert not is_running(sandbox.pid)


def test_it_ends_with_a_block_that_fails(own_folder: Path) -> None:
    with pytest.raises(SandboxError), quixnb.sandbox.start() as sandbox:
        remembered(sandbox).rotate("nowhere")

    assert not is_running(sandbox.pid)


def test_ending_it_twice_is_no_error_and_using_it_then_is_one(own_folder: Path) -> None:
    sandbox = remembered(quixnb.sandbox.start())

    sandbox.stop()
    sandbox.stop()

    with pytest.raises(SandboxError, match="does not answer") as caught:
        sandbox.status()
    assert len(str(caught.value).splitlines()) == 3
    with pytest.raises(SandboxError, match="has ended"):
        sandbox.refresh()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(own_folder: Path, number: signal.Signals) -> None:
    sandbox = remembered(quixnb.sandbox.start())

    os.kill(sandbox.pid, number)

    assert sandbox.wait() == 0
    assert list(own_folder.iterdir()) == []
    sandbox.stop()


def test_a_killed_one_leaves_nothing_behind_either(own_folder: Path) -> None:
    with quixnb.sandbox.start() as sandbox:
        remembered(sandbox)
        os.kill(sandbox.pid, signal.SIGKILL)

    assert list(own_folder.iterdir()) == []


def test_it_ends_when_its_interpreter_ends_without_stopping_it(own_folder: Path) -> None:
    caller = program(START)
    started = line(caller)

    errors = finish(caller)[1]

    assert errors == ""
    assert not is_running(started["pid"])
    assert list(own_folder.iterdir()) == []


def test_it_ends_when_its_caller_is_killed(own_folder: Path) -> None:
    caller = program(START + "sys.stdin.read()")
    started = line(caller)

    caller.kill()
    finish(caller)
    wait_until_gone(started["pid"])

    assert list(own_folder.iterdir()) == []


def test_it_ends_when_its_caller_is_killed_but_a_worker_holds_the_pipe(own_folder: Path) -> None:
    # A worker made by os.fork() inherits the lifeline; the sandbox must not wait for it.
    fork = "if not os.fork():\n    os.close(1)\n    os.close(2)\n    sys.stdin.read()\n    os._exit(0)\n"
    caller = program(START + fork + "print('{}', flush=True)\nsys.stdin.read()")
    started = line(caller)
    line(caller)

    caller.kill()
    caller.wait()
    wait_until_gone(started["pid"])

    finish(caller)
    assert list(own_folder.iterdir()) == []


def test_the_end_of_a_forked_worker_is_not_its_end(own_folder: Path) -> None:
    caller = program(START + "if not os.fork():\n    sys.exit()\nos.wait()\nprint(json.dumps(sandbox.status()))")
    started = line(caller)

    status = line(caller)
    finish(caller)

    assert status["warnings"] == []
    assert not is_running(started["pid"])


def test_it_is_out_of_reach_of_ctrl_c_and_of_the_interrupt_button(sandbox: Sandbox) -> None:
    # Both interrupt the whole process group of the kernel or the terminal.
    assert os.getpgid(sandbox.pid) != os.getpgrp()
    assert os.getsid(sandbox.pid) != os.getsid(0)


def test_what_dead_ones_left_is_swept_and_what_others_use_is_not(own_folder: Path) -> None:
    living, dead = remembered(quixnb.sandbox.start()), remembered(quixnb.sandbox.start())
    left_over = Path(tempfile.mkdtemp(prefix="quixnb-sandbox-"))
    starting = Path(tempfile.mkdtemp(prefix="quixnb-sandbox-"))
    shutil.copy(dead.state_path, left_over)
    dead.stop()

    remembered(quixnb.sandbox.start()).stop()

    assert set(own_folder.iterdir()) == {living.state_path.parent, starting}
    living.stop()


def test_one_that_cannot_start_says_why_and_leaves_nothing(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "tornado"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('tornado is broken')")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))

    with pytest.raises(SandboxError) as caught:
        quixnb.sandbox.start()

    assert str(caught.value).splitlines()[:2] == ["The sandbox did not start.", "ImportError: tornado is broken"]
    assert len(str(caught.value).splitlines()) == 3
    assert list(own_folder.iterdir()) == []


def test_one_that_takes_too_long_to_start_is_ended(own_folder: Path) -> None:
    before = {it.pid for it in psutil.Process().children()}

    with pytest.raises(SandboxError, match="did not start") as caught:
        quixnb.sandbox.start(timeout_s=0.001)

    assert "not ready after 0.001 s" in caught.value.cause
    assert {it.pid for it in psutil.Process().children()} == before
    assert list(own_folder.iterdir()) == []


def test_two_at_a_time_know_nothing_of_each_other(own_folder: Path) -> None:
    with quixnb.sandbox.start() as one, quixnb.sandbox.start() as other:
        remembered(one), remembered(other)

        assert one.bootstrap_servers != other.bootstrap_servers
        assert one.admin_token.reveal() != other.admin_token.reveal()
        assert quixnb.sandbox.life.client.instance_at(one.portal_api) != other.status()["instance"]


def test_loading_the_package_loads_neither_tornado_nor_kafka(own_folder: Path) -> None:
    heavy = "[it for it in ('tornado', 'confluent_kafka', 'asyncio', 'httpx2', 'pandas') if it in sys.modules]"
    caller = program(f"import json, sys, quixnb.sandbox\nquixnb.sandbox.start()\nprint(json.dumps({heavy}))")

    loaded = line(caller)
    finish(caller)

    assert loaded == []
