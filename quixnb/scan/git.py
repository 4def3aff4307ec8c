"""git, asked about a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from quixnb.redact import redact


class GitFailed(Exception):
    """git is not there, or does not answer; the text says why, as a sentence."""


def git(folder: Path, *arguments: str) -> bytes:
    """What git prints, run in `folder`.

    Raises
    ------
    GitFailed
        git is not installed, or it refused: most often because the folder is in no repository.
    """
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError:
        raise GitFailed("git is not installed, or not on the PATH.") from None
    if done.returncode:
        lines = redact(done.stderr.decode("utf-8", "replace")).strip().splitlines()
        raise GitFailed(f"git says: {lines[0].removeprefix('fatal: ')}" if lines else "git refused.")
    return done.stdout
