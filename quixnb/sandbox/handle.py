"""What the one who started or found a sandbox holds: its addresses, its tokens, and its end."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from quixnb.errors import SandboxError
from quixnb.sandbox import client
from quixnb.sandbox.processes import Process
from quixnb.sandbox.state import EnvironmentState, State, read
from quixnb.token import Token

END_S = 5.0


class SandboxEnvironment:
    """One environment of a sandbox.

    Attributes
    ----------
    id
        As the portal spells it, for instance `sandbox-f1-dev`.
    token_1, token_2
        Its streaming tokens, both valid.
    """

    __slots__ = ("id", "token_1", "token_2")

    def __init__(self, state: EnvironmentState) -> None:
        self.id = state["id"]
        self.token_1, self.token_2 = state["token_1"], state["token_2"]

    def __repr__(self) -> str:
        return f"<sandbox environment {self.id}>"


class Sandbox:
    """A running sandbox; get one from `start()`, `shared()` or `find()`.

    As a context manager it ends with the block, unless it is the shared one.

    Attributes
    ----------
    portal_api, bootstrap_servers
        Addresses of the portal and the broker, `http://127.0.0.1:PORT` and `127.0.0.1:PORT`.
    environments
        `dev` and `prod`, with the same topic names and different topic IDs.
    admin_token, viewer_token
        Personal access tokens that see both environments; the Viewer's may not change anything.
    state_path
        The file (0600) that holds all of this; it is deleted when the sandbox ends.
    is_shared
        Whether it is the user's shared one, which goes on without this process.
    """

    portal_api: str
    bootstrap_servers: str
    environments: Mapping[str, SandboxEnvironment]
    admin_token: Token
    viewer_token: Token

    def __init__(self, path: Path, state: State, process: subprocess.Popen[bytes] | None = None) -> None:
        self.state_path = path
        self.pid = state["pid"]
        self.is_shared = process is None
        self._child, self._process, self._owner = process, state["process"], os.getpid()
        self._take(state)
        if process:
            atexit.register(self.stop)

    def _take(self, state: State) -> None:
        self.portal_api, self.bootstrap_servers = state["portal_api"], state["bootstrap_servers"]
        self.admin_token, self.viewer_token = state["admin_token"], state["viewer_token"]
        named = {key: SandboxEnvironment(environment) for key, environment in state["environments"].items()}
        self.environments = MappingProxyType(named)
        self._instance = state["instance"]

    def __repr__(self) -> str:
        return f"<{'shared' if self.is_shared else 'own'} quixnb sandbox, portal {self.portal_api}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self.is_shared:
            self.stop()

    def status(self) -> dict[str, Any]:
        """Ask the sandbox how it is: `instance`, `uptime_s`, `topics` (per environment), `warnings`, `limits`."""
        answer: dict[str, Any] = client.call(self.portal_api, "GET", "/sandbox/status", self.admin_token)
        return answer

    def warnings(self) -> list[str]:
        """List a sentence for each partition whose older messages fell out; empty while everything is still there."""
        return list(self.status()["warnings"])

    def rotate(self, environment: str) -> None:
        """Rotate the streaming tokens of `environment` (`dev`, `prod` or an id), and take the new ones.

        Token 1 is dead from now on, token 2 becomes token 1, and a new token 2 is made. Token objects held elsewhere
        stay what they were.
        """
        client.call(self.portal_api, "POST", f"/sandbox/environments/{self._id(environment)}/rotate", self.admin_token)
        self.refresh()

    def refresh(self) -> None:
        """Read the tokens again, after another process rotated them."""
        state = read(self.state_path)
        if state is None or state["instance"] != self._instance:
            raise SandboxError(
                f"The sandbox at {self.portal_api} has ended.",
                cause="Its state file is gone, or another sandbox's.",
                fix="Start a new one: %quix_sandbox start",
            )
        self._take(state)

    def stop(self) -> None:
        """End the sandbox and wait until it is gone; nothing of it stays. Ending it twice is not an error."""
        if self._child:
            self._stop_own(self._child)
        elif client.instance_at(self.portal_api) == self._instance:
            self._stop_shared()

    def wait(self) -> int | None:
        """Wait until a sandbox of one's own ends; its exit status. None at once for the shared one."""
        return self._child.wait() if self._child else None

    def adopt(self, owner: Process | None) -> None:
        """Let the sandbox live as long as `owner` at least; None: until it is stopped, or idle for its hour."""
        body = {"process": owner and str(owner)}
        client.call(self.portal_api, "POST", "/sandbox/owners", self.admin_token, body)

    def _id(self, environment: str) -> str:
        for key, it in self.environments.items():
            if environment in (key, it.id):
                return it.id
        raise SandboxError(
            f"The sandbox has no environment '{environment}'.",
            cause=f"It has {' and '.join(self.environments)}.",
            fix='For example: sandbox.rotate("dev")',
        )

    def _stop_own(self, child: subprocess.Popen[bytes]) -> None:
        # A forked worker inherits the handle and its exit hook, not the sandbox.
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.stop)
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        shutil.rmtree(self.state_path.parent, ignore_errors=True)

    def _stop_shared(self) -> None:
        self.refresh()
        client.end(self.portal_api, self.admin_token)
        process, deadline = self._process, time.monotonic() + END_S
        # It is nobody's child, so there is nothing to wait for but its disappearance.
        while process and process.is_alive():
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.01)
