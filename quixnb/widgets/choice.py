"""What a person may choose in the picker, and how each choice opens a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from quixnb.session import Session, opened
from quixnb.sources import from_source
from quixnb.token import Token

Open = Callable[[str | None], Session]
Keeping = Literal["place", "store", "no"]


@dataclass(frozen=True)
class Choice:
    """Something that leads to a session.

    Attributes
    ----------
    label
        What it is called while it is being checked.
    spec
        Where the token can be had again, in a profile's words; None where it is not known, as of one that was pasted.
    keeping
        What a profile needs of it: `place`, it says where the token is; `store`, the token has to be kept somewhere;
        `no`, there is one already, or it would be of no use.
    open
        Opens the session, in the environment of that ID if one is given. Asks the portal, so it may take a while.
    """

    label: str
    spec: str | None
    keeping: Keeping
    open: Open


def of_token(token: Token, portal_api: str | None) -> Choice:
    """A token that was pasted."""
    return Choice(
        "the pasted token",
        None,
        "store",
        lambda env: opened(token=token, portal_api=portal_api, environment=env),
    )


def of_source(spec: str, label: str, portal_api: str | None) -> Choice:
    """A place that has a token."""
    return Choice(
        label, spec, "place", lambda env: opened(token=from_source(spec), portal_api=portal_api, environment=env)
    )


def of_profile(name: str) -> Choice:
    """A saved profile."""
    return Choice(f"profile '{name}'", None, "no", lambda env: opened(name, environment=env))


def of_session(session: Session) -> Choice:
    """What is connected already, for another of its environments."""
    return Choice(
        f"the {session.token.named}",
        None,
        "no" if session.profile else "store",
        lambda env: opened(session.profile, token=session.token, portal_api=session.portal_api, environment=env),
    )


def of_sandbox() -> Choice:
    """The sandbox, which is started if need be; it opens in `dev`."""

    def open_sandbox(environment_id: str | None) -> Session:
        from quixnb import sandbox

        running = sandbox.shared()
        known = {each.id: each for each in running.environments.values()}
        environment = known.get(environment_id or "") or running.environments["dev"]
        return opened(
            token=environment.token_1,
            second_token=environment.token_2,
            portal_api=running.portal_api,
            environment=environment.id,
        )

    return Choice("the sandbox", None, "no", open_sandbox)
