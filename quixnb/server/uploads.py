"""Uploads in several pieces, as JupyterLab sends files above a megabyte: looked at as a save once the last has come."""

from __future__ import annotations

import logging
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

    def begin(self, model: dict[str, Any], file: Path | None, path: str) -> None:
        """Note what the server calls the file, if a save hands over the first piece of one."""
        if file is not None and model.get("chunk") == 1:
            self._begun[file] = path

    def end(self, file: Path, root: Path | None) -> None:
        """Check the file if it has come in pieces: all of them are there. One that is changed is replaced in one step.

        The whole of it is on the disk by then, so `refuse` can only warn.
        """
        path = self._begun.pop(file, None)
        if path is None:
            return
        try:
            if file.stat().st_size > _LONGEST:
                return
            model = {"type": "file", "format": "text", "content": file.read_bytes().decode()}
            text = model["content"]
            self._saves.check(model, path, file, root, is_written=True)
            if model["content"] != text:
                files.rewrite(file, model["content"].encode())
        except UnicodeDecodeError:
            return  # an image, say
        except Exception as exc:
            # The file is there, whatever the check does; the type alone, since a message may quote it.
            self._log.error("quixnb could not check an upload: %s", type(exc).__name__)
