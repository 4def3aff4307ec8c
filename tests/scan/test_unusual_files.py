"""Files that are not quite files, names that no terminal should see as they are, and an output that nobody reads."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from quixnb.cli import main
from quixnb.scan import contents as contents_module
from quixnb.scan import scan
from tests.fakes import fake_token
from tests.scan.corpus import code, notebook
from tests.search import planted

ROOT = Path(__file__).parents[2]
SCAN = [sys.executable, "-m", "quixnb", "scan"]
ODD_NAMES = ["two\nlines.py", "red\x1b[31m.py", "line\u2028end.py", "key 🔑.py", os.fsdecode(b"\xff.py")]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such names and files are not there on Windows")


@pytest.fixture
def folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


# ---- names


@pytest.fixture
def odd_names(folder: Path) -> list[str]:
    for name in ODD_NAMES:
        Path(name).write_text(f"t = '{fake_token()}'\n")
    return sorted(ODD_NAMES)


def test_text_is_one_line_a_finding_and_nothing_that_a_terminal_obeys(
    odd_names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["scan", "."])

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(odd_names) + 2
    assert all(line.isprintable() for line in lines)
    assert r"two\nlines.py:1: a Quix streaming token, in one piece" in lines


def test_json_is_one_object_a_line_whatever_the_names(odd_names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", ".", "--format", "json"])

    out = capsys.readouterr().out
    assert out.isascii()  # so that no terminal's encoding breaks it
    assert [json.loads(line)["path"] for line in out.splitlines()] == odd_names


def test_sarif_spells_the_bytes_of_a_name(odd_names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["scan", ".", "--format", "sarif"])

    [run] = json.loads(capsys.readouterr().out)["runs"]
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]]
    assert "%FF.py" in places
    assert "two%0Alines.py" in places


def test_a_token_in_a_name_is_found_once_and_not_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token, other = fake_token(), fake_token("pat")
    Path(token, "sub").mkdir(parents=True)
    Path(token, "sub", "a.txt").write_text("x")
    Path(token, "b.txt").write_text("x")
    Path(f"{other}.txt").write_text("x")
    with zipfile.ZipFile(planted(Path("c.zip")), "w") as archive:
        archive.writestr(f"in/{token}.txt", "x")

    found = scan(["."], archives=True).found

    assert [(each.path, each.location, each.kind, each.line) for each in found] == [
        ("c.zip!/in/[quix token].txt", "#name", "sdk", None),
        ("[quix token].txt", "#name", "pat", None),
        ("[quix token]", "#name", "sdk", None),
    ]
    assert main(["scan", "."]) == 1
    assert "[quix token].txt, in its name: a Quix personal access token" in capsys.readouterr().out


# ---- compressed files


def test_a_compressed_file_keeps_its_name(folder: Path) -> None:
    Path("a.log.gz").write_bytes(gzip.compress(f"x\n{fake_token()}\n".encode()))
    Path("b.ipynb.gz").write_bytes(gzip.compress(json.dumps(notebook(code(fake_token()))).encode()))

    found = scan(["."]).found

    assert [(each.path, each.location, each.line) for each in found] == [
        ("a.log.gz", "", 2),
        ("b.ipynb.gz", "/cells/0/source", 1),
    ]


def test_of_a_damaged_compressed_file_is_read_what_can_be(folder: Path) -> None:
    # Letters that cannot be made shorter, so that a half of the file is a half of the text.
    whole = gzip.compress(fake_token().encode() + b"\n" + base64.b64encode(os.urandom(200_000)))
    Path("a.gz").write_bytes(whole[: len(whole) // 2])
    Path("b.gz").write_bytes(b"\x1f\x8b no such thing")

    outcome = scan(["."])

    assert [each.path for each in outcome.found] == ["a.gz"]
    assert outcome.file_count == 2


def test_a_bomb_is_not_unpacked_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "_MOST_UNPACKED", 10_000)
    Path("a.gz").write_bytes(gzip.compress(fake_token().encode() + b" " * 20_000 + fake_token("pat").encode()))

    assert [each.kind for each in scan(["."]).found] == ["sdk"]


def test_of_a_damaged_archive_is_read_what_can_be(folder: Path) -> None:
    with zipfile.ZipFile(planted(Path("a.zip")), "w") as archive:
        archive.writestr("one.md", fake_token())
        archive.writestr("two.md", "x" * 50)
        archive.writestr("three.md", fake_token("pat"))
    whole = Path("a.zip").read_bytes()
    planted(Path("a.zip")).write_bytes(whole.replace(b"x" * 50, b"y" * 50))  # its checksum is wrong now

    outcome = scan(["."], archives=True)

    assert [(each.path, each.kind) for each in outcome.found] == [("a.zip!/one.md", "sdk"), ("a.zip!/three.md", "pat")]
    assert outcome.unreadable == ["a.zip: 1 of its files are damaged, encrypted or above 256 MB"]


# ---- what is no file


def test_a_pipe_that_is_named_is_read(folder: Path) -> None:
    token = fake_token()

    done = subprocess.run([*SCAN, "/dev/stdin", "--format", "json"], input=token, capture_output=True, text=True)

    assert json.loads(done.stdout)["start"] == 0
    assert done.returncode == 1


def test_what_would_never_end_or_wait_is_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")

        assert main(["scan", "."]) == 0
        assert main(["scan", "socket", "/dev/zero"]) == 0

    said = capsys.readouterr()
    assert said.err.count("it is no file") == 2
    assert said.out == "No tokens in no files\n" * 2


def test_an_empty_path_is_not_the_working_folder(folder: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["scan", ""])

    assert ended.value.code == 2


# ---- how it stops


def test_it_ends_quietly_when_nobody_reads_on(folder: Path) -> None:
    Path("a.md").write_text(fake_token())

    with subprocess.Popen([*SCAN, "."], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == ""
        assert process.wait() == 1


def test_ctrl_c_ends_it_with_one_word(folder: Path) -> None:
    os.mkfifo("pipe")

    with subprocess.Popen([*SCAN, "pipe"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        with open("pipe", "w"):  # returns when the other side is reading
            process.send_signal(signal.SIGINT)
            assert process.stderr.read() == "Stopped.\n"
            assert process.wait() == 130
