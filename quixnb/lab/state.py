"""What a page is told of the connection; `KernelState` in `js/src/link.ts`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from quixnb.errors import QuixnbError
from quixnb.watching import session_at_hand


def state_now(failure: QuixnbError | None = None) -> dict[str, Any]:
    """How this kernel is connected, in JSON's types, without asking anybody.

    Parameters
    ----------
    failure
        Why there is no session, if somebody has tried to connect.
    """
    session = session_at_hand()
    if session is None:
        return {
            "health": "none",
            **dict.fromkeys(("environment", "token", "portal", "profile", "checkedAt")),
            "problem": _sentences(failure),
            "advice": failure.fix if failure else "",
        }
    problem = session.problem
    return {
        "health": "problem" if problem else "connected",
        "environment": session.environment.id,
        "token": session.token.described,
        "portal": urlsplit(session.portal_api).netloc,
        "profile": session.profile,
        "checkedAt": session.verified_at.isoformat(timespec="seconds"),
        "problem": _sentences(problem),
        "advice": problem.fix if problem else "",
    }


def _sentences(error: QuixnbError | None) -> str:
    return f"{error.what} {error.cause}".rstrip() if error else ""
