"""The two lives of a sandbox: `start()` for one's own, which ends with its caller, and `shared()` for the user's."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from quixnb.errors import SandboxError
from quixnb.sandbox import client, places
from quixnb.sandbox.handle import Sandbox
from quixnb.sandbox.processes import Process, jupyter_server
from quixnb.sandbox.spawn import spawn
from quixnb.sandbox.state import State, read, remove

CREATING_S = 0.3
IDLE_S = 3600.0
START_S = 20.0
# A folder without a state file belongs to a sandbox that starts just now, unless it is this old.
_STARTING_S = 600.0


def start(*, creating_s: float = CREATING_S, timeout_s: float = START_S) -> Sandbox:
    """Start a sandbox of one's own. It ends with its `with` block, `stop()`, or this process, however that ends.

    Parameters
    ----------
    creating_s
        How long a new topic stays in status `Creating`.
    timeout_s
        How long to wait for it to start.

    Raises
    ------
    SandboxError
        It did not start; nothing of it stays.
    """
    _sweep()
    path = places.new_own_state()
    caller = Process.of(os.getpid())
    options = {"--life": "own", "--creating-s": str(creating_s), **({"--owner": str(caller)} if caller else {})}
    try:
        child = spawn(path, options, timeout_s=timeout_s)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    if child.stdout:
        child.stdout.close()
    return Sandbox(path, _written(path), child)


def shared(*, creating_s: float = CREATING_S, idle_s: float = IDLE_S, timeout_s: float = START_S) -> Sandbox:
    """Return the user's sandbox for all notebooks: the one that runs, or a new one.

    It goes on when the kernel restarts. It ends with `stop()`, with the Jupyter server (the last of them, if several
    use it), or after `idle_s` without a call to the portal and without a new message.

    Parameters
    ----------
    creating_s, idle_s
        Used only when a new one is started.
    timeout_s
        How long to wait for a new one to start.

    Raises
    ------
    SandboxError
        It did not start.
    """
    server = jupyter_server()
    if running := _adopted(find(), server):
        return running
    path = places.shared_state()
    with places.locked(path):
        # Another notebook may have started it while this one waited.
        if running := _adopted(_running(path), server):
            return running
        _clear(path)
        options = {"--life": "shared", "--creating-s": str(creating_s), "--idle-s": str(idle_s)}
        _detach(path, {**options, **({"--owner": str(server)} if server else {})}, timeout_s)
        return Sandbox(path, _written(path))


def find() -> Sandbox | None:
    """Return the user's shared sandbox if it runs, else None. What a dead one left behind is removed."""
    path = places.shared_state()
    running = _running(path)
    if running is None and path.exists():
        with places.locked(path):
            running = _running(path)
            if running is None:
                _clear(path)
    return running


def _running(path: Path) -> Sandbox | None:
    state = read(path)
    if state is None or (state["process"] and not state["process"].is_alive()):
        return None
    return Sandbox(path, state) if client.instance_at(state["portal_api"]) == state["instance"] else None


def _adopted(sandbox: Sandbox | None, server: Process | None) -> Sandbox | None:
    try:
        if sandbox:
            sandbox.adopt(server)
    except SandboxError:
        # It ended between being found and being asked.
        return None
    return sandbox


def _detach(path: Path, options: dict[str, str], timeout_s: float) -> None:
    process = spawn(path, options, timeout_s=timeout_s)
    # What remains to this process is the one that forked the sandbox, and that one has ended.
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _written(path: Path) -> State:
    if state := read(path):
        return state
    raise SandboxError(
        "The sandbox ended as soon as it had started.",
        cause=f"Its state file {path} is gone.",
        fix="Start it again; if another program empties that folder, set QUIXNB_RUNTIME_DIR to one of your own.",
    )


def _clear(path: Path) -> None:
    state = read(path)
    # It runs but does not answer, and without its state file nobody would find it again.
    if state and state["process"]:
        state["process"].kill()
    remove(path)


def _sweep() -> None:
    for folder in places.own_folders():
        # Its sandbox may end, and take it away, while it is looked at.
        with suppress(FileNotFoundError):
            if _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder: Path) -> bool:
    if state := read(folder / places.OWN_STATE):
        return state["process"] is not None and not state["process"].is_alive()
    return time.time() - folder.stat().st_mtime > _STARTING_S
