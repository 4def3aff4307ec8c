"""Tokens in other letters: base64 at each of its three alignments, and compressed text in base64."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from quixnb.detect.finding import Span

_LETTERS = r"(?:[0-9A-Za-z+/_-](?:\\{1,8}[rn]|[\r\n])*)"
# The three bytes that gzip's deflate begins with, and flags, of which it has five.
_RUN = re.compile(rf"{_LETTERS}++")
_FIRST_BLOCK, _LONGEST_BLOCK = 64, 65536
_BREAKS = re.compile(r"\\{1,8}[rn]|[\r\n]")
_TOKEN = re.compile(rb"(sdk|pat)-(?![0-9A-Fa-f]{33})[0-9A-Fa-f]{32}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FOR_URLS = str.maketrans("+/", "-_")
_MOST_UNPACKED = 32 * 2**20  # bytes out of one text: a bomb is not unpacked to its end


class _Needle(NamedTuple):
    """What base64 makes of a word behind `before` other bytes.

    `regex` begins `offset` letters behind the first of a group, of which `window` matches all that hold a token.
    """

    regex: re.Pattern[str]
    before: int
    offset: int
    window: re.Pattern[str]


def _needle(word: bytes, before: int) -> _Needle:
    letters = base64.b64encode(b"\0" * before + word).decode().rstrip("=")
    first, last = (0, 2, 3)[before], (before + len(word)) * 8 // 6  # letters around these hold bits of other bytes
    count = (before + 36) * 8 // 6 + ((before + 36) * 8 % 6 > 0)
    digits = (base64.b64encode(b"\0" * before + word + digit.encode()) for digit in "0123456789abcdefABCDEF")
    following = "".join(sorted({chr(each[last]) for each in digits}))
    rare = max(at for at in range(first, last) if letters[at].isupper())
    regex = f"{_rare_first(letters[first:last], rare - first)}[{following}]"
    return _Needle(re.compile(regex), before, rare, re.compile(f"{_LETTERS}{{{count}}}"))


def _rare_first(letters: str, rare: int) -> str:
    """Matches `letters` from number `rare` on: to search for a capital is several times as quick as for a word."""
    return f"{letters[rare]}(?<={letters[: rare + 1]}){letters[rare + 1 :]}"


_GZIP = re.compile(f"{_rare_first('H4sI', 3)}[A-H]")
_NEEDLES = tuple(_needle(word, before) for word in (b"sdk-", b"pat-") for before in range(3))


def packed_tokens(text: str) -> Iterator[Span]:
    """Tokens in base64; a `Span` covers the groups of letters that hold one."""
    for needle in _NEEDLES:
        for match in needle.regex.finditer(text):
            yield from _token(text, needle, match.start() - needle.offset)
    yield from _compressed(text)


def may_hold_packed(text: str) -> bool:
    """Whether there is a token in base64 in `text`, which may also be a whole notebook as it is in its file."""
    return next(packed_tokens(text), None) is not None


def without_token(letters: str, before: int) -> str:
    """The same groups of base64 letters with x in place of the token, which begins behind `before` bytes."""
    plain = _BREAKS.sub("", letters)
    data = bytearray(_bytes(plain))
    data[before : before + 36] = b"x" * 36
    is_url_safe = "-" in plain or "_" in plain
    changed = (base64.urlsafe_b64encode if is_url_safe else base64.b64encode)(bytes(data)).decode().rstrip("=")
    rest = iter(_with_last_bits(changed[: len(plain)], plain, len(data)))
    return re.sub(r"(\\{1,8}[rn]|[\r\n])|.", lambda match: match[1] or next(rest), letters)


def _with_last_bits(changed: str, plain: str, byte_count: int) -> str:
    """`changed` with the bits of the last letter that belong to the byte behind the last whole one."""
    bits = 6 * len(plain) - 8 * byte_count
    if bits == 0 or len(changed) < len(plain):
        return changed
    mask = (1 << bits) - 1
    letters = _ALPHABET.translate(_FOR_URLS) if "-" in plain or "_" in plain else _ALPHABET
    both = letters.index(changed[-1]) & ~mask | letters.index(plain[-1]) & mask
    return changed[:-1] + letters[both]


def token_offset(letters: str) -> int | None:
    """How many bytes before the token in these groups of base64 letters; None if there is none."""
    match = _TOKEN.search(_bytes(_BREAKS.sub("", letters)))
    return match.start() if match else None


def _token(text: str, needle: _Needle, start: int) -> Iterator[Span]:
    window = needle.window.match(text, start) if start >= 0 else None
    if window is None:
        return
    end = start + len(window.group().rstrip("\r\n\\"))
    match = _TOKEN.match(_bytes(_BREAKS.sub("", text[start:end])), needle.before)
    if match is not None and len(set(match.group()[4:].lower())) > 1:
        yield Span(start, end, "sdk" if match[1] == b"sdk" else "pat", "encoded")


def _compressed(text: str) -> Iterator[Span]:
    left, past = _MOST_UNPACKED, 0
    for match in _GZIP.finditer(text):
        start = match.start() - len("H4s")
        if left > 0 and start >= past:
            unpacked, past = _unpacked(text, start, left)
            left -= len(unpacked)
            if found := _TOKEN.search(unpacked):
                yield Span(start, past, "sdk" if found[1] == b"sdk" else "pat", "encoded")


def _unpacked(text: str, start: int, most: int) -> tuple[bytes, int]:
    """What the letters from `start` on hold, at most so many bytes, and where they end or are no gzip any more.

    In blocks: what begins like gzip by chance, inside a long image, shows itself soon.
    """
    gzip, parts, letters, end, block = zlib.decompressobj(31), [b""], "", start, _FIRST_BLOCK
    while most > 0 and (run := _RUN.match(text, end, end + block)):
        end, block = run.end(), min(2 * block, _LONGEST_BLOCK)
        letters += _BREAKS.sub("", run.group())
        whole = len(letters) - len(letters) % 4
        if not gzip.eof:
            try:
                parts.append(gzip.decompress(_bytes(letters[:whole]), most))
            except zlib.error:
                break
            most -= len(parts[-1])
        letters = letters[whole:]
    return b"".join(parts), end


def _bytes(letters: str) -> bytes:
    letters = letters.replace("-", "+").replace("_", "/")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))
