"""What a save hands over: a notebook, a text, or a file's bytes in base64, which is how front ends upload."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from quixnb.server import documents


class Opened(NamedTuple):
    """A document on its way to the disk.

    Attributes
    ----------
    content
        The notebook, parsed, or the text.
    packed
        Makes of such a content what a save hands over.
    """

    content: Any
    packed: Callable[[Any], Any]


def opened(model: dict[str, Any], path: str) -> Opened | None:
    """The document in a model of Jupyter's contents; None for what holds no text, or a piece of a file alone."""
    content = model.get("content")
    if not content or "chunk" in model:
        return None
    if model.get("type") == "notebook":
        return Opened(content, lambda changed: changed)
    if model.get("type") != "file" or not isinstance(content, str):
        return None
    is_base64 = model.get("format") == "base64"
    try:
        text = base64.b64decode(content).decode() if is_base64 else content
    except ValueError:
        return None  # an image, say; or no base64 at all, which the server will refuse
    document = documents.read(text, is_notebook_file=PurePosixPath(path).suffix == ".ipynb")
    return Opened(document, _in_base64 if is_base64 else documents.written)


def _in_base64(content: Any) -> str:
    return base64.b64encode(documents.written(content).encode()).decode("ascii")
