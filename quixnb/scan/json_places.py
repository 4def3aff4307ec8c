"""Where each string of a JSON text stands, so that one can be changed and every other byte kept."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from quixnb.notebook import Leaf, Path
from quixnb.rewriting.edits import Edit

_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)


class Place(NamedTuple):
    """The inside of a string in the file, without its quotes."""

    start: int
    end: int


Places = dict[tuple[Path, bool], Place]


def string_places(text: str) -> Places:
    """Every string of a valid JSON text by its path, and whether it is the key there; of equal keys the last."""
    found: Places = {}
    path: list[str | int] = []
    expects_key: list[bool] = []  # one for each object (True, False) or list (never True) that is open
    is_object: list[bool] = []
    for match in _TOKEN.finditer(text):
        sign = text[match.start()]
        if sign in "{[":
            is_object.append(sign == "{")
            expects_key.append(sign == "{")
            path.append(-1 if sign == "{" else 0)
        elif sign in "}]":
            for stack in (is_object, expects_key, path):
                stack.pop()
        elif sign == ",":
            if is_object[-1]:
                expects_key[-1] = True
            else:
                path[-1] = int(path[-1]) + 1
        elif sign == '"':
            place = Place(match.start(1), match.end(1))
            if expects_key and expects_key[-1]:
                expects_key[-1] = False
                path[-1] = json.loads(match.group(), strict=False)
                found[tuple(path), True] = place
            else:
                found[tuple(path), False] = place
    return found


def edits_in_file(text: str, places: Places, leaf: Leaf, edits: Iterable[Edit]) -> Iterator[Edit]:
    """What to change in the JSON text so that `edits` are made in a leaf's text; each is apart from the others."""
    items = _items(places, leaf)
    lengths = [len(json.loads(f'"{text[place.start : place.end]}"', strict=False)) for place in items]
    ends = list(accumulate(lengths))
    for edit in edits:
        is_written = False
        for number in range(bisect_right(ends, edit.start), len(items)):
            place, length, begin = items[number], lengths[number], ends[number] - lengths[number]
            if begin >= edit.end and begin > edit.start:
                break
            if edit.start == edit.end == begin and len(items) > 1 and edit.new.endswith("\n"):
                yield _new_item(text, place, edit.new)
                break
            inside = (max(edit.start - begin, 0), min(edit.end - begin, length))
            start, stop = _in_file(text[place.start : place.end], inside)
            new = "" if is_written else json.dumps(edit.new, ensure_ascii=False)[1:-1]
            yield Edit(place.start + start, place.start + stop, new)
            is_written = True


def _items(places: Places, leaf: Leaf) -> list[Place]:
    if (place := places.get((leaf.path, leaf.is_key))) is not None:
        return [place]
    items: list[Place] = []
    while (place := places.get(((*leaf.path, len(items)), False))) is not None:
        items.append(place)
    return items


def _new_item(text: str, before: Place, new: str) -> Edit:
    """A line of its own before the list's item, with the same blanks around it."""
    quote = before.start - 1
    blanks = text[len(text[:quote].rstrip()) : quote]
    return Edit(quote, quote, f"{json.dumps(new, ensure_ascii=False)},{blanks}")


def _in_file(raw: str, inside: tuple[int, int]) -> tuple[int, int]:
    """Where two characters of a string stand in its escaped form."""
    shift, found = 0, list(inside)
    for match in _PAIR.finditer(raw):
        begin = match.start() - shift  # of the escaped character, in the string
        for number, position in enumerate(inside):
            if begin < position:
                found[number] = position + shift + len(match.group()) - 1
        if begin >= inside[1]:
            break
        shift += len(match.group()) - 1
    return found[0], found[1]
