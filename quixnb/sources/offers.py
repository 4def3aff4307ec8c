"""Everything on this machine that a person might mean as a token: by name and place, never by its characters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from quixnb.errors import TokenMalformed
from quixnb.profiles import without_tokens
from quixnb.sources.find import DEFAULT_ENTRY
from quixnb.sources.hosted import in_colab, in_kaggle, read_colab, read_kaggle
from quixnb.sources.places import TOKEN_VARIABLES
from quixnb.sources.read import looks_like_tokens_name, nearest_dotenv
from quixnb.token import Token
from quixnb.vault import names_in_file, read_keyring


@dataclass(frozen=True)
class Offer:
    """A place that holds something for a token.

    Attributes
    ----------
    name, place
        For people: `PROD_TOKEN`, `/home/ana/f1/.env`.
    spec
        For `from_source`, and for a profile's `token_source`.
    """

    name: str
    place: str
    spec: str


def offers() -> list[Offer]:
    """List them, the usual places first; a keyring that is locked may ask the person for its password."""
    found = [*_variables(), *_dotenv(), *_hosted(), *_kept()]
    # A name may be a token, if somebody has mistaken one side of `=` for the other.
    return [each for each in found if without_tokens(each.spec) == each.spec]


def _variables() -> Iterator[Offer]:
    for name in _usual_first(os.environ):
        if name in TOKEN_VARIABLES or _is_quix_token(os.environ.get(name, "")):
            yield Offer(name, "environment variable", f"env:{name}")


def _dotenv() -> Iterator[Offer]:
    dotenv = nearest_dotenv()
    for name in _usual_first(dotenv.values):
        yield Offer(name, str(dotenv.file), f"dotenv:{name}@{dotenv.file}")


def _hosted() -> Iterator[Offer]:
    for name in TOKEN_VARIABLES:
        if in_colab() and read_colab(name)[0]:
            yield Offer(name, "Colab secret", f"colab:{name}")
        if in_kaggle() and read_kaggle(name)[0]:
            yield Offer(name, "Kaggle secret", f"kaggle:{name}")


def _kept() -> Iterator[Offer]:
    # A keyring does not say what is in it; what a profile says is in it is offered as that profile.
    if read_keyring(DEFAULT_ENTRY)[0]:
        yield Offer(DEFAULT_ENTRY, "keyring", f"keyring:{DEFAULT_ENTRY}")
    for name in names_in_file():
        yield Offer(name, "file that only you can read", f"vault:{name}")


def _usual_first(values: Mapping[str, str]) -> list[str]:
    """Names that look like a token's, of those that have a value; the documented ones first."""
    named = [name for name, value in values.items() if value.strip() and looks_like_tokens_name(name)]
    return sorted(named, key=lambda name: (name not in TOKEN_VARIABLES, name.lower()))


def _is_quix_token(text: str) -> bool:
    # Of the many variables called TOKEN only Quix's are offered; a file's are few, and one that is wrong is said so.
    try:
        return Token.parse(text, "").names_quix
    except TokenMalformed:
        return False
