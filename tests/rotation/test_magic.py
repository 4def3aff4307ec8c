"""`%quix_rotate`: both documented ways, checked against the portal at every step."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.error import UsageError

from quixnb.connecting import connect, current
from quixnb.profiles import Profile, load_profiles, save_profile
from quixnb.rotation import RotationError, tokens_page
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from quixnb.token import Token
from tests.magics.shells import Shell
from tests.sandbox.helpers import status_of

Connect = Callable[..., Session]


def state(listing: Any) -> list[str]:
    """The steps that are done, then the one to be done."""
    lines = [line.split() for line in repr(listing).splitlines() if line.strip()[:1].isdigit()]
    return [line[-1] for line in lines]


def without(shown: object, *tokens: Token) -> str:
    text = repr(shown)
    assert not any(token.reveal() in text or token.reveal()[4:14] in text for token in tokens)
    return text


def test_the_way_without_downtime_is_walked_to_its_end(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, connected: Connect, frame: pd.DataFrame
) -> None:
    connected(one)

    first = shell.run("%quix_rotate")
    assert state(first) == ["done", "now", "later", "later", "later"]
    assert "QUIX_ACTIVE_TOKEN" in without(first, one, two)
    assert state(shell.run("%quix_rotate")) == state(first)  # again, and nothing has changed

    moved = shell.run("%quix_rotate --done")
    assert state(moved) == ["done", "done", "now", "later", "later"]
    assert current().token.is_same(two)  # this notebook has moved before the old one dies

    assert state(shell.run("%quix_rotate --done")) == ["done", "done", "done", "now", "later"]
    last = shell.run("%quix_rotate --sandbox")

    assert state(last) == ["done"] * 5
    assert "The old token is refused and the new one works" in without(last, one, two)
    assert (status_of(sandbox, one), status_of(sandbox, two)) == (401, 200)
    sandbox.refresh()
    assert current().portal.spare is not None
    assert current().portal.spare.is_same(sandbox.environments["dev"].token_2)
    assert current().publish(frame, "f1-data").rows_delivered == 50


def test_the_way_with_downtime_rotates_first(shell: Shell, sandbox: Sandbox, one: Token, connected: Connect) -> None:
    session = connected(one)

    assert state(shell.run("%quix_rotate --downtime")) == ["now", "later", "later"]
    shown = shell.run("%quix_rotate --sandbox")

    assert state(shown) == ["done", "now", "later"]
    assert status_of(sandbox, one) == 401
    session.verify()  # moved on without a warning
    assert state(shell.run("%quix_rotate --done")) == ["done"] * 3


def test_a_leaked_token_2_takes_two_rotations_without_downtime(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    connected(one)

    assert state(shell.run("%quix_rotate --leaked 2")) == ["done", "now", *["later"] * 7]
    shell.run("%quix_rotate --done")
    shell.run("%quix_rotate --done")
    half = shell.run("%quix_rotate --sandbox")
    assert state(half) == [*["done"] * 5, "now", *["later"] * 3]
    assert status_of(sandbox, two) == 200  # it has survived, as Token 1
    sandbox.refresh()
    shell.run("%quix_rotate --done")
    assert current().token.is_same(sandbox.environments["dev"].token_2)
    shell.run("%quix_rotate --done")

    shown = shell.run("%quix_rotate --sandbox")

    assert state(shown) == ["done"] * 9
    assert (status_of(sandbox, one), status_of(sandbox, two)) == (401, 401)
    current().verify()


def test_a_leaked_token_2_takes_two_rotations_with_downtime(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    connected(one)

    shell.run("%quix_rotate --downtime --leaked 2")
    shell.run("%quix_rotate --sandbox")
    shown = shell.run("%quix_rotate --sandbox")

    assert state(shown)[:4] == ["done"] * 4
    assert (status_of(sandbox, one), status_of(sandbox, two)) == (401, 401)
    current().verify()


def test_a_notebook_on_token_2_stays_on_it(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, connected: Connect
) -> None:
    connected(two)

    for line in ("", "--done", "--done", "--sandbox"):
        shown = shell.run(f"%quix_rotate {line}")

    assert state(shown) == ["done"] * 5
    assert current().token.is_same(two)
    assert status_of(sandbox, one) == 401


def test_somebody_who_rotates_too_early_is_noticed(
    shell: Shell, sandbox: Sandbox, one: Token, connected: Connect
) -> None:
    connected(one)
    shell.run("%quix_rotate")
    sandbox.rotate("dev")

    shown = shell.run("%quix_rotate")

    assert "somebody has rotated" in repr(shown)
    assert state(shown)[:4] == ["done"] * 4
    current().verify()


def test_nothing_is_rotated_before_its_turn(shell: Shell, sandbox: Sandbox, one: Token, connected: Connect) -> None:
    connected(one)

    with pytest.raises(RotationError, match="not the turn of the rotation yet"):
        shell.run("%quix_rotate --sandbox")

    assert status_of(sandbox, one) == 200


def test_what_the_portal_can_tell_is_not_taken_on_trust(shell: Shell, one: Token, connected: Connect) -> None:
    connected(one)

    shell.run("%quix_rotate --downtime")
    with pytest.raises(RotationError, match="is not taken on trust"):
        shell.run("%quix_rotate --done")


def test_a_viewer_may_not_rotate_and_an_admin_may(
    shell: Shell, sandbox: Sandbox, one: Token, connected: Connect
) -> None:
    connected(sandbox.viewer_token, environment="sandbox-f1-dev")
    shell.run("%quix_rotate --downtime")

    with pytest.raises(RotationError) as caught:
        shell.run("%quix_rotate --sandbox")

    assert caught.value.what == "Only an Admin may rotate; the user of this personal access token is Viewer."
    assert status_of(sandbox, one) == 200
    connected(sandbox.admin_token, environment="sandbox-f1-dev")
    assert state(shell.run("%quix_rotate --sandbox"))[0] == "done"
    assert status_of(sandbox, one) == 401


def test_another_way_is_not_begun_in_the_middle(shell: Shell, one: Token, connected: Connect) -> None:
    connected(one)
    shell.run("%quix_rotate")

    with pytest.raises(UsageError, match="another rotation is under way"):
        shell.run("%quix_rotate --leaked 2")

    assert "No rotation is under way" in repr(shell.run("%quix_rotate --cancel"))
    assert len(shell.run("%quix_rotate --leaked 2")) == 9


def test_the_profile_names_the_place_of_the_token_in_use(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_1", one.reveal())
    monkeypatch.setenv("TOKEN_2", two.reveal())
    places = {"token_source": "env:TOKEN_1", "second_token_source": "env:TOKEN_2"}
    save_profile(Profile("dev", sandbox.portal_api, "sandbox-f1-dev", **places))
    connect("dev")

    for line in ("", "--done", "--done", "--sandbox"):
        shown = shell.run(f"%quix_rotate {line}")

    assert "Profile 'dev' takes its token from env:TOKEN_2 from now on." in repr(shown)
    assert load_profiles()["dev"].token_source == "env:TOKEN_2"
    connect("dev").verify()


def test_a_rotation_that_is_done_is_shown_again_and_another_begun_on_request(
    shell: Shell, one: Token, connected: Connect
) -> None:
    connected(one)
    for line in ("--downtime", "--sandbox", "--done"):
        shown = shell.run(f"%quix_rotate {line}")
    assert state(shown) == ["done"] * 3

    assert state(shell.run("%quix_rotate")) == ["done"] * 3
    with pytest.raises(RotationError, match=r"All steps are done\."):
        shell.run("%quix_rotate --done")
    assert state(shell.run("%quix_rotate --downtime")) == ["now", "later", "later"]


def test_a_step_is_not_confirmed_where_no_rotation_is_under_way(shell: Shell, one: Token, connected: Connect) -> None:
    connected(one)

    with pytest.raises(RotationError, match="No rotation is under way in this kernel"):
        shell.run("%quix_rotate --done")


def test_that_a_leaked_token_2_takes_two_rotations_is_said_at_the_beginning_only(
    shell: Shell, one: Token, connected: Connect
) -> None:
    connected(one)

    assert "%quix_rotate --leaked 2" in shell.run("%quix_rotate").advice
    assert "--leaked 2" not in shell.run("%quix_rotate").advice
    shell.run("%quix_rotate --cancel")
    assert "two rotations" not in shell.run("%quix_rotate --leaked 2").advice
    shell.run("%quix_rotate --cancel")
    assert "two rotations" not in shell.run("%quix_rotate --downtime --sandbox").advice  # too late


def test_a_profile_that_cannot_be_written_does_not_hold_up_a_rotation(
    shell: Shell, sandbox: Sandbox, one: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_1", one.reveal())
    save_profile(Profile("dev", sandbox.portal_api, "sandbox-f1-dev", token_source="env:TOKEN_1"))
    connect("dev")
    shell.run("%quix_rotate --downtime")
    (tmp_path / "profiles.toml").write_text("[profile.dev")

    shown = shell.run("%quix_rotate --sandbox")

    assert "Profile 'dev' was left as it is: The profiles file cannot be used" in shown.advice
    assert state(shown) == ["done", "now", "later"]
    current().verify()


# ---- outside of a sandbox: the Quix CLI, the portal's page, a person who brings tokens


@pytest.fixture
def outside(sandbox: Sandbox) -> Connect:
    """Connect to the sandbox's portal by another name of this machine, so that it is taken for any portal."""

    def make(token: Token, second: Token | None = None, **options: Any) -> Session:
        address = sandbox.portal_api.replace("127.0.0.1", "localhost")
        return connect(token=token, second_token=second, portal_api=address, **options)

    return make


# Shell and Python at once: `#!` takes no path with blanks, and a checkout may stand in one.
PYTHON = f"""#!/bin/sh
''''exec "{sys.executable}" "$0" "$@" # '''"""


@pytest.fixture
def cli(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `quix` on the PATH that rotates the sandbox's tokens and prints the new ones, as the documented one does."""
    program = tmp_path / "bin" / "quix"
    program.parent.mkdir()
    program.write_text(
        f"""{PYTHON}
import json, sys, urllib.request
assert sys.argv[1:] == ["cloud", "environments", "tokens", "rotate", "sandbox-f1-dev"], sys.argv
state = json.load(open({str(sandbox.state_path)!r}))
url = state["portal_api"] + "/sandbox/environments/sandbox-f1-dev/rotate"
headers = {{"Authorization": "Bearer " + state["admin_token"]}}
urllib.request.urlopen(urllib.request.Request(url, b"", headers, method="POST"))
state = json.load(open({str(sandbox.state_path)!r}))
print("Token 1:", state["environments"]["dev"]["token_1"], "Token 2:", state["environments"]["dev"]["token_2"])
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def walked_to_the_gate(shell: Shell) -> None:
    for line in ("", "--done", "--done"):
        shell.run(f"%quix_rotate {line}")


def test_the_quix_cli_rotates_and_what_it_prints_is_not_shown(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, outside: Connect, cli: Path
) -> None:
    outside(one, two)
    walked_to_the_gate(shell)

    shown = shell.run("%quix_rotate --run-cli")

    sandbox.refresh()
    newest = sandbox.environments["dev"].token_2
    assert state(shown) == ["done"] * 5
    assert "Token 1:" not in without(shown, one, two, newest)
    assert newest.reveal() not in repr(shell.shown)
    assert current().portal.spare is not None
    assert current().portal.spare.is_same(newest)


def test_a_quix_cli_that_fails_is_said_without_what_it_printed(
    shell: Shell, one: Token, two: Token, outside: Connect, cli: Path
) -> None:
    cli.write_text(f"{PYTHON}\nimport sys\nprint('Token 1: {two.reveal()}')\nsys.exit(3)\n")
    outside(one, two)
    walked_to_the_gate(shell)

    with pytest.raises(RotationError) as caught:
        shell.run("%quix_rotate --run-cli")

    assert "It ended with status 3." in caught.value.cause
    assert two.reveal() not in str(caught.value)


def test_without_the_quix_cli_the_command_for_an_admin_is_given(
    shell: Shell, one: Token, two: Token, outside: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(one, two)
    walked_to_the_gate(shell)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RotationError) as caught:
        shell.run("%quix_rotate --run-cli")

    assert "quix cloud environments tokens rotate sandbox-f1-dev" in caught.value.fix


def test_an_admin_rotates_on_the_page_and_the_notebook_sees_it(
    shell: Shell, sandbox: Sandbox, one: Token, outside: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(one)
    asked = shell.run("%quix_rotate")
    assert "%quix_token --second" in repr(asked)
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": sandbox.environments["dev"].token_2.reveal())
    status = shell.run("%quix_token --second")
    assert status["second token"] == "pasted streaming token"
    walked_to_the_gate(shell)

    sandbox.rotate("dev")
    seen = shell.run("%quix_rotate")

    assert state(seen) == ["done", "done", "done", "done", "now"]
    shell.run("%quix_token --second")
    assert state(shell.run("%quix_rotate")) == ["done"] * 5


def test_a_notebook_whose_tokens_are_both_dead_is_told_to_get_the_new_one(
    shell: Shell, sandbox: Sandbox, one: Token, outside: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside(one)
    shell.run("%quix_rotate --downtime")
    sandbox.rotate("dev")
    sandbox.rotate("dev")

    seen = shell.run("%quix_rotate")

    assert state(seen) == ["done", "now", "later", "later"]
    assert "Get the new Token 1 from an Admin: %quix_token" in seen.advice
    with pytest.raises(RotationError, match="'This notebook has the new Token 1' is not taken on trust"):
        shell.run("%quix_rotate --done")
    sandbox.refresh()
    outside(sandbox.environments["dev"].token_1)
    assert state(shell.run("%quix_rotate")) == ["done", "done", "now", "later"]


def test_nobody_is_told_to_rotate_again(shell: Shell, sandbox: Sandbox, two: Token, outside: Connect) -> None:
    outside(two)  # Token 2, and nobody has said so
    first = shell.run("%quix_rotate --downtime")
    sandbox.rotate("dev")

    again = shell.run("%quix_rotate")

    assert "do not rotate again" not in first.advice
    assert "do not rotate again: it would kill the token in use" in again.advice
    assert "%quix_rotate --in-use 2" in again.advice


def test_token_1_has_to_be_known_to_be_seen_refused(shell: Shell, two: Token, outside: Connect) -> None:
    outside(two)

    shown = shell.run("%quix_rotate --downtime --in-use 2")

    assert shown.advice.startswith("To see Token 1 refused, this notebook has to know it: %quix_token --second")


def test_the_quix_cli_gives_a_notebook_its_new_token(
    shell: Shell, sandbox: Sandbox, one: Token, two: Token, outside: Connect, cli: Path
) -> None:
    outside(one)  # without its second

    shown = shell.run("%quix_rotate --downtime --run-cli")

    assert state(shown)[:2] == ["done", "done"]
    assert current().token.is_same(two)
    current().verify()


@pytest.mark.parametrize("opens", [True, False])
def test_the_portals_page_is_opened_where_there_is_a_browser(
    shell: Shell, one: Token, two: Token, connected: Connect, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    import webbrowser

    asked: list[str] = []
    browser = webbrowser.GenericBrowser("true")
    monkeypatch.setattr(browser, "open", lambda url, *_: asked.append(url) or opens)
    monkeypatch.setattr(webbrowser, "_tryorder", ["the test's"])
    monkeypatch.setattr(webbrowser, "_browsers", {"the test's": [None, browser]})
    session = connected(one, two)
    unknown = shell.run("%quix_rotate --open").advice
    assert unknown.startswith("The portal's page cannot be told from its API's address")

    session.portal_api = "https://portal-api.acme.example"
    shown = shell.run("%quix_rotate --open").advice

    assert asked == ["https://portal.acme.example/settings/tokens?workspace=sandbox-f1-dev"]
    assert shown.startswith("It opens in a browser" if opens else "No browser opens here")


def test_only_a_sandbox_is_rotated_from_here(shell: Shell, one: Token, two: Token, outside: Connect) -> None:
    outside(one, two)
    walked_to_the_gate(shell)

    with pytest.raises(RotationError, match="Only a sandbox's tokens are rotated from here"):
        shell.run("%quix_rotate --sandbox")


def test_a_personal_token_is_told_what_it_does_instead(shell: Shell, sandbox: Sandbox, outside: Connect) -> None:
    outside(sandbox.admin_token, environment="sandbox-f1-dev")

    with pytest.raises(RotationError) as caught:
        shell.run("%quix_rotate")

    assert "revoke the old one" in caught.value.cause


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://portal-api.cloud.quix.io", "https://portal.cloud.quix.io/settings/tokens?workspace=sandbox-f1-dev"),
        ("https://portal-api.acme.example", "https://portal.acme.example/settings/tokens?workspace=sandbox-f1-dev"),
        ("https://quix.acme.example", None),
    ],
)
def test_the_portals_page_is_named(one: Token, connected: Connect, address: str, page: str | None) -> None:
    session = connected(one)
    session.portal_api = address

    assert tokens_page(session) == page
