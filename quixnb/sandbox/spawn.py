"""Starts the sandbox's own process and waits until it says that it is ready."""

from __future__ import annotations

import json
import os
import signal
import site
import subprocess
import sys
import sysconfig
import threading
from contextlib import suppress
from pathlib import Path

from quixnb.errors import SandboxError

# What a Python needs to run; everything else stays here, tokens in variables above all: the sandbox outlives its
# caller, and its environment can be read in /proc for as long.
_PASSED = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE", "VIRTUAL_ENV")
_PASSED_PREFIXES = ("PYTHON", "LC_", "LD_", "DYLD_", "COVERAGE_")


def spawn(state: Path, options: dict[str, str], *, timeout_s: float) -> subprocess.Popen[bytes]:
    """Start a sandbox's process; return it when it has written `state` and answers.

    Raises
    ------
    SandboxError
        It failed, or was not ready in `timeout_s`; then it is ended.
    """
    process = _open(["--state", str(state), *(word for pair in options.items() for word in pair)])
    late = threading.Timer(timeout_s, _kill, [process])
    late.daemon = True
    late.start()
    try:
        report = _report(process)
    except BaseException:
        _kill(process)
        _close(process)
        raise
    finally:
        late.cancel()
    if report.get("ready"):
        return process
    _kill(process)
    _close(process)
    raise _failure(report, process, timeout_s)


def _open(arguments: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Jupyter interrupts a kernel's whole process group, and Ctrl-C in a terminal does too.
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    else:
        flags = 0
    return subprocess.Popen(  # noqa: S603 (this interpreter, our own module, no shell)
        # -P: a notebook's folder may hold a json.py or a token.py.
        [sys.executable, "-P", "-m", "quixnb.sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
        creationflags=flags,
    )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED or name.upper().startswith(_PASSED_PREFIXES)
    }
    root = str(Path(__file__).parents[2])
    # Not installed but run from a folder that only this process has on its path.
    if root not in {*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("purelib")}:
        kept["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [kept.get("PYTHONPATH")])])
    return kept


def _report(process: subprocess.Popen[bytes]) -> dict[str, object]:
    assert process.stdout  # noqa: S101 (a pipe was asked for)
    try:
        report = json.loads(process.stdout.readline())
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    # The group, because a detached sandbox is the child of a child.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _close(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _failure(report: dict[str, object], process: subprocess.Popen[bytes], timeout_s: float) -> SandboxError:
    cause = str(report.get("error") or "")
    if not cause and process.returncode < 0:
        cause = f"Its process was not ready after {timeout_s:g} s, or was ended from outside."
    return SandboxError(
        "The sandbox did not start.",
        cause=cause or f"Its process ended with status {process.returncode}.",
        fix=f"To see more, run: {sys.executable} -m quixnb.sandbox --help",
    )
