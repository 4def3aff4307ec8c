"""Takes a token from one named place, or says why there is none."""

from __future__ import annotations

import difflib
import getpass
import os
import warnings
from collections.abc import Callable
from pathlib import Path

from quixnb.errors import PromptInterrupted, TokenMissing
from quixnb.profiles import without_tokens
from quixnb.sources.hosted import read_colab, read_kaggle
from quixnb.sources.read import (
    looks_like_tokens_name,
    nearest_dotenv,
    read_dotenv,
    read_text,
    variable,
    working_folder,
)
from quixnb.token import PASTED, Token
from quixnb.vault import read_file, read_keyring

TOKEN_VARIABLES = ("Quix__Sdk__Token", "STREAMING_TOKEN")
PICK_ONE = "Run %quix_token to choose or paste one without putting it in the notebook."


def from_source(spec: str, *, profile: str | None = None) -> Token:
    """Take the token from where `spec` says.

    Parameters
    ----------
    spec
        `env:NAME`, `dotenv:[NAME][@PATH]`, `file:PATH`, `keyring:NAME`, `vault:NAME`, `colab:NAME` or `kaggle:NAME`.
    profile
        Name of the profile that says so; it becomes part of the token's source.

    Raises
    ------
    TokenMissing
        There is none.
    TokenMalformed
        What is there cannot be a Quix token.
    """
    scheme, _, place = spec.partition(":")
    if scheme == "env":
        return from_env(place, profile=profile)
    if scheme == "dotenv":
        name, _, path = place.partition("@")
        return from_dotenv(path or None, name or None, profile=profile)
    if scheme == "file":
        return from_file(place, profile=profile)
    if scheme in _STORES:
        return _from_store(scheme, place, profile)
    raise TokenMissing(
        "That does not say where a Quix token is.",
        cause="A place is env:NAME, dotenv:NAME, file:PATH, keyring:NAME, vault:NAME, colab:NAME or kaggle:NAME.",
        fix=PICK_ONE,
    )


def from_env(name: str, *, profile: str | None = None) -> Token:
    """Take the token from the environment variable `name`."""
    text = variable(name)
    if not text:
        near = difflib.get_close_matches(name, filter(looks_like_tokens_name, os.environ), n=1, cutoff=0.5)
        nearest = f" The nearest that is set is {near[0]}." if near else ""
        raise _missing(name, profile, f"The variable is not set, or empty, in this process.{nearest}")
    return Token.parse(text, _label(name, profile))


def from_dotenv(path: str | Path | None = None, name: str | None = None, *, profile: str | None = None) -> Token:
    """Take the token from an `.env` file, without touching the process's own variables.

    Parameters
    ----------
    path
        The file, or its folder; None for the nearest `.env` from the working folder upward.
    name
        The variable in it; None for `Quix__Sdk__Token`, then `STREAMING_TOKEN`.
    profile
        Name of the profile that says so.
    """
    found = read_dotenv(path) if path else nearest_dotenv()
    names = (name,) if name else TOKEN_VARIABLES
    for each in names:
        if text := found.get(each):
            return Token.parse(text, _label(f"{each} in {found.file}", profile))
    wanted = " or ".join(names)
    if found.file is None:
        raise _missing(f"{wanted} in .env", profile, f"There is no .env from {working_folder()} upward.")
    raise _missing(f"{wanted} in {found.file}", profile, f"The file {found.why_not(names)}.")


def from_file(path: str | Path, *, profile: str | None = None) -> Token:
    """Take the token from a file that holds nothing else, such as a mounted secret."""
    file = Path(os.path.expanduser(path))
    text, problem = read_text(file)
    if not text.strip():
        raise _missing(str(file), profile, f"The file could not be read: {problem or 'it is empty'}.")
    return Token.parse(text, _label(str(file), profile))


def from_keyring(name: str, *, profile: str | None = None) -> Token:
    """Take the token that the operating system's keyring keeps for the service `quixnb` under `name`."""
    return _from_store("keyring", name, profile)


def from_vault(name: str, *, profile: str | None = None) -> Token:
    """Take the token that quixnb's own file keeps under `name`: the one for machines without a keyring."""
    return _from_store("vault", name, profile)


def from_colab(name: str = TOKEN_VARIABLES[0], *, profile: str | None = None) -> Token:
    """Take the token from Google Colab's secret `name`."""
    return _from_store("colab", name, profile)


def from_kaggle(name: str = TOKEN_VARIABLES[0], *, profile: str | None = None) -> Token:
    """Take the token from Kaggle's secret `name`."""
    return _from_store("kaggle", name, profile)


def from_prompt(prompt: str = "Quix token (hidden while you type): ") -> Token:
    """Ask for the token with hidden input, in a terminal or a notebook.

    Raises
    ------
    TokenMissing
        Nothing was entered, or nobody can be asked here (a scheduled run, a pipe).
    TokenMalformed
        What was entered cannot be a Quix token.
    PromptInterrupted
        Ctrl-C was pressed instead.
    """
    text = _ask(prompt)
    if text is None:
        raise TokenMissing(
            "A Quix token is needed, and nobody can be asked for it here.",
            cause="Hidden input needs a terminal, or a notebook that is run by a person.",
            fix=f"Set {TOKEN_VARIABLES[0]} where this is started, or use a profile that says where the token is.",
        )
    if not text.strip():
        raise TokenMissing("No Quix token was entered.", cause="The input was empty.", fix=PICK_ONE)
    return Token.parse(text, PASTED)


# Scheme → what an entry is called, and what reads it.
_STORES: dict[str, tuple[str, Callable[[str], tuple[str, str]]]] = {
    "keyring": ("keyring entry", read_keyring),
    "vault": ("vault file entry", read_file),
    "colab": ("Colab secret", read_colab),
    "kaggle": ("Kaggle secret", read_kaggle),
}


def _from_store(scheme: str, name: str, profile: str | None) -> Token:
    entry, read = _STORES[scheme]
    text, problem = read(name)
    place = f"{entry} '{name}'"
    if not text:
        raise _missing(place, profile, problem)
    return Token.parse(text, _label(place, profile))


def _label(place: str, profile: str | None) -> str:
    # A person may give a token where a name belongs; then it is not repeated as one.
    place = " ".join(without_tokens(place).split())
    return f"profile '{profile}' ({place})" if profile else place


def _missing(place: str, profile: str | None, cause: str) -> TokenMissing:
    return TokenMissing(f"No Quix token was found in {_label(place, profile)}.", cause=cause, fix=PICK_ONE)


def _ask(prompt: str) -> str | None:
    """Ask with hidden input; None where the input cannot be hidden or nobody is there."""
    try:
        with warnings.catch_warnings():
            # Without a terminal, getpass warns and then reads with echo: rather not at all.
            warnings.simplefilter("error", getpass.GetPassWarning)
            # Through the module: a notebook's kernel puts its own function there.
            return getpass.getpass(prompt)
    except KeyboardInterrupt:
        raise PromptInterrupted from None
    except (EOFError, OSError, NotImplementedError, getpass.GetPassWarning):
        # A front end that takes no input makes the kernel raise StdinNotImplementedError, a NotImplementedError.
        return None
