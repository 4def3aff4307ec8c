"""Run every test that this machine can run, in two lanes side by side, and then alone what measures time.

    python tests/run.py [pytest's options]

One lane mostly waits: for browsers, servers, kernels and brokers. `python -m pytest` runs the same tests in one line,
which takes about as long as both lanes together.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

TESTS: Final = Path(__file__).parent
WAITING: Final = ("browser", "collaboration", "kafka", "kernel", "leaking", "packaging", "server")
_NO_TESTS: Final = 5  # pytest's status


def main(options: Sequence[str]) -> int:
    """Run all; returns the first status that is not 0."""
    folders = sorted(path.name for path in TESTS.iterdir() if path.is_dir() and (path / "__init__.py").exists())
    others = [name for name in folders if name not in WAITING]
    with tempfile.TemporaryFile("w+") as said:
        beside = _start("others", others, ["-m", "not alone", *options], said)
        statuses = [_start("waiting", WAITING, ["-m", "not alone", *options]).wait(), beside.wait()]
        said.seek(0)
        print(said.read(), end="", flush=True)
    statuses.append(_start("alone", folders, ["-m", "alone", *options]).wait())
    return next((status for status in statuses if status not in (0, _NO_TESTS)), 0)


def _start(
    name: str, folders: Sequence[str], options: Sequence[str], output: IO[str] | None = None
) -> subprocess.Popen[str]:
    # A cache each: they would write over each other's.
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir=.cache/pytest-{name}", *options]
    command += [str((TESTS / folder).relative_to(Path.cwd())) for folder in folders]
    return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT if output else None, text=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
