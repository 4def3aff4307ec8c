"""Finds tokens in what a file holds: a notebook's texts one by one, another file as one text, a large one in blocks."""

from __future__ import annotations

import codecs
import gzip
import io
import stat
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Protocol

from quixnb.detect import find_tokens, may_hold_token
from quixnb.detect.binary import find_in_binary
from quixnb.detect.packed import may_hold_packed
from quixnb.notebook import Leaf, leaves, parsed
from quixnb.scan.found import Found, found, found_in_name

ARCHIVES = {".zip", ".whl", ".jar", ".kmz"}
# A notebook above HUGE is read as a text; another file above LARGE in blocks; in bytes.
HUGE, LARGE = 256 * 2**20, 32 * 2**20
_BLOCK, _OVERLAP = 8 * 2**20, 64 * 2**10
_MOST_UNPACKED = 256 * 2**20
_GZIP = b"\x1f\x8b"
_HEAD = 8192
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def search_file(path: Path, name: str, *, archives: bool = False, known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in the file at `path`, which is reported as `name`.

    Raises
    ------
    OSError
        It cannot be read, or is a device or a socket.
    """
    about = path.stat()
    if not (stat.S_ISREG(about.st_mode) or stat.S_ISFIFO(about.st_mode) or stat.S_ISDIR(about.st_mode)):
        raise OSError("it is no file, and may never end")
    if archives and path.suffix.lower() in ARCHIVES:
        yield from _search_archive(path, name, known)
        return
    with path.open("rb") as file:
        # What a compressed file holds may be any number of times as long.
        most = HUGE if _is_notebook(name) else 0 if file.peek(_HEAD).startswith(_GZIP) else LARGE
        if stat.S_ISREG(about.st_mode) and about.st_size <= most:
            yield from search_bytes(file.read(), name, known)
        else:
            yield from _search_blocks(file, name, known)


def search_bytes(data: bytes, name: str, known: Sequence[str] = ()) -> Iterator[Found]:
    """Tokens in a file's content."""
    if data.startswith(_GZIP):
        data = _unpacked(data)
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
    document = parsed(text) if _is_notebook(name) else None
    whole = Leaf("", text, None)
    if not isinstance(document, (dict, list)):
        return [whole]
    found_leaves = list(leaves(document))
    # A key that stands twice in one object is read once: such a token is seen only in the file itself.
    if any(find_tokens(leaf.text) for leaf in found_leaves):
        return found_leaves
    return [whole] if any(each.rule == "in one piece" for each in find_tokens(text)) else found_leaves


def _is_notebook(name: str) -> bool:
    return PurePosixPath(name.removesuffix(".gz")).suffix.lower() == ".ipynb"


def decoded(data: bytes) -> str | None:
    """A file's content as text; None for a binary file."""
    encoding = _encoding(data[:_HEAD])
    return data.decode(encoding, _errors(encoding)) if encoding else None


def _encoding(head: bytes) -> str | None:
    """How a file that begins so is read; None for a binary one."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" not in head:
        return "utf-8"
    # Some programs leave out UTF-16's mark; most letters of most texts then have a zero beside them.
    half = len(head) // 2
    zeros_before, zeros_behind = head[0::2].count(0), head[1::2].count(0)
    if zeros_behind > 0.9 * half and not zeros_before:
        return "utf-16-le"
    return "utf-16-be" if zeros_before > 0.9 * half and not zeros_behind else None


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding == "utf-8" else "replace"


def _search_binary(data: bytes, name: str, known: Sequence[str]) -> Iterator[Found]:
    """Tokens in a file that is no text, and so has no lines."""
    leaf = Leaf("", data.decode("latin-1"), None)
    return (replace(found(name, leaf, finding), line=None) for finding in find_in_binary(data, known))


def _may_hold_any(text: str) -> bool:
    return may_hold_token(text) or may_hold_packed(text)


def _search_blocks(file: io.BufferedReader, name: str, known: Sequence[str]) -> Iterator[Found]:
    """Tokens in a file of any length; memory stays flat."""
    head = file.peek(_HEAD)[:_HEAD]
    if not head.startswith(_GZIP):
        yield from _in_blocks(file, _encoding(head), name, known)
        return
    with gzip.GzipFile(fileobj=file) as unpacked:
        try:
            encoding = _encoding(unpacked.peek(_HEAD)[:_HEAD])
        except (OSError, EOFError, zlib.error):
            return
        yield from _in_blocks(_Unpacked(unpacked), encoding, name, known)


def _in_blocks(file: _Readable, encoding: str | None, name: str, known: Sequence[str]) -> Iterator[Found]:
    # A binary file is one line of letters, each of which is a byte.
    decoder = codecs.getincrementaldecoder(encoding or "latin-1")(_errors(encoding) if encoding else "strict")
    text, offset, line = "", 0, 1
    while True:
        block = file.read(_BLOCK)
        text += decoder.decode(block, final=not block)
        keep = len(text) - _OVERLAP if block else len(text)
        # Cut at a line's end, so that a line's silencing comment stays with it.
        cut = max(text.rfind("\n", 0, keep) + 1, keep - _OVERLAP, 0) if block else len(text)
        here = _in_block(text, encoding, name, known)
        yield from (_moved(each, offset, line) for start, _, each in here if start < cut)
        if not block:
            return
        cut = max([cut, *(end for start, end, _ in here if start < cut)])
        offset, line, text = offset + cut, line + text.count("\n", 0, cut), text[cut:]


def _in_block(text: str, encoding: str | None, name: str, known: Sequence[str]) -> list[tuple[int, int, Found]]:
    """What is found in a block, and where it begins and ends there."""
    if encoding is None:
        binary = _search_binary(text.encode("latin-1"), name, known)
        return [(each.start or 0, each.end or 0, each) for each in binary]
    leaf = Leaf("", text, None)
    return [(each.start, each.end, found(name, leaf, each)) for each in find_tokens(text, known)]


def _moved(each: Found, offset: int, line: int) -> Found:
    shift = {name: value + offset for name in ("start", "end") if (value := getattr(each, name)) is not None}
    return replace(each, line=None if each.line is None else each.line + line - 1, **shift)


def _search_archive(path: Path, name: str, known: Sequence[str]) -> Iterator[Found]:
    import zipfile  # a scan, which is in every commit hook, starts without it
    from lzma import LZMAError

    seen: set[str] = set()
    damaged = 0
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError):
        raise OSError("it is no archive that can be read") from None
    with archive:
        for member in archive.infolist():
            yield from found_in_name(member.filename, seen, known, inside=f"{name}!/")
            if member.is_dir():
                continue
            try:
                if member.file_size > _MOST_UNPACKED:
                    raise OSError
                data = archive.read(member)
            # zipfile's own for a password, and what its ways of compressing say of damage.
            except (RuntimeError, zipfile.BadZipFile, OSError, EOFError, zlib.error, LZMAError):
                damaged += 1
                continue
            yield from search_bytes(data, f"{name}!/{member.filename}", known)
    if damaged:
        raise OSError(f"{damaged} of its files are damaged, encrypted or above {_MOST_UNPACKED >> 20} MB")


class _Unpacked:
    """What a compressed file holds, up to where it is damaged, and to what nobody would keep in one: a bomb's end."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._left = _MOST_UNPACKED

    def read(self, size: int, /) -> bytes:
        data = bytearray()
        with suppress(OSError, EOFError, zlib.error):
            while part := self._file.read1(min(size - len(data), self._left)):
                data += part
                self._left -= len(part)
        return bytes(data)


def _unpacked(data: bytes) -> bytes:
    """All that can be read of a compressed file."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        unpacked = _Unpacked(file)
        return b"".join(iter(lambda: unpacked.read(_BLOCK), b"")) or b"\0"
