"""The search at the end of a run finds what it must find, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import leaks
from tests.fakes import fake_password, fake_token
from tests.leaks import Secrets
from tests.search import planted

ROOT = Path(__file__).parents[2]
TEXT = b"The rows went to the topic 0123456789abcdef, and came back. "

Spelling = Callable[[str], bytes]
SPELLINGS: dict[str, Spelling] = {
    "as it is": str.encode,
    "in capitals": lambda secret: secret.upper().encode(),
    "its first part": lambda secret: secret[:18].encode(),
    "its last part": lambda secret: secret[-16:].encode(),
    "base64, first alignment": lambda secret: base64.b64encode(secret.encode()),
    "base64, second alignment": lambda secret: base64.b64encode(b"x" + secret.encode()),
    "base64, third alignment": lambda secret: base64.b64encode(b"xy" + secret.encode()),
    "base64 of a header": lambda secret: base64.urlsafe_b64encode(f"user?>:{secret}".encode()),
    "base64 in lines": lambda secret: base64.encodebytes(TEXT + secret.encode() + TEXT),
    "URL-encoded": lambda secret: quote(f"?token={secret}", safe="").replace("-", "%2D").encode(),
    "every character URL-encoded": lambda secret: "".join(f"%{ord(each):02X}" for each in secret).encode(),
    "escaped for JSON": lambda secret: "".join(f"\\u{ord(each):04x}" for each in secret).encode(),
    "JSON within JSON": lambda secret: json.dumps(json.dumps({"token": secret})).encode(),
    "escaped for HTML": lambda secret: "".join(f"&#{ord(each)};" for each in secret).encode(),
    "UTF-16": lambda secret: secret.encode("utf-16"),
    "hexadecimal": lambda secret: secret.encode().hex().encode(),
    "wrapped by a console": lambda secret: f"{secret[:9]}\n{secret[9:17]}\x1b[0m\n\x1b[1m{secret[17:]}".encode(),
    "wrapped in a notebook": lambda secret: json.dumps([secret[:11] + "\n", secret[11:]], indent=1).encode(),
}


def leaks_below(folder: Path, *secrets: str) -> list[leaks.Leak]:
    return list(leaks.in_files(leaks.files_below(folder), Secrets(secrets)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which the tests plant secrets."""
    (tmp_path / "searched" / "deep").mkdir(parents=True)
    return tmp_path / "searched"


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("secret", [fake_token, lambda: fake_token("pat"), fake_password], ids=["sdk", "pat", "pw"])
def test_a_secret_is_found_however_it_is_spelled(folder: Path, secret: Callable[[], str], spelling: Spelling) -> None:
    planted_secret = secret().replace("5eed", "0dd5")  # without the marker, by which alone it would be found
    (folder / "deep" / "file").write_bytes(TEXT + spelling(planted_secret) + TEXT)

    [leak] = leaks_below(folder, fake_token(), planted_secret)

    assert leak.place == str(folder / "deep" / "file")
    assert planted_secret[4:12] not in str(leak)


def test_a_fake_that_nobody_remembered_is_found_by_its_marker(folder: Path) -> None:
    (folder / "file").write_bytes(base64.b64encode(fake_token().encode()[:16]))

    assert leaks_below(folder)


def test_a_secret_that_is_not_hexadecimal_is_found_as_a_whole(folder: Path) -> None:
    (folder / "file").write_text("password=" + quote("päss/wörd"))

    assert leaks_below(folder, "päss/wörd")
    assert not leaks_below(folder, "päss/wort")


def test_other_tokens_and_other_digits_are_no_leak(folder: Path) -> None:
    other = fake_token().replace("5eed", "0dd5")
    (folder / "file").write_bytes(TEXT * 1000 + other.encode() + os.urandom(100_000))

    assert leaks_below(folder, fake_token(), fake_password()) == []


def test_a_secret_is_found_where_two_blocks_of_a_long_file_meet(folder: Path) -> None:
    secret = fake_token()
    file = folder / "long"
    with file.open("wb") as stream:
        stream.write(b" " * (leaks._BLOCK - 20) + secret.encode())

    assert leaks_below(folder, secret) == [leaks.Leak(str(file), "as it is")]


def test_a_secret_in_a_files_name_is_found_and_not_repeated(folder: Path) -> None:
    secret = fake_token()
    (folder / f"{secret}.txt").touch()

    assert leaks_below(folder, secret) == [leaks.Leak(f"the name of a file in {folder}", "as it is")]


def test_links_are_not_followed_and_exempt_files_are_left_out(folder: Path, tmp_path: Path) -> None:
    secret = fake_token()
    (tmp_path / "elsewhere").write_text(secret)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / ".env").write_text(secret)
    (folder / "deep" / "token").write_text(secret)

    found = leaks.in_files(leaks.files_below(folder, but=[folder / ".env", folder / "deep"]), Secrets([secret]))

    assert list(found) == []


def test_changed_untracked_and_just_written_files_of_a_work_tree_are_searched(folder: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)

    names = ["committed", "changed", "untracked", "ignored before", "ignored now"]
    (folder / ".gitignore").write_text("ignored*\n")
    (folder / "committed").touch()
    (folder / "changed").touch()
    git("init")
    git("add", ".")
    git("commit", "-m", "First")
    for name in names[1:]:
        (folder / name).write_text("now")
    for name in (*names[:-1], ".gitignore"):
        os.utime(folder / name, (0, 0))

    found = leaks.files_changed(folder, since=1.0)

    assert {path.name for path in found} == {"changed", "untracked", "ignored now"}


def test_a_folder_without_git_is_searched_by_time(folder: Path) -> None:
    (folder / "before").touch()
    (folder / "now").touch()
    os.utime(folder / "before", (0, 0))

    assert list(leaks.files_changed(folder, since=1.0)) == [folder / "now"]


@pytest.mark.skipif(sys.platform != "linux", reason="command lines are read from /proc")
def test_a_secret_among_the_arguments_of_a_process_is_found() -> None:
    secret = fake_token()
    code = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, secret], stdin=-1, stdout=-1) as process:
        assert process.stdout
        process.stdout.readline()
        lines = dict(leaks.command_lines())
        process.communicate()

    assert list(leaks.in_text(lines[str(process.pid)], "a process", Secrets([secret])))


INNER = """
import logging, subprocess, sys, tempfile, warnings
from pathlib import Path

import dotenv
import pytest

from tests.fakes import fake_token
from tests.search import planted

TO_FILE = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"

def have_written(path):
    subprocess.run([sys.executable, "-c", TO_FILE, str(path)], input=fake_token(), text=True, check=True)

@pytest.mark.parametrize("token", [fake_token()])
def test_fine_it_plants(tmp_path, token):
    (tmp_path / ".env").write_text(token)
    have_written(planted(tmp_path / "declared"))

def test_prints():
    print(fake_token())

def test_logs():
    logging.getLogger("x").warning(fake_token())

def test_warns():
    warnings.warn(fake_token())

def test_fails():
    assert fake_token() == ""

def test_has_a_program_write_where_temporary_files_are():
    have_written(Path(tempfile.mkdtemp(), "by a program"))

def test_has_a_program_write_to_the_home_folder():
    have_written(Path.home() / ".history")

def test_has_a_library_write_over_what_it_planted(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=1")
    dotenv.set_key(path, "TOKEN", fake_token())

@pytest.fixture
def start():
    started = []
    def start(*arguments):
        command = [sys.executable, "-c", "input('?')", *arguments]
        started.append(subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1))
        started[-1].stdout.read(1)
    yield start
    for each in started:
        each.communicate()

def test_starts_a_program(start):
    start(fake_token())
"""


def run_of(folder: Path, only: str = "") -> subprocess.CompletedProcess[str]:
    """A run of pytest of its own, on the tests of `INNER` that have `only` in their names."""
    (folder / "tests").mkdir()
    (folder / "tests" / "test_inner.py").write_text(INNER)
    options = ["-p", "tests.search", "-p", "no:cacheprovider", "-c", os.devnull, "-v"]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(folder), "-k", only, "tests"]
    return subprocess.run(
        [*command, "--basetemp", str(planted(folder / "base"))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def leaks_reported(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.removeprefix("LEAK ") for line in done.stdout.splitlines() if line.startswith("LEAK ")]


def test_a_run_whose_tests_pass_fails_if_one_of_them_printed_a_secret(folder: Path) -> None:
    done = run_of(folder, "prints")

    assert "1 passed" in done.stdout
    assert done.returncode == 1
    assert leaks_reported(done) == ["the output of tests/test_inner.py::test_prints (as it is)"]
    assert not Secrets([]).spelling_in((done.stdout + done.stderr).encode())


def test_a_run_passes_if_its_tests_only_planted_secrets_themselves(folder: Path) -> None:
    done = run_of(folder, "fine")

    assert (done.returncode, leaks_reported(done)) == (0, [])
    assert not Secrets([]).spelling_in((done.stdout + done.stderr).encode())


def test_everything_that_a_run_produces_is_searched(folder: Path) -> None:
    reported = leaks_reported(run_of(folder))

    expected = [
        f"{folder}/base/home0/.history",
        f"{folder}/base/test_has_a_library_write_over_0/.env",
        f"{folder}/base/tmp0/…/by a program",
        "a warning in tests/test_inner.py::test_warns",
        "the arguments of process … in tests/test_inner.py::test_starts_a_program",
        "the output of tests/test_inner.py::test_fails",
        "the output of tests/test_inner.py::test_logs",
        "the output of tests/test_inner.py::test_prints",
    ]
    patterns = [re.escape(each).replace("…", "[^/ ]+") + r" \(as it is\)" for each in expected]
    assert len(reported) == len(patterns)
    for line, pattern in zip(reported, patterns, strict=True):
        assert re.fullmatch(pattern, line)
