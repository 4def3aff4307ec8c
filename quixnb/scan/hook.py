"""git's pre-commit hook: what is about to be committed is searched, and a token in it stops the commit."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from quixnb.errors import QuixnbError
from quixnb.scan.contents import search_bytes
from quixnb.scan.files import is_binary_kind
from quixnb.scan.found import Found
from quixnb.scan.history import contents_of

_MARK = "# quixnb: looks for tokens in what is about to be committed"
_BEFORE = "pre-commit.before-quixnb"
_SCRIPT = """\
#!/bin/sh
{mark}
before="$(dirname "$0")/{before}"
if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
if [ -x {python} ]; then exec {python} -m quixnb hook run; fi
if command -v quixnb >/dev/null 2>&1; then exec quixnb hook run; fi
echo "quixnb is not installed any more: tokens are not looked for (this hook: $0)" >&2
"""


class HookNotInstalled(QuixnbError):
    """The folder is in no git repository, or another hook is in the way."""


def install(folder: Path) -> Path:
    """Install the hook; one that is there already runs before it. Returns where it is.

    Raises
    ------
    HookNotInstalled
        The folder is in no git repository, or the hook there cannot be kept.
    """
    hooks = _hooks_folder(folder)
    hooks.mkdir(parents=True, exist_ok=True)
    hook, before = hooks / "pre-commit", hooks / _BEFORE
    if hook.exists() and _MARK not in hook.read_text("utf-8", "replace"):
        if before.exists():
            raise HookNotInstalled(
                f"'{hook}' is another hook, and '{before.name}' beside it is one, too.",
                cause="quixnb keeps one hook that was there before its own.",
                fix=f'Join the two, or add this line to yours: "{sys.executable}" -m quixnb hook run',
            )
        hook.rename(before)
    python = "'" + sys.executable.replace("'", "'\\''") + "'"
    hook.write_text(_SCRIPT.format(mark=_MARK, before=_BEFORE, python=python), encoding="utf-8", newline="\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return hook


def search_staged(folder: Path) -> list[Found]:
    """Tokens in what is staged in the repository that `folder` is in."""
    command = ["git", "-C", str(folder), "diff", "--cached", "--name-only", "--diff-filter=ACMR", "-z"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.split(b"\0")  # noqa: S603
    paths = [path for name in names if name and not is_binary_kind(Path(path := os.fsdecode(name)))]
    return [
        each
        for name, data in contents_of(folder, (f":{path}" for path in paths))
        for each in search_bytes(data, name[1:])
    ]


def _hooks_folder(folder: Path) -> Path:
    command = ["git", "-C", str(folder), "rev-parse", "--git-path", "hooks"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise HookNotInstalled(
            f"'{folder}' is in no git repository.",
            cause="The hook belongs to a repository, and git found none here, or is not installed.",
            fix="Run git init first, or go to a folder that is in a repository.",
        ) from None
    return folder / done.stdout.strip()
