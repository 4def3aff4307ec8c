"""The cases of "The notebook and its copies"; those of outputs are in `cases.py`, those of several people elsewhere."""

from __future__ import annotations

import json

from quixnb.scan import scan
from tests.demand import demand_environment
from tests.fakes import fake_token
from tests.leaking import tools
from tests.leaking.fronts import HIDDEN, as_notebook, leaks_in, shown
from tests.leaking.sockets import opened_in_editor
from tests.leaking.world import World, found, is_warned_of, place
from tests.server.conftest import notebook


@place("a cell's source")
def _(world: World) -> None:
    outputs = world.kernel.run(world.source)
    world.lab.save("source.ipynb", as_notebook((world.source, outputs)))

    assert is_warned_of(outputs)
    assert world.lab.notices("source.ipynb")[-1]["action"] == "saved as they are"
    assert world.lab.said("1 token in 'source.ipynb', saved as they are")
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


@place("`.virtual_documents` of jupyterlab-lsp")
def _(world: World) -> None:
    editing = world.get("extended")
    opened_in_editor(editing, "a.ipynb", f"import os\n{world.source}\n")
    copy = editing.folder / ".virtual_documents" / "a.ipynb"

    assert world.source in copy.read_text()
    assert found(copy.parent) == {"a.ipynb"}
    assert leaks_in(editing.log, world.token) == []
    world.kernel.run_well(f"%cd -q {editing.folder}\nscrubbed = %quix_scrub\n%cd -q -", store_history=False)
    assert copy.read_text() == f"import os\nsecret = '{HIDDEN}'\n"


@place("a jupytext pair")
def _(world: World) -> None:
    paired, shown_token = world.get("extended"), fake_token()
    kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    jupytext = {"formats": "ipynb,py:percent"}
    made = notebook(world.source, shown_token, kernelspec=kernelspec, jupytext=jupytext)
    paired.save("pair.ipynb", made).raise_for_status()

    assert found(paired.folder / "pair.ipynb", paired.folder / "pair.py") == {"pair.ipynb", "pair.py"}
    assert world.source in paired.text("pair.py")  # jupytext has written it
    assert shown_token not in paired.text("pair.ipynb") + paired.text("pair.py")
    assert paired.notices("pair.py")[-1]["action"] == "saved as they are"


@place("papermill's `-p token …`")
def _(world: World) -> None:
    python = demand_environment("notebooktools")
    world.folder.mkdir()
    made = notebook("sdk_token = None", kernelspec={"name": "python3", "language": "python", "display_name": "x"})
    made["cells"][0]["metadata"]["tags"] = ["parameters"]
    (world.folder / "a.ipynb").write_text(json.dumps(made))
    options = ["-p", "sdk_token", world.token, "-p", "sdk_variable", "QUIX_T"]
    said = tools.run(world.folder, python, "-m", "papermill", "a.ipynb", "b.ipynb", *options, "--prepare-only")

    where = [each.location for each in scan([world.folder / "b.ipynb"]).found]
    assert where == ["/cells/1/source", "/metadata/papermill/parameters/sdk_token"]
    assert "QUIX_T" in (world.folder / "b.ipynb").read_text()
    assert leaks_in(said, world.token) == []


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
