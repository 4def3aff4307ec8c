"""The cases of "What the kernel and IPython leave on the disk"."""

from __future__ import annotations

import json
import sqlite3

from tests.leaking import tools
from tests.leaking.fronts import HIDDEN, leaks_in, shown
from tests.leaking.world import World, found, is_warned_of, place
from tests.server.conftest import notebook


@place("`history.sqlite`")
def _(world: World) -> None:
    outputs = world.kernel.run(world.source)
    assert "in IPython's history" in json.dumps(shown(outputs), default=str)
    assert world.in_history()
    assert found(world.history()) == {"history.sqlite"}

    world.kernel.run_well("%quix_scrub")
    assert not world.in_history()

    world.kernel.run_well("%config QuixGuard.scrub_history = True")
    world.kernel.run_well(world.source)
    world.kernel.run_well("%config QuixGuard.scrub_history = False")
    assert not world.in_history()


@place("a cell run with `store_history=False`")
def _(world: World) -> None:
    outputs = world.kernel.run_well(world.source, store_history=False)

    assert "in IPython's history" not in json.dumps(shown(outputs), default=str)
    assert not world.in_history()


@place("a cell that begins with a blank")
def _(world: World) -> None:
    assert is_warned_of(world.kernel.run(f" {world.source}"))
    assert world.in_history()

    world.kernel.run_well("%quix_scrub")

    assert not world.in_history()


@place("outputs in the history")
def _(world: World) -> None:
    world.kernel.run_well("t")

    with sqlite3.connect(world.history()) as database:
        [[count]] = database.execute("SELECT COUNT(*) FROM output_history")
    database.close()
    assert count == 0


@place("a deleted row of the history")
def _(world: World) -> None:
    world.kernel.run(world.source)
    file = world.history()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("DELETE FROM history WHERE source LIKE '%' || ? || '%'", [world.token])
    database.close()
    assert world.token.encode() in b"".join(path.read_bytes() for path in file.parent.glob("history.sqlite*"))

    world.kernel.run_well("%quix_scrub")

    assert world.token.encode() not in b"".join(path.read_bytes() for path in file.parent.glob("history.sqlite*"))


@place("`!command {variable}` in the history")
def _(world: World) -> None:
    world.kernel.run_well("!true {t}")

    assert not world.in_history()


@place("`%store`")
def _(world: World) -> None:
    world.kernel.run_well("kept = t\n%store kept", store_history=False)
    cell = "from quixnb.token import Token\nmine = Token(t, 'a test')\n%store mine"
    refused = world.kernel.run(cell, store_history=False)
    folder = world.lab.home / ".ipython" / "profile_default" / "db" / "autorestore"

    assert found(folder) == {"kept"}
    assert "is not copied or pickled" in json.dumps(shown(refused), default=str)
    world.kernel.run_well("%store -d kept", store_history=False)


@place("`%save`, `%history -f`, `%logstart`, `%notebook`, `%%writefile`")
def _(world: World) -> None:
    world.kernel.run(world.source)
    written = world.kernel.run(f"%%writefile written.env\nTOKEN={world.token}")
    for line in ("%save -f saved.py 1-999", "%history -f history.py", "%logstart -o log.py", "%notebook kept.ipynb"):
        world.kernel.run_well(line)
    world.kernel.run_well("%logstop")

    assert is_warned_of(written)
    assert found(world.lab.folder) >= {"saved.py", "history.py", "log.py", "kept.ipynb", "written.env"}


@place("a kernel's log")
def _(world: World) -> None:
    log = len(world.lab.log)
    world.kernel.run_well("get_ipython().kernel.log.setLevel('WARNING')", store_history=False)
    world.kernel.run(world.source)
    world.kernel.run_well("get_ipython().kernel.log.setLevel('DEBUG')", store_history=False)

    assert leaks_in(world.lab.log[log:], world.token) == []


@place("a kernel's log at level DEBUG")
def _(world: World) -> None:
    log = len(world.lab.log)
    world.kernel.run(f"marked = 1; {world.source}\nraise ValueError(secret)")
    world.kernel.run_well("1")

    said = world.lab.said("marked = 1", log)
    assert leaks_in(said, world.token) == []


@place("`nbconvert --execute --debug`")
def _(world: World) -> None:
    folder = tools.executed(notebook(f"%load_ext quixnb\n{world.source}"), world.folder)

    assert found(folder / "debug.log") == {"debug.log"}


@place("Jupyter Server's log")
def _(world: World) -> None:
    log = len(world.lab.log)
    world.lab.save("logged.ipynb", notebook(world.source, world.token))
    world.lab.http.get("api/contents/logged.ipynb").raise_for_status()

    assert leaks_in(world.lab.said("logged.ipynb", log), world.token) == []


@place("Jupyter Server's log, a token in an address")
def _(world: World) -> None:
    log = len(world.lab.log)
    world.lab.http.get("api/contents/nowhere.ipynb", params={"x": world.token})

    said = world.lab.said("nowhere.ipynb", log)
    assert HIDDEN in said
    assert leaks_in(said, world.token) == []


@place("what a child process or a C library prints, in Jupyter Server's log")
def _(world: World) -> None:
    log = len(world.lab.log)
    outputs = world.kernel.run("import subprocess\nsubprocess.run(['sh', '-c', 'cat >&2'], input=t.encode()) and None")
    while not leaks_in(world.lab.log[log:], world.token):  # ipykernel copies it there, a moment later
        world.kernel.run_well("1")

    captured = "done = subprocess.run(['cat'], input=t, text=True, capture_output=True)\nprint(done.stdout)"
    log = len(world.lab.log)
    outputs.extend(world.kernel.run_well(captured))
    world.kernel.run_well("1")
    assert leaks_in(shown(outputs), world.token) == []
    assert leaks_in(world.lab.log[log:], world.token) == []


@place("Shift+Tab and `?`")
def _(world: World) -> None:
    outputs = world.kernel.run_well("t?")

    for shown_to_user in (shown(outputs), world.kernel.inspect("t"), world.kernel.complete("{t: 1}['")):
        assert leaks_in(shown_to_user, world.token) == []
    assert HIDDEN in json.dumps([shown(outputs), world.kernel.inspect("t")], default=str)


@place("`%debug` and `set_trace()`")
def _(world: World) -> None:
    kernel = world.kernel
    kernel.run("def f(argument):\n    return int(argument)\nf(t)")
    traced = "from IPython.core.debugger import set_trace\ndef g(argument):\n    set_trace()\n    return argument\ng(t)"
    outputs = [kernel.answer("%debug", "p argument", "u", "pp t", "q"), kernel.answer(traced, "args", "!argument", "c")]

    assert leaks_in([*map(shown, outputs)], world.token) == []
    assert all(HIDDEN in each.printed for each in outputs)


@place("the history that a console asks for")
def _(world: World) -> None:
    world.kernel.run(world.source)
    told = world.kernel.asked_for_history()

    assert f"secret = '{HIDDEN}'" in json.dumps(told)
    assert leaks_in(told, world.token) == []


@place("a kernel's channels")
def _(world: World) -> None:
    outputs = world.kernel.run(world.source)

    [echo] = outputs.contents("execute_input")
    assert world.token in echo["code"]  # ipykernel sends it before it asks anybody
    assert is_warned_of(outputs)
