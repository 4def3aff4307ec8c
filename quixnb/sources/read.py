"""Reads what a place holds: a variable, an `.env` file, a file. Failures come back as words, never with a value."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values, find_dotenv

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
    """

    file: Path | None = None
    values: dict[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""

    def get(self, name: str) -> str:
        """Value of the variable `name`, empty if it is not there."""
        return self.values.get(name, "")


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
    try:
        # No interpolation: a '$' in a value is a '$'. With or without the BOM that editors on Windows write.
        values = dotenv_values(file, interpolate=False, encoding="utf-8-sig") if file.is_file() else None
    except (OSError, UnicodeError) as exc:
        return Dotenv(file, problem=_reason(exc))
    if values is None:
        return Dotenv(file, problem="there is no such file")
    return Dotenv(file, {name: value.strip() for name, value in values.items() if value and value.strip()})


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
