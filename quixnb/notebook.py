"""Walks a notebook's sources, outputs, metadata and widget state as (place, text) pairs, in every nbformat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

# Fields of a cell and of an output that nbformat lets be one string or a list of its lines; the last two rows are
# those of nbformat 1 to 3. A traceback is not among them: it is a list of texts.
_CELL_TEXTS = {"source", "input", "code", "text"}
_OUTPUT_TEXTS = {"text", "html", "svg", "latex", "javascript", "json", "png", "jpeg", "pdf"}
_BUNDLES = {"data", "attachments"}
_PYTHON_MAGIC = re.compile(r"\s*%%(?:time|timeit|capture|prun|quix_\w+)\b")


def is_python(cell: str) -> bool:
    """Whether a code cell's body is Python: it has no cell magic, or one that runs Python in the same kernel."""
    return not cell.lstrip().startswith("%%") or _PYTHON_MAGIC.match(cell) is not None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text of a notebook.

    Attributes
    ----------
    pointer
        JSON Pointer of the text; of a list of strings that stands for one text, the list's; of a dictionary's key, the
        pointer of its value and `#key`.
    text
        The text; the lines of a list joined.
    cell_index
        Number of the cell from 0, through all worksheets; None outside cells.
    is_source
        Whether it is the source of a code cell.
    path
        The way to it, or to the key's value.
    is_key
        Whether it is a dictionary's key.
    """

    pointer: str
    text: str
    cell_index: int | None
    is_source: bool = False
    path: Path = ()
    is_key: bool = False


def leaves(document: Any) -> Iterator[Leaf]:
    """Every text of a notebook that was read by `json.loads`, in the file's order."""
    first_cells = _first_cells(document)
    for path, text, is_key in _texts(document):
        pointer = "".join(f"/{escaped(each)}" for each in path) + ("#key" if is_key else "")
        yield Leaf(
            pointer, text, _cell_index(path, first_cells), _is_source(document, path) and not is_key, path, is_key
        )


def escaped(part: str | int) -> str:
    """One part of a JSON Pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")


def is_one_text(path: Path, items: list[Any]) -> bool:
    """Whether a list at `path` is the lines of one text."""
    if not items or not all(isinstance(item, str) for item in items):
        return False
    match path:
        case (*_, "cells", int(), str(field)) if field in _CELL_TEXTS:
            return True
        case (*_, "outputs", int(), str(field)) if field in _OUTPUT_TEXTS:
            return True
        case (*_, "data", str(kind)) | (*_, "attachments", str(), str(kind)) if "/" in kind:
            return not (kind == "application/json" or kind.endswith("+json"))
    return False


def is_notebook(document: Any) -> bool:
    """Whether it has a notebook's parts."""
    return isinstance(document, dict) and ("cells" in document or "worksheets" in document)


def parsed(text: str) -> Any:
    """The document in `text`; None for what is not JSON: such a file is read as a text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(document: Any) -> Iterator[tuple[Path, str, bool]]:
    todo: list[tuple[Path, Any]] = [((), document)]
    while todo:
        path, node = todo.pop()
        if isinstance(node, str):
            yield path, node, False
        elif isinstance(node, dict):
            for key in node:
                yield (*path, key), key, True
            todo.extend(((*path, key), value) for key, value in reversed(node.items()))
        elif isinstance(node, list):
            if is_one_text(path, node):
                yield path, "".join(node), False
            else:
                todo.extend(((*path, index), node[index]) for index in reversed(range(len(node))))


def _first_cells(document: Any) -> dict[int, int]:
    """The number of each worksheet's first cell."""
    first, total = {}, 0
    sheets = document.get("worksheets") if isinstance(document, dict) else None
    for number, sheet in enumerate(sheets if isinstance(sheets, list) else []):
        first[number] = total
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        total += len(cells) if isinstance(cells, list) else 0
    return first


def _cell_index(path: Path, first_cells: dict[int, int]) -> int | None:
    match path:
        case ("cells", int(index), *_):
            return index
        case ("worksheets", int(sheet), "cells", int(index), *_):
            return first_cells.get(sheet, 0) + index
    return None


def _is_source(document: Any, path: Path) -> bool:
    if not (2 < len(path) < 6 and path[-1] in ("source", "input", "code") and path[-3] == "cells"):
        return False
    node = document
    for part in path[:-1]:
        node = node[part]
    return isinstance(node, dict) and node.get("cell_type") == "code"
