"""Make the environments of Quix's own clients, which the tests read with, once; say what could not be made and why.

    python tests/environments.py

Each stands in `.cache/` of the checkout, apart from quixnb's own: Quix Streams 3 pins another confluent-kafka. Where one
cannot be made, the tests that need it are skipped with the reason, or fail where `QUIXNB_DEMAND` is set.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".cache"

# Name of the environment → what is installed in it.
ENVIRONMENTS = {"quixstreams3": ["quixstreams>=3.28,<4"]}


def python(name: str) -> Path:
    """The environment's interpreter, whether it exists or not."""
    folder = CACHE / name
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def reason_missing(name: str) -> str | None:
    """Why an environment is not there; None if it is."""
    if (CACHE / name / ".ready").exists():
        return None
    note = CACHE / f"{name}.failed"
    return note.read_text(encoding="utf-8") if note.exists() else "not made yet: python tests/environments.py"


def make(name: str) -> str | None:
    """Make an environment unless it is there; returns what went wrong."""
    if reason_missing(name) is None:
        return None
    print(f"Making the environment '{name}' for tests (once)", flush=True)
    venv.create(CACHE / name, with_pip=True, clear=True)
    command = [str(python(name)), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *ENVIRONMENTS[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    note = CACHE / f"{name}.failed"
    note.unlink(missing_ok=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        note.write_text(reason, encoding="utf-8")
        return reason
    (CACHE / name / ".ready").touch()
    return None


if __name__ == "__main__":
    CACHE.mkdir(exist_ok=True)
    for environment in ENVIRONMENTS:
        if problem := make(environment):
            print(f"Skipped: tests with '{environment}', because it could not be installed: {problem}")
