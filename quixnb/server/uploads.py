"""Uploads in several pieces, as JupyterLab sends files above a megabyte: looked at as a save once the last has come."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any, Final

from quixnb import files
from quixnb.server.saves import Saves

_LONGEST: Final = 256 * 2**20  # bytes; what is longer is no notebook that anybody opens


class Uploads:
    """Knows which files are being uploaded.

    Parameters
    ----------
    saves
        Checks each when it is there.
    """

    def __init__(self, saves: Saves, log: logging.Logger) -> None:
        self._saves, self._log = saves, log
        self._begun: dict[Path, str] = {}

    def begin(self, file: Path, path: str) -> None:
        """Note that the first piece of the file has come, and what the server calls it."""
        self._begun[file] = path

    def end(self, file: Path, root: Path | None) -> None:
        """Check the file if it has come in pieces: all of them are there. One that is changed is replaced in one step.

        The whole of it is on the disk by then, so `refuse` can only warn.
        """
        path = self._begun.pop(file, None)
        if path is None:
            return
        try:
            about = file.stat()
            if about.st_size > _LONGEST:
                return
            model = {"type": "file", "format": "text", "content": file.read_bytes().decode()}
            text = model["content"]
            self._saves.check(model, path, file, root, is_written=True)
            if model["content"] != text:
                files.replace(file, model["content"].encode(), mode=stat.S_IMODE(about.st_mode))
        except UnicodeDecodeError:
            return  # an image, say
        except Exception as exc:
            # The file is there, whatever the check does; the type alone, since a message may quote it.
            self._log.error("quixnb could not check an upload: %s", type(exc).__name__)


def is_first_piece(model: dict[str, Any]) -> bool:
    """Whether a save hands over the first piece of a file."""
    return model.get("chunk") == 1
