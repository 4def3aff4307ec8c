"""Tells whether the cell that is running was sent by a notebook in which a person can use a widget."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from quixnb.sources import in_colab


def can_show_widgets(shell: Any) -> bool:
    """Whether widgets are likely to be seen and used.

    A kernel, and a front end that takes input: nbclient, papermill and scheduled runs say that they take none. A
    notebook names the cell that it runs (JupyterLab, Notebook 7 and VS Code do); a console in a terminal does not.
    Colab does neither, and shows widgets.
    """
    if getattr(shell, "kernel", None) is None or find_spec("anywidget") is None:
        return False
    try:
        parent = shell.get_parent()
        takes_input = bool(parent["content"].get("allow_stdin"))
        return takes_input and ("cellId" in parent["metadata"] or in_colab())
    except (AttributeError, KeyError, TypeError, LookupError):
        return False
