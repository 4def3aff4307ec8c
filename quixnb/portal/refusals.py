"""Turns an answer that is not what was asked for into an error in our words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quixnb.errors import (
    EnvironmentNotFound,
    PortalError,
    PortalUnreachable,
    QuixnbError,
    TopicNotFound,
)
from quixnb.portal.exchange import Answer, Exchange
from quixnb.portal.rejections import rejected

_LONGEST_MESSAGE = 300  # characters of the portal's own message
_ADDRESS_FIX = "Check the address (Quix__Portal__Api, the profile): that of the API usually begins with 'portal-api.'."


@dataclass(frozen=True, slots=True)
class Question:
    """What the portal is asked, as far as an error needs it.

    Attributes
    ----------
    doing
        Begins a sentence: 'Listing the topics of environment 'acme-f1-dev''.
    environment, topic
        What a 404 means is not there.
    """

    doing: str
    environment: str | None = None
    topic: str | None = None


def parsed(answer: Answer) -> Any:
    """Read the body as JSON; None if it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def refusal(answer: Answer, question: Question, exchange: Exchange) -> QuixnbError:
    """Make the error for an answer whose status is not a success."""
    status = answer.status
    if 300 <= status < 400:
        return _redirected(answer, exchange)
    if status == 401:
        return rejected(exchange.token, exchange.host, correlation_id(answer, exchange), is_page=answer.is_page)
    if status == 403:
        return _forbidden(answer, question, exchange)
    if status == 404:
        return _not_there(answer, question, exchange)
    if status == 429:
        return _busy(answer, question, exchange)
    if status in (502, 503, 504):
        return _unavailable(answer, exchange)
    return _failed(answer, question, exchange)


def not_a_portal(answer: Answer, exchange: Exchange) -> PortalUnreachable:
    """Make the error for an answer that no portal gives. Its body is not repeated."""
    kind = exchange.scrub(answer.media_type)[:60] or "something without a media type"
    return PortalUnreachable(
        f"What answers at {exchange.host} did not answer as a Quix portal.",
        cause=f"It sent {kind} with status {answer.status} where the Portal API has JSON of its own form.",
        fix=_ADDRESS_FIX,
        status_code=answer.status,
    )


def portal_message(answer: Answer, exchange: Exchange) -> str:
    """Take the portal's own message, in one line, scrubbed and cut; empty if it sent none."""
    data = parsed(answer)
    if not isinstance(data, Mapping):
        return ""
    text = next((data[key] for key in ("message", "Message", "title") if isinstance(data.get(key), str)), "")
    text = exchange.scrub(text)
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def _said(answer: Answer, exchange: Exchange) -> str:
    """Quote message and correlation ID as a sentence."""
    message, identity = portal_message(answer, exchange), correlation_id(answer, exchange)
    said = f"The portal says: '{message}'" if message else "The portal gave no reason"
    return f"{said} (correlation ID {identity})." if identity else f"{said}."


def correlation_id(answer: Answer, exchange: Exchange) -> str:
    """Take the ID by which Quix finds the request again; empty if there is none."""
    data = parsed(answer)
    text = data.get("correlationId") if isinstance(data, Mapping) else None
    text = exchange.scrub(text) if isinstance(text, str) else ""
    return text if re.fullmatch(r"[\w.:-]{1,80}", text) else ""


def _redirected(answer: Answer, exchange: Exchange) -> PortalUnreachable:
    try:
        target = urlsplit(answer.location)
        host = f"{target.hostname}:{target.port}" if target.port else target.hostname or exchange.host
    except ValueError:
        host = "an address that cannot be read"
    return PortalUnreachable(
        f"The portal at {exchange.host} answers with a redirect to {exchange.scrub(host)[:100]}.",
        cause="A redirect is not followed, so that the token goes only to the host that you chose.",
        fix="If you trust that host, set Quix__Portal__Api or the profile to its address with https://.",
        status_code=answer.status,
    )


def _forbidden(answer: Answer, question: Question, exchange: Exchange) -> PortalError:
    if answer.is_page:
        cause = "A web page came back, so a proxy or firewall on the way may have refused it, not the portal."
    elif exchange.token.kind == "streaming token":
        cause = f"A streaming token works only in its own environment. {_said(answer, exchange)}"
    else:
        cause = f"The user it belongs to has no such right there. {_said(answer, exchange)}"
    return PortalError(
        f"{question.doing} is not allowed with the {exchange.token.named} (403).",
        cause=cause,
        fix="Run %quix_token to use a token of that environment, or %quix_use to change the environment.",
        status_code=403,
    )


def _not_there(answer: Answer, question: Question, exchange: Exchange) -> QuixnbError:
    if answer.is_page or not (question.topic or question.environment):
        return not_a_portal(answer, exchange)
    if question.topic:
        return TopicNotFound(
            f"There is no topic '{question.topic}' in environment '{question.environment}'.",
            cause=f"The portal at {exchange.host} answered 404. {_said(answer, exchange)}",
            fix="Run %quix_topics to see those that are there, or %quix_use to change the environment.",
        )
    return EnvironmentNotFound(
        f"There is no environment '{question.environment}' for the {exchange.token.named}.",
        cause=f"The portal at {exchange.host} answered 404. {_said(answer, exchange)}",
        fix="Check Quix__Workspace__Id, the profile or the argument; %quix_status shows what is in use.",
    )


def _busy(answer: Answer, question: Question, exchange: Exchange) -> PortalError:
    asked = f"It asks for a pause of {answer.retry_after_s:.0f} s. " if answer.retry_after_s else ""
    return PortalError(
        f"{question.doing} failed: the portal at {exchange.host} takes no more requests for now (429).",
        cause=f"{asked}{_said(answer, exchange)}",
        fix="Run the cell again after a pause.",
        status_code=429,
    )


def _unavailable(answer: Answer, exchange: Exchange) -> PortalUnreachable:
    return PortalUnreachable(
        f"The portal at {exchange.host} is not available at the moment ({answer.status}).",
        cause=_said(answer, exchange) if parsed(answer) is not None else "A gateway before it answered in its place.",
        fix="Run the cell again in a minute.",
        status_code=answer.status,
    )


def _failed(answer: Answer, question: Question, exchange: Exchange) -> PortalError:
    reason, fix = "refused it", "Change what the portal names, then run the cell again."
    if answer.status >= 500:
        reason, fix = "had an error", "Run the cell again in a minute; Quix support can look up a correlation ID."
    return PortalError(
        f"{question.doing} failed: the portal at {exchange.host} {reason} ({answer.status}).",
        cause=_said(answer, exchange),
        fix=fix,
        status_code=answer.status,
    )
