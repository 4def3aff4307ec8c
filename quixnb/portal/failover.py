"""What happens on a 401: once more, then the environment's second token, once; never in a loop.

Only a 401 that repeats itself says that a token is dead. Rights (403), what is not there (404), load, outages and
silence say nothing of it, and never lead to the second token.
"""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import dataclass, field
from typing import Final

from quixnb.errors import QuixnbError, TokenRejected
from quixnb.portal import rejections
from quixnb.portal.exchange import Answer, Exchange
from quixnb.portal.fates import Memory, Remembered, fates
from quixnb.portal.trial import Trial, try_token
from quixnb.token import Token

COOL_DOWN_S: Final = 60.0

_log = logging.getLogger(__name__)


class TokenSwitched(UserWarning):
    """The first token was rotated out, and the second one of the same environment is in use now."""


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    payload: object = field(repr=False)
    accept: str
    began_at: float

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"


class TokenPair:
    """The token in use and the spare one, and the rule by which the second follows the first.

    Parameters
    ----------
    exchange
        Sends the requests; its token is the one in use.
    spare
        The environment's second token, or None.
    environment
        What the token in use opens, by ID or name, if it is known by now.
    memory
        Where dead tokens are remembered across sessions.
    wait_s
        Pause before a refused token is tried once more.
    """

    def __init__(
        self, exchange: Exchange, spare: Token | None, environment: str | None, memory: Memory | None, *, wait_s: float
    ) -> None:
        self._exchange, self._memory, self._wait_s = exchange, memory, wait_s
        self._environment, self._is_bound = environment, False
        self.spare = spare if spare is not None and self._may_follow(spare) else None
        self._remembered = self._look_up(exchange.token)

    @property
    def current(self) -> Token:
        """The token in use."""
        return self._exchange.token

    def bind(self, environment_id: str) -> None:
        """Note which environment the token in use opens, as the portal says."""
        self._environment, self._is_bound = environment_id, True

    def take_spare(self, token: Token) -> None:
        """Take a second token, if the portal says that it is one.

        Raises
        ------
        TokenRejected
            It is refused, opens another environment, or cannot be a second token.
        """
        if not self._may_follow(token):
            raise rejections.no_second(token, self.current)
        trial = try_token(self._exchange, token)
        if trial.outcome == "refused":
            raise rejections.rejected(token, self._exchange.host)
        if trial.outcome == "accepted" and not self._is_ours(trial):
            raise rejections.other_environment(token, trial.listed, self._environment)
        self.spare = token

    def use_spare(self) -> None:
        """Let the two change places."""
        with fates.lock:
            if self.spare is not None:
                self._exchange.token, self.spare = self.spare, self._exchange.token
                self._remembered = None

    def drop_spare(self) -> None:
        """Forget the second token."""
        self.spare = None

    def ask(self, method: str, path: str, *, payload: object = None, accept: str = "application/json") -> Answer:
        """Send a request, if need be with the second token; an answer of 401 is raised, any other returned.

        Raises
        ------
        TokenRejected
            No token is accepted.
        PortalUnreachable
            There was no answer.
        """
        request = _Request(method, path, payload, accept, time.monotonic())
        token = self.current
        if self._remembered is None or not self._remembered.is_proven:
            answer = self._send(request, token)
            if not _is_refused(answer):
                self._note_accepted(token, answer)
                return answer
        else:
            answer = None
        return self._after_refusal(request, token, answer)

    def _after_refusal(self, request: _Request, token: Token, answer: Answer | None) -> Answer:
        with fates.lock:
            outcome = self._decide(request, token, answer)
        if isinstance(outcome, QuixnbError):
            raise outcome
        if isinstance(outcome, Answer):
            return outcome
        self._tell(token)
        answer = self._send(request, self.current)
        if _is_refused(answer):
            raise self._rejected(self.current, answer)
        return answer

    def _decide(self, request: _Request, token: Token, answer: Answer | None) -> Answer | QuixnbError | None:
        """What a refusal of `token` means: an answer after all, an error, or None to send the request again."""
        if token is not self.current:
            return None  # another thread has switched meanwhile
        if not self._is_dead(token):
            if fates.accepted_at.get(self._fate(token), 0.0) >= request.began_at:
                return None  # another thread has just found that it was a blip
            again = self._once_more(request, token)
            if not _is_refused(again):
                if again.is_success:
                    self._note_accepted(token, again)
                if request.is_safe:
                    return again
                return None if again.is_success else self._undecided(token, answer, "The portal is out of order")
        return self._follow(token, answer)

    def _once_more(self, request: _Request, token: Token) -> Answer:
        time.sleep(self._wait_s)
        if request.is_safe:
            return self._send(request, token, once=True)
        # What changes something is sent again only after a harmless call has shown that it may succeed.
        return self._exchange.ask("GET", "/workspaces", token=token, once=True)

    def _follow(self, token: Token, answer: Answer | None) -> QuixnbError | None:
        """Move on to the spare token, or say why not."""
        spare = self.spare
        if spare is None:
            return self._died(token, answer)
        trial = self._trial(spare)
        if trial.outcome == "unknown":
            _log.info("The second token could not be tried: %s", trial.said)
            return self._undecided(token, answer, f"The second token could not be tried: {trial.said}")
        is_ours = trial.outcome == "accepted" and self._is_ours(trial)
        self._bury(token, is_proven=is_ours)
        if trial.outcome == "refused":
            self._bury(spare, is_proven=False)
            return rejections.both_refused(token, spare, self._environment)
        if not is_ours:
            return rejections.other_environment(spare, trial.listed, self._environment, token)
        self.bind(trial.environments[0].id)
        self._exchange.token, self.spare, self._remembered = spare, None, None
        return None

    def _trial(self, spare: Token) -> Trial:
        """Try the spare token; at most once in the cool-down, whatever came of it."""
        tried_at, trial = fates.trials.get(self._fate(spare), (-COOL_DOWN_S, None))
        if trial is None or time.monotonic() - tried_at >= COOL_DOWN_S:
            trial = try_token(self._exchange, spare)
            fates.trials[self._fate(spare)] = time.monotonic(), trial
        return trial

    def _died(self, token: Token, answer: Answer | None) -> QuixnbError:
        remembered = self._remembered
        if answer is None and remembered is not None:
            return rejections.long_dead(token, remembered.at)
        self._bury(token, is_proven=False)
        return self._rejected(token, answer)

    def _undecided(self, token: Token, answer: Answer | None, note: str) -> QuixnbError:
        return self._rejected(token, answer, f"{note}; run the cell again in a minute.")

    def _rejected(self, token: Token, answer: Answer | None, note: str = "") -> TokenRejected:
        from quixnb.portal.refusals import correlation_id

        identity = correlation_id(answer, self._exchange) if answer else ""
        since = self._remembered.at if self._remembered else None
        return rejections.rejected(token, self._exchange.host, identity, known_since=since, note=note)

    def _tell(self, dead: Token) -> None:
        fate = self._fate(dead)
        with fates.lock:
            if dead is self.current or fate in fates.told:
                return
            fates.told.add(fate)
        text = rejections.switched(dead, self.current, self._environment or "")
        warnings.warn(text, TokenSwitched, stacklevel=2)

    def _send(self, request: _Request, token: Token, *, once: bool = False) -> Answer:
        return self._exchange.ask(
            request.method, request.path, payload=request.payload, accept=request.accept, token=token, once=once
        )

    def _may_follow(self, spare: Token) -> bool:
        # A personal access token has no pair: where it is refused, nobody else's rights are used in its place.
        kinds = {self.current.kind, spare.kind}
        return "personal access token" not in kinds and not self.current.is_same(spare)

    def _is_ours(self, trial: Trial) -> bool:
        return self._environment is not None and trial.opens(self._environment, by_name=not self._is_bound)

    def _fate(self, token: Token) -> bytes:
        return fates.of(self._exchange.host, token)

    def _is_dead(self, token: Token) -> bool:
        return self._remembered is not None or self._fate(token) in fates.dead

    def _bury(self, token: Token, *, is_proven: bool) -> None:
        fates.dead.add(self._fate(token))
        if self._memory is not None:
            self._memory.add(self._exchange.host, token, is_proven=is_proven)

    def _note_accepted(self, token: Token, answer: Answer) -> None:
        if not answer.is_success:
            return
        fate = self._fate(token)
        fates.accepted_at[fate] = time.monotonic()
        if self._is_dead(token):
            fates.dead.discard(fate)
            self._remembered = None
            if self._memory is not None:
                self._memory.remove(self._exchange.host, token)

    def _look_up(self, token: Token) -> Remembered | None:
        return self._memory.find(self._exchange.host, token) if self._memory is not None else None


def _is_refused(answer: Answer) -> bool:
    # A page is not the portal's: a proxy or a login on the way knows nothing of Quix's tokens.
    return answer.status == 401 and not answer.is_page
