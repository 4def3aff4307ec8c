"""What to do with a token in a file that is saved: the server's setting, and a folder's own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from traitlets import Enum
from traitlets.config import Configurable

MODES = ("redact-outputs", "redact", "warn", "refuse", "off")
FILE = ".quixnb.toml"


class QuixSaves(Configurable):
    """How files with tokens are saved."""

    on_token = Enum(
        MODES,
        default_value="redact-outputs",
        help="What to do with a token in a file that is saved. redact-outputs: take it out of outputs, warn of one in "
        "a source. redact: take it out everywhere. warn: save as it is and say so. refuse: do not save (where several "
        "people edit notebooks at once: warn). off: do not look. A folder's .quixnb.toml goes before it: "
        'on_save = "warn".',
    ).tag(config=True)


def mode_for(file: Path | None, root: Path | None, fallback: str, complain: Callable[[str], object]) -> str:
    """The mode for a file: that of the nearest `.quixnb.toml` from its folder up to the server's, else the server's.

    A setting file that cannot be read, or says something else, counts as if it were not there; `complain` is told.
    """
    if file is None or root is None or not file.is_relative_to(root):
        return fallback
    folders = [folder for folder in file.parents if folder.is_relative_to(root)]
    return next((mode for folder in folders if (mode := _mode_in(folder / FILE, complain)) is not None), fallback)


def _mode_in(file: Path, complain: Callable[[str], object]) -> str | None:
    try:
        mode = tomllib.loads(file.read_text(encoding="utf-8")).get("on_save")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        complain(f"{str(file)!r} counts as if it were not there: it cannot be read ({type(exc).__name__})")
        return None
    if mode in MODES:
        return str(mode)
    complain(f"{str(file)!r} counts as if it were not there: on_save has to be one of {', '.join(MODES)}")
    return None
