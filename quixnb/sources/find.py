"""Finds the tokens, the portal's address and the environment: in the order that the documentation promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from quixnb.errors import QuixnbError, TokenMalformed, TokenMissing
from quixnb.profiles import Profile, portal_address
from quixnb.sources.hosted import in_colab, in_kaggle, read_colab, read_kaggle
from quixnb.sources.places import PICK_ONE, TOKEN_VARIABLES, from_source
from quixnb.sources.read import nearest_dotenv, variable, working_folder
from quixnb.token import Token
from quixnb.vault import NO_BACKEND, NO_PACKAGE, read_file, read_keyring

DEFAULT_PORTAL = "https://portal-api.cloud.quix.io"
DEFAULT_ENTRY = "default"  # of the keyring and of the vault file, where no profile names another
_PORTAL_VARIABLE = "Quix__Portal__Api"
_ENVIRONMENT_VARIABLE = "Quix__Workspace__Id"


@dataclass(frozen=True)
class FoundSource:
    """A place that holds something for a token, by name and without its value.

    Attributes
    ----------
    label
        For people: `Quix__Sdk__Token`, `STREAMING_TOKEN in /home/ana/f1/.env`.
    spec
        For `from_source`, and for a profile's `token_source`.
    """

    label: str
    spec: str


def find_token(
    *, explicit: str | Token | None = None, profile: Profile | None = None, picked: Token | None = None
) -> Token:
    """Find the token: `explicit`, `picked`, the profile's source, then the usual places.

    Those are the variables `Quix__Sdk__Token` and `STREAMING_TOKEN`, the nearest `.env`, Colab's or Kaggle's secrets of
    these names, and the entry `default` of the keyring or of quixnb's own file. Each is asked only if the ones before
    it have nothing. A profile that says where its token is means that place: no other is used instead.

    Raises
    ------
    TokenMissing
        There is none; says where it looked.
    TokenMalformed
        The first one found cannot be a Quix token. It is not skipped: the next may be of another environment.
    """
    if explicit is not None:
        return _from_argument(explicit)
    if picked is not None:
        return picked
    if profile is not None and profile.token_source is not None:
        return from_source(profile.token_source, profile=profile.name)
    for found in _usual_places():
        return from_source(found.spec)
    raise TokenMissing("No Quix token was found.", cause=where_it_looked(), fix=PICK_ONE)


def find_second_token(
    *, explicit: str | Token | None = None, profile: Profile | None = None
) -> tuple[Token | None, str]:
    """Find the environment's second token: `explicit`, then the profile's; and why there is none, in words.

    One that is missing does not stop anybody from connecting with the first.
    """
    if explicit is not None:
        return _from_argument(explicit), ""
    if profile is None or profile.second_token_source is None:
        return None, ""
    try:
        return from_source(profile.second_token_source, profile=profile.name), ""
    except QuixnbError as error:
        problem = error.what
    return None, problem


def found_sources() -> list[FoundSource]:
    """List the usual places that hold something, in the order of `find_token`; values are neither checked nor kept."""
    return list(_usual_places())


def first_found() -> FoundSource | None:
    """The first of the usual places that holds something; those behind it are not asked."""
    return next(_usual_places(), None)


def where_it_looked() -> str:
    """All usual places, each with the reason why it has nothing, in one sentence."""
    name = TOKEN_VARIABLES[0]
    places = [f"{each} ({'empty' if each in os.environ else 'not set'})" for each in TOKEN_VARIABLES]
    places.append(_where_dotenv())
    if in_colab():
        places.append(f"Colab ({_as_clause(read_colab(name)[1])})")
    if in_kaggle():
        places.append(f"Kaggle ({_as_clause(read_kaggle(name)[1])})")
    if not in_colab() and not in_kaggle():
        places.append("Colab and Kaggle (this is neither)")
    places.append(f"'{DEFAULT_ENTRY}' in the keyring ({_as_clause(read_keyring(DEFAULT_ENTRY)[1])})")
    places.append(f"'{DEFAULT_ENTRY}' in quixnb's own file ({_as_clause(read_file(DEFAULT_ENTRY)[1])})")
    return f"Looked in: {', '.join(places)}; none had one."


def find_portal_api(explicit: str | None = None, profile: Profile | None = None) -> str:
    """Find the Portal API's address: `explicit`, the profile's, `Quix__Portal__Api`, the `.env`, then Quix Cloud's.

    Raises
    ------
    PortalUnreachable
        The first one found cannot be the address of a portal.
    """
    if explicit:
        return portal_address(explicit, "the argument")
    if profile is not None and profile.portal_api:
        return portal_address(profile.portal_api, f"profile '{profile.name}'")
    text, source = _setting(_PORTAL_VARIABLE)
    return portal_address(text, source) if text else DEFAULT_PORTAL


def find_environment(explicit: str | None = None, profile: Profile | None = None) -> str | None:
    """Find the environment that was chosen: `explicit`, the profile's, `Quix__Workspace__Id`, the `.env`; or None."""
    if explicit:
        return explicit
    if profile is not None and profile.environment:
        return profile.environment
    return _setting(_ENVIRONMENT_VARIABLE)[0] or None


def _usual_places() -> Iterator[FoundSource]:
    for name in TOKEN_VARIABLES:
        if variable(name):
            yield FoundSource(name, f"env:{name}")
    dotenv = nearest_dotenv()
    for name in TOKEN_VARIABLES:
        if dotenv.get(name):
            yield FoundSource(f"{name} in {dotenv.file}", f"dotenv:{name}@{dotenv.file}")
    for name in TOKEN_VARIABLES:
        if in_colab() and read_colab(name)[0]:
            yield FoundSource(f"Colab secret '{name}'", f"colab:{name}")
        if in_kaggle() and read_kaggle(name)[0]:
            yield FoundSource(f"Kaggle secret '{name}'", f"kaggle:{name}")
    if read_keyring(DEFAULT_ENTRY)[0]:
        yield FoundSource(f"keyring entry '{DEFAULT_ENTRY}'", f"keyring:{DEFAULT_ENTRY}")
    if read_file(DEFAULT_ENTRY)[0]:
        yield FoundSource(f"vault file entry '{DEFAULT_ENTRY}'", f"vault:{DEFAULT_ENTRY}")


def _as_clause(reason: str) -> str:
    short = {NO_BACKEND: "this machine has none", NO_PACKAGE: "its package is not installed"}
    return short.get(reason) or reason[:1].lower() + reason[1:].rstrip(".")


def _from_argument(explicit: object) -> Token:
    if isinstance(explicit, Token):
        return explicit
    if isinstance(explicit, str):
        return Token.parse(explicit, "argument")
    raise TokenMalformed(
        f"The token argument is of type {type(explicit).__name__}.", cause="It is a text or a Token.", fix=PICK_ONE
    )


def _setting(name: str) -> tuple[str, str]:
    """Find the value of `name` and where it was, in the process's variables or the nearest `.env`."""
    if text := variable(name):
        return text, name
    dotenv = nearest_dotenv()
    return dotenv.get(name), f"{name} in {dotenv.file}"


def _where_dotenv() -> str:
    dotenv = nearest_dotenv()
    if dotenv.file is None:
        return f".env (none from {working_folder()} upward)"
    return f".env (that in {dotenv.file.parent} {dotenv.why_not(TOKEN_VARIABLES)})"
