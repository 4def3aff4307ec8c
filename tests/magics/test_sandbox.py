"""`%quix_sandbox`: started, found again, left and stopped, through a real shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.error import UsageError

import quixnb.sandbox
from quixnb.connecting import current, default
from tests.magics.shells import Shell


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    yield
    if running := quixnb.sandbox.find():
        running.stop()


def test_it_starts_and_connects(shell: Shell) -> None:
    shown = shell.run("%quix_sandbox")

    assert shown["connected to"] == "sandbox-f1-dev"
    assert current().token.source == "sandbox"
    assert quixnb.sandbox.find() is not None
    tokens = [each.token_1.reveal() for each in quixnb.sandbox.find().environments.values()]
    assert not any(token in repr(shown) + shown._repr_html_() for token in tokens)


def test_a_second_start_finds_the_first_and_may_choose_the_environment(shell: Shell) -> None:
    first = shell.run("%quix_sandbox start")

    second = shell.run("%quix_sandbox start --env prod")

    assert first["portal"] == second["portal"]
    assert current().environment.id == "sandbox-f1-prod"


def test_stop_ends_it_and_the_connection(shell: Shell) -> None:
    shell.run("%quix_sandbox")

    shown = shell.run("%quix_sandbox stop")

    assert repr(shown).startswith("The sandbox has ended")
    assert (quixnb.sandbox.find(), default()) == (None, None)


def test_stop_leaves_a_connection_to_somewhere_else(connected: Shell) -> None:
    elsewhere = current()
    quixnb.sandbox.shared()

    connected.run("%quix_sandbox stop")

    assert default() is elsewhere


@pytest.mark.parametrize("action", ["status", "stop"])
def test_without_a_sandbox_it_says_how_to_start_one(shell: Shell, action: str) -> None:
    assert "%quix_sandbox start" in repr(shell.run(f"%quix_sandbox {action}"))


def test_status_says_where_it_is(shell: Shell) -> None:
    shell.run("%quix_sandbox")

    shown = shell.run("%quix_sandbox status")

    assert shown["environments"] == "sandbox-f1-dev (dev), sandbox-f1-prod (prod)"


@pytest.mark.parametrize("line", ["restart", "start --env test", "start stop"])
def test_a_mistyped_line_is_a_usage_error(shell: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_sandbox: "):
        shell.run(f"%quix_sandbox {line}")
