"""Characters that are written in another way, as percent, backslash, HTML and LaTeX escapes: how to find them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

_NAMED = {"-": "hyphen|dash", ".": "period", "_": "lowbar"}
_LATEX = {"-": "PYZhy", "_": "PYZus"}  # as Pygments writes it


def either(letters: str) -> str:
    """One of `letters`, as it is or escaped."""
    return f"(?:[{letters}]|{escaped(letters)})"


def escaped(letters: str) -> str:
    """One of `letters` as a percent, backslash or HTML escape, also where JSON has escaped that again."""
    return f"(?>{'|'.join(escapes(letters))})"


def escapes(letters: str) -> tuple[str, str, str]:
    """The three ways of escaping one of `letters`; a literal begins each."""
    numbers = [ord(letter) for letter in letters]
    hexadecimal = "|".join(_hexadecimal(numbers))
    decimal = "|".join(str(number) for number in sorted(numbers, reverse=True))
    octal = "|".join(f"{number:03o}" for number in numbers)
    named = "|".join(_NAMED[letter] for letter in letters if letter in _NAMED)
    html = rf"(?:amp;)?(?:#0{{0,5}}(?:{decimal});|#[xX]0{{0,5}}(?:{hexadecimal});{f'|(?:{named});' if named else ''})"
    backslash = rf"(?:u00|U0{{6}}|x)(?:{hexadecimal})|u\{{0{{0,4}}(?:{hexadecimal})\}}|(?:{octal})|u0026{html}"
    backslash += "".join(rf"|{_LATEX[letter]}\{{\}}" for letter in letters if letter in _LATEX)
    return rf"%(?:25)?(?:u00)?(?:{hexadecimal})", rf"\\\\{{0,7}}(?:{backslash})", f"&{html}"


def _hexadecimal(numbers: Iterable[int]) -> Iterable[str]:
    """The numbers in two digits, those with the same first one together: `3[0-9]`."""
    by_first: dict[str, set[str]] = {}
    for number in numbers:
        digits = f"{number:02x}"
        by_first.setdefault(digits[0], set()).update((digits[1], digits[1].upper()))
    return (f"{first}[{''.join(sorted(seconds))}]" for first, seconds in by_first.items())


def unescaped(escape: str) -> str:
    """The character that an escape stands for."""
    if "%" in escape:
        return unquote(unquote(escape.replace("%u00", "%")))
    if escape.startswith("&") or "u0026" in escape:
        return unescape(unescape(re.sub(r"\\{1,8}u0026", "&", escape)))
    body = escape.lstrip("\\")
    if body.startswith("PYZ"):
        return next(letter for letter, name in _LATEX.items() if body.startswith(name))
    return chr(int(body.strip("uUx{}"), 16) if body[0] in "uUx" else int(body, 8))
