"""Takes tokens out of what a kernel remembers of its cells: `In`, `_i…`, `%history`, kept outputs and tracebacks."""

from __future__ import annotations

import linecache
import re
from collections.abc import MutableMapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from quixnb.guard.clean import cleaned

_INPUT = re.compile(r"_i{1,3}|_i\d+")
_KEPT_IN_ATTRIBUTES = ("_i", "_ii", "_iii", "_i00")


def scrub(shell: InteractiveShell) -> int:
    """Clean them; returns how many texts changed."""
    history = shell.history_manager
    if history is None:
        return 0
    count = sum(_in_list(texts) for texts in (history.input_hist_raw, history.input_hist_parsed))
    count += _in_variables(shell.user_ns) + _in_attributes(history) + _in_outputs(getattr(history, "outputs", {}))
    for kept in (getattr(history, "exceptions", {}), getattr(history, "output_hist_reprs", {})):
        count += _in_mapping(kept)
    with history.db_input_cache_lock:
        count += _in_list(history.db_input_cache)
    with history.db_output_cache_lock:
        count += _in_list(history.db_output_cache)
    return count + _in_sources()


def _in_list(texts: list[Any]) -> int:
    changed = {at: clean for at, text in enumerate(texts) if (clean := cleaned(text)) is not text}
    for at, clean in changed.items():
        texts[at] = type(texts[at])(clean)
    return len(changed)


def _in_mapping(kept: MutableMapping[Any, Any]) -> int:
    changed = {name: clean for name, value in list(kept.items()) if (clean := cleaned(value)) is not value}
    kept.update(changed)
    return len(changed)


def _in_variables(names: MutableMapping[str, Any]) -> int:
    inputs = {name: value for name, value in names.items() if _INPUT.fullmatch(name) and isinstance(value, str)}
    changed = _in_mapping(inputs)
    names.update(inputs)
    return changed


def _in_attributes(history: Any) -> int:
    count = 0
    for name in _KEPT_IN_ATTRIBUTES:
        text = getattr(history, name, "")
        clean = cleaned(text)
        if clean is not text:
            setattr(history, name, clean)
            count += 1
    return count


def _in_outputs(outputs: MutableMapping[int, list[Any]]) -> int:
    count = 0
    for output in [each for kept in list(outputs.values()) for each in kept]:
        clean = cleaned(output.bundle)
        if clean is not output.bundle:
            output.bundle = clean
            count += 1
    return count


def _in_sources() -> int:
    """The lines of cells as tracebacks show them; those of files are read from the disk again anyway."""
    count = 0
    for name, entry in list(linecache.cache.items()):
        if len(entry) == 4 and ("ipykernel" in name or name.startswith("<ipython-input")):
            lines = cleaned(entry[2])
            if lines is not entry[2]:
                linecache.cache[name] = (entry[0], entry[1], lines, entry[3])
                count += 1
    return count
