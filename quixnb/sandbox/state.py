"""The file in which a sandbox says where it is and what its tokens are; only its owner may read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict, cast

from quixnb.errors import TokenMalformed
from quixnb.sandbox.processes import Process
from quixnb.token import Token

_TOKENS = {"token_1", "token_2", "admin_token", "viewer_token"}


class EnvironmentState(TypedDict):
    """One environment, its tokens hidden."""

    id: str
    token_1: Token
    token_2: Token


class State(TypedDict):
    """What a state file says, its tokens hidden."""

    instance: str
    life: str
    process: Process | None
    pid: int
    portal_api: str
    bootstrap_servers: str
    environments: dict[str, EnvironmentState]
    admin_token: Token
    viewer_token: Token


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` to `path` in one step, readable by its owner alone from the first byte on."""
    new = _unfinished(path)
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(
            {"note": "Tokens of a local quixnb sandbox. They open nothing else and end with it.", **content}, file
        )
    new.replace(path)


def read(path: Path) -> State | None:
    """Return what `path` says; None if it is not there or is no state file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_hook=_hide_tokens)
        content["process"] = content["process"] and Process.parse(content["process"])
    except (OSError, ValueError, TypeError, KeyError, TokenMalformed):
        return None
    return cast(State, content) if content.keys() >= State.__required_keys__ else None


def remove(path: Path) -> None:
    """Delete the state file and what an interrupted `write` left."""
    for file in (_unfinished(path), path):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _hide_tokens(part: dict[str, Any]) -> dict[str, Any]:
    # At once, so that no frame of a traceback with local values holds them in plain text.
    return {name: Token(value, "sandbox") if name in _TOKENS else value for name, value in part.items()}
