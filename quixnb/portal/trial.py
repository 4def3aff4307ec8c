"""Asks the portal with a harmless call whether it accepts a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from quixnb.errors import PortalUnreachable
from quixnb.portal.exchange import Answer, Exchange
from quixnb.portal.objects import Environment, environment_from, read_many
from quixnb.portal.refusals import parsed
from quixnb.token import Token


@dataclass(frozen=True, slots=True)
class Trial:
    """What the portal thinks of a token.

    Attributes
    ----------
    outcome
        `accepted`; `refused` (401); `unknown`: it did not answer, or with something else.
    environments
        What an accepted token sees.
    said
        Why it is unknown, in a few words.
    """

    outcome: Literal["accepted", "refused", "unknown"]
    environments: tuple[Environment, ...] = ()
    said: str = ""

    def opens(self, environment: str, *, by_name: bool = False) -> bool:
        """Whether the token opens that environment and no other."""
        if len(self.environments) != 1:
            return False
        seen = self.environments[0]
        return environment == seen.id or (by_name and environment in (seen.name, seen.environment_name))

    @property
    def listed(self) -> str:
        """The environments, in a few words."""
        return ", ".join(f"'{each.id}'" for each in self.environments[:5]) or "no environment"


def try_token(exchange: Exchange, token: Token) -> Trial:
    """Ask for the environments with `token`, once."""
    try:
        answer = exchange.ask("GET", "/workspaces", token=token, once=True)
    except PortalUnreachable:
        return Trial("unknown", said="the portal did not answer")
    return trial_from(answer)


def trial_from(answer: Answer) -> Trial:
    """Judge the answer to a question for the environments."""
    if answer.status == 401 and not answer.is_page:
        return Trial("refused")
    environments = read_many(parsed(answer), environment_from) if answer.is_success else None
    if environments is None:
        return Trial("unknown", said=f"the portal answered with status {answer.status}")
    return Trial("accepted", tuple(environments))
