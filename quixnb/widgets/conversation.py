"""The conversation between a person and the picker: a message comes in, states go out. Knows no widget and no thread.

The first state comes at once; those behind it when the portal, the keyring or the broker has answered. So whoever leads
the conversation can show the first and wait for the others elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import urlsplit

from quixnb import session as sessions
from quixnb.errors import EnvironmentAmbiguous, EnvironmentNotFound, QuixnbError, TokenRejected
from quixnb.keeping import save
from quixnb.profiles import load_profiles
from quixnb.seal import Seal
from quixnb.session import Picked, Session
from quixnb.sources import find_portal_api, offers
from quixnb.token import PASTED, Token
from quixnb.vault import Store, VaultError
from quixnb.widgets import choice
from quixnb.widgets.choice import Choice
from quixnb.widgets.state import (
    BrokerState,
    How,
    Kept,
    KnownTopic,
    Making,
    Problem,
    State,
    code_for,
    connection_of,
    in_words,
    places_of,
    problem_of,
    profile_state,
    topics_of,
)

Message = Mapping[str, Any]
States = Iterator[State]

_MOST_PARTITIONS: Final = 1000


class Conversation:
    """One picker's.

    Parameters
    ----------
    seal
        Opens what the front end has sealed.
    portal_api
        Address of the portal for tokens that are pasted or taken from a place; None for the usual one.

    Attributes
    ----------
    state
        What is to be shown now.
    """

    def __init__(self, seal: Seal, portal_api: str | None = None) -> None:
        self.state = State()
        self._seal, self._portal_api = seal, portal_api
        self._lock = threading.RLock()
        self._turn = 0  # a choice that is made while another is being checked goes before it
        self._session: Session | None = None
        self._choice: Choice | None = None
        self._environment: str | None = None

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
            yield self.state
            return
        yield from answer(self, message)

    # ---- beginning

    def _hello(self, _: Message) -> States:
        # A magic may have connected, or forgotten, since this was looked at last.
        now = sessions.default()
        if now is self._session or self.state.step == "checking":
            yield self._set(portal=self.state.portal or _host(self._portal_api))
        elif now is None:
            self._session = None
            yield self._set(step="choose", portal=_host(self._portal_api), **_NOTHING)
        else:
            self._session, self._choice = now, choice.of_session(now)
            yield from self._describe(now)
        yield self._look_around()

    def _look_around(self) -> State:
        """Find what there is to choose from."""
        try:
            profiles, problem = tuple(map(profile_state, load_profiles().values())), self.state.problem
        except QuixnbError as error:
            profiles, problem = (), problem_of(error)
        return self._set(sources=tuple(offers()), profiles=profiles, problem=problem)

    def _change(self, _: Message) -> States:
        yield self._set(step="choose", problem=None)
        yield self._look_around()

    def _back(self, _: Message) -> States:
        session = self._session
        with self._lock:
            self._turn += 1
        yield self._set(step="connected" if session else "choose", problem=None, checking="")

    def _forget(self, _: Message) -> States:
        with self._lock:
            self._turn += 1
            self._session = self._choice = None
        yield self._set(step="choose", problem=None, **_NOTHING)
        sessions.forget()  # waits for what is published in the background
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
        offer = next((each for each in self.state.sources or () if each.spec == spec), None)
        if offer is not None:
            yield from self._connect(choice.of_source(offer.spec, offer.name, self._portal_api))
        else:
            yield self.state

    def _profile(self, message: Message) -> States:
        profile = load_profiles().get(str(message.get("name")))
        if profile is not None:
            yield from self._connect(choice.of_profile(profile.name))
        else:
            yield self._look_around()

    def _sandbox(self, _: Message) -> States:
        yield from self._connect(choice.of_sandbox())

    def _again(self, _: Message) -> States:
        if self._choice is not None:
            yield from self._connect(self._choice, self._environment)
        else:
            yield self._set(problem=None)

    def _environments(self, _: Message) -> States:
        session = self._session
        if session is None:
            yield self.state
            return
        yield self._set(step="environments", problem=None)
        yield self._set(environments=places_of(session.portal.environments()))

    def _into(self, message: Message) -> States:
        wanted = str(message.get("id"))
        if self._choice is not None and any(each.id == wanted for each in self.state.environments):
            yield from self._connect(self._choice, wanted)
        else:
            yield self.state

    def _connect(self, chosen: Choice, environment: str | None = None) -> States:
        with self._lock:
            self._turn += 1
            turn = self._turn
            self._choice, self._environment = chosen, environment
        yield self._set(step="checking", checking=chosen.label, problem=None, making=None)
        try:
            session = chosen.open(environment)
        except (EnvironmentAmbiguous, EnvironmentNotFound) as error:
            if turn == self._turn:
                yield self._which_environment(error)
            return
        except Exception:
            if turn == self._turn:
                raise
            return
        with self._lock:
            is_wanted = turn == self._turn
            if is_wanted:
                sessions.adopt(session, keep=self._picked(session))
                self._session = session
        if not is_wanted:
            session.close()
            return
        yield from self._describe(session)

    def _which_environment(self, error: EnvironmentAmbiguous | EnvironmentNotFound) -> State:
        problem = problem_of(error) if isinstance(error, EnvironmentNotFound) else None
        places = places_of(error.environments)
        return self._set(step="environments" if places else "choose", environments=places, problem=problem, checking="")

    def _picked(self, session: Session) -> Picked | None:
        if self.state.kept.how == "once":
            return None
        return Picked.of(session)

    # ---- what it opened

    def _describe(self, session: Session) -> States:
        keeping = self._choice.keeping if self._choice else "no"
        state = {**_NOTHING, "connection": connection_of(session, keeping), "problem": None, "checking": ""}
        kept = Kept(how=self.state.kept.how, profile=session.profile or "")
        yield self._set(step="connected", kept=kept, portal=session.portal.host, **state)
        yield from self._refresh({})

    def _refresh(self, _: Message) -> States:
        session = self._session
        if session is None:
            yield self.state
            return
        yield self._set(problem=None)
        topics = topics_of(session.topics(refresh=True))
        yield self._of(session, topics=topics, **_chosen_in(topics, session.default_topic))
        from quixnb.broker.knock import answers

        servers = session.broker.servers
        yield self._of(session, broker=BrokerState(servers, answers(servers)))

    def _topic(self, message: Message) -> States:
        session = self._session
        found = next((each for each in self.state.topics or () if each.id == message.get("id")), None)
        if session is not None and found is not None:
            session.default_topic = found.name
            yield self._set(chosen=found.id, code=code_for(found.name))
        else:
            yield self.state

    def _new_topic(self, message: Message) -> States:
        session = self._session
        if session is None:
            yield self.state
            return
        name, partitions = str(message.get("name", "")).strip(), message.get("partitions")
        if problem := _wrong_with(name, partitions):
            yield self._set(making=Making(name, problem=problem))
            return
        yield self._set(making=Making(name, busy=True))
        try:
            made = session.create_topic(name, partitions=partitions)
            topics = topics_of(session.topics(refresh=True))
        except TokenRejected:
            raise
        except QuixnbError as error:
            yield self._of(session, making=Making(name, problem=f"{error.what} {error.cause}".strip()))
            return
        session.default_topic = made.name
        yield self._of(session, making=None, topics=topics, **_chosen_in(topics, made.name))

    # ---- remembering

    def _keep(self, message: Message) -> States:
        session, how = self._session, message.get("how")
        if session is None or how not in ("once", "kernel", "profile"):
            yield self.state
        elif how == "profile":
            yield from self._save(session, str(message.get("name", "")).strip(), message.get("store"))
        else:
            sessions.keep_for_kernel(session, how == "kernel")
            yield self._set(kept=replace(self.state.kept, how=cast(How, how), problem="", fix=""))

    def _save(self, session: Session, name: str, store: object) -> States:
        spec = self._choice.spec if self._choice else None
        wanted: Store | None = store if spec is None and store in ("keyring", "file") else None
        yield self._set(kept=replace(self.state.kept, problem="", fix=""))
        try:
            profile = save(name, session, session.token, spec, store=wanted)
        except VaultError as error:
            offers_file = wanted == "keyring"
            fix = "It can go into a file that only you can read, in plain text." if offers_file else error.fix
            kept = Kept(self.state.kept.how, problem=error.cause, fix=fix, offers_file=offers_file)
            yield self._of(session, kept=kept)
            return
        except QuixnbError as error:
            kept = replace(self.state.kept, problem=error.what, fix=f"{error.cause} {error.fix}".strip())
            yield self._of(session, kept=kept)
            return
        kept = Kept(self.state.kept.how, profile=name, where=in_words(profile.token_source or ""))
        yield self._of(session, kept=kept)

    # ----

    def _set(self, **changes: Any) -> State:
        with self._lock:
            self.state = replace(self.state, number=self.state.number + 1, **changes)
            return self.state

    def _of(self, session: Session, **changes: Any) -> State:
        """The same for what was found out about `session`, unless another has taken its place meanwhile."""
        with self._lock:
            return self._set(**changes) if session is self._session else self.state

    def _failed(self, problem: Problem, error: Exception) -> State:
        # A token that the portal refuses connects nobody; other troubles leave what is shown.
        keeps = self.state.step == "connected" and not isinstance(error, TokenRejected)
        step = "connected" if keeps else "choose"
        return self._set(step=step, problem=problem, checking="", making=None, sources=self.state.sources or ())

    _answers: Mapping[str, Callable[[Conversation, Message], States]] = {
        "hello": _hello,
        "token": _token,
        "source": _source,
        "profile": _profile,
        "sandbox": _sandbox,
        "again": _again,
        "change": _change,
        "back": _back,
        "forget": _forget,
        "environments": _environments,
        "environment": _into,
        "refresh": _refresh,
        "topic": _topic,
        "new topic": _new_topic,
        "keep": _keep,
    }


# What is known of a connection, before anything is.
_NOTHING: Final[Mapping[str, Any]] = {
    "connection": None,
    "environments": (),
    "broker": None,
    "topics": None,
    "chosen": "",
    "code": "",
    "making": None,
}


def _host(portal_api: str | None) -> str:
    return urlsplit(find_portal_api(portal_api)).netloc


def _chosen_in(topics: tuple[KnownTopic, ...], name: str | None) -> dict[str, str]:
    found = next((each for each in topics if each.name == name), None)
    return {"chosen": found.id, "code": code_for(found.name)} if found else {"chosen": "", "code": ""}


def _wrong_with(name: str, partitions: object) -> str:
    """What is wrong with a new topic's name or partitions before the portal is asked; the rest is its to say."""
    if not name:
        return "Give the topic a name."
    if partitions is not None and not (isinstance(partitions, int) and 1 <= partitions <= _MOST_PARTITIONS):
        return f"A topic has 1 to {_MOST_PARTITIONS:,} partitions."
    return ""
