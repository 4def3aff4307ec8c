"""The cases of "Processes"."""

from __future__ import annotations

import json
from pathlib import Path

from tests import leaks
from tests.leaking.fronts import HIDDEN, front, leaks_in, shown
from tests.leaking.sockets import typed_in_terminal
from tests.leaking.world import World, found, is_warned_of, place


def arguments_of_a_child(world: World, cell: str) -> str:
    """Run a cell that starts a process and waits for a line; the arguments and the environment of that process."""
    child = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
    world.kernel.run_well(f"import subprocess, sys\nchild = {child!r}")
    number = int(world.kernel.run_well(cell).printed)
    try:
        return "".join(Path(f"/proc/{number}/{name}").read_text() for name in ("cmdline", "environ"))
    finally:
        world.kernel.run_well("process.communicate() and None")


_START = "process = subprocess.Popen({}, stdin=-1, stdout=-1, env={}, text=True)\nprint(process.stdout.readline())"


@place("`!command {token}`")
def _(world: World) -> None:
    with leaks.watched_processes() as seen:
        ran = world.kernel.run("!sleep 0.2; echo {t}")
        while not leaks_in([*seen], world.token):  # the shell has the token among its arguments
            ran = world.kernel.run("!sleep 0.2; echo {t}")
    literal = world.kernel.run(f"!true {world.token}")

    assert leaks_in(shown(ran), world.token) == []
    assert HIDDEN in ran.printed
    assert is_warned_of(literal)


@place("`subprocess.run([…, token])`")
def _(world: World) -> None:
    assert world.token in arguments_of_a_child(world, _START.format("[sys.executable, '-c', child, t]", "{}"))


@place("a command in a terminal of Jupyter")
def _(world: World) -> None:
    file, log = world.lab.home / ".bash_history", len(world.lab.log)
    screen = typed_in_terminal(world.lab, f"true quix login {world.token}", "exit")

    assert world.token in screen
    assert f"quix login {world.token}" in file.read_text()
    assert leaks_in(world.lab.log[log:], world.token) == []
    assert found(file) == {".bash_history"}
    assert str(file) in world.kernel.run_well("%quix_scrub").text
    assert file.read_text() == f"true quix login {HIDDEN}\nexit\n"


@place("`%%bash` with a token in the script")
def _(world: World) -> None:
    outputs = world.kernel.run(f"%%bash\nTOKEN={world.token}\ntr '\\0' ' ' < /proc/$$/cmdline")

    assert is_warned_of(outputs)
    assert "bash" in outputs.printed
    assert HIDDEN not in outputs.printed


@place("the environment of child processes")
def _(world: World) -> None:
    cell = "import os\nos.environ['QUIX_X'] = t\n" + _START.format("[sys.executable, '-c', child]", "None")
    try:
        assert world.token in arguments_of_a_child(world, cell)
    finally:
        world.kernel.run_well("del os.environ['QUIX_X']")


@place("the kernel's environment, set in the notebook")
def _(world: World) -> None:
    world.kernel.run_well("import os\nos.environ['QUIX_X'] = t\ndel os.environ['QUIX_X']")

    assert world.token not in Path(f"/proc/{world.kernel.pid}/environ").read_text()


@place("the kernel's environment, set before it started")
def _(world: World) -> None:
    sandbox, started = world.get("sandbox"), world.get("started_with")
    token = sandbox.environments["dev"].token_2.reveal()
    server = started(Quix__Sdk__Token=token, Quix__Portal__Api=sandbox.portal_api)
    with front(server) as kernel:
        assert token in Path(f"/proc/{kernel.pid}/environ").read_text()
        status = kernel.run_well("import os, quixnb\nbefore = {**os.environ}\nquixnb.connect()\n%quix_status").text
        assert kernel.run_well("dict(os.environ) == before").text == "True"
        seen = [kernel.run_well(each) for each in ("os.environ", "os.getenv('Quix__Sdk__Token')", "!env", "%env")]

    assert "Quix__Sdk__Token" in status
    assert leaks_in([*map(shown, seen), server.log], token) == []
    assert all(HIDDEN in json.dumps(shown(each), default=str) for each in seen[:3])


@place("standard input of a child process")
def _(world: World) -> None:
    outputs = world.kernel.run_well(
        "import subprocess, sys\n"
        "code = \"import sys; print(len(sys.stdin.read()), open('/proc/self/cmdline').read())\"\n"
        "print(subprocess.run([sys.executable, '-c', code], input=t, text=True, capture_output=True).stdout)"
    )

    assert outputs.printed.startswith(f"{len(world.token)} ")
    assert HIDDEN not in outputs.printed
