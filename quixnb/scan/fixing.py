"""Takes tokens out of files, and changes nothing else: bytes, line ends, permissions."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from quixnb import files
from quixnb.detect import Finding, find_tokens
from quixnb.notebook import Leaf
from quixnb.redact import REPLACEMENT, replacement
from quixnb.rewriting.code import code_edits
from quixnb.rewriting.edits import Edit, applied
from quixnb.scan.contents import texts
from quixnb.scan.found import fingerprint
from quixnb.scan.json_places import edits_in_file, string_places
from quixnb.scan.names import Names

_MOST_ROUNDS = 5  # taking one token out may bring another together


def fix_file(path: Path, keep: Collection[str] = ()) -> bool:
    """Take the tokens out of a file, but those whose fingerprints are in `keep`; whether it was changed.

    A literal in Python code becomes `quixnb.token("name")`, and the code imports quixnb; every other token becomes
    `[quix token]`. A file that is not UTF-8, and `.env`, where tokens belong, are left as they are.

    Raises
    ------
    OSError
        It cannot be read or written.
    """
    if path.name == ".env" or path.name.startswith(".env.") or path.suffix == ".env":
        return False
    data = path.read_bytes()
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        before = data.removeprefix(mark).decode("utf-8")
    except UnicodeDecodeError:
        return False
    after = fixed(before, path.name, keep)
    if after == before:
        return False
    files.rewrite(path, mark + after.encode("utf-8", "surrogatepass"))
    return True


def fixed(text: str, name: str, keep: Collection[str] = ()) -> str:
    """The content of the file `name` without its tokens, but those whose fingerprints are in `keep`."""
    names = Names()
    for _ in range(_MOST_ROUNDS):
        changed = _once(text, name, names, keep)
        if changed == text:
            break
        text = changed
    return text


def _once(text: str, name: str, names: Names, keep: Collection[str]) -> str:
    leaves = [(leaf, findings) for leaf in texts(text, name) if (findings := _findings(leaf, keep))]
    if not leaves:
        return text
    if leaves[0][0].path == () and not leaves[0][0].is_key and not _is_json(text, name):
        [(leaf, findings)] = leaves
        if PurePosixPath(name).suffix in (".py", ".pyw"):
            return applied(text, _edits(leaf, findings, code_edits(text, findings, names.of, is_module=True)))
        return applied(text, _edits(leaf, findings, []))
    places = string_places(text)
    return applied(text, _in_json(text, leaves, names, places))


def _findings(leaf: Leaf, keep: Collection[str]) -> list[Finding]:
    every = find_tokens(leaf.text)
    return [each for each in every if fingerprint(each.kind, leaf.text[each.start : each.end]) not in keep]


def _is_json(text: str, name: str) -> bool:
    """Whether the texts of the file are those of JSON, not the file itself."""
    leaf = texts(text, name)[0]
    return not (leaf.pointer == "" and leaf.text == text and leaf.path == ())


def _in_json(text: str, leaves: Iterable[tuple[Leaf, list[Finding]]], names: Names, places: dict) -> Iterator[Edit]:  # type: ignore[type-arg]
    keys = 0
    for leaf, findings in leaves:
        edits = _edits(leaf, findings, code_edits(leaf.text, findings, names.of) if leaf.is_source else [])
        if leaf.is_key and edits:
            keys += 1  # two keys of one object must not become the same
            number = f" {keys}" if keys > 1 else ""
            edits = [each._replace(new=each.new.replace(REPLACEMENT, f"[quix token{number}]")) for each in edits]
        yield from edits_in_file(text, places, leaf, edits)


def _edits(leaf: Leaf, findings: list[Finding], in_code: list[Edit]) -> list[Edit]:
    """`in_code`, and a placeholder for each of `findings` that these leave."""
    ends = [edit.end for edit in in_code]

    def is_done(each: Finding) -> bool:
        number = bisect_right(ends, each.start)
        return number < len(in_code) and in_code[number].start <= each.start

    return in_code + [
        Edit(each.start, each.end, replacement(leaf.text[each.start : each.end], is_encoded=each.rule == "encoded"))
        for each in findings
        if not is_done(each)
    ]
