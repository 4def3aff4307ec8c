"""Takes tokens out of files, and changes nothing else: bytes, line ends, permissions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from quixnb.detect import Finding, find_tokens
from quixnb.notebook import Leaf
from quixnb.redact import REPLACEMENT, replacement
from quixnb.scan.code import Names, code_edits
from quixnb.scan.contents import texts
from quixnb.scan.json_places import Edit, applied, edits_in_file, string_places

_MOST_ROUNDS = 5  # taking one token out may bring another together


def fix_file(path: Path) -> bool:
    """Take the tokens out of a file; whether it was changed.

    A literal in Python code becomes `quixnb.token("name")`, and the code imports quixnb; every other token becomes
    `[quix token]`. A file that is not UTF-8, and `.env`, where tokens belong, are left as they are.

    Raises
    ------
    OSError
        It cannot be read or written.
    """
    if path.name == ".env" or path.name.startswith(".env.") or path.suffix == ".env":
        return False
    try:
        before = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    after = fixed(before, path.name)
    if after == before:
        return False
    _replace(path, after.encode("utf-8", "surrogatepass"))
    return True


def fixed(text: str, name: str) -> str:
    """The content of the file `name` without its tokens."""
    names = Names()
    for _ in range(_MOST_ROUNDS):
        changed = _once(text, name, names)
        if changed == text:
            break
        text = changed
    return text


def _once(text: str, name: str, names: Names) -> str:
    leaves = [(leaf, findings) for leaf in texts(text, name) if (findings := find_tokens(leaf.text))]
    if not leaves:
        return text
    if leaves[0][0].path == () and not leaves[0][0].is_key and not _is_json(text, name):
        [(leaf, findings)] = leaves
        return applied(text, _edits(leaf, findings, names, is_code=PurePosixPath(name).suffix in (".py", ".pyw")))
    places = string_places(text)
    return applied(text, _in_json(text, leaves, names, places))


def _is_json(text: str, name: str) -> bool:
    """Whether the texts of the file are those of JSON, not the file itself."""
    leaf = texts(text, name)[0]
    return not (leaf.pointer == "" and leaf.text == text and leaf.path == ())


def _in_json(text: str, leaves: Iterable[tuple[Leaf, list[Finding]]], names: Names, places: dict) -> Iterator[Edit]:  # type: ignore[type-arg]
    keys = 0
    for leaf, findings in leaves:
        edits = _edits(leaf, findings, names, is_code=leaf.is_source)
        if leaf.is_key and edits:
            keys += 1  # two keys of one object must not become the same
            number = f" {keys}" if keys > 1 else ""
            edits = [each._replace(new=each.new.replace(REPLACEMENT, f"[quix token{number}]")) for each in edits]
        yield from edits_in_file(text, places, leaf, edits)


def _edits(leaf: Leaf, findings: list[Finding], names: Names, *, is_code: bool) -> list[Edit]:
    in_code = code_edits(leaf.text, findings, names) if is_code else []
    rest = [each for each in findings if not any(edit.start <= each.start < edit.end for edit in in_code)]
    return in_code + [
        Edit(each.start, each.end, replacement(leaf.text[each.start : each.end], is_encoded=each.rule == "encoded"))
        for each in rest
    ]


def _replace(path: Path, data: bytes) -> None:
    """Write the file anew and put it in the old one's place at once, with its permissions."""
    target = Path(os.path.realpath(path))
    number, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, target.stat().st_mode & 0o7777)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
