"""What a Quix token looks like, and what is wrong with a text that does not: in words, never with its characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

Kind = Literal["streaming token", "personal access token", "JWT"]

LONGEST: Final = 8192  # characters; what is longer fits into no header that a server takes

# `sdk-`/`pat-` and 32 hex digits; older tokens of either kind are JWTs: three base64url parts, the first a JSON object.
_SHAPES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("streaming token", re.compile(r"sdk-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("personal access token", re.compile(r"pat-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("JWT", re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}", re.ASCII)),
)
_INSIDE = re.compile(
    r"(?:sdk|pat)-[0-9a-f]{32}(?![0-9a-f])|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}", re.IGNORECASE | re.ASCII
)

# What comes along when a token is copied: blanks and quotes of all kinds, the word before it in a header.
_AROUND = r"[\s'\"`\u2018\u2019\u201c\u201d\u00ab\u00bb,;]+"
_EDGES = re.compile(rf"\A{_AROUND}|{_AROUND}\Z")
_HEADER = re.compile(r"\A(?:authorization\s*[:=]\s*)?(?:bearer\s+)?", re.IGNORECASE)
_NAMED = re.compile(r"(?:export\s+|set\s+|%env\s+)?\$?[A-Za-z_][\w:]*\s*[=:]\s*['\"]?(?:sdk-|pat-|eyJ)")
_OTHER_DASH = re.compile(r"(sdk|pat)\s*[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]", re.IGNORECASE)
_NO_DASH = re.compile(r"(sdk|pat)[\s_]*[0-9a-f]{32}", re.IGNORECASE | re.ASCII)

# Bytes of a signature, by the algorithms of RFC 7518 and 8037; RSA's with keys of 1024 to 4096 bits.
_SIGNATURE_BYTES = (32, 48, 64, 96, 114, 128, 132, 256, 384, 512)


def stripped(text: str) -> str:
    """`text` without what comes along in a paste: blanks, quotes, `Bearer `, and marks that nobody sees."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return _EDGES.sub("", _HEADER.sub("", _EDGES.sub("", seen)))


def kind_of(value: str) -> Kind | None:
    """What kind of Quix token `value` is, by its shape alone; None if it is none."""
    if len(value) > LONGEST:
        return None
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(value) and not _is_run(value[4:])), None)


def doubt(value: str, kind: Kind) -> str:
    """What of a token's text may be the reason, if a portal refuses it, as a sentence; empty for most."""
    if kind != "JWT":
        return "" if value == value.lower() else "It has capital letters; Quix writes its tokens in small ones."
    length = len(value.rpartition(".")[2])
    if any(length == -(-size * 8 // 6) for size in _SIGNATURE_BYTES):
        return ""
    return "Its last part has no signature's length: it may have been cut short."


def what_is_wrong(value: str) -> str:
    """Why `value` is no token, in a few words that continue 'The text is not a Quix token: '."""
    if not value:
        return "it is empty"
    if len(value) > LONGEST:
        return f"it has {len(value):,} characters, more than any token has"
    if re.search(r"\.\.\.|\u2026|\*\*|[\u2022\u25cf\u00b7]{2}", value):
        return "its middle is hidden (a page shows a token so; copy it with the page's button)"
    return _around(value) or _not_filled_in(value) or _misspelled(value)


def _around(value: str) -> str:
    """What is wrong if there is a token with something else around it."""
    inside = [each.lower() for each in _INSIDE.findall(value)]
    if len(set(inside)) > 1:
        return f"it holds {len(set(inside))} tokens, and one belongs here (the second one: %quix_token --second)"
    if len(inside) > 1:
        return "it holds the same token twice"
    if _NAMED.match(value):
        return "it is a whole line with a name and '=' (only what stands behind that is the token)"
    if inside and value[0] in "{[":
        return "it is JSON with a token in it (only the token itself belongs here)"
    if inside and not re.fullmatch(r"(?:sdk|pat)-[\w-]+", value):
        return "something else stands around the token (only the token itself belongs here)"
    return ""


def _not_filled_in(value: str) -> str:
    """What is wrong if it stands for something else."""
    if re.search(r"\$|\A%\w+%\Z", value):
        return "it names a variable, which is not filled in here (a placeholder)"
    if re.search(r"[<>{}]|\A\[", value):
        return "it has brackets (a placeholder)"
    if "://" in value:
        return "it is an address"
    return ""


def _misspelled(value: str) -> str:
    if match := _OTHER_DASH.match(value):
        return f"another dash stands behind '{match[1].lower()}' (a text program has replaced the hyphen)"
    if match := _NO_DASH.fullmatch(value):
        return f"the hyphen behind '{match[1].lower()}' is missing"
    if re.search(r"\s", value):
        return "it has blanks or line breaks inside"
    prefix, dash, body = value.partition("-")
    if dash and prefix.lower() in ("sdk", "pat"):
        return _misspelled_behind(prefix.lower(), body)
    if value.startswith("eyJ"):
        more = value.count(".") > 2
        return f"it begins like a JWT but does not have a JWT's three parts ({'more' if more else 'cut short'})"
    if re.fullmatch(r"[0-9a-fA-F]{32}", value):
        return "its 'sdk-' or 'pat-' is missing (it has 32 digits and nothing before them)"
    return (
        f"it has {len(value)} characters and begins with neither 'sdk-' nor 'pat-' (a password or an ID, "
        "or another service's key)"
    )


def _misspelled_behind(prefix: str, body: str) -> str:
    others = len(re.sub(r"[0-9a-fA-F]", "", body))
    if others and len(body) - others >= 24:
        say = "1 character is" if others == 1 else f"{others} characters are"
        return f"{say} none of 0 to 9 and a to f, of the {len(body)} behind '{prefix}-'"
    if others:
        return f"what stands behind '{prefix}-' is not hexadecimal (a placeholder)"
    if len(body) > 2 and _is_run(body):
        return f"the digits behind '{prefix}-' are those of an example (a placeholder)"
    problem = "cut short" if len(body) < 32 else "something is attached to it"
    return f"it has {len(body)} digits behind '{prefix}-'; a token has 32 ({problem})"


def _is_run(digits: str) -> bool:
    """Whether `digits` are those of an example: one digit over and over, or counted up."""
    digits = digits.lower()
    counted = "0123456789abcdef" * 3, "1234567890abcdef" * 3, "1234567890" * 5, "0123456789" * 5
    return bool(digits) and (len(set(digits)) == 1 or any(each.startswith(digits) for each in counted))
