"""One rotation under way: what is true by the portal's word, and which step comes next."""

from __future__ import annotations

import re

from quixnb.portal import Trial
from quixnb.rotation.admin import refuse_without_role, run_cli, sandbox_of, sandbox_tokens, where_to_rotate
from quixnb.rotation.following import let_profile_follow
from quixnb.rotation.plan import FOR_PEOPLE, PLANS, TITLES, Name, RotationError, Step
from quixnb.session import Session
from quixnb.token import Token
from quixnb.vault import RefusedTokens
from quixnb.watching import changed


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
    told
        The step whose advice was shown last; None before the first.
    """

    def __init__(self, session: Session, *, downtime: bool = False, leaked: int = 1, in_use: int = 1) -> None:
        self.has_downtime, self.leaked, self.in_use = downtime, leaked, in_use
        self.environment_id, self.portal_api = session.environment.id, session.portal_api
        self.old, self.new = _slots(session, in_use)
        self.dead: list[Token] = []
        self.notes: list[str] = []
        self.told: Name | None = None
        self._plan = PLANS[downtime, leaked]
        self._at = 0

    @property
    def step(self) -> Name | None:
        """The step to be done now; None when all are."""
        return self._plan[self._at] if self._at < len(self._plan) else None

    @property
    def steps(self) -> list[Step]:
        """All steps, in order."""
        return [
            Step(i + 1, TITLES[name], "done" if i < self._at else "now" if i == self._at else "later")
            for i, name in enumerate(self._plan)
        ]

    def look(self, session: Session) -> None:
        """Ask the portal what is true by now, and go on as far as it is."""
        self._adopt(session)
        while (step := self.step) is not None:
            if step in ("move", "prove") and self._is_refused(session, self.old):
                self._somebody_rotated()
            elif step == "rotate" and self._is_rotated(session):
                self._go_on_without_token_1(session)
            elif step not in FOR_PEOPLE and step != "rotate" and self._is_met(step, session):
                self._at += 1
            else:
                return

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
        if step not in FOR_PEOPLE:
            raise RotationError(
                f"The step '{TITLES[step]}' is not taken on trust." if step else "All steps are done.",
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
        self._rotated(session, [sandbox_tokens(sandbox, session.environment.id)[1]])

    def run_cli(self, session: Session) -> None:
        """Rotate through the Quix CLI, as its user; what it prints is secret, and is shown to nobody.

        Raises
        ------
        RotationError
            It is not the turn of that step, the CLI is not there, or it failed.
        """
        self._check_turn(session)
        said = run_cli(session.environment.id)
        texts = dict.fromkeys(re.findall(r"\bsdk-[0-9a-fA-F]{32}\b", said))
        self._rotated(session, [Token(text, "Quix CLI") for text in texts])

    def _rotated(self, session: Session, tokens: list[Token]) -> None:
        self.look(session)
        for token in tokens:
            self._offer(session, token)
        self.look(session)

    # ---- the portal's word

    def _is_met(self, step: Name, session: Session) -> bool:
        if step == "both valid":
            return self._is_accepted(session, self.old) and self._is_accepted(session, self.new)
        return self._is_accepted(session, self.old if step == "connect" else self.new)

    def _is_rotated(self, session: Session) -> bool:
        if self._is_refused(session, self.old):
            # What is not known of the other one leaves it open whether the portal is out of order.
            return self.new is None or self._is_accepted(session, self.new) or self._is_refused(session, self.new)
        if self._is_refused(session, self.new):
            self._swap()  # what was taken for Token 2 was Token 1
            return self._is_accepted(session, self.new)
        return False

    def _go_on_without_token_1(self, session: Session) -> None:
        """Token 1 is dead: what was Token 2 is Token 1 now, and this notebook uses it."""
        portal, dead = session.portal, [self.old]
        alive = self.new if self._is_accepted(session, self.new) else None
        if alive is None and self.new is not None:
            dead.append(self.new)
            self.notes.append("Both tokens are refused: it was rotated twice.")
        # From here on nothing is asked, so that a Ctrl-C finds either all of it done or nothing.
        self.old, self.new = alive, None
        self.dead += [each for each in dead if each is not None]
        self._at += 1
        if alive is None and self.step not in ("connect", "rotate"):
            self._plan = (*self._plan[: self._at], "connect", *self._plan[self._at :])
        if portal.spare is not None and alive is not None and portal.spare.is_same(alive):
            portal.use_spare()
            changed()
        if portal.spare is not None and any(portal.spare.is_same(each) for each in self.dead):
            portal.drop_spare()
        for each in self.dead:
            RefusedTokens().add(portal.host, each, is_proven=alive is not None)
        if note := let_profile_follow(session.profile, alive):
            self.notes.append(note)

    def _is_accepted(self, session: Session, token: Token | None) -> bool:
        trial = self._trial(session, token)
        return trial is not None and trial.outcome == "accepted" and trial.opens(self.environment_id)

    def _is_refused(self, session: Session, token: Token | None) -> bool:
        trial = self._trial(session, token)
        return trial is not None and trial.outcome == "refused"

    def _trial(self, session: Session, token: Token | None) -> Trial | None:
        if token is None:
            return None
        trial = session.portal.try_token(token)
        note = f"Nothing is known for now: {trial.said}."
        if trial.outcome == "unknown" and note not in self.notes:
            self.notes.append(note)
        return trial

    # ---- tokens that come and go

    def _adopt(self, session: Session) -> None:
        """Take in what the session has learnt since: a second token, a new connection."""
        for token in (session.token, session.portal.spare):
            if token is not None and token.kind != "personal access token":
                self._take(token)
        if (sandbox := sandbox_of(session)) is not None and self.new is None and self.step == "spare":
            self._offer(session, sandbox_tokens(sandbox, self.environment_id)[1])

    def _take(self, token: Token) -> None:
        known = [each for each in (self.old, self.new, *self.dead) if each is not None]
        if any(token.is_same(each) for each in known):
            return
        if self.old is None:
            self.old = token
        elif self.new is None:
            self.new = token

    def _offer(self, session: Session, token: Token) -> None:
        """Take a token that came out of the rotation, if the portal says that it can be one."""
        known = [each for each in (self.old, self.new, *self.dead) if each is not None]
        if self.new is not None or any(token.is_same(each) for each in known) or not self._is_accepted(session, token):
            return
        is_first = self.old is None
        self.old, self.new = (token, None) if is_first else (self.old, token)
        portal = session.portal
        if session.token.kind != "personal access token" and not portal.token.is_same(token):
            portal.take_spare(token)
            if is_first:  # this notebook has none that is accepted
                portal.use_spare()
                portal.drop_spare()
                changed()

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
                cause=f"First: {TITLES[self.step]}." if self.step else "",
                fix="Run %quix_rotate to see what is to be done.",
            )
        refuse_without_role(session)


def _slots(session: Session, in_use: int) -> tuple[Token | None, Token | None]:
    """Token 1 and Token 2, as far as they are known."""
    if (sandbox := sandbox_of(session)) is not None:
        one, two = sandbox_tokens(sandbox, session.environment.id)
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
