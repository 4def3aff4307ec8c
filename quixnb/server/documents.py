"""The texts of a notebook, told apart: what a person wrote, and what a kernel put out. Also text files, as one text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from quixnb.notebook import Path, is_notebook, leaves, parsed

Clean = Callable[[str], str]

# Base64: no token is to be seen in it, and looking for one takes long.
_BINARY = re.compile(r"(?:image/(?!svg\+xml)|audio/|video/|application/(?:pdf|octet-stream))")
# What else a kernel or a widget wrote into a notebook: the state of its widgets.
_WRITTEN_BY_KERNEL = ("widgets",)


class Text(NamedTuple):
    """One text of a document: where it stands, as a JSON Pointer, and whether a kernel wrote it."""

    place: str
    text: str
    is_output: bool


def read(text: str, *, is_notebook_file: bool) -> Any:
    """The document in a file's text: a notebook, parsed, if the file is called one and is one; else the text."""
    notebook = parsed(text) if is_notebook_file else None
    return notebook if is_notebook(notebook) else text


def written(content: Any) -> str:
    """A document as a file has it; a notebook as nbformat writes it."""
    if isinstance(content, str):
        return content
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"


def texts(content: Any) -> Iterator[Text]:
    """All texts of a notebook, as it is parsed, or of a file's text. Texts in lists of lines are joined."""
    if isinstance(content, str):
        yield Text("", content, False)
        return
    for leaf in leaves(content):
        if not any(_BINARY.match(str(part)) for part in leaf.path):
            yield Text(leaf.pointer, leaf.text, _is_output(leaf.path))


def cleaned(content: Any, clean: Clean, *, sources: bool) -> Any:
    """The document with its outputs cleaned, and with `sources` everything else; what is not changed is shared.

    Parameters
    ----------
    content
        A notebook, as it is parsed, or a file's text.
    clean
        Returns a text without what has to go.
    sources
        Whether what people wrote is cleaned as well.
    """
    if isinstance(content, str):
        return clean(content) if sources else content
    if sources:
        return _cleaned(content, clean)
    result = dict(content)
    if isinstance(content.get("cells"), list):
        result["cells"] = [_with_clean_outputs(cell, clean) for cell in content["cells"]]
    if isinstance(content.get("metadata"), dict):
        result["metadata"] = {
            name: _cleaned(value, clean) if name in _WRITTEN_BY_KERNEL else value
            for name, value in content["metadata"].items()
        }
    return result


def _is_output(path: Path) -> bool:
    """Whether what stands there is in a cell's outputs, or in the state of widgets."""
    match path:
        case ("cells", int(), "outputs", *_):
            return True
        case ("metadata", str(name), *_):
            return name in _WRITTEN_BY_KERNEL
    return False


def _with_clean_outputs(cell: Any, clean: Clean) -> Any:
    if not isinstance(cell, dict) or "outputs" not in cell:
        return cell
    outputs = _cleaned(cell["outputs"], clean)
    return cell if outputs == cell["outputs"] else {**cell, "outputs": outputs}


def _cleaned(value: Any, clean: Clean) -> Any:
    if isinstance(value, str):
        return clean(value)
    if _is_lines(value):
        joined = "".join(value)
        text = clean(joined)
        return value if text == joined else text.splitlines(keepends=True)
    if isinstance(value, list):
        return [_cleaned(each, clean) for each in value]
    if isinstance(value, dict):
        return {
            clean(name): each if _BINARY.match(str(name)) else _cleaned(each, clean) for name, each in value.items()
        }
    return value


def _is_lines(value: Any) -> bool:
    """Whether a list stands for one text, as notebooks on disk have it; each line but the last ends with its break."""
    return (
        isinstance(value, list)
        and all(isinstance(each, str) for each in value)
        and all(each.endswith("\n") for each in value[:-1])
    )
