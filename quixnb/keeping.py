"""Remembers in a profile where the token of a connection can be had again; keeps the token itself only on request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quixnb import vault
from quixnb.profiles import Profile, ProfileError, load_profiles, save_profile

if TYPE_CHECKING:
    from quixnb.session import Session
    from quixnb.token import Token


def save(
    name: str,
    session: Session,
    token: Token,
    spec: str | None,
    *,
    store: vault.Store | None = None,
    second: bool = False,
) -> Profile:
    """Remember under `name` where `session` is connected, and where its token is; it is that profile's from now on.

    Parameters
    ----------
    token
        The session's first, or with `second` the environment's other one.
    spec
        Where it can be had again, in a profile's words; None for one that was pasted.
    store
        Keep the token itself there, never in place of the profile's other one; None keeps it nowhere.

    Raises
    ------
    ProfileError
        The profile cannot be written, or the token was pasted and is to be kept nowhere.
    VaultError
        The store cannot take the token.
    """
    profile = Profile(name, portal_api=session.portal_api, environment=session.environment.id)
    before = load_profiles().get(name)
    if before is not None and (before.portal_api, before.environment) == (profile.portal_api, profile.environment):
        profile = before
    spec = _kept(name, token, spec, store, second, profile.token_source if second else profile.second_token_source)
    changed = replace(profile, second_token_source=spec) if second else replace(profile, token_source=spec)
    save_profile(changed)
    session.profile = name
    return changed


def _kept(name: str, token: Token, spec: str | None, store: vault.Store | None, second: bool, other: str | None) -> str:
    """Where the token can be had again; it is stored there if that was asked for, never in place of the `other`."""
    if store:
        entries = [name, f"{name}-2"]
        # After a rotation the second entry may hold the token in use.
        taken = (other or "").partition(":")[2]
        free = [entry for entry in (reversed(entries) if second else entries) if entry != taken]
        return vault.save(free[0], token, store)
    if spec is None:
        raise ProfileError(
            f"The notebook is connected, but profile '{name}' was not saved.",
            cause="A profile says where a token is kept; a pasted one is kept nowhere.",
            fix=f"Have it kept: %quix_token --save {name} --store keyring, "
            f"or put it into a variable: %quix_token --env NAME --save {name}",
        )
    return spec
