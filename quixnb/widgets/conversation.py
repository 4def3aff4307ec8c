"""The conversation between a person and the picker: a message comes in, states go out. Knows no widget and no thread.

The first state comes at once; those behind it when the portal, the keyring or the broker has answered. So whoever leads
the conversation can show the first and wait for the others elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from quixnb import connecting
from quixnb.connecting import Picked
from quixnb.errors import EnvironmentAmbiguous, EnvironmentNotFound, QuixnbError, TokenRejected
from quixnb.profiles import load_profiles
from quixnb.seal import Seal
from quixnb.session import Session
from quixnb.sources import find_portal_api, offers
from quixnb.token import PASTED, Token
from quixnb.widgets import choice
from quixnb.widgets.board import NOTHING, Board
from quixnb.widgets.choice import Choice
from quixnb.widgets.connected import Connected, Message, States
from quixnb.widgets.state import Problem, State, places_of, problem_of, profile_state


class Conversation:
    """One picker's.

    Parameters
    ----------
    seal
        Opens what the front end has sealed.
    portal_api
        Address of the portal for tokens that are pasted or taken from a place; None for the usual one.
    """

    def __init__(self, seal: Seal, portal_api: str | None = None) -> None:
        self._seal, self._portal_api = seal, portal_api
        self._board = Board()
        self._connected = Connected(self._board)
        self._answers: Mapping[str, Callable[[Message], States]] = {
            "hello": self._hello,
            "token": self._token,
            "source": self._source,
            "profile": self._profile,
            "sandbox": self._sandbox,
            "again": self._again,
            "change": self._change,
            "back": self._back,
            "forget": self._forget,
            "environments": self._environments,
            "environment": self._into,
            "refresh": self._connected.refresh,
            "topic": self._connected.choose_topic,
            "new topic": self._connected.new_topic,
            "keep": self._connected.keep,
        }

    @property
    def state(self) -> State:
        """What is to be shown now."""
        return self._board.state

    def __repr__(self) -> str:
        return object.__repr__(self)

    def hear(self, message: Message) -> States:
        """What to show after `message`, one state after the other, at least one.

        Never raises. Of an error that is not quixnb's own only the type is shown: its text may quote anything.
        """
        try:
            yield from self._answer(message)
        except QuixnbError as error:
            yield self._failed(problem_of(error), error)
        except Exception as error:
            name = type(error).__name__
            yield self._failed(Problem("other", f"That did not work ({name}).", "", "Run the cell again."), error)

    def _answer(self, message: Message) -> States:
        answer = self._answers.get(str(message.get("type")))
        if answer is None:
            yield self._board.state
            return
        yield from answer(message)

    # ---- beginning

    def _hello(self, _: Message) -> States:
        # A magic may have connected, or forgotten, since this was looked at last.
        now = connecting.default()
        if now is self._board.session or self._board.state.step == "checking":
            yield self._board.show(portal=self._board.state.portal or _host(self._portal_api))
        elif now is None:
            self._board.session = None
            yield self._board.show(step="choose", portal=_host(self._portal_api), **NOTHING)
        else:
            self._board.session, self._board.choice = now, choice.of_session(now)
            yield from self._connected.describe(now)
        yield self._look_around()

    def _look_around(self) -> State:
        """Find what there is to choose from."""
        try:
            profiles, problem = tuple(map(profile_state, load_profiles().values())), self._board.state.problem
        except QuixnbError as error:
            profiles, problem = (), problem_of(error)
        return self._board.show(sources=tuple(offers()), profiles=profiles, problem=problem)

    def _change(self, _: Message) -> States:
        yield self._board.show(step="choose", problem=None)
        yield self._look_around()

    def _back(self, _: Message) -> States:
        session = self._board.session
        self._board.new_turn()
        yield self._board.show(step="connected" if session else "choose", problem=None, checking="")

    def _forget(self, _: Message) -> States:
        with self._board.lock:
            self._board.new_turn()
            self._board.session = self._board.choice = None
        yield self._board.show(step="choose", problem=None, **NOTHING)
        connecting.forget()  # waits for what is published in the background
        yield self._look_around()

    # ---- choosing

    def _token(self, message: Message) -> States:
        sealed = message.get("sealed")
        text = self._seal.open(sealed) if sealed is not None else str(message.get("plain", ""))
        token = Token.parse(text, PASTED)
        del text
        yield from self._connect(choice.of_token(token, self._portal_api))

    def _source(self, message: Message) -> States:
        # Only what was offered: a message names a place, and cannot make one up.
        spec = message.get("spec")
        offer = next((each for each in self._board.state.sources or () if each.spec == spec), None)
        if offer is not None:
            yield from self._connect(choice.of_source(offer.spec, offer.name, self._portal_api))
        else:
            yield self._board.state

    def _profile(self, message: Message) -> States:
        profile = load_profiles().get(str(message.get("name")))
        if profile is not None:
            yield from self._connect(choice.of_profile(profile.name))
        else:
            yield self._look_around()

    def _sandbox(self, _: Message) -> States:
        yield from self._connect(choice.of_sandbox())

    def _again(self, _: Message) -> States:
        if self._board.choice is not None:
            yield from self._connect(self._board.choice, self._board.environment)
        else:
            yield self._board.show(problem=None)

    def _environments(self, _: Message) -> States:
        session = self._board.session
        if session is None:
            yield self._board.state
            return
        yield self._board.show(step="environments", problem=None)
        yield self._board.show(environments=places_of(session.portal.environments()))

    def _into(self, message: Message) -> States:
        wanted = str(message.get("id"))
        if self._board.choice is not None and any(each.id == wanted for each in self._board.state.environments):
            yield from self._connect(self._board.choice, wanted)
        else:
            yield self._board.state

    def _connect(self, chosen: Choice, environment: str | None = None) -> States:
        with self._board.lock:
            turn = self._board.new_turn()
            self._board.choice, self._board.environment = chosen, environment
        yield self._board.show(step="checking", checking=chosen.label, problem=None, making=None)
        try:
            session = chosen.open(environment)
        except (EnvironmentAmbiguous, EnvironmentNotFound) as error:
            if self._board.is_turn(turn):
                yield self._which_environment(error)
            return
        except Exception:
            if self._board.is_turn(turn):
                raise
            return
        with self._board.lock:
            is_wanted = self._board.is_turn(turn)
            if is_wanted:
                connecting.adopt(session, keep=self._picked(session))
                self._board.session = session
        if not is_wanted:
            session.close()
            return
        yield from self._connected.describe(session)

    def _which_environment(self, error: EnvironmentAmbiguous | EnvironmentNotFound) -> State:
        problem = problem_of(error) if isinstance(error, EnvironmentNotFound) else None
        places = places_of(error.environments)
        return self._board.show(
            step="environments" if places else "choose", environments=places, problem=problem, checking=""
        )

    def _picked(self, session: Session) -> Picked | None:
        if self._board.state.kept.how == "once":
            return None
        return Picked.of(session)

    def _failed(self, problem: Problem, error: Exception) -> State:
        # A token that the portal refuses connects nobody; other troubles leave what is shown.
        keeps = self._board.state.step == "connected" and not isinstance(error, TokenRejected)
        step = "connected" if keeps else "choose"
        return self._board.show(
            step=step, problem=problem, checking="", making=None, sources=self._board.state.sources or ()
        )


def _host(portal_api: str | None) -> str:
    return urlsplit(find_portal_api(portal_api)).netloc
