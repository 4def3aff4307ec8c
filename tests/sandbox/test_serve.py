"""`quixnb sandbox` runs in the foreground until Ctrl-C and says where its tokens are, not what they are."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.fakes import remember
from tests.sandbox.helpers import finish, is_running, line, program, wait_until_gone

AS_JSON = "import sys, quixnb.sandbox\nsys.exit(quixnb.sandbox.serve_forever(json=True))"
AS_TEXT = "import sys, quixnb.sandbox\nsys.exit(quixnb.sandbox.serve_forever())"


def secrets_in(state: Path) -> list[str]:
    """The tokens in a state file."""
    content = json.loads(state.read_text())
    of_environments = [it[name] for it in content["environments"].values() for name in ("token_1", "token_2")]
    return [remember(token) for token in [*of_environments, content["admin_token"], content["viewer_token"]]]


def test_it_prints_one_line_of_json_and_goes_on(own_folder: Path) -> None:
    served = program(AS_JSON)
    said = line(served)
    tokens = secrets_in(Path(said["tokens_file"]))
    is_running = served.poll() is None

    served.send_signal(signal.SIGINT)
    rest, errors = finish(served)

    assert is_running
    assert said["environments"] == {"dev": {"id": "sandbox-f1-dev"}, "prod": {"id": "sandbox-f1-prod"}}
    assert said["portal_api"].startswith("http://127.0.0.1:")
    assert said["bootstrap_servers"].startswith("127.0.0.1:")
    assert not [token for token in tokens if token in json.dumps(said)]
    assert (rest, errors) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_quietly_with_status_0(own_folder: Path, number: signal.Signals) -> None:
    served = program(AS_JSON)
    said = line(served)
    secrets_in(Path(said["tokens_file"]))

    served.send_signal(number)
    output = finish(served)

    assert (served.returncode, output) == (0, ("", ""))
    assert not is_running(said["pid"])
    assert list(own_folder.iterdir()) == []


def test_ctrl_c_ends_it_even_where_a_shell_told_it_to_ignore_that(own_folder: Path) -> None:
    served = program("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + AS_JSON)
    said = line(served)
    secrets_in(Path(said["tokens_file"]))

    served.send_signal(signal.SIGINT)
    finish(served)

    assert served.returncode == 0
    assert list(own_folder.iterdir()) == []


def test_its_text_says_where_everything_is_and_no_token(own_folder: Path) -> None:
    served = program(AS_TEXT)
    assert served.stdout
    text = "".join(iter(served.stdout.readline, "Ctrl-C ends it.\n"))
    state = next(own_folder.iterdir()) / "sandbox.json"
    tokens, content = secrets_in(state), json.loads(state.read_text())

    served.send_signal(signal.SIGINT)
    finish(served)

    for said in (content["portal_api"], content["bootstrap_servers"], "sandbox-f1-dev", "sandbox-f1-prod", str(state)):
        assert said in text
    assert not [token for token in tokens if token in text]


def test_killed_it_leaves_nothing_behind(own_folder: Path) -> None:
    served = program(AS_JSON)
    said = line(served)
    secrets_in(Path(said["tokens_file"]))

    served.kill()
    finish(served)
    wait_until_gone(said["pid"])

    assert list(own_folder.iterdir()) == []


def test_it_says_so_when_its_sandbox_ends_by_itself(own_folder: Path) -> None:
    served = program(AS_JSON)
    said = line(served)
    secrets_in(Path(said["tokens_file"]))

    os.kill(said["pid"], signal.SIGKILL)
    errors = finish(served)[1]

    assert served.returncode == 1
    assert "The sandbox ended by itself." in errors
    assert list(own_folder.iterdir()) == []


def test_it_is_not_the_shared_one(own_folder: Path, runtime: Path) -> None:
    served = program(AS_JSON)
    said = line(served)
    secrets_in(Path(said["tokens_file"]))

    assert not runtime.exists()
    assert Path(said["tokens_file"]).is_relative_to(own_folder)

    served.send_signal(signal.SIGINT)
    finish(served)
