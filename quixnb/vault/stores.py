"""The two places that keep a token for the next session: the keyring, and a file where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from quixnb.errors import QuixnbError
from quixnb.token import Token
from quixnb.vault.places import data_folder, exposure, locked, replace

Store = Literal["keyring", "file"]

KEYRING_SERVICE = "quixnb"
NO_PACKAGE = "The package 'keyring' is not installed: pip install 'quixnb[keyring]'."
NO_BACKEND = "This machine has no keyring that can be used; containers and servers seldom have one."

_BAD_SETTINGS = "The keyring cannot be used as PYTHON_KEYRING_BACKEND or keyringrc.cfg says"

T = TypeVar("T")

_SCHEMES: dict[Store, str] = {"keyring": "keyring", "file": "vault"}
_NOTE = (
    "This file holds Quix tokens in plain text. Only its owner may read it: keep it out of repositories and backups, "
    "and do not copy it. quixnb wrote it because a person asked for it."
)


class VaultError(QuixnbError):
    """A token could not be kept, or not be taken out again."""


def save(name: str, token: Token, store: Store = "keyring") -> str:
    """Keep `token` under `name`; returns where it is, in a profile's words: `keyring:NAME` or `vault:NAME`.

    Parameters
    ----------
    name
        One of the same name is replaced.
    token
        It is in that place from now on, until `remove`.
    store
        `keyring`, the operating system's; `file`, one that only its owner may read, in plain text.

    Raises
    ------
    VaultError
        There is no keyring, or it refused; the file cannot be written. The other one is never taken instead.
    """
    _check(store)
    problem = _put_in_keyring(name, token) if store == "keyring" else _put_in_file(name, token.reveal())
    if problem:
        raise VaultError(f"The token was not kept as '{name}'.", cause=problem, fix=_other_way(name, store))
    return f"{_SCHEMES[store]}:{name}"


def remove(name: str, store: Store = "keyring") -> None:
    """Take `name` out of a store; one that is not there is not an error."""
    _check(store)
    problem = _take_from_keyring(name) if store == "keyring" else _put_in_file(name, None)
    if problem:
        raise VaultError(f"'{name}' was not removed.", cause=problem, fix="Remove it there by hand.")


def read_keyring(name: str) -> tuple[str, str]:
    """What the keyring keeps for `quixnb` under `name`, and why there is nothing, in words."""
    text, problem = _with_keyring(lambda keyring: keyring.get_password(KEYRING_SERVICE, name))
    if not text and not problem:
        problem = f"The keyring holds nothing of that name for '{KEYRING_SERVICE}'."
    return text or "", problem


def read_file(name: str) -> tuple[str, str]:
    """What the vault file keeps under `name`, and why there is nothing, in words."""
    kept, problem = _kept()
    if problem:
        return "", problem
    return kept.get(name, ""), "" if name in kept else f"The file {vault_file()} has nothing of that name."


def names_in_file() -> list[str]:
    """Under which names the vault file keeps tokens; none where it cannot be used."""
    return sorted(_kept()[0])


def vault_file() -> Path:
    """Where the file is, whether it is there or not."""
    return data_folder() / "tokens.json"


def _check(store: str) -> None:
    if store not in get_args(Store):
        raise VaultError(
            f"'{store}' is no place for a token.", cause="There are two: keyring and file.", fix="Choose: keyring"
        )


def _other_way(name: str, store: Store) -> str:
    if store == "keyring":
        return f"Keep it for this session only, or in a file of yours (0600): %quix_token --save {name} --store file"
    return "Set QUIXNB_DATA_DIR to a folder of your own, or keep the token in a variable."


def _put_in_keyring(name: str, token: Token) -> str:
    _, problem = _with_keyring(lambda keyring: keyring.set_password(KEYRING_SERVICE, name, token.reveal()))
    # A backend that forgets at once would be noticed at the worst moment: when the token is needed.
    if problem or read_keyring(name)[0]:
        return problem
    return "The keyring took it and does not have it: its backend keeps nothing."


def _take_from_keyring(name: str) -> str:
    def take(keyring: Any) -> None:
        if keyring.get_password(KEYRING_SERVICE, name) is not None:
            keyring.delete_password(KEYRING_SERVICE, name)

    return _with_keyring(take)[1]


def _with_keyring(act: Callable[[Any], T]) -> tuple[T | None, str]:
    """What `act` gets from the keyring, and why it got nothing, in words: never an exception's, which may quote."""
    try:
        import keyring
        import keyring.errors

        keyring.get_keyring()
    except Exception as exc:  # it reads settings and loads the backend that they name, whatever that raises
        if isinstance(exc, ModuleNotFoundError) and exc.name == "keyring":
            return None, NO_PACKAGE
        return None, f"{_BAD_SETTINGS} ({type(exc).__name__})."
    try:
        return act(keyring), ""
    except keyring.errors.NoKeyringError:
        return None, NO_BACKEND
    except Exception as exc:  # what a backend raises has no common base
        return None, f"The keyring did not answer ({type(exc).__name__}); it may be locked."


def _put_in_file(name: str, value: str | None) -> str:
    """Set `name` in the file, or with None take it out; what went wrong, in words."""
    file = vault_file()
    try:
        with locked(file):
            kept, problem = _kept()
            if problem and file.exists():
                return problem
            kept.pop(name, None)
            tokens = kept if value is None else {**kept, name: value}
            replace(file, json.dumps({"note": _NOTE, "tokens": tokens}, indent=1).encode())
    except OSError as exc:
        return f"{file} could not be written: {exc.strerror or type(exc).__name__}."
    return ""


def _kept() -> tuple[dict[str, str], str]:
    """What the file holds, by name, and why it cannot be used, in words."""
    file = vault_file()
    try:
        if problem := exposure(file):
            return {}, problem
        tokens = json.loads(file.read_text(encoding="utf-8"))["tokens"]
    except FileNotFoundError:
        return {}, f"There is no file {file}."
    except OSError as exc:
        return {}, f"{file} could not be read: {exc.strerror or type(exc).__name__}."
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}, f"{file} is not a file that quixnb wrote."
    if not isinstance(tokens, dict) or not all(isinstance(each, str) for each in tokens.values()):
        return {}, f"{file} is not a file that quixnb wrote."
    return tokens, ""
