"""Each place of `docs/leaks.md` is one case: a token is put there in earnest, and quixnb does what the page says."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import quixnb
from quixnb.guard import scrub_collaboration
from quixnb.sandbox import Sandbox
from quixnb.scan import scan
from tests.demand import demand_environment
from tests.fakes import fake_token
from tests.leaking import tools
from tests.leaking.cases import CLEAN_OUTPUTS, HIDDEN_OUTPUTS
from tests.leaking.fronts import HIDDEN, WARNING, Front, as_notebook, leaks_in, shown
from tests.leaking.web import Web, web
from tests.server.conftest import notebook
from tests.server.servers import ROOT, Server

pytestmark = pytest.mark.kernel

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


@pytest.fixture(scope="module")
def page() -> Iterator[Web]:
    with web() as running:
        yield running


@pytest.fixture(autouse=True)
def _page_and_modes(kernel: Front, page: Web) -> Iterator[None]:
    kernel.run_well(f"port = {page.server_port}", store_history=False)
    yield
    kernel.run_well("%xmode Context", store_history=False)


@pytest.fixture
def world(lab: Server, kernel: Front, token: str, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    return World(lab, kernel, token, tmp_path / "world", request)


def test_every_place_of_the_page_is_a_case() -> None:
    assert len(places()) == len(set(places())) > 80
    assert {*CASES, *HIDDEN_OUTPUTS, *CLEAN_OUTPUTS} == set(places())


@pytest.mark.parametrize("place", CASES)
def test_what_quixnb_does_is_what_the_page_says(world: World, place: str) -> None:
    CASES[place](world)


@pytest.mark.parametrize("place", HIDDEN_OUTPUTS)
def test_an_output_is_hidden(world: World, place: str) -> None:
    for cell in HIDDEN_OUTPUTS[place]:
        outputs = world.kernel.run(cell.replace("TOKEN", world.token))

        assert leaks_in(shown(outputs), world.token) == []
        assert HIDDEN in json.dumps(shown(outputs), default=str)
        assert "TOKEN" not in cell or is_warned_of(outputs)


@pytest.mark.parametrize("place", CLEAN_OUTPUTS)
def test_an_output_has_no_token_in_it_by_itself(world: World, place: str) -> None:
    world.kernel.run_well("%config QuixGuard.on_token_in_output = 'off'")
    try:
        outputs = [world.kernel.run(cell) for cell in CLEAN_OUTPUTS[place]]
    finally:
        world.kernel.run_well("%config QuixGuard.on_token_in_output = 'redact'")

    assert leaks_in([*map(shown, outputs)], world.token) == []
    assert all(len(shown(each)) > 3 for each in outputs)  # something was shown


# ---- the notebook and its copies


@place("a cell's source")
def _(world: World) -> None:
    outputs = world.kernel.run(world.source)
    world.lab.save("source.ipynb", as_notebook((world.source, outputs)))

    assert is_warned_of(outputs)
    assert world.lab.notices("source.ipynb")[-1]["action"] == "saved as they are"
    assert any("1 token in 'source.ipynb', saved as they are" in line for line in world.lab.log)
    assert "source.ipynb" in found(world.lab.folder)
    [payload] = world.kernel.run_well("%quix_fix").reply["payload"]
    assert payload["text"] == 'import quixnb\nsecret = quixnb.token("secret")'


@place("`Password` widget, run by nbclient")
def _(world: World) -> None:
    cell = f"%load_ext quixnb\nimport ipywidgets\nw = ipywidgets.Password(value='{world.token}'); w"
    folder = tools.executed(notebook(cell), world.folder)

    executed = json.loads((folder / "executed.ipynb").read_text())
    assert HIDDEN in json.dumps(executed["metadata"]["widgets"])
    assert leaks_in([executed["metadata"], executed["cells"][0]["outputs"]], world.token) == []


@place("`Password` widget, typed in JupyterLab")
def _(world: World) -> None:
    made = world.kernel.run_well("import ipywidgets\nw = ipywidgets.Password(); w")
    [comm] = [each["comm_id"] for each in made.contents("comm_open") if "Password" in json.dumps(each)]
    update = {"method": "update", "state": {"value": world.token}, "buffer_paths": []}
    world.kernel.send("comm_msg", {"comm_id": comm, "data": update})
    state = {"state": {comm: {"model_name": "PasswordModel", "state": {"value": world.token}}}}

    typed = world.kernel.run_well("w.value == t")
    mimetype = "application/vnd.jupyter.widget-state+json"
    world.lab.save("password.ipynb", as_notebook(("w", made), widgets={mimetype: state}))

    assert typed.text == "True"
    assert leaks_in(world.lab.text("password.ipynb"), world.token) == []
    assert HIDDEN in world.lab.text("password.ipynb")


@place("`input()`")
def _(world: World) -> None:
    outputs = world.kernel.answer("x = input('Token: ')", world.token)
    made = as_notebook(("x = input('Token: ')", outputs))
    typed = {"output_type": "stream", "name": "stdin", "text": f"Token:  {world.token}"}  # JupyterLab adds this itself
    made["cells"][0]["outputs"].append(typed)
    world.lab.save("input.ipynb", made)

    assert HIDDEN in world.lab.text("input.ipynb")
    assert leaks_in([shown(outputs), world.lab.text("input.ipynb")], world.token) == []


@place("`getpass()`")
def _(world: World) -> None:
    log, token = len(world.lab.log), fake_token()  # one that no cell has had
    outputs = world.kernel.run_well("import getpass\nx = getpass.getpass('Token: ')", typed=[token])

    assert leaks_in([shown(outputs), world.lab.log[log:]], token) == []
    assert token.encode() not in world.history().read_bytes()


@place("`.ipynb_checkpoints`")
def _(world: World) -> None:
    name = "checkpoint.ipynb"
    world.lab.save(name, notebook(world.source))
    world.lab.http.post(f"api/contents/{name}/checkpoints").raise_for_status()
    world.lab.save(name, notebook("1"))
    file = world.lab.folder / ".ipynb_checkpoints" / "checkpoint-checkpoint.ipynb"
    assert file.name in found(world.lab.folder)

    report = world.kernel.run_well("%quix_scrub").text

    assert "checkpoints below" in report
    assert leaks_in(file.read_text(), world.token) == []


@place("jupyter-collaboration's store")
def _(world: World) -> None:
    # What a real server leaves in its store is in tests/collaboration.
    file = world.lab.folder / scrub_collaboration.NAME
    file.touch()

    report = world.kernel.run_well("%quix_scrub").text

    file.unlink()
    assert "stop that, then run here: ipython" in report


@place("jupyter-collaboration's autosave")
def _(world: World) -> None:
    # It saves as everybody does, through the hook; a real one is in tests/collaboration.
    world.lab.save("autosave.ipynb", notebook(world.source, world.token))

    assert world.lab.notices("autosave.ipynb")[-1]["action"] == "redacted in outputs, saved in sources"


@place("`.virtual_documents` of jupyterlab-lsp")
def _(world: World) -> None:
    copy = world.lab.folder / ".virtual_documents" / "a.ipynb"
    copy.parent.mkdir()
    copy.write_text(f"import os\n{world.source}\n")  # the extension writes the cells, as Python, under this name

    assert found(copy.parent) == {"a.ipynb"}


@place("a jupytext pair")
def _(world: World) -> None:
    python = demand_environment("notebooktools")
    world.folder.mkdir()
    (world.folder / "a.ipynb").write_text(json.dumps(notebook(world.source)))
    tools.run(world.folder, python, "-m", "jupytext", "--set-formats", "ipynb,py:percent", "a.ipynb")
    world.lab.save("pair.py", (world.folder / "a.py").read_text())

    assert found(world.folder) == {"a.ipynb", "a.py"}
    assert world.lab.notices("pair.py")[-1]["action"] == "saved as they are"


@place("papermill's `-p token …`")
def _(world: World) -> None:
    python = demand_environment("notebooktools")
    world.folder.mkdir()
    made = notebook("sdk_token = None", kernelspec={"name": "python3", "language": "python", "display_name": "x"})
    made["cells"][0]["metadata"]["tags"] = ["parameters"]
    (world.folder / "a.ipynb").write_text(json.dumps(made))
    parameters = world.folder / "parameters.yaml"
    parameters.write_text(f"sdk_token: {world.token}\n")
    tools.run(world.folder, python, "-m", "papermill", "a.ipynb", "b.ipynb", "-f", parameters.name, "--prepare-only")

    where = [each.location for each in scan([world.folder / "b.ipynb"]).found]
    assert where == ["/cells/1/source", "/metadata/papermill/parameters/sdk_token"]


@pytest.fixture(scope="module")
def exports(lab: Server, kernel: Front, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nbconvert makes of a notebook that was run with quixnb and saved: a token in its source, and shown by it."""
    cell = f"import ipywidgets\nx = '{fake_token()}'\nprint(x)\nw = ipywidgets.Text(value=x)\nw"
    outputs = kernel.run_well(cell)
    opened = {each["comm_id"]: each["data"]["state"] for each in outputs.contents("comm_open")}
    state = {key: {"model_name": "TextModel", "state": value} for key, value in opened.items()}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {"version_major": 2, "state": state}}}
    lab.save("exported.ipynb", as_notebook((cell, outputs), **metadata))
    return tools.converted(json.loads(lab.text("exported.ipynb")), tmp_path_factory.mktemp("exports") / "work")


@place("nbconvert to HTML, Markdown, slides")
def _(world: World) -> None:
    exports = world.get("exports")

    names = {"html.html", "markdown.md", "slides.html"}
    assert found(exports) >= names
    # Twice: the line of the cell, in each; not once more from its output or its widgets.
    assert all(len(scan([exports / name]).found) == 1 for name in names)
    assert all(HIDDEN in (exports / name).read_text() for name in names)


@place("nbconvert `--no-input`")
def _(world: World) -> None:
    assert found(world.get("exports") / "no-input.html") == set()


@place("nbconvert `--no-input` with outputs cleared")
def _(world: World) -> None:
    file = world.get("exports") / "no-input-cleared.html"

    assert HIDDEN in file.read_text()  # the state of the widget is there
    assert found(file) == set()


@place("nbconvert `--to script`")
def _(world: World) -> None:
    assert found(world.get("exports") / "script.py") == {"script.py"}


@place("nbconvert `--clear-output --inplace`")
def _(world: World) -> None:
    assert found(world.get("exports") / "cleared.ipynb") == {"cleared.ipynb"}


@place("nbconvert, outputs and metadata cleared")
def _(world: World) -> None:
    assert found(world.get("exports") / "all-cleared.ipynb") == {"all-cleared.ipynb"}


@place("nbstripout")
def _(world: World) -> None:
    python = demand_environment("notebooktools")
    world.folder.mkdir()
    (world.folder / "a.ipynb").write_text(json.dumps(notebook(world.source, world.token, mine=world.token)))
    tools.run(world.folder, python, "-m", "nbstripout", "a.ipynb")

    assert [each.location for each in scan([world.folder / "a.ipynb"]).found] == ["/cells/0/source", "/metadata/mine"]


# ---- what the kernel and IPython leave on the disk


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

    said = "".join(world.lab.log[log:])
    assert "marked = 1" in said
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

    assert "logged.ipynb" in "".join(world.lab.log[log:])
    assert leaks_in(world.lab.log[log:], world.token) == []


@place("Jupyter Server's log, a token in an address")
def _(world: World) -> None:
    log = len(world.lab.log)
    world.lab.http.get("api/contents/nowhere.ipynb", params={"x": world.token})
    world.lab.http.get("api/status").raise_for_status()

    said = "".join(world.lab.log[log:])
    assert "nowhere.ipynb" in said
    assert HIDDEN in said
    assert leaks_in(said, world.token) == []


@place("a kernel's channels")
def _(world: World) -> None:
    outputs = world.kernel.run(world.source)

    [echo] = outputs.contents("execute_input")
    assert world.token in echo["code"]  # ipykernel sends it before it asks anybody
    assert is_warned_of(outputs)


# ---- processes


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
linux = pytest.mark.skipif(sys.platform != "linux", reason="command lines are read from /proc")


@place("`!command {token}`")
def _(world: World) -> None:
    shown_by_ps = world.kernel.run("!tr '\\0' ' ' < /proc/self/cmdline; : {t}; cat /proc/$$/cmdline | wc -c")
    literal = world.kernel.run(f"!true {world.token}")

    assert int(shown_by_ps.printed.split()[-1]) > len(world.token)  # the shell has the token among its arguments
    assert leaks_in(shown(shown_by_ps), world.token) == []
    assert is_warned_of(literal)


@place("`subprocess.run([…, token])`")
def _(world: World) -> None:
    assert world.token in arguments_of_a_child(world, _START.format("[sys.executable, '-c', child, t]", "{}"))


@place("a command in a terminal of Jupyter")
def _(world: World) -> None:
    (world.lab.home / ".bash_history").write_text(f"ls\nquix login {world.token}\n")

    assert found(world.lab.home / ".bash_history") == {".bash_history"}


@place("`%%bash` with a token in the script")
def _(world: World) -> None:
    outputs = world.kernel.run(f"%%bash\nTOKEN={world.token}\ntr '\\0' ' ' < /proc/$$/cmdline")

    assert is_warned_of(outputs)
    assert "bash" in outputs.printed
    assert HIDDEN not in outputs.printed


@place("the environment of child processes")
def _(world: World) -> None:
    cell = "import os\n" + _START.format("[sys.executable, '-c', child]", "{**os.environ, 'QUIX_X': t}")

    assert world.token in arguments_of_a_child(world, cell)


@place("the kernel's environment, set in the notebook")
def _(world: World) -> None:
    world.kernel.run_well("import os\nos.environ['QUIX_X'] = t\ndel os.environ['QUIX_X']")

    assert world.token not in Path(f"/proc/{world.kernel.pid}/environ").read_text()


@place("the kernel's environment, set before it started")
def _(world: World) -> None:
    # A kernel is a process like any other: its environment is what it was started with.
    cell = _START.format("[sys.executable, '-c', child]", "{'Quix__Sdk__Token': t}")

    assert world.token in arguments_of_a_child(world, cell)


@place("standard input of a child process")
def _(world: World) -> None:
    outputs = world.kernel.run_well(
        "import subprocess, sys\n"
        "code = \"import sys; print(len(sys.stdin.read()), open('/proc/self/cmdline').read())\"\n"
        "print(subprocess.run([sys.executable, '-c', code], input=t, text=True, capture_output=True).stdout)"
    )

    assert outputs.printed.startswith(f"{len(world.token)} ")
    assert HIDDEN not in outputs.printed


# ---- libraries


@place("a redirect to another server")
def _(world: World) -> None:
    page = world.get("page")
    with web() as other:
        page.elsewhere = other.address
        try:
            with pytest.raises(quixnb.PortalError):
                quixnb.connect(token=world.token, portal_api=page.address)
        finally:
            page.elsewhere = None
            quixnb.connecting.forget()

    assert world.token in "".join(page.headers)
    assert other.asked == []


@place("another server's access log")
def _(world: World) -> None:
    page = world.get("page")
    with pytest.raises(quixnb.QuixnbError):
        quixnb.connect(token=world.token, portal_api=page.address)
    quixnb.connecting.forget()

    assert page.asked
    assert leaks_in(page.asked, world.token) == []


_QUIXSTREAMS = r"""
import json, pickle, sys
from quixstreams import Application
from quixstreams.kafka.configuration import ConnectionConfig
from quixstreams.platforms.quix.api import QuixPortalApiService

token, password, portal_api = sys.stdin.read().splitlines()
quiet = dict(consumer_group="a", auto_create_topics=False, use_changelog_topics=False)
cloud = Application(quix_sdk_token=token, quix_portal_api=portal_api, loglevel="DEBUG", **quiet)
service = QuixPortalApiService(auth_token=token, portal_api=portal_api)
try:
    QuixPortalApiService(auth_token=token[:-4] + "0000", portal_api=portal_api).get_workspaces()
except Exception as exc:
    error = repr(exc), str(exc)
connection = ConnectionConfig(bootstrap_servers="127.0.0.1:9", sasl_mechanism="PLAIN", sasl_username="a",
                              security_protocol="sasl_plaintext", sasl_password=password)
own = Application(broker_address=connection, **quiet)
print(json.dumps({
    "repr": repr([cloud, cloud.config, own, own.config, connection, error]),
    "service": repr(vars(service)),
    "producer": repr(vars(own.get_producer())),
    "dictionary": repr(connection.as_librdkafka_dict()),
}))
with open("service.pickle", "wb") as file:
    pickle.dump(service, file)
"""


@pytest.fixture(scope="module")
def quix_streams(kernel: Front, sandbox: Sandbox) -> dict[str, Any]:
    """What Quix Streams 3 has to show for itself, printed in a kernel that knows the same secrets."""
    python = demand_environment("quixstreams3")
    token, [password, *_] = sandbox.environments["dev"].token_2.reveal(), broker_passwords(sandbox)
    kernel.run_well(
        "import getpass\nfrom quixnb.token import KafkaSettings\np = getpass.getpass()\nt2 = getpass.getpass()\n"
        "known = KafkaSettings({'sasl.password': p}, 'a test')",
        typed=[password, token],
    )
    outputs = kernel.run_well(
        f"import subprocess\ncode = {_QUIXSTREAMS!r}\ndone = subprocess.run([{str(python)!r}, '-c', code], text=True,\n"
        f"    input='\\n'.join([t2, p, {sandbox.portal_api!r}]), capture_output=True)\n"
        "print(done.stderr, done.stdout, sep='\\n')"
    )
    return {"outputs": outputs, **json.loads(outputs.printed.strip().splitlines()[-1])}


def quix_streams_hides(world: World, part: str) -> None:
    """Whether a secret was replaced in one part of that, and none is left."""
    sandbox, said = world.get("sandbox"), world.get("quix_streams")

    assert HIDDEN in said[part]
    secrets = [sandbox.environments["dev"].token_2.reveal(), broker_passwords(sandbox)[0]]
    assert leaks_in(shown(said["outputs"]), *secrets) == []


def broker_passwords(sandbox: Sandbox) -> list[str]:
    """The passwords of all its environments' brokers."""
    import httpx2

    headers = {"Authorization": f"Bearer {sandbox.admin_token.reveal()}"}
    answer = httpx2.get(f"{sandbox.portal_api}/workspaces", headers=headers, trust_env=False)
    return [each["broker"]["password"] for each in answer.json()]


@place("Quix Streams: `repr`, `app.config`, log, errors")
def _(world: World) -> None:
    assert HIDDEN not in world.get("quix_streams")["repr"]


@place("Quix Streams: `vars()` of its portal service")
def _(world: World) -> None:
    quix_streams_hides(world, "service")


@place("Quix Streams: `vars()` of a producer")
def _(world: World) -> None:
    quix_streams_hides(world, "producer")


@place("Quix Streams: `as_librdkafka_dict()`")
def _(world: World) -> None:
    quix_streams_hides(world, "dictionary")


@place("a pickle of Quix Streams' portal service")
def _(world: World) -> None:
    world.get("quix_streams")
    sandbox = world.get("sandbox")
    world.kernel.run_well(f"import os, pickle, quixnb\nos.environ['Quix__Portal__Api'] = {sandbox.portal_api!r}")
    world.kernel.run_well("%quix_token", typed=[sandbox.environments["dev"].token_2.reveal()])
    refused = world.kernel.run("pickle.dumps(quixnb.current())")
    world.kernel.run_well("%quix_token --forget")

    assert found(world.lab.folder / "service.pickle") == {"service.pickle"}
    assert refused.error["ename"] == "TypeError"


@place("cloudpickle: a closure over a token")
def _(world: World) -> None:
    cell = "import cloudpickle\nwith open('closure', 'wb') as file: cloudpickle.dump(lambda: t, file)"
    outputs = world.kernel.run_well(f"{cell}\ncloudpickle.dumps(lambda: t)")
    refused = world.kernel.run(
        "from quixnb.token import Token\nmine = Token(t, 'a test')\ncloudpickle.dumps(lambda: mine)"
    )

    assert found(world.lab.folder / "closure") == {"closure"}
    assert leaks_in(shown(outputs), world.token) == []
    assert "is not copied or pickled" in refused.error["evalue"]


@place("`joblib.Memory`")
def _(world: World) -> None:
    world.kernel.run_well(
        "import joblib\nmemory = joblib.Memory('cache', verbose=0)\n@memory.cache\ndef f(token): return 1\nf(t)"
    )

    # joblib has git ignore its folder, and so does a scan of the folder; not of a file.
    assert found(*(world.lab.folder / "cache").rglob("metadata.json")) == {"metadata.json"}


@place("pydantic: a pickle of `SecretStr`")
def _(world: World) -> None:
    world.kernel.run_well(
        "import pickle, pydantic\nwith open('secret.pickle', 'wb') as f: pickle.dump(pydantic.SecretStr(t), f)"
    )

    assert found(world.lab.folder / "secret.pickle") == {"secret.pickle"}
