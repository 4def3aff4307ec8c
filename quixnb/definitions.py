"""What is said of parameters and events beside their values: names, units, ranges, levels."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from quixnb import envelope
from quixnb.errors import FrameError

Definitions = Mapping[str, Mapping[str, Any]]

# What a person writes → what Quix calls it, in the order in which Quix Streams writes it.
_PARAMETER: Final = {
    "name": "Name",
    "description": "Description",
    "minimum": "MinimumValue",
    "maximum": "MaximumValue",
    "unit": "Unit",
    "format": "Format",
    "custom_properties": "CustomProperties",
}
_EVENT: Final = {
    "name": "Name",
    "description": "Description",
    "custom_properties": "CustomProperties",
    "level": "Level",
}
LEVELS: Final = ("Trace", "Debug", "Information", "Warning", "Error", "Critical")


def parameters(definitions: Definitions) -> bytes:
    """The enveloped ParameterDefinitions.

    Parameters
    ----------
    definitions
        Parameter ID to any of `name`, `description`, `minimum`, `maximum` (numbers), `unit`, `format`,
        `custom_properties` (text), and `group` (a path such as `/engine/oil`).

    Raises
    ------
    FrameError
        Another word, an ID or group that Quix Streams 0.5 loses the message over.
    """
    body = _tree(definitions, _PARAMETER, "ParameterGroups", "Parameters", {})
    return envelope.wrap(envelope.PARAMETER_DEFINITIONS, orjson.dumps(body))


def events(definitions: Definitions) -> bytes:
    """The enveloped EventDefinitions; as `parameters`, with `level` in place of range, unit and format.

    The level is always written: Quix Streams 0.5 leaves out `Trace`, and reads a missing one as `Information`.
    """
    body = _tree(definitions, _EVENT, "EventGroups", "Events", {"level": "Information"})
    return envelope.wrap(envelope.EVENT_DEFINITIONS, orjson.dumps(body))


def _tree(
    definitions: Definitions, words: Mapping[str, str], groups: str, leaves: str, defaults: Mapping[str, Any]
) -> dict[str, Any]:
    root: dict[str, Any] = {groups: [], leaves: []}
    for name, said in definitions.items():
        _check(name, said, words)
        place, children = root, groups
        for part in filter(None, str(said.get("group", "")).split("/")):
            place, children = _child(place[children], part, leaves), "ChildGroups"
        full = {**defaults, **said}
        leaf = {"Id": name} | {word: full[key] for key, word in words.items() if full.get(key) is not None}
        place[leaves].append(leaf)
    return root


def _child(siblings: list[dict[str, Any]], name: str, leaves: str) -> dict[str, Any]:
    for group in siblings:
        if group["Name"] == name:
            return group
    siblings.append({"Name": name, "ChildGroups": [], leaves: []})
    return siblings[-1]


def _check(name: str, said: Mapping[str, Any], words: Mapping[str, str]) -> None:
    if not name or "/" in name or "\\" in name:
        raise FrameError(
            f"{name!r} cannot be defined.",
            cause="Quix Streams 0.5 loses all definitions over an ID that is empty or holds '/' or '\\'.",
            fix="Leave it out of the definitions; its values need none.",
        )
    for word in said:
        if word not in words and word != "group":
            near = difflib.get_close_matches(word, [*words, "group"], n=1)
            raise FrameError(
                f"The definition of {name!r} has the word {word!r}.",
                cause=f"The words are {', '.join([*words, 'group'])}.",
                fix=f"Did you mean {near[0]!r}?" if near else "Leave it out.",
            )
    if said.get("level", "Trace") not in LEVELS:
        raise FrameError(f"{said['level']!r} is no level of an event.", cause=f"The levels are {', '.join(LEVELS)}.")
