"""Every way that a token is one local step away from standing in one piece: a name, and what is made of a token.

Beside the corpus, which has one of each kind, this has all of them: each colour, each escape at each place, each pair
of quotes and prefixes, each way of breaking a line.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from itertools import product

Step = Callable[[str], str]

COLOURS = {
    "reset": "\x1b[0m",
    "no number": "\x1b[m",
    "both grounds": "\x1b[31;47m",
    "of 256": "\x1b[38;5;208m",
    "true": "\x1b[38;2;255;100;0m",
    "true, with colons": "\x1b[38:2::255:100:0m",
    "bright": "\x1b[97m",
    "of the underline": "\x1b[58;5;3m",
    "curly underline": "\x1b[4:3m",
    "end of the line": "\x1b[K",
    "cursor to the right": "\x1b[2C",
    "cursor shown": "\x1b[?25h",
    "two": "\x1b[0m\x1b[31m",
    "written x": r"\x1b[31m",
    "written X": r"\x1B[0;31m",
    "written u": r"\u001b[31m",
    "written octal": r"\033[31m",
    "written e": r"\e[31m",
    "of tput": "\x1b(B\x1b[m",
}
TAGS = {
    "span": '</span><span style="color: #f00">',
    "bold": "<b>",
    "line break": "<br />",
    "word break": "<wbr>",
    "comment": "<!-- x -->",
    "cell": "</td><td>",
    "link": '<a href="https://example.org/?a=b&c=d#e">',
    "capitals": "<SPAN>",
    "over two lines": "<span\n class='x'>",
    "with a line between": "</span>\n<span>",
    "of JavaScript": r"\u003cb\u003e",
    "of SVG": '</tspan><tspan x="1" dy="2">',
    "soft hyphen": "&shy;",
    "no width": "&zwnj;",
    "no width, decimal": "&#8203;",
    "no width, hexadecimal": "&#x200B;",
    "in a script": "<\\/span>",
}
NO_WIDTH = {f"{ord(sign):04x}": sign for sign in "\u00ad\u200b\u200c\u200d\u200e\u202a\u2060\u2063\u034f\ufe0f\ufeff"}
ESCAPES = {
    "decimal": "&#{};",
    "decimal, filled": "&#{:04d};",
    "hexadecimal": "&#x{:x};",
    "hexadecimal in capitals": "&#X{:X};",
    "decimal, twice": "&amp;#{};",
    "hexadecimal, twice": "&amp;#x{:x};",
    "percent": "%{:02x}",
    "percent in capitals": "%{:02X}",
    "percent, twice": "%25{:02X}",
    "u": "\\u{:04x}",
    "u in capitals": "\\u{:04X}",
    "u in braces": "\\u{{{:x}}}",
    "u, twice": "\\\\u{:04x}",
    "x": "\\x{:02x}",
    "x in capitals": "\\x{:02X}",
    "x, twice": "\\\\x{:02x}",
    "octal": "\\{:03o}",
    "long U": "\\U{:08x}",
    "percent u": "%u{:04x}",
    "ampersand of JavaScript": "\\u0026#{};",
}
GAPS = {
    "beside": "{0} {0}",
    "tight +": "{0}+{0}",
    "+": "{0} + {0}",
    "+ on two lines": "{0} +\n     {0}",
    "two lines +": "{0}\n     + {0}",
    "+ and a backslash": "{0} + \\\n     {0}",
    "a backslash": "{0} \\\n     {0}",
    "two lines": "{0}\n     {0}",
    "two lines and a comment": "{0}  # a part\n     {0}",
    "a list": "[{0}, {0}]",
    "a list over lines": "[\n  {0},\n  {0},\n]",
    "in parentheses": "({0}) + ({0})",
    "PHP": "{0} . {0}",
    "Lua": "{0} .. {0}",
    "Julia": "{0} * {0}",
    "VBA": "{0} & {0}",
    "prompts": "({0}\n...     {0})",
    "a traceback": "({0}\n      2     {0})",
    "a traceback, marked": "({0}\n----> 2     {0})",
    "a traceback in colours": "(\x1b[33m{0}\x1b[39m\n\x1b[32m     12\x1b[39m     \x1b[33m{0}\x1b[39m)",
}
QUOTES = ("'", '"', "'''", '"""')
PREFIXES = ("", "r", "b", "f", "u", "rb", "Rb", "F")
BREAKS = {
    "a line": "\n",
    "a line of Windows": "\r\n",
    "blanks before": "\n    ",
    "blanks behind": "  \n",
    "a quotation": "\n> ",
    "a box": " │\n│ ",
    "a box of letters": " |\n| ",
    "a double box": " ║\n║ ",
    "a tab before": "\n\t",
    "written": "\\n",
    "written, of Windows": "\\r\\n",
}


def _inside(gap: str, at: int) -> Step:
    return lambda token: f"{token[:at]}{gap}{token[at:]}"


def _everywhere(gap: str) -> Step:
    return gap.join


def _escaped(escape: str, first: int, last: int) -> Step:
    return lambda token: token[:first] + "".join(escape.format(ord(sign)) for sign in token[first:last]) + token[last:]


def _joined(gap: str, prefix: str, quote: str, at: int) -> Step:
    def step(token: str) -> str:
        parts = iter((token[:at], token[at:]))
        pieces = gap.split("{0}")
        return "k = " + pieces[0] + "".join(f"{prefix}{quote}{next(parts)}{quote}{piece}" for piece in pieces[1:])

    return step


def _in_base64(before: int, width: int | None, *, for_urls: bool = False) -> Step:
    def step(token: str) -> str:
        encode = base64.urlsafe_b64encode if for_urls else base64.b64encode
        letters = encode(b"\xfb" * before + token.encode() + b"\xff\xfe behind").decode()
        return letters if width is None else "\n".join(letters[at : at + width] for at in range(0, len(letters), width))

    return step


def steps() -> Iterator[tuple[str, Step]]:
    """Each step's name and what it makes of a token."""
    for name, gap in {**COLOURS, **TAGS, **NO_WIDTH}.items():
        if name != "cell":  # a column of numbers is no token
            yield f"{name} everywhere", _everywhere(gap)
        for at in (1, 3, 4, 17, 35):
            yield f"{name} at {at}", _inside(gap, at)
    for name, escape in ESCAPES.items():
        for place, first, last in (("all", 0, 36), ("dash", 3, 4), ("first", 0, 1), ("last", 35, 36), ("some", 9, 12)):
            yield f"{name}, {place}", _escaped(escape, first, last)
    for (name, gap), quote in product(GAPS.items(), QUOTES):
        for at in (3, 4, 20):
            yield f"{name} in {quote} at {at}", _joined(gap, "", quote, at)
    for prefix, quote in product(PREFIXES, QUOTES):
        yield f"beside, {prefix}{quote}", _joined("{0} {0}", prefix, quote, 11)
    for name, gap in BREAKS.items():
        for at in (10, 17, 25):
            yield f"broken by {name} at {at}", _inside(gap, at)
    for before in range(3):
        yield f"base64 behind {before}", _in_base64(before, None)
        yield f"base64 for URLs behind {before}", _in_base64(before, None, for_urls=True)
        yield f"base64 behind {before} in lines of 64", _in_base64(before + 30, 64)
    yield "LaTeX", lambda token: token.replace("-", r"\PYZhy{}")
    yield "an address in an address", "?next=%252Fa%253Ftoken%253D{}%2526b".format
    yield "quoted-printable", "token=3D{}".format
    yield "upper case", str.upper
    yield "upper case of the digits", lambda token: token[:4] + token[4:].upper()
    yield "mixed case", lambda token: "".join(c.upper() if at % 2 else c for at, c in enumerate(token))
    yield "repr of bytes", lambda token: repr(token.encode())
    yield "repr of a bytearray", lambda token: repr(bytearray(token.encode()))
    yield "list of its letters", lambda token: f"''.join({list(token)!r})"
    yield "repr of a repr", lambda token: repr(repr(f"it's {token}"))
    yield "JSON in JSON in JSON", lambda token: json.dumps(json.dumps(json.dumps({"t": f'"{token}"\n'})))
