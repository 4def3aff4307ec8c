"""What a person can do in the picker once it is connected: look at topics, choose or make one, have it remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from quixnb import connecting
from quixnb.errors import QuixnbError, TokenRejected
from quixnb.keeping import save
from quixnb.session import Session
from quixnb.vault import Store, VaultError
from quixnb.widgets.board import NOTHING, Board
from quixnb.widgets.state import (
    BrokerState,
    How,
    Kept,
    KnownTopic,
    Making,
    State,
    code_for,
    connection_of,
    in_words,
    topics_of,
)

Message = Mapping[str, Any]
States = Iterator[State]

_MOST_PARTITIONS: Final = 1000


class Connected:
    """The half of a conversation that is about a session; on the board of the other."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def describe(self, session: Session) -> States:
        """What is known of a session at once, and what of it has to be asked for."""
        keeping = self._board.choice.keeping if self._board.choice else "no"
        state = {**NOTHING, "connection": connection_of(session, keeping), "problem": None, "checking": ""}
        kept = Kept(how=self._board.state.kept.how, profile=session.profile or "")
        yield self._board.show(step="connected", kept=kept, portal=session.portal.host, **state)
        yield from self.refresh({})

    def refresh(self, _: Message) -> States:
        """Ask for the topics and for the broker again."""
        session = self._board.session
        if session is None:
            yield self._board.state
            return
        yield self._board.show(problem=None)
        topics = topics_of(session.topics(refresh=True))
        yield self._board.show_of(session, topics=topics, **_chosen_in(topics, session.default_topic))
        from quixnb.broker.knock import answers

        servers = session.broker.servers
        yield self._board.show_of(session, broker=BrokerState(servers, answers(servers)))

    def choose_topic(self, message: Message) -> States:
        """Take a topic for the one that the magics mean."""
        session = self._board.session
        found = next((each for each in self._board.state.topics or () if each.id == message.get("id")), None)
        if session is not None and found is not None:
            session.default_topic = found.name
            yield self._board.show(chosen=found.id, code=code_for(found.name))
        else:
            yield self._board.state

    def new_topic(self, message: Message) -> States:
        """Make a topic, and take it."""
        session = self._board.session
        if session is None:
            yield self._board.state
            return
        name, partitions = str(message.get("name", "")).strip(), message.get("partitions")
        if problem := _wrong_with(name, partitions):
            yield self._board.show(making=Making(name, problem=problem))
            return
        yield self._board.show(making=Making(name, busy=True))
        try:
            made = session.create_topic(name, partitions=partitions)
            topics = topics_of(session.topics(refresh=True))
        except TokenRejected:
            raise
        except QuixnbError as error:
            yield self._board.show_of(session, making=Making(name, problem=f"{error.what} {error.cause}".strip()))
            return
        session.default_topic = made.name
        yield self._board.show_of(session, making=None, topics=topics, **_chosen_in(topics, made.name))

    # ---- remembering

    def keep(self, message: Message) -> States:
        """Remember the session for the time that was chosen, or as a profile."""
        session, how = self._board.session, message.get("how")
        if session is None or how not in ("once", "kernel", "profile"):
            yield self._board.state
        elif how == "profile":
            yield from self._save(session, str(message.get("name", "")).strip(), message.get("store"))
        else:
            connecting.keep_for_kernel(session, how == "kernel")
            yield self._board.show(kept=replace(self._board.state.kept, how=cast(How, how), problem="", fix=""))

    def _save(self, session: Session, name: str, store: object) -> States:
        spec = self._board.choice.spec if self._board.choice else None
        wanted: Store | None = store if spec is None and store in ("keyring", "file") else None
        yield self._board.show(kept=replace(self._board.state.kept, problem="", fix=""))
        try:
            profile = save(name, session, session.token, spec, store=wanted)
        except VaultError as error:
            offers_file = wanted == "keyring"
            fix = "It can go into a file that only you can read, in plain text." if offers_file else error.fix
            kept = Kept(self._board.state.kept.how, problem=error.cause, fix=fix, offers_file=offers_file)
            yield self._board.show_of(session, kept=kept)
            return
        except QuixnbError as error:
            kept = replace(self._board.state.kept, problem=error.what, fix=f"{error.cause} {error.fix}".strip())
            yield self._board.show_of(session, kept=kept)
            return
        kept = Kept(self._board.state.kept.how, profile=name, where=in_words(profile.token_source or ""))
        yield self._board.show_of(session, kept=kept)


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
