"""One token in one file, without a character of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from quixnb.detect import Finding, Kind, Rule, find_tokens
from quixnb.notebook import Leaf
from quixnb.redact import redact

NAME = "#name"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a token stands in a file.

    Attributes
    ----------
    path
        The file as it was named; in an archive, `archive!/member`. Tokens in it are replaced.
    location
        JSON Pointer of the text that holds the token; empty for a file that is one text; `#name` for the name of the
        file or folder that `path` ends with.
    cell_index
        Number of the notebook's cell from 0, or None.
    kind
        `sdk`, `pat`, `jwt`, `jwt_generic` or `known`.
    line
        From 1, in the text.
    start, end
        Code points of the text, from the token's first to behind its last; None if it is not there in one piece.
    rule
        How it stands there: `in one piece`, `broken up`, `encoded`.
    fingerprint
        Tells one token from another across runs, by a digest.
    commit
        In git's past: one commit that has it.
    """

    path: str
    location: str
    cell_index: int | None
    kind: Kind
    line: int | None
    start: int | None
    end: int | None
    rule: Rule
    fingerprint: str
    commit: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What `--format json` prints on one line."""
        names = ("path", "location", "cell_index", "kind", "line", "start", "end", "rule")
        return {name: getattr(self, name) for name in names} | ({"commit": self.commit} if self.commit else {})


def found(path: str, leaf: Leaf, finding: Finding) -> Found:
    """What is reported of a finding in a text of a file."""
    is_whole = finding.rule == "in one piece"
    return Found(
        path=redact(path),
        location=_shown(leaf),
        cell_index=leaf.cell_index,
        kind=finding.kind,
        line=finding.line,
        start=finding.start if is_whole else None,
        end=finding.end if is_whole else None,
        rule=finding.rule,
        fingerprint=fingerprint(finding.kind, leaf.text[finding.start : finding.end]),
    )


def found_in_name(path: str, seen: set[str], known: Sequence[str] = (), *, inside: str = "") -> Iterator[Found]:
    """Tokens in the names of a file and its folders, each once: those in `seen` are passed over, and it is added to.

    Parameters
    ----------
    inside
        What is said before `path`: the archive that it is in.
    """
    parts = PurePath(path).parts
    for number, part in enumerate(parts, 1):
        here = inside + str(PurePath(*parts[:number]))
        if here not in seen:
            seen.add(here)
            leaf = Leaf(NAME, part, None)
            yield from (replace(found(here, leaf, each), line=None) for each in find_tokens(part, known))


def fingerprint(kind: str, token: str) -> str:
    """A digest of a token: 128 random bits cannot be guessed from it."""
    text = token if kind.startswith("jwt") else token.lower()
    return hashlib.sha256(f"quixnb baseline\0{kind}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _shown(leaf: Leaf) -> str:
    """The pointer, which may itself lead through keys with tokens in them."""
    return redact(leaf.pointer)
