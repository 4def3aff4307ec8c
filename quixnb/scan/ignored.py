"""What `.gitignore` files say, where git is not there to be asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_SET = re.compile(r"\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_PARTS = re.compile(rf"(^\*\*/|/\*\*/|/\*\*$|\*+|\?|\\.|{_SET.pattern})", re.DOTALL)
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


class Rule(NamedTuple):
    """One line of a `.gitignore` file, for paths relative to its folder."""

    pattern: re.Pattern[str]
    is_kept: bool
    only_folders: bool


class Ignored:
    """The rules that hold in one folder: its own, and those of the folders above, up to where the search began."""

    def __init__(self, folder: Path, above: Ignored | None = None) -> None:
        self._folder = folder
        self._above = above
        self._rules = rules(folder / ".gitignore")

    def hides(self, path: Path, *, is_folder: bool) -> bool:
        """Whether `path`, which is in the folder or below, is ignored; the last rule that fits decides."""
        scope: Ignored | None = self
        while scope is not None:
            relative = path.relative_to(scope._folder).as_posix()
            for rule in reversed(scope._rules):
                if (is_folder or not rule.only_folders) and rule.pattern.fullmatch(relative):
                    return not rule.is_kept
            scope = scope._above
        return False


def rules(file: Path) -> list[Rule]:
    """The rules of a `.gitignore` file; none if it cannot be read."""
    try:
        lines = file.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [rule for line in lines if (rule := _rule(line)) is not None]


def _rule(line: str) -> Rule | None:
    line = re.sub(r"(?<!\\)\s+$", "", line)
    if not line or line.startswith("#"):
        return None
    is_kept = line.startswith("!")
    text = line[is_kept:]
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    # Without a slash inside, a pattern holds at every depth.
    depth = "" if "/" in text else "(?:.*/)?"
    try:
        return Rule(re.compile(depth + _regex(text.removeprefix("/")), re.DOTALL), is_kept, only_folders)
    except re.error:
        return None


def _regex(text: str) -> str:
    return "".join(_part(part) for part in _PARTS.split(text))


def _part(part: str) -> str:
    known = {"**/": "(?:.*/)?", "/**/": "/(?:.*/)?", "/**": "/.*", "?": "[^/]"}
    if part in known:
        return known[part]
    if part and not part.strip("*"):
        return "[^/]*"
    if _SET.fullmatch(part):
        return _set(part[1:-1])
    return re.escape(part[1:] if len(part) == 2 and part.startswith("\\") else part)


def _set(inside: str) -> str:
    """What stands in brackets, as a regular expression's set; no set has the slash."""
    negated = inside.startswith(("!", "^"))
    members = (
        _CLASSES.get(name, "") if name else plain if plain == "-" else re.escape(escaped or plain)
        for name, escaped, plain in re.findall(r"\[:(\w+):\]|\\(.)|(.)", inside[negated:], re.DOTALL)
    )
    return f"(?!/)[{'^' if negated else ''}{''.join(members)}]"
