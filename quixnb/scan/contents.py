"""Finds tokens in a file's content: a notebook's texts one by one, any other file as one text, a huge one in blocks."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from quixnb.detect import find_tokens, may_hold_token
from quixnb.detect.binary import find_in_binary
from quixnb.detect.packed import may_hold_packed
from quixnb.notebook import Leaf, leaves, parsed
from quixnb.scan.found import Found, found

ARCHIVES = {".zip", ".whl", ".jar", ".kmz"}
_NOTEBOOKS = {".ipynb"}
# A notebook above this size is read as a text, a text above it in blocks; in bytes.
HUGE = 256 * 2**20
_BLOCK, _OVERLAP = 8 * 2**20, 64 * 2**10
_MOST_IN_ARCHIVE = 256 * 2**20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def search_file(path: Path, name: str, *, archives: bool = False, known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in the file at `path`, which is reported as `name`.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if archives and path.suffix.lower() in ARCHIVES:
        yield from _search_archive(path, name, known)
        return
    with path.open("rb") as file:
        if path.stat().st_size > HUGE:
            yield from _search_blocks(file, name, known)
        else:
            yield from search_bytes(file.read(), name, known)


def search_bytes(data: bytes, name: str, known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in a file's content."""
    if data.startswith(b"\x1f\x8b"):
        data, name = _unpacked(data), name.removesuffix(".gz")
    text = decoded(data)
    if text is None:
        yield from _search_binary(data, name, known)
        return
    if not (known or _may_hold_any(text)):
        return
    for leaf in texts(text, name):
        for finding in find_tokens(leaf.text, known):
            yield found(name, leaf, finding)


def texts(text: str, name: str) -> list[Leaf]:
    """The texts of a file: those of a notebook, otherwise, and where JSON is broken, the file as one."""
    document = parsed(text) if PurePosixPath(name).suffix.lower() in _NOTEBOOKS else None
    whole = Leaf("", text, None)
    if not isinstance(document, (dict, list)):
        return [whole]
    found_leaves = list(leaves(document))
    # A key that stands twice in one object is read once: such a token is seen only in the file itself.
    if any(find_tokens(leaf.text) for leaf in found_leaves):
        return found_leaves
    return [whole] if any(each.rule == "in one piece" for each in find_tokens(text)) else found_leaves


def decoded(data: bytes) -> str | None:
    """A file's content as text; None for a binary file."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def _search_binary(data: bytes, name: str, known: Sequence[str]) -> Iterator[Found]:
    """Tokens in a file that is no text, and so has no lines."""
    leaf = Leaf("", data.decode("latin-1"), None)
    return (replace(found(name, leaf, finding), line=None) for finding in find_in_binary(data, known))


def _may_hold_any(text: str) -> bool:
    return may_hold_token(text) or may_hold_packed(text)


def _search_blocks(file: BinaryIO, name: str, known: Sequence[str]) -> Iterator[Found]:
    """Tokens in a text of any length; memory stays flat."""
    if decoded(file.peek(8192)[:8192] if isinstance(file, io.BufferedReader) else b"") is None:
        return
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text, offset, line = "", 0, 1
    while True:
        block = file.read(_BLOCK)
        text += decoder.decode(block, final=not block)
        keep = len(text) - _OVERLAP if block else len(text)
        # Cut at a line's end, so that a line's silencing comment stays with it.
        cut = max(text.rfind("\n", 0, keep) + 1, keep - _OVERLAP, 0) if block else len(text)
        found_here = find_tokens(text, known)
        leaf = Leaf("", text, None)
        for finding in found_here:
            if finding.start < cut:
                yield _moved(found(name, leaf, finding), offset, line)
        if not block:
            return
        cut = max([cut, *(each.end for each in found_here if each.start < cut)])
        offset, line, text = offset + cut, line + text.count("\n", 0, cut), text[cut:]


def _moved(each: Found, offset: int, line: int) -> Found:
    shift = {name: value + offset for name in ("start", "end") if (value := getattr(each, name)) is not None}
    return replace(each, line=(each.line or 1) + line - 1, **shift)


def _search_archive(path: Path, name: str, known: Sequence[str]) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.is_dir() and member.file_size <= _MOST_IN_ARCHIVE and not member.flag_bits & 1:
                    yield from search_bytes(archive.read(member), f"{name}!/{member.filename}", known)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as exc:
        raise OSError(f"not a readable archive ({type(exc).__name__})") from None


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return file.read(_MOST_IN_ARCHIVE)
    except (OSError, EOFError, zlib.error):
        return b"\0"
