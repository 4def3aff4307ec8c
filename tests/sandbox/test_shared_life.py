"""The user's shared sandbox outlives kernels, is found again, and ends when nobody needs it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

import quixnb.sandbox
from quixnb.sandbox import places
from quixnb.sandbox.kafka import Watermarks
from quixnb.sandbox.lifetime import Lifetime
from quixnb.sandbox.processes import Process
from tests import loops
from tests.sandbox.helpers import (
    finish,
    has_ended_within,
    is_running,
    line,
    program,
    remembered,
    status_of,
    wait_until_gone,
)

SHARED = """
import json, sys, quixnb.sandbox
from tests.sandbox.helpers import remembered
sandbox = remembered(quixnb.sandbox.shared())
print(json.dumps({"pid": sandbox.pid, "portal_api": sandbox.portal_api}), flush=True)
"""
SERVER = "import sys\nprint('{}', flush=True)\nsys.stdin.read()"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_none_is_found_where_none_was_started(runtime: Path) -> None:
    assert quixnb.sandbox.find() is None
    assert not runtime.exists()


def test_it_is_found_again(runtime: Path) -> None:
    started = remembered(quixnb.sandbox.shared())

    found, again = quixnb.sandbox.find(), quixnb.sandbox.shared()

    assert found
    assert found.pid == again.pid == started.pid
    assert found.admin_token.reveal() == started.admin_token.reveal()
    assert again.is_shared


def test_its_state_is_for_its_owner_alone(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared())

    assert files(runtime) == [sandbox.state_path]
    assert sandbox.state_path.stat().st_mode & 0o777 == 0o600
    assert sandbox.state_path.parent.stat().st_mode & 0o777 == 0o700


def test_it_outlives_the_kernel_that_started_it(runtime: Path) -> None:
    kernel = program(SHARED + "sys.stdin.read()")
    started = line(kernel)

    kernel.kill()
    finish(kernel)

    found = quixnb.sandbox.find()
    assert found
    assert remembered(found).pid == started["pid"]
    assert status_of(found, found.viewer_token) == 200


def test_it_is_nobodys_child(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared())

    assert sandbox.pid not in {it.pid for it in psutil.Process().children(recursive=True)}
    assert os.getsid(sandbox.pid) != os.getsid(0)


def test_its_block_is_not_its_end(runtime: Path) -> None:
    with quixnb.sandbox.shared() as sandbox:
        remembered(sandbox)

    assert quixnb.sandbox.find()


def test_any_notebook_ends_it_and_nothing_stays(runtime: Path) -> None:
    started = remembered(quixnb.sandbox.shared())
    found = quixnb.sandbox.find()
    assert found

    found.stop()
    started.stop()

    assert not is_running(started.pid)
    assert quixnb.sandbox.find() is None
    assert list(runtime.iterdir()) == []


def test_one_notebook_sees_another_ones_rotation(runtime: Path) -> None:
    one, other = remembered(quixnb.sandbox.shared()), quixnb.sandbox.shared()
    one.rotate("dev")

    other.refresh()

    assert other.environments["dev"].token_1.reveal() == remembered(one).environments["dev"].token_1.reveal()
    assert status_of(other, other.environments["dev"].token_2) == 200


def test_notebooks_that_start_it_at_the_same_time_get_the_same_one(runtime: Path) -> None:
    kernels = [program(SHARED) for _ in range(3)]

    started = [line(kernel) for kernel in kernels]

    assert [finish(kernel)[1] for kernel in kernels] == [""] * 3
    assert len({it["pid"] for it in started}) == 1
    assert len(files(runtime)) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(runtime: Path, number: signal.Signals) -> None:
    sandbox = remembered(quixnb.sandbox.shared())

    os.kill(sandbox.pid, number)
    wait_until_gone(sandbox.pid)

    assert files(runtime) == []


def test_what_a_killed_one_left_is_removed_when_it_is_looked_for(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared())
    os.kill(sandbox.pid, signal.SIGKILL)
    wait_until_gone(sandbox.pid)
    left = files(runtime)

    found = quixnb.sandbox.find()

    assert left == [sandbox.state_path]
    assert found is None
    assert files(runtime) == []


def test_a_new_one_takes_the_place_of_a_killed_one(runtime: Path) -> None:
    first = remembered(quixnb.sandbox.shared())
    os.kill(first.pid, signal.SIGKILL)
    wait_until_gone(first.pid)

    second = remembered(quixnb.sandbox.shared())

    assert second.pid != first.pid
    assert second.admin_token.reveal() != first.admin_token.reveal()
    assert files(runtime) == [second.state_path]


def test_a_file_that_is_no_state_is_a_left_over_too(runtime: Path) -> None:
    path = places.shared_state()
    places.make_private(path.parent)
    path.write_text('{"admin_token": "cut sho')

    assert quixnb.sandbox.find() is None
    assert not path.exists()


def test_one_that_runs_but_does_not_answer_is_replaced(runtime: Path) -> None:
    # Its process lives; at its port is nobody, or another program.
    hung = program(SERVER)
    line(hung)
    first = remembered(quixnb.sandbox.shared())
    state = json.loads(first.state_path.read_text())
    first.stop()
    places.make_private(first.state_path.parent)
    first.state_path.write_text(json.dumps({**state, "process": str(Process.of(hung.pid))}))

    second = remembered(quixnb.sandbox.shared())

    assert hung.wait(5) == -signal.SIGKILL
    assert second.status()["instance"] != state["instance"]
    finish(hung)


def test_it_ends_when_its_state_file_is_taken_away(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared())

    sandbox.state_path.unlink()

    wait_until_gone(sandbox.pid)
    assert quixnb.sandbox.find() is None


def test_it_ends_with_the_jupyter_server_and_not_with_its_kernel(runtime: Path) -> None:
    server = program(SERVER)
    line(server)
    kernel = program(SHARED, JPY_PARENT_PID=str(server.pid))
    started = line(kernel)
    finish(kernel)
    meanwhile = quixnb.sandbox.find()

    finish(server)
    wait_until_gone(started["pid"])

    assert meanwhile
    assert files(runtime) == []


def test_it_ends_with_the_last_of_its_jupyter_servers(runtime: Path) -> None:
    servers = [program(SERVER) for _ in range(2)]
    kernels = [program(SHARED, JPY_PARENT_PID=str(server.pid)) for server in servers if line(server) == {}]
    started = [line(kernel) for kernel in kernels]
    for kernel in kernels:
        finish(kernel)
    pid = started[0]["pid"]

    finish(servers[0])
    # It looks at its owners every half second.
    ended_with_the_first = has_ended_within(0.8, pid)
    finish(servers[1])
    wait_until_gone(pid)

    assert started[1]["pid"] == pid
    assert not ended_with_the_first
    assert files(runtime) == []


def test_it_ends_when_it_is_idle(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared(idle_s=0.3))

    wait_until_gone(sandbox.pid)

    assert files(runtime) == []


def test_new_messages_keep_it_awake(tmp_path: Path) -> None:
    state, looks = tmp_path / "state", iter(range(1_000_000))
    state.touch()

    def watermarks() -> Watermarks:
        # For ten looks there are new messages each time, and then none any more.
        return {("topic", 0): (0, min(next(looks), 10))}

    started = time.monotonic()
    loops.run(Lifetime(None, idle_s=0.1).until_over(state, watermarks))

    # The first look, ten with news, and at least one without; each after a fifth of 0.1 s.
    assert next(looks) >= 12
    assert time.monotonic() - started >= 0.3


def test_calls_to_the_portal_keep_it_awake(runtime: Path) -> None:
    sandbox = remembered(quixnb.sandbox.shared(idle_s=0.5))
    until = time.monotonic() + 0.8

    while time.monotonic() < until:
        assert sandbox.status()["warnings"] == []

    wait_until_gone(sandbox.pid)
