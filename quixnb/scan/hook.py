"""git's pre-commit hook: what is about to be committed is searched, and a token in it stops the commit."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from quixnb.errors import QuixnbError
from quixnb.scan.contents import search_bytes
from quixnb.scan.files import is_binary_kind
from quixnb.scan.found import Found, found_in_name
from quixnb.scan.git import GitFailed, git
from quixnb.scan.history import contents_of

_MARK = "# quixnb: looks for tokens in what is about to be committed"
_BEFORE = "pre-commit.before-quixnb"
_SCRIPT = """\
#!/bin/sh
{mark}
before="$(dirname "$0")/{before}"
if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
if {python} -c 'import quixnb' 2>/dev/null; then exec {python} -m quixnb hook run; fi
if command -v quixnb >/dev/null 2>&1; then exec quixnb hook run; fi
echo "quixnb is not installed any more: tokens are not looked for (this hook: $0)" >&2
"""


class HookNotInstalled(QuixnbError):
    """The folder is in no git repository, or another hook is in the way."""


class NothingStaged(QuixnbError):
    """The hook was run where no commit is under way."""


def install(folder: Path) -> Path:
    """Install the hook; one that is there already runs before it. Returns where it is.

    Raises
    ------
    HookNotInstalled
        The folder is in no git repository, or the hook there cannot be kept or written.
    """
    hooks = _hooks_folder(folder)
    hook, before = hooks / "pre-commit", hooks / _BEFORE
    try:
        hooks.mkdir(parents=True, exist_ok=True)
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
    except OSError as exc:
        raise HookNotInstalled(
            f"The hook '{hook}' cannot be written: {exc.strerror}.",
            cause="git looks for hooks there, by its setting core.hooksPath or its own rule.",
            fix="Make the folder writable, or set another: git config core.hooksPath FOLDER",
        ) from None
    return hook


def search_staged(folder: Path) -> list[Found]:
    """Tokens in what is staged in the repository that `folder` is in, and in the names of these files.

    Raises
    ------
    NothingStaged
        There is no git, or no repository.
    """
    seen: set[str] = set()
    found: list[Found] = []
    names: dict[str, list[str]] = {}
    for blob, name in _staged(folder):
        found.extend(found_in_name(name, seen))
        if not is_binary_kind(Path(name)):
            names.setdefault(blob, []).append(name)
    for blob, data in contents_of(folder, names):
        found.extend(each for name in names[blob] for each in search_bytes(data, name))
    return found


def _staged(folder: Path) -> Iterator[tuple[str, str]]:
    """The object and the name of each file that the commit brings or changes.

    By objects, since a name may have any sign in it, the end of a line included.
    """
    options = ("--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--diff-filter=d")
    try:
        fields = iter(git(folder, "diff", *options).split(b"\0"))
    except GitFailed as exc:
        raise NothingStaged(
            f"There is nothing to commit in '{folder.absolute()}'.",
            cause=str(exc),
            fix="Install the hook, which git runs before each commit: quixnb hook install",
        ) from None
    for about in fields:
        if about:
            yield about.split()[3].decode(), os.fsdecode(next(fields))


def _hooks_folder(folder: Path) -> Path:
    try:
        return folder / os.fsdecode(git(folder, "rev-parse", "--git-path", "hooks").removesuffix(b"\n"))
    except GitFailed as exc:
        raise HookNotInstalled(
            f"'{folder.absolute()}' is in no git repository that can be used.",
            cause=str(exc),
            fix="Run git init first, or go to a folder that is in a repository.",
        ) from None
