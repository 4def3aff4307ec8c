"""`quixnb scan` as people run it: what it looks at, what it prints, how it ends."""

from __future__ import annotations

import json
import os
import pickle
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from quixnb.cli import main
from quixnb.scan import contents as contents_module
from quixnb.scan import scan
from tests.fakes import fake_token
from tests.scan.corpus import LEAVES, STEPS, code, notebook, positives
from tests.search import planted

ROOT = Path(__file__).parents[2]
WIDGETS = "application~1vnd.jupyter.widget-state+json"


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def paths_of(*arguments: str) -> list[str]:
    return [each.path for each in scan(arguments or ["."]).found]


# ---- what it prints


def test_json_has_one_object_a_line_with_these_fields(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = fake_token()
    Path("a.ipynb").write_text(json.dumps(notebook(code("x"), code(["import os\n", f"t = '{token}'"]))))

    status = main(["scan", "a.ipynb", "--format", "json"])

    assert status == 1
    assert lines(capsys) == [
        {
            "path": "a.ipynb",
            "location": "/cells/1/source",
            "cell_index": 1,
            "kind": "sdk",
            "line": 2,
            "start": 15,
            "end": 51,
            "rule": "in one piece",
        }
    ]


def test_where_the_token_is_not_in_one_piece_start_and_end_are_null(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(STEPS["ANSI colour inside"](fake_token()))

    main(["scan", "a.md", "--format", "json"])

    [found] = lines(capsys)
    assert (found["start"], found["end"], found["location"], found["cell_index"]) == (None, None, "", None)


@pytest.mark.parametrize(
    ("leaf", "location", "cell"),
    [
        ("source, lines", "/cells/0/source", 0),
        ("stdout", "/cells/0/outputs/0/text", 0),
        ("text/html", "/cells/0/outputs/0/data/text~1html", 0),
        ("application/json", "/cells/0/outputs/0/data/application~1json/a/1/b", 0),
        ("traceback", "/cells/0/outputs/0/traceback/1", 0),
        ("metadata of a cell", "/cells/0/metadata/tags/1", 0),
        ("key", "/cells/0/metadata/[quix token]#key", 0),
        ("attachment", "/cells/0/attachments/a.txt/text~1plain", 0),
        ("nbformat 3", "/worksheets/0/cells/0/input", 0),
        ("metadata of the notebook", "/metadata/papermill/parameters/sdk_token", None),
        ("widget's output", f"/metadata/widgets/{WIDGETS}/state/abc/state/outputs/0/text", None),
    ],
)
def test_location_is_the_json_pointer(folder: Path, leaf: str, location: str, cell: int | None) -> None:
    Path("a.ipynb").write_text(json.dumps(LEAVES[leaf](fake_token())))

    [found] = scan(["a.ipynb"]).found

    assert (found.location, found.cell_index) == (location, cell)


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_no_character_of_a_token_is_printed(folder: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = fake_token()
    name = f"{token}.ipynb"
    inner = {token: {"a": token, fake_token("pat"): token}}
    Path(name).write_text(json.dumps(notebook(code(token, **inner))))

    main(["scan", name, ".", "--format", form])

    said = capsys.readouterr()
    digits = token[4:]
    assert not any(digits[at : at + 6] in said.out + said.err for at in range(len(digits) - 5))


def test_sarif_is_what_code_hosts_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a b.py").write_text(f"\nt = '{fake_token()}'\n")

    main(["scan", ".", "--format", "sarif"])

    log = json.loads(capsys.readouterr().out)
    [run] = log["runs"]
    [result] = run["results"]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] in [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert result["message"]["text"].startswith("A Quix streaming token stands here (in one piece). ")
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a%20b.py"}, "region": {"startLine": 2}}}
    ]


def test_status_is_0_without_findings_1_with_and_2_for_unusable_arguments(folder: Path) -> None:
    Path("a.md").write_text("sdk-tools\n")
    assert main(["scan", "."]) == 0
    Path("a.md").write_text(fake_token())
    assert main(["scan", "."]) == 1
    for unusable in ([], ["no-such-file"], [".", "--format", "xml"], [".", "--write-baseline"]):
        with pytest.raises(SystemExit) as ended:
            main(["scan", *unusable])
        assert ended.value.code == 2


# ---- what it looks at


@pytest.mark.parametrize("name", ["a.py", "a.md", ".env", "a.html", "a.txt", "a.json", "noend", "a.ipynb", "a.csv"])
def test_texts_of_all_kinds_are_looked_at(folder: Path, name: str) -> None:
    Path(name).write_text(f"x {fake_token()}\n")  # as .ipynb: broken JSON, read as a text

    assert paths_of() == [name]


def test_broken_json_is_read_as_a_text(folder: Path) -> None:
    whole = json.dumps(notebook(code(f"t = '{fake_token()}'")), indent=1)
    Path("a.ipynb").write_text(whole[:-20])

    [found] = scan(["a.ipynb"]).found

    assert (found.location, found.cell_index) == ("", None)


def test_a_key_that_stands_twice_does_not_hide_a_token(folder: Path) -> None:
    Path("a.ipynb").write_text(f'{{"cells": [], "metadata": {{"a": "{fake_token()}", "a": "b"}}}}')

    assert len(scan(["a.ipynb"]).found) == 1


def test_checkpoints_are_looked_at(folder: Path) -> None:
    Path(".ipynb_checkpoints").mkdir()
    Path(".ipynb_checkpoints/a-checkpoint.ipynb").write_text(json.dumps(notebook(code(fake_token()))))

    assert paths_of() == [os.path.join(".ipynb_checkpoints", "a-checkpoint.ipynb")]


def test_in_a_binary_file_a_token_that_stands_as_it_is_is_found(folder: Path) -> None:
    Path("a.dat").write_bytes(b"\0\1" + fake_token().encode())
    Path("b.pickle").write_bytes(pickle.dumps({"token": fake_token("pat")}, protocol=2))
    with sqlite3.connect(planted(Path("c.sqlite"))) as database:
        database.execute("CREATE TABLE history (source)")
        database.execute("INSERT INTO history VALUES (?)", [f"t = '{fake_token()}'"])
    database.close()

    found = scan(["."]).found

    assert [(each.path, each.kind, each.line) for each in found] == [
        ("a.dat", "sdk", None),
        ("b.pickle", "pat", None),
        ("c.sqlite", "sdk", None),
    ]
    assert (found[0].start, found[0].end) == (2, 38)


def test_images_and_the_like_are_left_out(folder: Path) -> None:
    Path("a.png").write_bytes(b"\0\1" + fake_token().encode())

    assert paths_of() == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_marked_encodings_are_read(folder: Path, encoding: str) -> None:
    Path("a.txt").write_text(f"é {fake_token()}", encoding=encoding)

    [found] = scan(["a.txt"]).found
    assert found.start == 2


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.md").write_text(fake_token())
    Path("link").symlink_to(outside)
    Path("link.md").symlink_to(outside / "a.md")
    Path("loop").symlink_to(".")

    assert paths_of() == []
    git("init", "-q")
    assert paths_of() == []


GITIGNORE = (
    "*.log\n/build/\n!keep.log\ndocs/**/x.md\n.env\n# comment\n\\#a.md\nb[0-9].md\n"
    "[[:digit:]]x.md\n[a\\]]y.md\n[^k]z.md\n[]\n"
)
IGNORED = [
    "1x.md",
    "]y.md",
    "az.md",
    "a.log",
    "build/a.md",
    "docs/1/2/x.md",
    "docs/x.md",
    ".env",
    "sub/.env",
    "#a.md",
    "b1.md",
    "sub/own.md",
]
KEPT = ["kz.md", "ax.md", "keep.log", "sub/build/a.md", "x.md", "bx.md", "sub/a.md"]


@pytest.mark.parametrize("has_git", [True, False])
def test_what_git_ignores_is_left_out(folder: Path, has_git: bool) -> None:
    for name in [*IGNORED, *KEPT]:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(fake_token())
    Path(".gitignore").write_text(GITIGNORE)
    Path("sub/.gitignore").write_text("own.md\n")
    if has_git:
        git("init", "-q")

    assert sorted(paths_of()) == sorted(KEPT)
    if has_git:  # rules of folders above are those of the repository
        assert sorted(paths_of("sub")) == ["sub/a.md", "sub/build/a.md"]
    assert paths_of(".env") == [".env"]  # named itself


def test_an_ignored_folder_that_is_named_is_looked_at(folder: Path) -> None:
    git("init", "-q")
    Path(".gitignore").write_text("out/\n")
    Path("out").mkdir()
    Path("out/a.md").write_text(fake_token())

    assert paths_of("out") == ["out/a.md"]


def test_archives_are_looked_into_on_request(folder: Path) -> None:
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("in/a.ipynb", json.dumps(notebook(code(fake_token()))))

    assert paths_of() == []
    assert [each.path for each in scan(["."], archives=True).found] == ["a.zip!/in/a.ipynb"]
    Path("a.zip").write_bytes(b"no archive")
    assert len(scan(["."], archives=True).unreadable) == 1


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "binary"])
def test_a_large_file_is_read_in_blocks_and_found_at_its_place(
    folder: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(
        f"line {number} é\n" + (f"t = '{fake_token()}'\n" if number % 97 == 5 else "") for number in range(5000)
    )
    Path("a.txt").write_bytes(b"\0\1" + text.encode() if form == "binary" else text.encode(form))
    whole = scan(["a.txt"]).found

    monkeypatch.setattr(contents_module, "LARGE", 1000)
    monkeypatch.setattr(contents_module, "_BLOCK", 5000)
    monkeypatch.setattr(contents_module, "_OVERLAP", 500)

    assert scan(["a.txt"]).found == whole
    assert len(whole) == 52


def test_two_processes_find_what_one_finds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (_, document) in enumerate(list(positives().values())[:30]):
        Path(f"{number:02}.ipynb").write_text(json.dumps(document))
    alone = scan(["."]).found

    monkeypatch.setattr("quixnb.scan.running._WORTH_PROCESSES", 0)

    assert scan(["."]).found == alone


def test_what_cannot_be_read_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    Path("a.md").write_text("x")
    Path("b").mkdir()
    Path("c").mkdir()
    Path("c/a.md").write_text("x")
    for name, mode in (("a.md", 0), ("b", 0), ("c", 0o444)):
        Path(name).chmod(mode)

    assert main(["scan", ".", "b"]) == 0
    assert re.findall("Not read: (.*):", capsys.readouterr().err) == ["a.md", "b", "c/a.md"]


# ---- what is accepted


def test_a_comment_silences_its_line(folder: Path) -> None:
    Path("a.py").write_text(f"a = '{fake_token()}'  # quixnb: not-a-token\nb = '{fake_token()}'\n")

    assert [each.line for each in scan(["a.py"]).found] == [2]


def test_a_baseline_accepts_what_is_there_and_nothing_new(folder: Path) -> None:
    one = fake_token()
    Path("a.py").write_text(f"a = '{one}'\n")

    assert main(["scan", "a.py", "--baseline", "b.json", "--write-baseline"]) == 0

    assert one[4:12] not in Path("b.json").read_text()
    Path("a.py").write_text(f"# moved\na = '{one}'\n")
    assert main(["scan", "a.py", "--baseline", "b.json"]) == 0
    Path("a.py").write_text(f"a = '{one}'\nb = '{fake_token()}'\n")
    assert main(["scan", "a.py", "--baseline", "b.json"]) == 1
    Path("b.json").write_text("[]")
    assert main(["scan", "a.py", "--baseline", "b.json"]) == 1


def test_fix_says_what_became_of_each_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.py").write_text(f"t = '{fake_token()}'\n")
    Path("b.md").write_text(fake_token())
    Path("c.md").hardlink_to("b.md")
    Path(".env").write_text(f"T={fake_token()}\n")
    Path(f"{fake_token()}.md").write_text("x")
    with zipfile.ZipFile(planted(Path("d.zip")), "w") as archive:
        archive.writestr("e.md", fake_token())

    assert main(["scan", ".", "a.py", "--zip", "--fix"]) == 1

    said = capsys.readouterr().err.splitlines()
    stays = "Not fixed (tokens stay): "
    assert said[:-1] == [f"{stays}.env", "Fixed: a.py", "Fixed: b.md", "Fixed: c.md", f"{stays}d.zip!/e.md"]
    assert "%quix_token --env VARIABLE --save NAME" in said[-1]


def test_fix_leaves_alone_what_the_baseline_accepts(folder: Path) -> None:
    accepted = f"a = '{fake_token()}'\n"
    Path("a.py").write_text(accepted)
    main(["scan", "a.py", "--baseline", "b.json", "--write-baseline"])
    Path("a.py").write_text(f"{accepted}# {fake_token()}\n")

    assert main(["scan", "a.py", "--baseline", "b.json", "--fix"]) == 1

    assert planted(Path("a.py")).read_text() == f"{accepted}# [quix token]\n"
    assert main(["scan", "a.py", "--baseline", "b.json"]) == 0


# ---- how it ends and starts


def test_fix_leaves_no_token_and_still_ends_with_1(folder: Path) -> None:
    Path("a.ipynb").write_text(json.dumps(notebook(code(f"t = '{fake_token()}'"))))

    assert main(["scan", ".", "--fix"]) == 1
    assert main(["scan", "."]) == 0


def test_it_needs_nothing_that_is_heavy() -> None:
    program = (
        "import sys; from quixnb.cli import main; main(['scan', '.'])\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT / "docs", env=environment, capture_output=True, text=True, check=True)

    heavy = {"IPython", "pandas", "numpy", "orjson", "httpx2", "confluent_kafka", "narwhals", "tornado", "traitlets"}
    assert not heavy & set(done.stdout.splitlines()[-1].split())


@pytest.mark.alone
def test_it_starts_in_little_more_time_than_python_itself(folder: Path) -> None:
    def seconds(*command: str) -> float:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, *command], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
            times.append(time.perf_counter() - started)
        return min(times)

    alone = seconds("-c", "import argparse, json, pathlib, subprocess, concurrent.futures.process, zipfile")

    assert seconds("-m", "quixnb", "scan", ".") < 3 * alone
