"""Who rotates, and how: an Admin on the portal's page or with the Quix CLI; in a sandbox, whoever has it."""

from __future__ import annotations

import shutil
import subprocess
from typing import Final
from urllib.parse import urlsplit

from quixnb.errors import QuixnbError
from quixnb.rotation.plan import RotationError
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from quixnb.token import Token

CLI: Final = ("quix", "cloud", "environments", "tokens", "rotate")
_CLI_TIMEOUT_S = 120.0


def sandbox_of(session: Session) -> Sandbox | None:
    """The sandbox that the session is in, or None."""
    from quixnb.sandbox import find, places, state

    host = urlsplit(session.portal_api).hostname
    if host != "127.0.0.1":
        return None
    shared = find()
    if shared is not None and shared.portal_api == session.portal_api:
        return shared
    for folder in places.own_folders():
        found = state.read(folder / places.OWN_STATE)
        if found is not None and found["portal_api"] == session.portal_api:
            return Sandbox(folder / places.OWN_STATE, found)
    return None


def tokens_page(session: Session) -> str | None:
    """Address of the portal's page for tokens; None where it cannot be told from the API's address."""
    host = urlsplit(session.portal_api).hostname or ""
    if not host.startswith("portal-api."):
        return None
    return f"https://{host.replace('portal-api.', 'portal.', 1)}/settings/tokens?workspace={session.environment.id}"


def where_to_rotate(session: Session) -> str:
    """Where an Admin rotates, in one sentence."""
    page = tokens_page(session)
    return f"An Admin rotates at {page}" if page else "An Admin rotates under Settings > APIs and tokens in the portal"


def refuse_without_role(session: Session) -> None:
    """Refuse to rotate for a user who the portal says is no Admin.

    Raises
    ------
    RotationError
        The personal access token's role is another.
    """
    role = role_of(session)
    if role is not None and role.lower() != "admin":
        raise RotationError(
            f"Only an Admin may rotate; the user of this personal access token is {role}.",
            cause=f"The tokens of '{session.environment.id}' are as they were.",
            fix=f"Ask an Admin of '{session.environment.id}' to rotate, then run %quix_rotate again.",
        )


def role_of(session: Session) -> str | None:
    """The role behind a personal access token, if the portal tells it; its fields are not documented."""
    if session.token.kind != "personal access token":
        return None
    try:
        role = session.portal.token_details().get("role")
    except QuixnbError:
        return None
    return role if isinstance(role, str) and role else None


def sandbox_tokens(sandbox: Sandbox, environment_id: str) -> tuple[Token, Token]:
    """Token 1 and Token 2 of an environment of the sandbox, by now."""
    sandbox.refresh()
    found = next(each for each in sandbox.environments.values() if each.id == environment_id)
    return found.token_1, found.token_2


def run_cli(environment_id: str) -> str:
    """Rotate through the Quix CLI, as its user; returns what it printed, which is secret.

    Raises
    ------
    RotationError
        It is not installed, or it failed.
    """
    program = shutil.which(CLI[0])
    if program is None:
        raise RotationError(
            "The Quix CLI is not installed here.",
            cause=f"There is no program '{CLI[0]}' on the PATH of this kernel.",
            fix=f"An Admin runs it in a terminal of their own: {' '.join(CLI)} {environment_id}",
        )
    try:
        done = subprocess.run(  # noqa: S603
            [program, *CLI[1:], environment_id],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=_CLI_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        problem = f"It did not run or did not end ({type(exc).__name__})."
    else:
        problem = f"It ended with status {done.returncode}." if done.returncode else ""
        if not problem:
            return done.stdout
    raise RotationError(
        "The Quix CLI did not rotate the tokens.",
        cause=f"{problem} What it printed may hold tokens, so it is not shown. Only an Admin may rotate.",
        fix=f"Run it in a terminal to see why: {' '.join(CLI)} {environment_id}",
    )
