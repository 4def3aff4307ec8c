"""What the picker shows at one moment: plain values, none of them a token, which travel as one JSON message."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from quixnb.errors import (
    EnvironmentNotFound,
    PortalUnreachable,
    QuixnbError,
    TokenMalformed,
    TokenMissing,
    TokenRejected,
)
from quixnb.magics.status import advice_on
from quixnb.magics.topics import retention
from quixnb.portal import Environment, Topic
from quixnb.profiles import Profile
from quixnb.session import Session
from quixnb.sources import Offer
from quixnb.widgets.choice import Keeping

Step = Literal["choose", "checking", "environments", "connected"]
How = Literal["once", "kernel"]


@dataclass(frozen=True)
class Problem:
    """What went wrong, in the words of the error that says so.

    Attributes
    ----------
    kind
        `malformed`, `missing`, `rejected`, `environment`, `unreachable`, `other`.
    """

    kind: str
    what: str
    cause: str = ""
    fix: str = ""


@dataclass(frozen=True)
class KnownProfile:
    """A saved profile: where it leads, and where its token is."""

    name: str
    environment: str
    source: str


@dataclass(frozen=True)
class Place:
    """An environment, and the project that it seems to belong to."""

    id: str
    name: str
    project: str
    status: str


@dataclass(frozen=True)
class Connection:
    """What the token is, and what it opened.

    Attributes
    ----------
    kind, source
        The token's: `streaming token`, `PROD_TOKEN in /home/ana/.env`.
    expires
        When a JWT ends; empty for tokens that do not.
    advice
        What is worth knowing about the token; empty for most.
    sees_more
        Whether the token may open other environments too.
    keeping
        What a profile needs of the token; see `Choice`.
    """

    kind: str
    source: str
    expires: str
    advice: str
    environment: Place
    portal: str
    profile: str
    sees_more: bool
    keeping: Keeping


@dataclass(frozen=True)
class BrokerState:
    """Where Kafka is, and whether anybody listens there."""

    servers: str
    answers: bool


@dataclass(frozen=True)
class KnownTopic:
    """A topic as a list shows it."""

    id: str
    name: str
    partitions: int | None
    retention: str
    status: str


@dataclass(frozen=True)
class Making:
    """A new topic on its way, or why there is none."""

    name: str
    busy: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """For how long the choice is remembered.

    Attributes
    ----------
    profile
        Name under which it was saved here; empty if it was not.
    where
        Where that profile has its token, for people.
    problem, fix
        Why saving failed.
    offers_file
        Whether the keyring failed, so that the file is an alternative.
    """

    how: How = "kernel"
    profile: str = ""
    where: str = ""
    problem: str = ""
    fix: str = ""
    offers_file: bool = False


@dataclass(frozen=True)
class State:
    """Everything that the picker shows. `number` grows with each, so that an older one that comes late is dropped."""

    number: int = 0
    step: Step = "choose"
    portal: str = ""
    checking: str = ""
    problem: Problem | None = None
    sources: tuple[Offer, ...] | None = None
    profiles: tuple[KnownProfile, ...] = ()
    connection: Connection | None = None
    environments: tuple[Place, ...] = ()
    broker: BrokerState | None = None
    topics: tuple[KnownTopic, ...] | None = None
    chosen: str = ""
    code: str = ""
    making: Making | None = None
    kept: Kept = Kept()

    def as_json(self) -> dict[str, Any]:
        """As it travels."""
        return asdict(self)


_KINDS: dict[type[QuixnbError], str] = {
    TokenRejected: "rejected",
    EnvironmentNotFound: "environment",
    PortalUnreachable: "unreachable",
}


def problem_of(error: QuixnbError) -> Problem:
    """The words of an error, for somebody who has the picker before them already."""
    what, cause = _here(error.what), _here(error.cause)
    fix = _here(error.fix)
    if isinstance(error, TokenMalformed):
        what = f"That is not a Quix token: {error.problem}." if error.problem else what
        return Problem("malformed", what, cause, fix)
    if isinstance(error, TokenMissing):
        return Problem("missing", what, cause, "Choose another one, or paste a token.")
    if isinstance(error, EnvironmentNotFound) and error.environments:
        # What it sees is listed below.
        return Problem(
            "environment", what, "", "Choose one that it sees, or cancel and paste that environment's own token."
        )
    kind = next((kind for known, kind in _KINDS.items() if isinstance(error, known)), "other")
    return Problem(kind, what, cause, fix)


def _here(text: str) -> str:
    """An error's words, where the picker is what they would send a person to."""
    text = text.replace("then run %quix_token", "then paste it here")
    return text.replace("then run the cell again", "then try again")


def profile_state(profile: Profile) -> KnownProfile:
    """A profile as a list shows it."""
    return KnownProfile(profile.name, profile.environment or "", in_words(profile.token_source or ""))


def in_words(spec: str) -> str:
    """Where a token is, for people: `PROD_TOKEN`, `PROD_TOKEN in /home/ana/.env`, `keyring`."""
    scheme, _, place = spec.partition(":")
    if scheme in ("env", "file"):
        return place
    if scheme == "dotenv":
        return " in ".join(filter(None, place.partition("@")[::2]))
    return {"keyring": "keyring", "vault": "file that only you can read"}.get(scheme, f"{scheme.capitalize()} secret")


def connection_of(session: Session, keeping: Keeping) -> Connection:
    """What a session is, without asking anybody."""
    token = session.token
    expires_at = token.expires_at
    return Connection(
        kind=token.kind,
        source=token.source,
        expires=f"{expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else "",
        advice=advice_on(session),
        environment=place_of(session.environment),
        portal=session.portal.host,
        profile=session.profile or "",
        sees_more=token.kind != "streaming token",
        keeping=keeping,
    )


def places_of(environments: Iterable[Environment]) -> tuple[Place, ...]:
    """Environments, those of one project side by side."""
    return tuple(sorted(map(place_of, environments), key=lambda place: (place.project, place.id)))


def place_of(environment: Environment) -> Place:
    """One environment. Its ID is organisation, project and environment, as a rule joined by hyphens."""
    names = (environment.environment_name, environment.branch, environment.name)
    endings = [f"-{name.lower()}" for name in names if name and name != environment.id]
    ending = next((each for each in endings if environment.id.endswith(each)), "")
    project = environment.id.removesuffix(ending) if ending else environment.id.rpartition("-")[0]
    return Place(environment.id, environment.name, project or environment.id, environment.status)


def topics_of(topics: Iterable[Topic]) -> tuple[KnownTopic, ...]:
    """Topics as a list shows them."""
    return tuple(KnownTopic(each.id, each.name, each.partitions, retention(each) or "", each.status) for each in topics)


def code_for(topic: str) -> str:
    """The line that publishes a frame called `df` to a topic."""
    return f"%quix_publish {shlex.quote(topic)} df"
