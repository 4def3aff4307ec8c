"""What reaches the disk through a real Jupyter Server, and what it says about it."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx2
import nbformat
import pytest

from quixnb.server.extension import hook
from quixnb.server.saves import Saves
from quixnb.server.uploads import Uploads
from tests.fakes import fake_token
from tests.server.conftest import notebook
from tests.server.servers import Server

HIDDEN = "[quix token]"


def test_a_token_in_an_output_does_not_reach_the_disk(server: Server) -> None:
    token = fake_token()

    answer = server.save("a.ipynb", notebook("print(token)", f"it is {token}\n"))

    assert answer.status_code == 201
    assert token not in server.text("a.ipynb")
    assert f"it is {HIDDEN}" in server.text("a.ipynb")


def test_a_token_in_a_source_is_saved_and_remarked_on(server: Server) -> None:
    token = fake_token()

    server.save("b.ipynb", notebook(f"x = 1\ntoken = '{token}'"))

    assert token in server.text("b.ipynb")
    [notice] = server.notices("b.ipynb")
    assert notice["action"] == "saved as they are"
    assert notice["places"] == [{"place": "/cells/0/source", "kind": "sdk", "line": 2, "was_redacted": False}]
    assert server.said("1 token in 'b.ipynb', saved as they are (/cells/0/source, line 2)")


def test_what_is_found_is_said_once_in_the_log_without_a_character_of_it(server: Server) -> None:
    token = fake_token()

    for _ in range(3):
        server.save("c.ipynb", notebook(f"t = '{token}'", token))

    server.said("in 'c.ipynb'")
    said = [line for line in server.log if "c.ipynb" in line and "quixnb:" in line]
    assert len(said) == 1
    assert token[4:10] not in "".join(server.log) + json.dumps(server.notices())


OUTPUTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "stdin": lambda token: {"output_type": "stream", "name": "stdin", "text": f"Token: {token}"},
    "html": lambda token: nbformat.v4.new_output("display_data", {"text/html": f"<b>{token}</b>"}),
    "svg": lambda token: nbformat.v4.new_output("display_data", {"image/svg+xml": f"<svg>{token}</svg>"}),
    "json": lambda token: nbformat.v4.new_output("display_data", {"application/json": {"a": [{token: token}]}}),
    "result": lambda token: nbformat.v4.new_output("execute_result", {"text/plain": repr(token)}, execution_count=1),
    "error": lambda token: nbformat.v4.new_output("error", ename="E", evalue=token, traceback=[f"x {token}", token]),
    "metadata": lambda token: nbformat.v4.new_output("display_data", {"text/plain": ""}, metadata={"x": token}),
}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_every_form_of_output_is_cleaned(server: Server, output: Callable[[str], dict[str, Any]]) -> None:
    token, content = fake_token(), notebook("1")
    content["cells"][0]["outputs"] = [output(token)]

    server.save("d.ipynb", content)

    assert token not in server.text("d.ipynb")
    assert HIDDEN in server.text("d.ipynb")


def test_the_state_of_widgets_is_an_output(server: Server) -> None:
    token = fake_token()
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"state": {"value": token}}}}}

    server.save("e.ipynb", notebook("1", widgets=state))

    assert token not in server.text("e.ipynb")


def test_an_image_is_left_as_it_is(server: Server) -> None:
    token, content = fake_token(), notebook("1", fake_token())
    image = {"image/png": token.replace("-", "+")}
    content["cells"][0]["outputs"].append(nbformat.v4.new_output("display_data", image))

    server.save("f.ipynb", content)

    saved = nbformat.reads(server.text("f.ipynb"), as_version=4)
    assert saved.cells[0].outputs[1].data == image


def test_a_checkpoint_holds_what_the_file_holds(server: Server) -> None:
    token = fake_token()

    server.save("g.ipynb", notebook("1", token))
    server.http.post("api/contents/g.ipynb/checkpoints").raise_for_status()

    assert token not in server.text(".ipynb_checkpoints/g-checkpoint.ipynb")
    assert HIDDEN in server.text(".ipynb_checkpoints/g-checkpoint.ipynb")


def test_the_first_checkpoint_which_the_first_save_makes_is_clean(server: Server) -> None:
    token = fake_token()

    server.save("h.ipynb", notebook("1", token))

    assert token not in server.text(".ipynb_checkpoints/h-checkpoint.ipynb")


def test_a_text_file_is_remarked_on_and_saved_as_it_is(server: Server) -> None:
    text = f"# notes\n\ntoken: {fake_token()}\n"

    server.save("notes.md", text)

    assert server.text("notes.md") == text
    assert server.notices("notes.md")[0]["places"][0]["line"] == 3


def uploaded(server: Server, path: str, data: bytes, **more: Any) -> bytes:
    """The file, after an upload as JupyterLab does it."""
    content = base64.b64encode(data).decode()
    answer = server.http.put(
        f"api/contents/{path}", json={"type": "file", "format": "base64", "content": content, **more}
    )
    answer.raise_for_status()
    return (server.folder / path).read_bytes()


def test_an_uploaded_notebook_is_cleaned_as_a_saved_one(server: Server) -> None:
    token = fake_token()

    saved = uploaded(server, "up.ipynb", json.dumps(notebook(f"t = '{token}'", token)).encode())

    assert saved.count(token.encode()) == 1
    assert server.notices("up.ipynb")[-1]["action"] == "redacted in outputs, saved in sources"


@pytest.mark.parametrize("data", [b"\x89PNG\xff" + b"0" * 40, "t = 'é TOKEN'\r\n".encode(), b'{"cells": TOKEN'])
def test_any_other_uploaded_file_is_saved_as_it_is(server: Server, data: bytes) -> None:
    data = data.replace(b"TOKEN", fake_token().encode())
    name = f"up{len(data)}.{'ipynb' if data.startswith(b'{') else 'py'}"

    assert uploaded(server, name, data) == data
    assert len(server.notices(name)) == (b"sdk-" in data)


def in_pieces(server: Server, path: str, data: bytes) -> bytes:
    """The file, after an upload in three pieces."""
    third = len(data) // 3
    uploaded(server, path, data[:third], chunk=1)
    uploaded(server, path, data[third : 2 * third], chunk=2)
    return uploaded(server, path, data[2 * third :], chunk=-1)


def test_a_notebook_that_is_uploaded_in_pieces_is_cleaned_when_all_are_there(server: Server) -> None:
    token, data = fake_token(), b"x = 'e\xc3\xa9 \xf0\x9f\x98\x80'\r\n"

    saved = in_pieces(server, "pieces.ipynb", json.dumps(notebook(f"t = '{token}'", f"{token} {token}")).encode())

    assert saved.count(token.encode()) == 1
    assert [each["action"] for each in server.notices("pieces.ipynb")] == ["redacted in outputs, saved in sources"]
    assert in_pieces(server, "pieces.py", data) == data
    assert in_pieces(server, "pieces.bin", b"\x89\xff" * 30) == b"\x89\xff" * 30


def test_what_came_in_pieces_is_not_refused_any_more(server: Server) -> None:
    token, folder = fake_token(), server.folder / "refusing"
    folder.mkdir()
    (folder / ".quixnb.toml").write_text('on_save = "refuse"\n')

    saved = in_pieces(server, "refusing/pieces.ipynb", json.dumps(notebook(f"t = '{token}'")).encode())

    assert token.encode() in saved
    assert (
        server.notices("refusing/pieces.ipynb")[-1]["action"] == "saved as they are: not refused as it came in pieces"
    )


def test_a_notebook_that_is_saved_as_a_text_is_a_notebook(server: Server) -> None:
    token = fake_token()

    server.save("text.ipynb", json.dumps(notebook("1", token)))

    assert token not in server.text("text.ipynb")
    assert server.notices("text.ipynb")[-1]["places"][0]["place"] == "/cells/0/outputs/0/text"


@pytest.mark.parametrize("name", ["prod.env", "clean.env.local"])
def test_a_file_that_is_there_for_tokens_is_not_remarked_on(server: Server, name: str) -> None:
    server.save(name, f"STREAMING_TOKEN={fake_token()}\n")

    assert server.notices(name) == []


def test_a_document_without_tokens_is_saved_as_it_is(server: Server) -> None:
    content = notebook("print('sdk-12345')", "sdk-12345\n")

    server.save("i.ipynb", content)

    assert nbformat.reads(server.text("i.ipynb"), as_version=4) == nbformat.from_dict(content)
    assert server.notices("i.ipynb") == []


def test_a_copy_through_the_server_is_cleaned(server: Server) -> None:
    token = fake_token()
    (server.folder / "old.ipynb").write_text(json.dumps(notebook("1", token)))

    answer = server.http.post("api/contents/", json={"copy_from": "old.ipynb"})

    assert token not in server.text(answer.json()["path"])


@pytest.mark.parametrize(("setting", "is_saved"), [("off", True), ("redact", False), ("warn", True)])
def test_a_folder_has_a_setting_of_its_own(server: Server, setting: str, is_saved: bool) -> None:
    token, folder = fake_token(), server.folder / setting / "deep"
    folder.mkdir(parents=True)
    (folder.parent / ".quixnb.toml").write_text(f'on_save = "{setting}"\n')

    server.save(f"{setting}/deep/a.ipynb", notebook(f"t = '{token}'", token))

    assert (token in server.text(f"{setting}/deep/a.ipynb")) is is_saved
    assert bool(server.notices(f"{setting}/deep/a.ipynb")) is (setting != "off")


@pytest.mark.parametrize("text", ["on_save = 'maybe'", "on_save = [", "\xff"])
def test_a_folders_setting_that_makes_no_sense_changes_nothing_and_is_said_once(server: Server, text: str) -> None:
    token, folder = fake_token(), server.folder / f"odd{len(text)}"
    folder.mkdir()
    (folder / ".quixnb.toml").write_text(text, encoding="latin-1")

    for _ in range(2):
        server.save(f"{folder.name}/a.ipynb", notebook("1", token))

    assert token not in server.text(f"{folder.name}/a.ipynb")
    complaint = f"{folder.name}/.quixnb.toml' counts as if it were not there"
    assert server.said(complaint).count(complaint) == 1


def test_refuse_does_not_save_and_says_where_and_what_to_do(server: Server) -> None:
    folder = server.folder / "strict"
    folder.mkdir()
    (folder / ".quixnb.toml").write_text('on_save = "refuse"')

    answer = server.save("strict/a.ipynb", notebook(f"t = '{fake_token()}'"))

    assert answer.status_code == 400
    message = answer.json()["message"]
    assert message.startswith("Not saved: it holds a Quix token in plain text (/cells/0/source, line 1).")
    assert not (folder / "a.ipynb").exists()


def test_redact_leaves_a_file_that_is_nothing_but_a_token(server: Server) -> None:
    folder, token = server.folder / "tokens", fake_token()
    folder.mkdir()
    (folder / ".quixnb.toml").write_text('on_save = "redact"')

    server.save("tokens/token.txt", f"{token}\n")
    server.save("tokens/code.py", f"t = '{token}'\n")

    assert server.text("tokens/token.txt") == f"{token}\n"
    assert server.text("tokens/code.py") == f"t = '{HIDDEN}'\n"


def test_a_check_that_fails_costs_no_save_and_says_no_more_than_that(caplog: pytest.LogCaptureFixture) -> None:
    token = fake_token()

    def broken() -> str:
        raise RuntimeError(token)

    saves = Saves(broken, lambda: False, logging.getLogger("test"))
    model = {"type": "notebook", "content": notebook("1", token)}

    log = logging.getLogger("test")
    hook(saves, Uploads(saves, log), log)(model, "a.ipynb", None)

    assert caplog.messages == ["quixnb could not check a save: RuntimeError"]


def test_the_notices_are_for_those_who_may_use_the_server(server: Server) -> None:
    answer = httpx2.get(f"{server.http.base_url}quixnb/api/saves")

    assert answer.status_code in (302, 403)


def test_a_mistyped_mode_of_the_server_is_said_and_the_default_counts(started: Callable[..., Server]) -> None:
    server, token = started("--QuixSaves.on_token=redakt"), fake_token()

    server.save("a.ipynb", notebook("1", token))

    assert token not in server.text("a.ipynb")
    assert server.said("QuixSaves.on_token has to be any of ['redact-outputs'")


def test_the_mode_is_a_setting_of_the_server(started: Callable[..., Server]) -> None:
    server, token = started("--QuixSaves.on_token=redact"), fake_token()

    server.save("a.ipynb", notebook(f"t = '{token}'"))

    assert token not in server.text("a.ipynb")
