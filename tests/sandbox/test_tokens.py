"""Tokens: where they are, where they are not, and what rotation does to them."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import psutil
import pytest

from quixnb.errors import SandboxError
from quixnb.sandbox import Sandbox
from quixnb.token import Token
from tests.sandbox.helpers import remembered, status_of, tokens

DEV = "sandbox-f1-dev"


def test_there_are_six_different_tokens_of_the_right_kinds(sandbox: Sandbox) -> None:
    kinds = [token.kind for token in tokens(sandbox)]

    assert len({token.reveal() for token in tokens(sandbox)}) == 6
    assert kinds == ["streaming token"] * 4 + ["personal access token"] * 2


def test_the_state_file_is_for_its_owner_alone(sandbox: Sandbox) -> None:
    assert sandbox.state_path.stat().st_mode & 0o777 == 0o600
    assert sandbox.state_path.parent.stat().st_mode & 0o777 == 0o700
    assert list(sandbox.state_path.parent.iterdir()) == [sandbox.state_path]


def test_the_state_file_holds_what_another_program_needs(sandbox: Sandbox) -> None:
    state = json.loads(sandbox.state_path.read_text())

    assert next(iter(state)) == "note"
    assert state["portal_api"] == sandbox.portal_api
    assert state["bootstrap_servers"] == sandbox.bootstrap_servers
    assert state["environments"]["dev"]["id"] == DEV
    assert state["environments"]["dev"]["token_1"] == sandbox.environments["dev"].token_1.reveal()
    assert state["admin_token"] == sandbox.admin_token.reveal()


def test_no_token_is_on_a_command_line_or_in_the_sandboxs_environment(sandbox: Sandbox) -> None:
    own = psutil.Process(sandbox.pid)
    seen = " ".join(word for it in psutil.process_iter(["cmdline"]) for word in it.info["cmdline"] or []) + " ".join(
        own.environ().values()
    )

    assert str(sandbox.state_path) in " ".join(own.cmdline())
    assert not [token for token in tokens(sandbox) if token.reveal() in seen]


def test_the_sandbox_does_not_get_the_callers_variables(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    import quixnb.sandbox

    monkeypatch.setenv("Quix__Sdk__Token", "not for others")
    with quixnb.sandbox.start() as sandbox:
        remembered(sandbox)

        assert "Quix__Sdk__Token" not in psutil.Process(sandbox.pid).environ()


def test_nothing_that_is_printed_of_a_sandbox_holds_a_token(sandbox: Sandbox) -> None:
    printed = f"{sandbox!r} {sandbox} {sandbox.environments} {sandbox.admin_token} {vars(sandbox)}"

    assert not [token for token in tokens(sandbox) if token.reveal() in printed]


def test_rotation_kills_token_1_promotes_token_2_and_makes_a_new_one(fresh: Sandbox) -> None:
    before = fresh.environments["dev"]

    fresh.rotate("dev")

    after = remembered(fresh).environments["dev"]
    assert after.token_1.reveal() == before.token_2.reveal()
    assert status_of(fresh, before.token_1) == 401
    assert status_of(fresh, after.token_1) == status_of(fresh, after.token_2) == 200


def test_a_token_lives_through_exactly_two_rotations(fresh: Sandbox) -> None:
    newest = fresh.environments["dev"].token_2

    fresh.rotate("dev")
    once = status_of(fresh, newest)
    fresh.rotate(DEV)
    remembered(fresh)

    assert (once, status_of(fresh, newest)) == (200, 401)


def test_rotation_leaves_the_other_environment_and_the_topics_alone(fresh: Sandbox) -> None:
    prod = fresh.environments["prod"].token_1

    fresh.rotate("dev")

    assert status_of(fresh, prod) == 200
    assert fresh.environments["prod"].token_1.reveal() == prod.reveal()
    assert status_of(remembered(fresh), fresh.environments["dev"].token_2, f"/{DEV}/topics/telemetry") == 200


def test_after_rotation_the_state_file_is_still_for_its_owner_alone(fresh: Sandbox) -> None:
    fresh.rotate("prod")

    assert remembered(fresh).state_path.stat().st_mode & 0o777 == 0o600
    assert list(fresh.state_path.parent.iterdir()) == [fresh.state_path]


@pytest.mark.parametrize("path", [f"/sandbox/environments/{DEV}/rotate", "/sandbox/stop", "/sandbox/owners"])
def test_only_an_admin_rotates_and_ends(sandbox: Sandbox, path: str) -> None:
    def post(token: Token) -> int:
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        return httpx2.post(sandbox.portal_api + path, headers=headers, trust_env=False).status_code

    assert post(sandbox.viewer_token) == post(sandbox.environments["dev"].token_1) == 403
    assert httpx2.post(sandbox.portal_api + path, trust_env=False).status_code == 401


def test_rotating_an_environment_that_is_not_there_says_which_are(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="'test'") as caught:
        sandbox.rotate("test")

    assert caught.value.cause == "It has dev and prod."


def test_which_sandbox_it_is_can_be_asked_without_a_token(sandbox: Sandbox) -> None:
    answer = httpx2.get(f"{sandbox.portal_api}/sandbox/instance", trust_env=False).json()

    assert answer == {"instance": sandbox.status()["instance"]}
