"""What is said when the portal refuses a token (401): never with its characters, always with its source."""

from __future__ import annotations

from datetime import UTC, datetime

from quixnb.errors import TokenRejected
from quixnb.token import PASTED, Token

_COPY = "Copy the current one from Settings > APIs and tokens (an Admin's page), then run %quix_token."
_REASONS = {
    "streaming token": "It may have been rotated. A streaming token works only in its own environment. "
    "What already runs on Kafka keeps running.",
    "personal access token": "It may have been revoked or have expired, or belong to another portal.",
}


def rejected(
    token: Token,
    host: str,
    correlation_id: str = "",
    *,
    is_page: bool = False,
    known_since: datetime | None = None,
    note: str = "",
) -> TokenRejected:
    """Make the error for a refused token to which there is no other.

    Parameters
    ----------
    token, host
        Which, and where.
    correlation_id
        By which Quix finds the request; may be empty.
    is_page
        Whether a web page came back, so that it may not have been the portal.
    known_since
        When it was refused before, if it was.
    note
        What else is known, for instance of the second token.
    """
    reason = _reason(token, is_page, known_since)
    identity = f"Correlation ID {correlation_id}." if correlation_id else ""
    return TokenRejected(
        f"The portal at {host} refused the {token.named} (401).",
        cause=" ".join(filter(None, (reason, note, identity))),
        fix=_COPY,
    )


def long_dead(token: Token, since: datetime) -> TokenRejected:
    """Make the error for a token that is known to be dead; nobody was asked."""
    return TokenRejected(
        f"The {token.named} was refused on {_moment(since)}: it has been rotated out.",
        cause="The portal accepted its environment's other token at that time, so it is not sent again.",
        fix=_COPY,
    )


def both_refused(current: Token, spare: Token, environment: str | None) -> TokenRejected:
    """Make the error for two dead tokens."""
    of = f" of environment '{environment}'" if environment else ""
    return TokenRejected(
        f"Both tokens{of} are refused (401): {_one(current)} and {_one(spare)}.",
        cause="Either two rotations have happened or the environment is gone. Nothing will be retried.",
        fix="Ask an Admin for the environment's current Token 1, then run %quix_token.",
    )


def other_environment(spare: Token, opens: str, environment: str | None, refused: Token | None = None) -> TokenRejected:
    """Make the error for a second token that is not used, since it would write elsewhere."""
    if environment is None:
        what = f"The second token, {_origin(spare)}, was not used: which environment the first one opens is unknown."
        fix = "Name it: quixnb.connect(environment='…'), or connect with the second token alone."
    else:
        what = f"The second token, {_origin(spare)}, belongs to {opens}, not to '{environment}'. It was not used."
        fix = f"Get a current token of '{environment}' from an Admin, then run %quix_token."
    first = f"The first one, {_origin(refused)}, was refused (401). " if refused else ""
    return TokenRejected(what, cause=f"{first}Topic names repeat: data would go to the wrong environment.", fix=fix)


def no_second(token: Token, current: Token) -> TokenRejected:
    """Make the error for a token that cannot be the second one of the one in use."""
    if "personal access token" in (token.kind, current.kind):
        what = "A personal access token is no second token, and has none."
        cause = f"In use is the {current.described}; this is the {token.described}."
    else:
        what, cause = f"The {token.named} is the one in use already.", f"That is the {current.named}."
    return TokenRejected(
        f"{what} An environment has two different streaming tokens.",
        cause=cause,
        fix="Ask an Admin for the environment's Token 2.",
    )


def switched(dead: Token, now: Token, environment: str) -> str:
    """Say in three lines that the second token has taken over."""
    return (
        f"The {dead.named} was rotated out; switched to the {now.named}, "
        f"of the same environment '{environment}'.\n"
        "There is no spare left; the next rotation would stop this notebook. What runs on Kafka keeps running.\n"
        "Ask an Admin for the new Token 2 before the next rotation, then run %quix_token --second."
    )


def _origin(token: Token) -> str:
    return token.source if token.source == PASTED else f"from {token.source}"


def _one(token: Token) -> str:
    return f"the {PASTED} one" if token.source == PASTED else f"the one from {token.source}"


def _reason(token: Token, is_page: bool, known_since: datetime | None) -> str:
    expires_at = token.expires_at
    if is_page:
        return "A web page came back, so a proxy or login on the way may have refused it, not the portal."
    if expires_at is not None and expires_at <= datetime.now(UTC):
        return f"It expired on {_moment(expires_at)}."
    if known_since is not None:
        return f"It was refused on {_moment(known_since)} already: it has been rotated out or revoked."
    if not token.names_quix:
        return "It is a JWT that does not name Quix: another service may have issued it."
    if token.doubt:
        return token.doubt
    return _REASONS.get(token.kind, "It may have expired, been revoked or been rotated.")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
