"""A guided walk through a rotation of an environment's two streaming tokens, checked at every step.

To rotate means: Token 1 dies, Token 2 becomes Token 1, and there is a new Token 2. Nothing else exists: no way back,
no way to let Token 2 die alone. So the one rule is that nobody uses Token 1 when it dies, and a leaked Token 2 takes
two rotations. Kafka's own credentials are separate: what already runs keeps running.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlsplit

from quixnb import sources
from quixnb.errors import QuixnbError
from quixnb.portal import Trial
from quixnb.profiles import Profile, load_profiles, save_profile
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from quixnb.token import Token
from quixnb.vault import RefusedTokens
from quixnb.watching import changed

Name = Literal["both valid", "move", "prove", "rotate", "restart", "connect", "spare"]
CLI: Final = ("quix", "cloud", "environments", "tokens", "rotate")
_CLI_TIMEOUT_S = 120.0

_WITHOUT: tuple[Name, ...] = ("both valid", "move", "prove", "rotate", "spare")
_PLANS: dict[tuple[bool, int], tuple[Name, ...]] = {
    (False, 1): _WITHOUT,
    # A leaked Token 2 survives the first rotation, as Token 1: everybody moves on once more.
    (False, 2): _WITHOUT + _WITHOUT[1:],
    (True, 1): ("rotate", "restart", "spare"),
    (True, 2): ("both valid", "rotate", "rotate", "connect", "restart", "spare"),
}
_TITLES: dict[Name, str] = {
    "both valid": "Both tokens are valid",
    "move": "Everything runs on Token 2",
    "prove": "It is proven that nobody is left on Token 1",
    "rotate": "An Admin rotates; Token 1 is refused",
    "restart": "Everything is restarted with the new Token 1",
    "connect": "This notebook has the new Token 1",
    "spare": "The new Token 2 is at hand, for the next rotation",
}
_FOR_PEOPLE: frozenset[Name] = frozenset({"move", "prove", "restart"})


class RotationError(QuixnbError):
    """A step of a rotation cannot be done, or not yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as people see it."""

    number: int
    title: str
    state: Literal["done", "now", "later"]


class Rotation:
    """One rotation under way, from both tokens being valid to the old one being refused.

    Parameters
    ----------
    session
        In the environment whose tokens are rotated.
    downtime
        The quick way: rotate first, restart everything then.
    leaked
        Which token must go, 1 or 2 as the portal shows them. 1 is also the routine rotation.
    in_use
        Which one this notebook uses. In a sandbox it is found out.

    Attributes
    ----------
    old, new
        What the portal shows as Token 1 and Token 2 by now; None where it is not known here.
    notes
        What was noticed on the way.
    """

    def __init__(self, session: Session, *, downtime: bool = False, leaked: int = 1, in_use: int = 1) -> None:
        self.has_downtime, self.leaked = downtime, leaked
        self.environment_id, self.portal_api = session.environment.id, session.portal_api
        self.old, self.new = _slots(session, in_use)
        self.dead: list[Token] = []
        self.notes: list[str] = []
        self._plan = _PLANS[downtime, leaked]
        self._at = 0

    @property
    def step(self) -> Name | None:
        """The step to be done now; None when all are."""
        return self._plan[self._at] if self._at < len(self._plan) else None

    @property
    def steps(self) -> list[Step]:
        """All steps, in order."""
        return [
            Step(i + 1, _TITLES[name], "done" if i < self._at else "now" if i == self._at else "later")
            for i, name in enumerate(self._plan)
        ]

    def look(self, session: Session) -> None:
        """Ask the portal what is true by now, and go on as far as it is."""
        self._adopt(session)
        while (step := self.step) is not None:
            if step in ("move", "prove") and self._is_refused(session, self.old):
                self._somebody_rotated()
                continue
            if step in _FOR_PEOPLE or not self._is_done(step, session):
                return
            self._at += 1

    def confirm(self, session: Session) -> None:
        """Take a person's word for the step that no program can check.

        Raises
        ------
        RotationError
            The present step is one that the portal tells, or the tokens do not allow it.
        """
        step = self.step
        if step == "spare" and "move" not in self._plan[self._at :]:
            self._at += 1  # the next rotation will ask for it
            return
        if step not in _FOR_PEOPLE:
            raise RotationError(
                f"The step '{_TITLES[step]}' is not taken on trust." if step else "All steps are done.",
                cause="The portal is asked, and does not say so yet." if step else "",
                fix="Run %quix_rotate to see what is to be done.",
            )
        if step == "move":
            self._move(session)
        self._at += 1

    def rehearse(self, session: Session) -> None:
        """Rotate the tokens of the sandbox that the session is in.

        Raises
        ------
        RotationError
            It is not the turn of that step, the session is in no sandbox, or its user is no Admin.
        """
        self._check_turn(session)
        sandbox = sandbox_of(session)
        if sandbox is None:
            raise RotationError(
                "Only a sandbox's tokens are rotated from here.",
                cause="Quix rotates on a page of its portal, or through its own command line.",
                fix=where_to_rotate(session),
            )
        sandbox.rotate(session.environment.id)
        self._rotated(session, [_sandbox_tokens(sandbox, session.environment.id)[1]])

    def run_cli(self, session: Session) -> None:
        """Rotate through the Quix CLI, as its user; what it prints is secret, and is shown to nobody.

        Raises
        ------
        RotationError
            It is not the turn of that step, the CLI is not there, or it failed.
        """
        self._check_turn(session)
        said = _run_cli(session.environment.id)
        texts = dict.fromkeys(re.findall(r"\bsdk-[0-9a-fA-F]{32}\b", said))
        self._rotated(session, [Token(text, "Quix CLI") for text in texts])

    def _rotated(self, session: Session, tokens: list[Token]) -> None:
        self.look(session)
        for token in tokens:
            self._offer(session, token)
        self.look(session)

    # ---- the portal's word

    def _is_done(self, step: Name, session: Session) -> bool:
        if step == "both valid":
            return self._is_accepted(session, self.old) and self._is_accepted(session, self.new)
        if step == "rotate":
            return self._is_rotated(session)
        if step == "connect":
            return self._is_accepted(session, self.old)
        return self.new is not None and self._is_accepted(session, self.new)

    def _is_rotated(self, session: Session) -> bool:
        if not self._is_refused(session, self.old):
            if self.new is not None and self._is_refused(session, self.new):
                self._swap()  # what was taken for Token 2 was Token 1
                return self._is_rotated(session)
            return False
        if self.new is not None and self._is_refused(session, self.new):
            self.notes.append("Both tokens are refused: it was rotated twice. Take the new Token 1: %quix_token")
        elif self.new is not None and not self._is_accepted(session, self.new):
            return False
        self._bury(session)
        return True

    def _bury(self, session: Session) -> None:
        """Token 1 is dead: what was Token 2 is Token 1 now, and this notebook uses it."""
        dead, portal = self.old, session.portal
        if dead is not None:
            self.dead.append(dead)
            RefusedTokens().add(portal.host, dead, is_proven=self._is_accepted(session, self.new))
            if portal.spare is not None and portal.token.is_same(dead):
                portal.use_spare()
                changed()
            if portal.spare is not None and portal.spare.is_same(dead):
                portal.drop_spare()
        self.old, self.new = self.new, None
        if note := _update_profile(session):
            self.notes.append(note)

    def _is_accepted(self, session: Session, token: Token | None) -> bool:
        trial = self._trial(session, token)
        return trial is not None and trial.outcome == "accepted" and trial.opens(self.environment_id)

    def _is_refused(self, session: Session, token: Token | None) -> bool:
        trial = self._trial(session, token)
        return trial is not None and trial.outcome == "refused"

    def _trial(self, session: Session, token: Token | None) -> Trial | None:
        return session.portal.try_token(token) if token is not None else None

    # ---- tokens that come and go

    def _adopt(self, session: Session) -> None:
        """Take in what the session has learnt since: a second token, a new connection."""
        for token in (session.portal.spare, session.token):
            if token is not None and token.kind != "personal access token":
                self._take(token)
        if (sandbox := sandbox_of(session)) is not None and self.new is None and self.step == "spare":
            self._offer(session, _sandbox_tokens(sandbox, self.environment_id)[1])

    def _take(self, token: Token) -> None:
        known = [each for each in (self.old, self.new, *self.dead) if each is not None]
        if any(token.is_same(each) for each in known):
            return
        if self.old is None:
            self.old = token
        elif self.new is None:
            self.new = token

    def _offer(self, session: Session, token: Token) -> None:
        """Take a token that came out of the rotation as the new Token 2, if the portal says that it can be."""
        known = [each for each in (self.old, self.new, *self.dead) if each is not None]
        if self.new is not None or any(token.is_same(each) for each in known) or not self._is_accepted(session, token):
            return
        self.new = token
        portal = session.portal
        if session.token.kind != "personal access token" and not portal.token.is_same(token):
            portal.take_spare(token)

    def _move(self, session: Session) -> None:
        portal = session.portal
        if not self._is_accepted(session, self.new):
            raise RotationError(
                "Token 2 is not accepted, so nothing can move to it.",
                cause="The portal refuses it, did not answer, or it opens another environment.",
                fix="Get the current Token 2 from an Admin: %quix_token --second",
            )
        if self.new is not None and portal.spare is not None and portal.spare.is_same(self.new):
            portal.use_spare()
            session.verify()

    def _swap(self) -> None:
        self.old, self.new = self.new, self.old
        self.notes.append("This notebook's token was Token 2: it is Token 1 now, and goes on.")

    def _somebody_rotated(self) -> None:
        self.notes.append(
            "Token 1 is refused already: somebody has rotated. What still uses it fails at its next call to the portal."
        )
        self._at = self._plan.index("rotate", self._at)

    def _check_turn(self, session: Session) -> None:
        self.look(session)
        if self.step != "rotate":
            raise RotationError(
                "It is not the turn of the rotation yet." if self.step else "All steps are done.",
                cause=f"First: {_TITLES[self.step]}." if self.step else "",
                fix="Run %quix_rotate to see what is to be done.",
            )
        refuse_without_role(session)


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


def _slots(session: Session, in_use: int) -> tuple[Token | None, Token | None]:
    """Token 1 and Token 2, as far as they are known."""
    if (sandbox := sandbox_of(session)) is not None:
        one, two = _sandbox_tokens(sandbox, session.environment.id)
        if session.token.kind != "personal access token" and session.portal.spare is None:
            session.portal.take_spare(one if session.token.is_same(two) else two)
        return one, two
    if session.token.kind == "personal access token":
        raise RotationError(
            "A rotation is about an environment's streaming tokens; this notebook uses a personal access token.",
            cause="A personal one has no second: make a new one, use it, revoke the old one, and see it refused.",
            fix="For the environment's tokens connect with Token 1: %quix_token, then run %quix_rotate.",
        )
    mine, other = session.token, session.portal.spare
    return (mine, other) if in_use == 1 else (other, mine)


def _sandbox_tokens(sandbox: Sandbox, environment_id: str) -> tuple[Token, Token]:
    sandbox.refresh()
    found = next(each for each in sandbox.environments.values() if each.id == environment_id)
    return found.token_1, found.token_2


def _run_cli(environment_id: str) -> str:
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


def _update_profile(session: Session) -> str:
    """Let the session's profile name the place that has the token in use; what was done, in words."""
    profile = load_profiles().get(session.profile or "")
    if profile is None:
        return ""
    if profile.token_source is None or _holds(profile.token_source, session.token):
        return ""
    second = profile.second_token_source
    if second is not None and _holds(second, session.token):
        save_profile(replace(profile, token_source=second, second_token_source=None))
        return f"Profile '{profile.name}' takes its token from {second} from now on."
    return f"Profile '{profile.name}' still names {_place(profile)}, which has another token than the one in use."


def _holds(spec: str, token: Token) -> bool:
    try:
        return sources.from_source(spec).is_same(token)
    except QuixnbError:
        return False


def _place(profile: Profile) -> str:
    return profile.token_source or "no place"
