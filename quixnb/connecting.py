"""How a connection is made, and which one is the default of this kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from quixnb import sources
from quixnb.errors import EnvironmentAmbiguous, EnvironmentNotFound, TokenMissing
from quixnb.portal import Environment, Portal
from quixnb.profiles import Profile, load_profile
from quixnb.session import Session
from quixnb.token import Token, warn_of_expiry
from quixnb.vault import RefusedTokens
from quixnb.watching import changed


class Picked(NamedTuple):
    """A choice that a person made for this kernel: what `connect` takes before it looks anywhere else."""

    token: Token
    portal_api: str
    environment: str
    profile: str | None

    @classmethod
    def of(cls, session: Session) -> Picked:
        """What `session` was made of."""
        return cls(session.token, session.portal_api, session.environment.id, session.profile)


_default: Session | None = None
_picked: Picked | None = None
_picker_is_shown = False


def connect(
    profile: str | None = None,
    *,
    token: str | Token | None = None,
    second_token: str | Token | None = None,
    portal_api: str | None = None,
    environment: str | None = None,
    kafka: Mapping[str, Any] | None = None,
) -> Session:
    """A session in the environment that a token opens; it becomes the default one.

    Parameters
    ----------
    profile
        Name of a saved profile: portal, environment and where its token is.
    token
        None takes the one that was picked for this kernel, or looks in the profile, `Quix__Sdk__Token`,
        `STREAMING_TOKEN`, the nearest `.env`, Colab's or Kaggle's secrets, and the keyring, in this order.
    second_token
        The environment's other streaming token: used once the first is refused for good, which a `TokenSwitched`
        warning says. None takes the profile's, if it names one.
    portal_api
        Address of the portal; None takes the profile's, `Quix__Portal__Api`, or Quix Cloud's.
    environment
        ID of the environment, needed only where the token sees several; None takes the profile's or
        `Quix__Workspace__Id`.
    kafka
        librdkafka settings on top of the environment's own.

    Raises
    ------
    TokenMissing, TokenMalformed, TokenRejected, EnvironmentAmbiguous, EnvironmentNotFound, PortalError
    """
    session = opened(
        profile,
        token=token,
        second_token=second_token,
        portal_api=portal_api,
        environment=environment,
        kafka=kafka,
    )
    # Whoever names a token or a profile has made another choice than the one in the picker.
    adopt(session, keep=_picked if token is None and profile is None else None)
    return session


def adopt(session: Session, *, keep: Picked | None = None) -> None:
    """Make `session` the default one, in place of the one before, which is closed; with `keep` for this kernel."""
    global _default, _picked
    before, _default, _picked = _default, session, keep
    if before is not None and before is not session:
        before.close()
    changed()


def opened(
    profile: str | None = None,
    *,
    token: str | Token | None = None,
    second_token: str | Token | None = None,
    portal_api: str | None = None,
    environment: str | None = None,
    kafka: Mapping[str, Any] | None = None,
) -> Session:
    """A session as `connect` makes it, which does not become the default one.

    Raises
    ------
    TokenMissing, TokenMalformed, TokenRejected, EnvironmentAmbiguous, EnvironmentNotFound, PortalError
    """
    # It is shown to no other portal than the one that it was picked for.
    picked = _picked if token is None and profile is None and _picked else None
    if picked is not None and portal_api in (None, picked.portal_api):
        profile, portal_api, environment = picked.profile, picked.portal_api, environment or picked.environment
    else:
        picked = None
    chosen = load_profile(profile) if profile is not None else None
    found = sources.find_token(explicit=token, profile=chosen, picked=picked and picked.token)
    second, problem = sources.find_second_token(explicit=second_token, profile=chosen)
    address = sources.find_portal_api(portal_api, chosen)
    wanted = sources.find_environment(environment, chosen)
    portal = Portal(address, found, spare=second, environment=wanted, memory=RefusedTokens())
    try:
        where = _choose(portal, wanted)
    except BaseException:
        portal.close()
        raise
    portal.bind(where.id)
    if second is not None and portal.spare is None and portal.token is found:
        # Nobody shall rely on a second token that is none.
        is_same = second.is_same(found)
        problem = "It is the first one again." if is_same else "A personal access token has no second one, and is none."
    warn_of_expiry(portal.token)
    return Session(
        portal,
        where,
        portal_api=address,
        profile=profile,
        kafka={**_kafka_of(chosen), **(kafka or {})},
        second_token_problem=problem,
    )


def current() -> Session:
    """The default session; connects from the usual sources if there is none yet.

    Raises
    ------
    TokenMissing
        There is no token; where a picker is shown, it says to choose one there.
    """
    if _default is not None:
        return _default
    try:
        return connect()
    except TokenMissing:
        if not _picker_is_shown:
            raise
    raise TokenMissing(
        "No Quix token has been chosen yet.",
        cause="The picker above waits for a choice, and no other place has a token.",
        fix="Choose one in the picker above, then run this cell again.",
    )


def picker_shown(is_shown: bool) -> None:
    """Note whether a picker waits for a person's choice."""
    global _picker_is_shown
    _picker_is_shown = is_shown


def default() -> Session | None:
    """The default session, or None; never connects."""
    return _default


def forget(portal_api: str | None = None) -> None:
    """Close the default session and forget its token; with `portal_api`, only one that is connected there."""
    global _default, _picked
    if _picked is not None and portal_api in (None, _picked.portal_api):
        _picked = None
    if _default is not None and portal_api in (None, _default.portal_api):
        _default.close()
        _default = None
        changed()


def keep_for_kernel(session: Session, is_kept: bool) -> None:
    """Let `connect` take this session's token and environment again in this kernel, or not."""
    global _picked
    _picked = Picked.of(session) if is_kept else None


def _kafka_of(profile: Profile | None) -> Mapping[str, Any]:
    return profile.kafka if profile is not None else {}


def _choose(portal: Portal, wanted: str | None) -> Environment:
    """The environment that `wanted` names, by ID or name, or the only one that the token sees."""
    seen = portal.environments()
    token = portal.token
    if wanted is not None:
        matching = [e for e in seen if e.id == wanted] or [e for e in seen if wanted in (e.name, e.environment_name)]
        if len(matching) == 1:
            return matching[0]
    if wanted is None and len(seen) == 1:
        return seen[0]
    listed = ", ".join(repr(e.id) for e in sorted(seen, key=lambda e: e.id)[:10])
    if wanted is None and seen:
        ambiguous = EnvironmentAmbiguous(
            f"The {token.named} sees {len(seen)} environments, and none was chosen.",
            cause=f"They are {listed}.",
            fix="Run %quix_use ENVIRONMENT, or quixnb.connect(environment='…').",
        )
        ambiguous.environments = tuple(seen)
        raise ambiguous
    missing = EnvironmentNotFound(
        f"The {token.named} does not see the environment {wanted!r}."
        if wanted is not None
        else f"The {token.named} sees no environment.",
        cause=f"It sees {listed}." if seen else "The portal accepted it and listed none.",
        fix="Use that environment's own token: run %quix_token." if seen else "Check the token's environment in Quix.",
    )
    missing.environments = tuple(seen)
    raise missing
