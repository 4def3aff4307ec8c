"""git's past, and the hook before each commit, in real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from quixnb.cli import main
from quixnb.scan.history import search_histories
from tests.fakes import fake_token
from tests.scan.corpus import code, notebook

ROOT = Path(__file__).parents[2]


def git(*arguments: str, message: str | None = None) -> str:
    """Run git; a message goes in by standard input, since everybody can read a process's arguments."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *identity, *arguments, *(["--file=-"] if message else [])]
    return subprocess.run(command, input=message, capture_output=True, text=True, check=True).stdout


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_past_is_looked_through_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q")
    Path("a.ipynb").write_text(json.dumps(notebook(code(f"t = '{fake_token()}'"))))
    git("add", "."), git("commit", "-qm", "one")
    first = git("rev-parse", "HEAD").strip()
    Path("a.ipynb").write_text(json.dumps(notebook(code("t = 1"))))
    git("commit", "-qa", message=f"two, without {fake_token('pat')}")

    assert main(["scan", "."]) == 0
    capsys.readouterr()
    assert main(["scan", ".", "--history", "--format", "json"]) == 1

    old, message = lines(capsys)
    assert (old["path"], old["location"], old["commit"]) == ("a.ipynb", "/cells/0/source", first)
    assert (message["path"], message["kind"]) == ("the commit's message", "pat")


def test_the_past_has_merges_other_names_and_tags(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q")
    (Path("sub")).mkdir()
    Path("old.md").write_text(fake_token())
    git("add", "."), git("commit", "-qm", "one")
    first = git("rev-parse", "HEAD").strip()
    Path("old.md").rename("new.md")
    Path(fake_token("pat")).write_text("x")
    git("add", "."), git("commit", "-qm", "two")
    second = git("rev-parse", "HEAD").strip()
    git("rm", "-qr", "."), git("commit", "--allow-empty", "-qm", "three")
    git("tag", "-a", "v1", message=f"with {fake_token()}")
    git("checkout", "-qb", "side", first), git("commit", "--allow-empty", "-qm", "four")
    git("checkout", "-q", "main"), git("merge", "-q", "--no-commit", "-sours", "side")
    Path("merged.md").write_text(fake_token())
    git("add", "."), git("commit", "-qm", "five")
    merge = git("rev-parse", "HEAD").strip()
    Path("merged.md").unlink()
    git("commit", "-qam", "six")

    assert main(["scan", ".", "sub", "--history", "--format", "json"]) == 1

    found = [(each["path"], each["commit"]) for each in lines(capsys)]
    assert found[:-1] == [("old.md", first), ("[quix token]", second), ("merged.md", merge)]
    assert found[-1] == ("the tag's message", git("rev-parse", "v1").strip())


def test_what_an_amended_commit_had_is_still_there(folder: Path) -> None:
    git("init", "-q")
    Path("a.md").write_text(fake_token())
    git("add", "."), git("commit", "-qm", "one")
    Path("a.md").write_text("x")
    git("commit", "-qa", "--amend", "-m", "one")

    assert [each.path for each in search_histories(["."])] == ["a.md"]


def test_the_past_of_a_bare_repository_is_looked_through(folder: Path) -> None:
    git("init", "-q", "work")
    Path("work/a.md").write_text(fake_token())
    git("-C", "work", "add", "."), git("-C", "work", "commit", "-qm", "one")
    git("clone", "-q", "--bare", "work", "bare")

    assert [each.path for each in search_histories(["bare"])] == ["a.md"]


def test_a_shallow_clone_says_that_it_is_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q", "work")
    for message in ("one", "two"):
        git("-C", "work", "commit", "--allow-empty", "-qm", message)
    git("clone", "-q", "--depth=1", Path("work").absolute().as_uri(), "clone")

    assert main(["scan", "clone", "--history"]) == 0

    said = capsys.readouterr()
    assert "shallow" in said.err
    assert said.out == "No tokens in no files and in git's past\n"


def test_a_token_in_many_versions_is_reported_with_the_first(folder: Path) -> None:
    git("init", "-q")
    token = fake_token()
    for number in range(3):
        Path("a.py").write_text(f"x = {number}\nt = '{token}'\n")
        git("add", "."), git("commit", "-qm", "one")

    assert [each.commit for each in search_histories(["."])] == git("rev-list", "HEAD").split()[-1:]


def test_sarif_names_the_commit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q")
    git("commit", "--allow-empty", "-q", message=fake_token())

    main(["scan", ".", "--history", "--format", "sarif"])

    [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["properties"] == {"commit": git("rev-parse", "HEAD").strip()}


def test_without_git_there_is_no_past(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", ".", "--history"]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said[0] == "NoHistory: '.' has no past to look through."
    assert said[1].startswith("git says: not a git repository")
    assert len(said) == 3


def test_without_git_everything_else_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(fake_token())
    monkeypatch.setenv("PATH", str(folder))

    assert main(["scan", "."]) == 1
    for command in (["scan", ".", "--history"], ["hook", "install"], ["hook", "run"]):
        assert main(command) == 1
        assert "git is not installed" in capsys.readouterr().err


def test_the_hook_stops_a_commit_with_a_token_and_keeps_the_hook_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    git("init", "-q")
    before = Path(".git/hooks/pre-commit")
    before.parent.mkdir(exist_ok=True)
    before.write_text("#!/bin/sh\necho was here >> seen\n")
    before.chmod(0o755)

    assert main(["hook", "install"]) == 0
    assert main(["hook", "install"]) == 0

    Path("a.py").write_text(f"t = '{fake_token()}'\n")
    git("add", "a.py")
    Path("a.py").write_text("t = 1\n")  # only what is staged counts
    with pytest.raises(subprocess.CalledProcessError) as stopped:
        git("commit", "-qm", "one")
    assert "a.py:1: a Quix streaming token" in stopped.value.stderr
    git("add", "a.py")
    git("commit", "-qm", "one")
    assert Path("seen").read_text() == "was here\n" * 2


def test_the_hook_looks_at_every_file_whatever_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    main(["hook", "install"])
    Path("ok.md").write_text("x")
    git("add", "."), git("commit", "-qm", "ok")
    for name, text in (("two\nlines.md", fake_token()), ("-m.md", fake_token()), (f"{fake_token()}.md", "")):
        Path(name).write_text(text)
        git("add", "--all")
        with pytest.raises(subprocess.CalledProcessError):
            git("commit", "-qm", "bad")
        git("reset", "-q", "--hard")
    Path("ok.md").unlink()
    Path("ok.md").symlink_to(fake_token())  # git keeps where a link leads to
    git("add", "ok.md")
    with pytest.raises(subprocess.CalledProcessError):
        git("commit", "-qm", "bad")


def test_the_hook_lets_commits_pass_when_quixnb_is_gone(folder: Path) -> None:
    git("init", "-q")
    main(["hook", "install"])
    hook = Path(".git/hooks/pre-commit")
    hook.write_text(hook.read_text().replace("import quixnb", "import quixnb_is_gone"))
    Path("a.md").write_text("x")
    git("add", ".")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.path.dirname(shutil.which("git") or ""))
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"], capture_output=True, text=True
        )

    assert done.returncode == 0
    assert "quixnb is not installed any more" in done.stderr


def test_a_folder_for_hooks_that_cannot_be_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("init", "-q")
    git("config", "core.hooksPath", os.devnull)

    assert main(["hook", "install"]) == 1
    assert "core.hooksPath" in capsys.readouterr().err


def test_the_hook_run_outside_a_repository_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hook", "run"]) == 1
    assert "NothingStaged" in capsys.readouterr().err


def test_the_hook_needs_a_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hook", "install"]) == 1
    assert "HookNotInstalled" in capsys.readouterr().err
