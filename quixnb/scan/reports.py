"""A scan's findings as text for people, as JSON lines, and as SARIF for code hosts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from quixnb._version import __version__
from quixnb.detect import Kind
from quixnb.scan.found import NAME, Found

KIND_NAMES: dict[Kind, str] = {
    "sdk": "a Quix streaming token",
    "pat": "a Quix personal access token",
    "jwt": "a Quix token (a JWT)",
    "jwt_generic": "a token (a JWT)",
    "known": "a secret that is in use",
}
_HELP = "Rotate it in the Quix portal (Settings > APIs and tokens), then take it out of the file."


def as_text(found: Sequence[Found]) -> Iterator[str]:
    """One line a finding, `path:line` first, as editors and terminals open it."""
    for each in found:
        place = f"{'@' + each.commit[:12] if each.commit else ''}{''.join(_places(each))}"
        yield f"{on_one_line(each.path + place)}: {KIND_NAMES[each.kind]}, {each.rule}"


def as_json(found: Sequence[Found]) -> Iterator[str]:
    """One JSON object a line; in ASCII, so that no encoding and no sign that others take for a line's end breaks it."""
    return (json.dumps(each.as_json()) for each in found)


def as_sarif(found: Sequence[Found]) -> Iterator[str]:
    """One SARIF 2.1.0 log."""
    driver = {
        "name": "quixnb",
        "version": __version__,
        "rules": [
            {"id": kind, "shortDescription": {"text": _capital(name)}, "help": {"text": _HELP}}
            for kind, name in KIND_NAMES.items()
        ],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(each) for each in found]}
    yield json.dumps(
        {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}, indent=1
    )


def on_one_line(text: str) -> str:
    """`text` with what a terminal would obey in a name, such as the end of a line or a colour, written as escapes."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode() for sign in text
    )


def _places(each: Found) -> Iterator[str]:
    if not each.location:
        yield f":{each.line}" if each.line else ""
        return
    if each.location == NAME:
        yield ", in its name"
        return
    if each.cell_index is not None:
        yield f", cell {each.cell_index + 1}"
    yield f", {each.location}"
    if each.line:
        yield f", line {each.line}"


def _result(each: Found) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(each.path.replace(os.sep, "/")))}}
    if not each.location and each.line:
        physical["region"] = {"startLine": each.line}
    place: dict[str, Any] = {"physicalLocation": physical}
    if each.location:
        place["logicalLocations"] = [{"fullyQualifiedName": each.location, "kind": "element"}]
    return {
        "ruleId": each.kind,
        "level": "warning" if each.kind == "jwt_generic" else "error",
        "message": {"text": f"{_capital(KIND_NAMES[each.kind])} stands here ({each.rule}). {_HELP}"},
        "locations": [place],
        "partialFingerprints": {"quixnb/v1": each.fingerprint},
    } | ({"properties": {"commit": each.commit}} if each.commit else {})


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


FORMATS = {"text": as_text, "json": as_json, "sarif": as_sarif}
