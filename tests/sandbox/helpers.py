"""Waiting for processes without sleeping, and programs that use a sandbox in a process of their own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import psutil

from quixnb.sandbox import Sandbox
from quixnb.token import Token
from tests.fakes import remember

ROOT = Path(__file__).parents[2]


def tokens(sandbox: Sandbox) -> list[Token]:
    """All tokens that are valid now."""
    of_environments = [token for it in sandbox.environments.values() for token in (it.token_1, it.token_2)]
    return [*of_environments, sandbox.admin_token, sandbox.viewer_token]


def remembered(sandbox: Sandbox) -> Sandbox:
    """Note the sandbox's tokens for the search at the end of the run."""
    for token in tokens(sandbox):
        remember(token.reveal())
    return sandbox


def status_of(sandbox: Sandbox, token: Token, path: str = "/workspaces") -> int:
    """The status that a GET with `token` is answered with."""
    headers = {"Authorization": f"Bearer {token.reveal()}"}
    return httpx2.get(sandbox.portal_api + path, headers=headers, trust_env=False).status_code


def wait_until_gone(pid: int, timeout_s: float = 5.0) -> None:
    """Wait until process `pid`, which need not be a child, has ended."""
    assert has_ended_within(timeout_s, pid), f"process {pid} still runs after {timeout_s:g} s"


def has_ended_within(timeout_s: float, pid: int) -> bool:
    """Whether process `pid` ends in time; waits for it no longer than it takes."""
    if not hasattr(os, "pidfd_open"):
        return not psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout_s)[1]
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    # Readable as soon as the process ends, even if nobody collects its exit status for a while.
    try:
        return bool(select.select([descriptor], [], [], timeout_s)[0])
    finally:
        os.close(descriptor)


def is_running(pid: int) -> bool:
    """Whether process `pid` still runs."""
    return not has_ended_within(0, pid)


def program(code: str, **variables: str) -> subprocess.Popen[str]:
    """A Python process that runs `code`; its standard input stays open."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
    )


def line(process: subprocess.Popen[str]) -> Any:
    """The next line that `process` prints, as JSON."""
    assert process.stdout
    return json.loads(process.stdout.readline())


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Close the input of `process`, wait for its end, and return the rest of its output and its errors."""
    return process.communicate(timeout=10)
