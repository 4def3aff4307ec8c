"""Searches bytes, files and processes for secrets, in whatever spelling and even where only a piece of one is left."""

from __future__ import annotations

import binascii
import os
import re
import stat
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from tests.fakes import LEDGER, MARKER

# So many characters in a row of a secret are a leak: 48 bits, which nothing has by chance.
_PIECE = 12
_BLOCK, _OVERLAP = 16 * 2**20, 4096
_MOMENT_S = 0.05
# Tools' and environments' own folders; nothing in a test writes there.
_NOT_OURS = {".git", ".venv", ".cache", "node_modules"}

_DIGITS = re.compile(rb"[0-9a-f]{%d,}" % _PIECE)
_ESCAPED = re.compile(rb"\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|&#x([0-9a-f]{2});|&#(\d{2,3});", re.IGNORECASE)
# What comes between the halves of a text that a console, a notebook or HTML breaks up.
_BREAKS = re.compile(rb"""(?:\x1b|\\u001b|\\x1b)\[[0-9;]*[a-zA-Z]|<[^<>]{0,200}>|\\[rn]|[\s"',|]|\xe2\x94\x82""")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_BREAKS_LIMIT, _MIME = 4 * 2**20, re.compile(rb"(?:\r?\n|\\n)[ \t]*")


class Leak(NamedTuple):
    """Where a secret is, and how it is spelled there; never the secret."""

    place: str
    spelling: str

    def __str__(self) -> str:
        return f"{self.place} ({self.spelling})"


class Secrets:
    """What to look for.

    Parameters
    ----------
    secrets
        Most have 12 hexadecimal digits or more in a row, and are found by any 12 of them; others as a whole.
    and_fakes
        Whether also to look for every other fake that a test has made, by its marker.
    """

    def __init__(self, secrets: Iterable[str], *, and_fakes: bool = True) -> None:
        self._pieces: set[bytes] = set()
        self._whole = {MARKER.encode()} if and_fakes else set()
        for secret in secrets:
            text = secret.encode().lower()
            runs = _DIGITS.findall(text)
            self._pieces.update(piece for run in runs for piece in _pieces(run))
            if text and not runs:
                self._whole.add(text)

    def spelling_in(self, data: bytes) -> str | None:
        """How one of the secrets is spelled in `data`; None if there is none."""
        return next((spelling for spelling, text in _readings(data) if self._are_in(text)), None)

    def _are_in(self, text: bytes) -> bool:
        text = text.lower()
        if any(whole in text for whole in self._whole):
            return True
        return any(piece in self._pieces for run in _DIGITS.findall(text) for piece in _pieces(run))


def in_text(text: str, place: str, secrets: Secrets) -> Iterator[Leak]:
    """Leaks in a text, which is named `place`."""
    if spelling := secrets.spelling_in(_bytes(text)):
        yield Leak(place, spelling)


def in_files(files: Iterable[Path], secrets: Secrets) -> Iterator[Leak]:
    """Leaks in files and in their names."""
    for file in files:
        if secrets.spelling_in(_bytes(file.name)):
            yield Leak(f"the name of a file in {file.parent}", "as it is")
        elif spelling := next(filter(None, map(secrets.spelling_in, _blocks(file))), None):
            yield Leak(str(file), spelling)


def files_below(folder: Path, but: Iterable[Path] = ()) -> Iterator[Path]:
    """Regular files below `folder`, but those that are, or are below, one of `but`; links are not followed."""
    exempt = set(but)
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_OURS and Path(parent, name) not in exempt]
        yield from (path for name in names if (path := Path(parent, name)) not in exempt and _is_regular(path))


def files_changed(work_tree: Path, since: float, but: Iterable[Path] = ()) -> Iterator[Path]:
    """Files of a work tree that git calls changed or untracked, and those written since a moment, ignored ones too.

    Without those that are, or are below, one of `but`.
    """
    command = ["git", "-C", str(work_tree), "ls-files", "-z", "--modified", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = []  # no git, or a copy without its history: what was written is found by its time
    changed = {path for name in listed if name and _is_regular(path := work_tree / name)}
    written = {path for path in files_below(work_tree) if path.stat().st_mtime >= since}
    exempt = set(but)
    yield from sorted(path for path in changed | written if exempt.isdisjoint([path, *path.parents]))


def command_lines(but: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """The number and arguments of each process of this run, but for those numbers; nothing where there is no `/proc`.

    Another run beside it may put tokens of its own into arguments, and on purpose.
    """
    seen, ours = set(but), os.environ.get(LEDGER, "").encode()
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not entry.isdigit() or entry in seen:
            continue
        try:
            if ours not in Path("/proc", entry, "environ").read_bytes():
                continue
            arguments = Path("/proc", entry, "cmdline").read_text("utf-8", "surrogateescape")
        except OSError:
            continue  # it ended, or is not ours to look at
        if arguments:  # a process that is just being started has none yet
            yield entry, arguments.replace("\0", " ")


@contextmanager
def watched_processes() -> Iterator[set[str]]:
    """The arguments of every process that there is while the block runs, but for those that end within a moment."""
    seen: set[str] = set()
    is_over = threading.Event()

    def watch() -> None:
        goes_on = True
        while goes_on:
            goes_on = not is_over.wait(_MOMENT_S)
            seen.update(line for _, line in command_lines())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _pieces(run: bytes) -> Iterator[bytes]:
    return (run[at : at + _PIECE] for at in range(len(run) - _PIECE + 1))


def _readings(data: bytes) -> Iterator[tuple[str, bytes]]:
    """`data` as it is, and with each way of writing text in other letters undone."""
    yield "as it is", data
    if b"\0" in data:
        yield "in UTF-16", data.replace(b"\0", b"")
    if b"%" in data:
        yield "URL-encoded", unquote_to_bytes(data)
    if b"\\" in data or b"&#" in data:
        yield "escaped", _ESCAPED.sub(_unescaped, data)
    if len(data) <= _BREAKS_LIMIT:
        yield "broken up", _BREAKS.sub(b"", data)
    yield "in base64", b"\n".join(_decoded(data))
    yield "in hexadecimal", b"\n".join(_from_hexadecimal(data))


def _unescaped(match: re.Match[bytes]) -> bytes:
    number = int(match[4]) if match[4] else int(match[1] or match[2] or match[3], 16)
    return bytes([number & 0xFF])


def _decoded(data: bytes) -> Iterator[bytes]:
    """What each run of base64 says at each alignment, also across the line breaks of MIME."""
    for run in {*_BASE64.findall(data), *_BASE64.findall(_MIME.sub(b"", data))}:
        letters = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for begin in range(4):
            part = letters[begin : len(letters) - ((len(letters) - begin) % 4 == 1)]
            yield binascii.a2b_base64(part + b"=" * (-len(part) % 4))


def _from_hexadecimal(data: bytes) -> Iterator[bytes]:
    for run in re.findall(rb"[0-9a-fA-F]{%d,}" % (2 * _PIECE), data):
        for begin in range(2):
            yield bytes.fromhex(run[begin : begin + (len(run) - begin) // 2 * 2].decode())


def _blocks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            block = stream.read(_BLOCK)
            while block:
                yield block
                rest = stream.read(_BLOCK - _OVERLAP)
                block = block[-_OVERLAP:] + rest if rest else b""
    except OSError:
        return  # gone meanwhile, or not readable for anybody


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
