"""The command `quixnb`, run as people run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import quixnb.sandbox
from quixnb import __version__
from quixnb.cli import REQUIRED, doctor, main
from tests.fakes import fake_token

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Quix__Sdk__Token", "STREAMING_TOKEN", "Quix__Portal__Api", "Quix__Workspace__Id"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[quixnb.sandbox.Sandbox]:
    with quixnb.sandbox.start() as running:
        yield running


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"quixnb {__version__}\n"


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["doctor", "--nonsense"], ["sandbox", "now"]])
def test_unusable_arguments_end_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)

    assert ended.value.code == 2


def test_doctor_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor"])

    says = capsys.readouterr().out
    assert status == 0
    for name in ("Python", "confluent-kafka", "pandas", "keyring", "labextension", "check on save", "Node"):
        assert name in says
    assert "none in Quix__Sdk__Token, STREAMING_TOKEN or .env" in says


def test_doctor_looks_at_every_package_that_quixnb_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert [re.split("[<>=]", each)[0] for each in project["dependencies"]] == list(REQUIRED)


def test_doctor_says_where_jupyters_extensions_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    extension, config = tmp_path / "labextensions" / "quixnb", tmp_path / "jupyter_server_config.d"
    extension.mkdir(parents=True)
    (extension / "package.json").write_text("{}")
    config.mkdir()
    shutil.copy(ROOT / "quixnb" / "server" / "jupyter-config" / "quixnb.json", config)

    says = {check.name: check for check in doctor()}

    assert says["labextension"] == (True, "labextension", str(extension))
    assert says["check on save"] == (True, "check on save", str(config / "quixnb.json"))
    assert says["Node"].is_fine is None


def test_doctor_names_where_a_token_is_and_never_shows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = fake_token(), fake_token()
    monkeypatch.setenv("STREAMING_TOKEN", one)
    (tmp_path / ".env").write_text(f"Quix__Sdk__Token={two}\n")

    main(["doctor"])

    says = capsys.readouterr().out
    assert "in STREAMING_TOKEN" in says
    assert f"in Quix__Sdk__Token in {tmp_path}/.env" in says
    assert one[4:12] not in says
    assert two[4:12] not in says


def test_doctor_shows_no_token_that_a_path_is_called_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = fake_token()
    folder = tmp_path / token
    folder.mkdir()
    (folder / ".env").write_text(f"STREAMING_TOKEN={fake_token()}\n")
    monkeypatch.chdir(folder)

    main(["doctor"])

    assert f"in STREAMING_TOKEN in {tmp_path}/[quix token]/.env" in capsys.readouterr().out


def test_doctor_says_when_what_is_found_is_no_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", "sdk-12345")

    assert main(["doctor"]) == 1

    assert "NO  token           The text from Quix__Sdk__Token is not a Quix token" in capsys.readouterr().out


def test_doctor_asks_the_portal_only_when_told_to(
    monkeypatch: pytest.MonkeyPatch, sandbox: quixnb.sandbox.Sandbox
) -> None:
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)
    monkeypatch.setenv("Quix__Sdk__Token", sandbox.environments["dev"].token_1.reveal())

    assert not [check for check in doctor() if check.name == "portal"]
    [asked] = [check for check in doctor(portal=True) if check.name == "portal"]

    assert asked.is_fine
    assert asked.says == f"{sandbox.portal_api.removeprefix('http://')}; the token sees: sandbox-f1-dev"


def test_doctor_ends_with_1_when_the_portal_refuses(
    monkeypatch: pytest.MonkeyPatch, sandbox: quixnb.sandbox.Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)
    monkeypatch.setenv("Quix__Sdk__Token", fake_token())

    assert main(["doctor", "--portal"]) == 1
    assert "NO  portal" in capsys.readouterr().out


@pytest.fixture
def foreground() -> Iterator[subprocess.Popen[str]]:
    """`quixnb sandbox --json`, started."""
    with subprocess.Popen(
        [sys.executable, "-m", "quixnb", "sandbox", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        yield process
        process.kill()


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    where: dict[str, Any] = json.loads(process.stdout.readline())
    return where


def test_the_sandbox_runs_until_it_is_interrupted(foreground: subprocess.Popen[str]) -> None:
    where = first_line(foreground)

    foreground.send_signal(signal.SIGINT)

    assert foreground.wait(20) == 0
    assert where["portal_api"].startswith("http://127.0.0.1:")
    assert not Path(where["tokens_file"]).exists()


def test_an_error_is_three_lines_and_the_status_1(foreground: subprocess.Popen[str]) -> None:
    where = first_line(foreground)

    os.kill(where["pid"], signal.SIGKILL)

    assert foreground.wait(20) == 1
    assert foreground.stderr
    said = foreground.stderr.read().splitlines()
    assert said[0] == "SandboxError: The sandbox ended by itself."
    assert len(said) == 3
