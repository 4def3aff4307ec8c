"""`quixnb sandbox`: a sandbox of its own that runs in the foreground until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from types import FrameType

from quixnb.errors import SandboxError
from quixnb.sandbox.handle import Sandbox
from quixnb.sandbox.life import start


def serve_forever(json: bool = False) -> int:
    """Run a sandbox until Ctrl-C or SIGTERM; the exit status is 0 then.

    It prints its addresses, its environments and the path of the file that holds its tokens, never a token. It is not
    the shared sandbox of the notebooks.

    Parameters
    ----------
    json
        Print one JSON object on one line instead of text.

    Raises
    ------
    SandboxError
        It did not start, or ended by itself.
    """
    try:
        with _terminable(), start() as sandbox:
            print(dumps(_summary(sandbox)) if json else _text(sandbox), flush=True)
            status = sandbox.wait()
    except KeyboardInterrupt:
        return 0
    raise SandboxError(
        "The sandbox ended by itself.",
        cause=f"Its process ended with status {status}; somebody may have ended it.",
        fix="Start it again: quixnb sandbox",
    )


def _summary(sandbox: Sandbox) -> dict[str, object]:
    return {
        "portal_api": sandbox.portal_api,
        "bootstrap_servers": sandbox.bootstrap_servers,
        "environments": {key: {"id": environment.id} for key, environment in sandbox.environments.items()},
        "tokens_file": str(sandbox.state_path),
        "pid": sandbox.pid,
    }


def _text(sandbox: Sandbox) -> str:
    environments = ", ".join(f"{environment.id} ({key})" for key, environment in sandbox.environments.items())
    return "\n".join(
        [
            f"Portal        {sandbox.portal_api}",
            f"Broker        {sandbox.bootstrap_servers}",
            f"Environments  {environments}",
            f"Tokens        in {sandbox.state_path} (only you can read it; it is deleted at the end)",
            "Limits        in memory, newest 5 MB of each partition, no TLS, no SASL",
            "Ctrl-C ends it.",
        ]
    )


@contextmanager
def _terminable() -> Iterator[None]:
    # Only the main thread may set handlers; elsewhere the sandbox notices that its caller is gone.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # SIGINT too: a shell starts what it runs in the background with that one ignored.
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
