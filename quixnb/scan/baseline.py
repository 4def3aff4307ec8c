"""A file of findings that are known and accepted; it holds digests, no tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from quixnb.errors import QuixnbError
from quixnb.redact import redact
from quixnb.scan.found import Found

_ABOUT = "Findings of `quixnb scan` that are accepted. Made by: quixnb scan --write-baseline"


class BaselineUnusable(QuixnbError):
    """The baseline file is not there, or not one."""


def write(path: Path, found: Iterable[Found]) -> None:
    """Accept `found` from now on."""
    accepted = [{"path": path, "kind": kind, "fingerprint": digest} for path, kind, digest in sorted(_keys(found))]
    text = json.dumps({"about": _ABOUT, "version": 1, "accepted": accepted}, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def without_accepted(path: Path, found: Sequence[Found]) -> list[Found]:
    """Those of `found` that the baseline does not accept: another token, or the same in another file.

    Raises
    ------
    BaselineUnusable
        There is no such file, or it is not a baseline.
    """
    known = accepted(path)
    return [each for each in found if not _keys([each]) <= known]


def accepted(path: Path) -> set[tuple[str, str, str]]:
    """The path, kind and fingerprint of all that the baseline accepts.

    Raises
    ------
    BaselineUnusable
        There is no such file, or it is not a baseline.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {(each["path"], each["kind"], each["fingerprint"]) for each in data["accepted"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise BaselineUnusable(
            f"The baseline '{path}' cannot be used.",
            cause="It is not there, or it is not a file that quixnb wrote.",
            fix=f"Make one: quixnb scan PATH --baseline {path} --write-baseline",
        ) from None


def fingerprints(path: Path, name: str) -> set[str]:
    """Of what the baseline accepts in the file `name`."""
    return {fingerprint for each, _, fingerprint in accepted(path) if each == _normal(redact(name))}


def _keys(found: Iterable[Found]) -> set[tuple[str, str, str]]:
    return {(_normal(each.path), each.kind, each.fingerprint) for each in found}


def _normal(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")
