"""Reads what a place holds: a variable, an `.env` file, a file. Failures come back as words, never with a value."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import find_dotenv
from dotenv.parser import parse_stream

from quixnb.profiles import holds_token

_LOOKS_LIKE_ONE = re.compile(r"token|(?:^|_)pat(?:$|_|\d)|quix.*(?:key|secret)|sdk.*key", re.IGNORECASE)
_FILE_LIMIT = 64 * 1024  # characters; a token file holds one token


@dataclass(frozen=True)
class Dotenv:
    """What an `.env` file holds.

    Attributes
    ----------
    file
        The file; None when there is none from the working folder upward.
    values
        Its variables that are not empty. They may be tokens, so they are in no printed form.
    problem
        Why it could not be read, in words; else empty.
    unread
        Numbers, from 1, of the lines that are no `NAME=value`.
    has_bare_token
        Whether a token stands in it as a name.
    """

    file: Path | None = None
    values: dict[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""
    unread: tuple[int, ...] = ()
    has_bare_token: bool = False

    def get(self, name: str) -> str:
        """Value of the variable `name`, empty if it is not there."""
        return self.values.get(name, "")

    def why_not(self, names: Sequence[str]) -> str:
        """Why it has no value of `names`, in words that continue 'The file …'; of its own names only a token's."""
        if self.problem:
            return f"could not be read: {self.problem}"
        if self.has_bare_token:
            return "holds a token without a name; a line of it is NAME=token"
        if self.unread:
            return f"could not be read in line {self.unread[0]}; a line of it is NAME=value"
        others = [name for name in self.values if looks_like_tokens_name(name) and name not in names]
        return "has no value of that name" + (f"; it has {', '.join(others[:5])}" if others else "")


def variable(name: str) -> str:
    """Value of the process's variable `name`, empty if it is not there."""
    try:
        return os.environ.get(name, "").strip()
    except ValueError:  # a name that no variable can have
        return ""


def nearest_dotenv() -> Dotenv:
    """Read the first `.env` from the working folder upward; `os.environ` stays as it is."""
    try:
        file = find_dotenv(usecwd=True)
    except OSError:  # the working folder is gone
        file = ""
    return read_dotenv(file) if file else Dotenv()


def nearest_dotenv_file() -> Path | None:
    """The first `.env` from the working folder upward, or None."""
    return nearest_dotenv().file


def read_dotenv(path: str | Path) -> Dotenv:
    """Read the `.env` file `path`, or the one in the folder `path`; `os.environ` stays as it is."""
    file = Path(os.path.abspath(os.path.expanduser(path)))
    file = file / ".env" if file.is_dir() else file
    if not file.is_file():
        return Dotenv(file, problem="there is no such file")
    try:
        # With or without the BOM that editors on Windows write.
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as exc:
        return Dotenv(file, problem=_reason(exc))
    # Not by `dotenv_values`: it would fill in other variables for a '$', and log what it cannot read.
    lines = list(parse_stream(io.StringIO(text)))
    values = {line.key: (line.value or "").strip() for line in lines if line.key}
    return Dotenv(
        file,
        {name: value for name, value in values.items() if value},
        unread=tuple(line.original.line for line in lines if line.error),
        has_bare_token=any(line.value is None and holds_token(line.key or "") for line in lines),
    )


def looks_like_tokens_name(name: str) -> bool:
    """Whether a variable of that name may be a Quix token."""
    return _LOOKS_LIKE_ONE.search(name) is not None and not holds_token(name)


def others_may_read(file: Path) -> bool:
    """Whether other users may read a file that the user could close: a mounted secret is as its owner wants it."""
    if sys.platform == "win32":
        return False
    try:
        status = file.stat()
    except OSError:
        return False
    is_ours = status.st_uid == os.geteuid() and os.access(file, os.W_OK)
    return is_ours and bool(status.st_mode & (stat.S_IRGRP | stat.S_IROTH))


def read_text(file: Path) -> tuple[str, str]:
    """Read a small text file: its text, and why it could not be read, in words."""
    try:
        with file.open(encoding="utf-8-sig") as stream:
            return stream.read(_FILE_LIMIT), ""
    except (OSError, ValueError) as exc:
        return "", _reason(exc)


def working_folder() -> str:
    """Name the folder that an `.env` is looked for in first."""
    try:
        return os.getcwd()
    except OSError:
        return "the working folder (which is gone)"


def _reason(exc: Exception) -> str:
    # Not `str(exc)`: that of a UnicodeDecodeError shows a piece of the file.
    if isinstance(exc, UnicodeError):
        return "it is not UTF-8 text"
    reason = exc.strerror if isinstance(exc, OSError) else None
    return reason.lower() if reason else type(exc).__name__
