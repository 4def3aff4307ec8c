"""What a session says of itself in one look, and what there is to connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from quixnb.errors import QuixnbError
from quixnb.results import Facts, Listing

if TYPE_CHECKING:
    from quixnb.session import Session


def status_of(session: Session, *, title: str, saved_as: str | None = None) -> Facts:
    """What `session` is connected to, without asking anybody again."""
    facts = {**_identity(session), "checked": _checked(session)}
    if saved_as:
        facts["profile"] = f"{saved_as} (saved)"
    return Facts(title, facts, advice=advice_on(session))


def advice_on(session: Session) -> str:
    """What is worth knowing about the token in use; empty for most."""
    token = session.token
    if token.kind == "personal access token":
        return (
            "This personal access token may do whatever you may. To publish and read, the streaming token of "
            f"'{session.environment.id}' is enough, and opens nothing else."
        )
    if not token.names_quix:
        return "This JWT does not name Quix in its claims; the portal accepts it all the same."
    return ""


def check() -> Facts:
    """The default session, looked at now: whether the portal takes its token and the broker answers.

    It connects from the usual sources if there is no session yet. What is wrong is said, not raised.
    """
    from quixnb.connecting import current

    facts: dict[str, object] = {}
    try:
        session = current()
        facts = _identity(session)
        facts["checked"] = _checked(session)
        session.verify()
        facts |= {"broker": _broker(session), "checked": _checked(session)}
    except QuixnbError as exc:
        # A token that was accepted once may be refused now: what is known of it still helps.
        problem = f"{type(exc).__name__}: {exc.what} {exc.cause}".rstrip()
        return Facts("Quix: something is wrong", {**facts, "problem": problem}, advice=exc.fix)
    return Facts("Quix: connected", facts, advice=advice_on(session))


def choices() -> Listing[str]:
    """Profiles, and the environments that the present token sees."""
    from quixnb.connecting import default
    from quixnb.profiles import load_profiles

    session = default()
    profiles = [
        (each.name, (each.name, "profile", each.environment, each.token_source)) for each in load_profiles().values()
    ]
    environments = session.portal.environments() if session else []
    seen = [(each.id, (each.id, "environment", each.name, "the present token")) for each in environments]
    advice = "" if profiles or seen else "Run %quix_token first; with --save NAME it makes a profile."
    title = "To choose from, with %quix_use" if profiles or seen else "There is nothing to choose from yet"
    return Listing(title, ("name", "kind", "environment", "token"), [*profiles, *seen], advice)


def _identity(session: Session) -> dict[str, object]:
    environment = session.environment
    return {
        "environment": environment.id + (f" ({environment.status})" if environment.status else ""),
        "token": session.token.described,
        "expires": _expiry(session),
        "second token": _second(session),
        "portal": urlsplit(session.portal_api).netloc,
        "profile": session.profile,
    }


def _expiry(session: Session) -> str | None:
    expires_at = session.token.expires_at
    return None if expires_at is None else f"{expires_at:%Y-%m-%d %H:%M} UTC"


def _second(session: Session) -> str | None:
    spare = session.portal.spare
    return spare.described if spare else session.second_token_problem or None


def _checked(session: Session) -> str:
    return f"{session.verified_at:%Y-%m-%d %H:%M:%S} UTC"


def _broker(session: Session) -> str:
    from quixnb.broker.knock import answers

    servers = session.broker.servers
    return f"{servers} ({'answers' if answers(servers) else 'does not answer'})"
