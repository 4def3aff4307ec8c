"""Lets a profile name the place that has the token in use, once the one it named is dead."""

from __future__ import annotations

from dataclasses import replace

from quixnb import sources
from quixnb.errors import QuixnbError
from quixnb.profiles import load_profiles, save_profile
from quixnb.token import Token


def let_profile_follow(name: str | None, alive: Token | None) -> str:
    """Let the profile `name` take its token from where `alive` is; what was done or is to be done, in words.

    Parameters
    ----------
    name
        The session's profile; None if it has none.
    alive
        The token in use after a rotation; None if the notebook has no valid one.
    """
    try:
        return _followed(name or "", alive)
    except QuixnbError as error:
        return f"Profile '{name}' was left as it is: {error.what}"


def _followed(name: str, alive: Token | None) -> str:
    profile = load_profiles().get(name)
    if profile is None or profile.token_source is None:
        return ""
    first, second = profile.token_source, profile.second_token_source
    if alive is None:
        return f"Profile '{name}' names {first}, whose token is refused now: put the new Token 1 there."
    if _holds(first, alive):
        return ""
    if second is not None and _holds(second, alive):
        save_profile(replace(profile, token_source=second, second_token_source=None))
        return f"Profile '{name}' takes its token from {second} from now on."
    return (
        f"Profile '{name}' still names {first}, which has another token than the one in use: put that there, "
        f"or paste it again to have it kept: %quix_token --save {name} --store keyring"
    )


def _holds(spec: str, token: Token) -> bool:
    try:
        return sources.from_source(spec).is_same(token)
    except QuixnbError:
        return False
