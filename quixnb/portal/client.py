"""The calls of the Portal API that quixnb needs, one method each."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from quixnb.portal.asking import (
    about,
    about_topic,
    check_topic_name,
    plain,
    topic_configuration,
    topic_path,
    topics_path,
    workspace_path,
)
from quixnb.portal.certificates import ca_certificate, librdkafka_settings
from quixnb.portal.creation import wait_until_ready
from quixnb.portal.exchange import Answer, Exchange
from quixnb.portal.failover import TokenPair
from quixnb.portal.fates import Memory
from quixnb.portal.objects import (
    Environment,
    Reader,
    Topic,
    environment_from,
    read_one,
    topic_from,
)
from quixnb.portal.reading import checked, many, one
from quixnb.portal.refusals import Question, not_a_portal, parsed, portal_message
from quixnb.portal.trial import Trial, try_token
from quixnb.profiles import portal_address
from quixnb.redact import scrubbed
from quixnb.token import KafkaSettings, Token

_REFUSED_WAITS = 5  # pause after a 401 in first waits, so 1 s: a blip at a gateway is over by then


class Portal:
    """A client of one Quix portal with one token.

    Parameters
    ----------
    address
        Of the Portal API, for example `https://portal-api.cloud.quix.io`; `https://` is added where there is no scheme.
    token
        Shown to this portal only: in a header, never in an address, and not to where a redirect leads.
    spare
        The environment's second token, if it is known. Used once `token` is refused for good, and said so once by a
        `TokenSwitched` warning; refused where it opens another environment. A personal access token has none.
    environment
        ID or name of the environment that `token` opens, if it is known before the portal is asked.
    memory
        Where tokens that were refused for good are remembered.
    timeout_s
        How long one attempt may take.
    retry_for_s
        How long all attempts of one reading call may take: after a broken connection, 429, 502, 503 or 504.

    Attributes
    ----------
    host
        Host of the portal, with its port if the address has one; all that is ever shown of the address.

    Notes
    -----
    Every method raises `TokenRejected` (401), `PortalUnreachable` (no answer, a redirect, or not a portal's answer)
    and `PortalError` (any other refusal), besides what its own text names.
    """

    host = ""

    def __init__(
        self,
        address: str,
        token: Token,
        *,
        spare: Token | None = None,
        environment: str | None = None,
        memory: Memory | None = None,
        timeout_s: float = 10.0,
        retry_for_s: float = 20.0,
        _first_wait_s: float = 0.2,
    ) -> None:
        address = portal_address(address, "the argument")
        self.host = urlsplit(address).netloc
        self._first_wait_s = _first_wait_s
        self._exchange = Exchange(
            address,
            token,
            timeout_s=timeout_s,
            retry_for_s=retry_for_s,
            first_wait_s=_first_wait_s,
        )
        self._pair = TokenPair(self._exchange, spare, environment, memory, wait_s=_REFUSED_WAITS * _first_wait_s)

    def __repr__(self) -> str:
        return f"<Portal {self.host}>"

    def __enter__(self) -> Portal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a call after that opens new ones."""
        self._exchange.close()

    @property
    def token(self) -> Token:
        """The token in use; the second one after the first was refused for good."""
        return self._pair.current

    @property
    def spare(self) -> Token | None:
        """The second token, as long as it has not been needed; None where none is known."""
        return self._pair.spare

    def bind(self, environment_id: str) -> None:
        """Say which environment the token opens: a second token of another one is never used."""
        self._pair.bind(environment_id)

    def take_spare(self, token: Token) -> None:
        """Take a second token of the environment, after asking the portal whether it is one.

        Raises
        ------
        TokenRejected
            The portal refuses it, or it opens another environment.
        """
        self._pair.take_spare(token)

    def use_spare(self) -> None:
        """Go on with the second token before the first is refused; the first becomes the spare."""
        self._pair.use_spare()

    def drop_spare(self) -> None:
        """Forget the second token, for instance when it has been rotated out."""
        self._pair.drop_spare()

    def try_token(self, token: Token) -> Trial:
        """Ask the portal whether it accepts `token`, with a harmless call; changes nothing here.

        A refusal is asked for twice: a blip at a gateway is no rotation.
        """
        trial = try_token(self._exchange, token)
        if trial.outcome != "refused":
            return trial
        time.sleep(_REFUSED_WAITS * self._first_wait_s)
        return try_token(self._exchange, token)

    def environments(self) -> list[Environment]:
        """List the environments that the token sees: one with a streaming token, any number with another."""
        answer = self._get("/workspaces", Question("Listing the environments"))
        return many(answer, environment_from, self._exchange)

    def environment(self, environment_id: str) -> Environment:
        """Read one environment.

        Raises
        ------
        EnvironmentNotFound
            The token sees none of that ID.
        """
        answer = self._get(workspace_path(environment_id), about("Reading", environment_id))
        return one(answer, environment_from, self._exchange)

    def kafka_settings(self, environment_id: str) -> KafkaSettings:
        """Read librdkafka's settings for an environment's broker; `ssl.ca.cert` is turned into `ssl.ca.pem`.

        Raises
        ------
        EnvironmentNotFound
            The token sees none of that ID.
        """
        path = workspace_path(environment_id, "/broker/librdkafka")
        answer = self._get(path, about("Reading the broker settings of", environment_id))
        settings = librdkafka_settings(parsed(answer))
        if settings is None:
            raise not_a_portal(answer, self._exchange)
        return KafkaSettings(settings, f"environment '{plain(environment_id)}'")

    def certificates(self, environment_id: str) -> bytes | None:
        """Read the PEM certificate of the authority that signs an environment's broker; None if it has none."""
        path = workspace_path(environment_id, "/certificates")
        answer = self._get(path, about("Reading the certificates of", environment_id), accept="application/zip, */*")
        if answer.status == 204:
            return None
        certificate = ca_certificate(answer.body)
        if certificate is None:
            raise not_a_portal(answer, self._exchange)
        return certificate

    def topics(self, environment_id: str) -> list[Topic]:
        """List all topics of an environment, internal ones too, in the portal's order.

        Raises
        ------
        EnvironmentNotFound
            The token sees none of that ID.
        """
        answer = self._get(topics_path(environment_id), about("Listing the topics of", environment_id))
        return many(answer, self._topic_reader(environment_id), self._exchange)

    def topic(self, environment_id: str, name: str) -> Topic | None:
        """Read one topic by its name; None if there is none."""
        answer = self._pair.ask("GET", topic_path(environment_id, name))
        if answer.status == 404 and not answer.is_page:
            return None
        checked(answer, about_topic("Reading", environment_id, name), self._exchange)
        return one(answer, self._topic_reader(environment_id), self._exchange)

    def create_topic(
        self,
        environment_id: str,
        name: str,
        *,
        partitions: int | None = None,
        replication_factor: int | None = None,
        retention_minutes: int | None = None,
        retention_bytes: int | None = None,
        cleanup_policy: str | None = None,
        timeout_s: float = 60.0,
    ) -> Topic:
        """Create a topic and wait until it is ready; one that is there already is returned as it is.

        Parameters
        ----------
        environment_id, name
            Where, and what people call it. Its ID is the portal's choice.
        partitions, replication_factor, retention_minutes, retention_bytes, cleanup_policy
            None leaves it to the portal.
        timeout_s
            How long to wait until it is ready.

        Raises
        ------
        EnvironmentNotFound
            The token sees no environment of that ID.
        PortalError
            The portal refused it, could not make it, or did not have it ready in time.
        """
        check_topic_name(name)
        configuration = topic_configuration(
            partitions, replication_factor, retention_minutes, retention_bytes, cleanup_policy
        )
        payload = {"name": name, "configuration": configuration}
        answer = self._pair.ask("POST", topics_path(environment_id), payload=payload)
        topic = self._in_the_way(answer, environment_id, name)
        if topic is None:
            checked(answer, about(f"Creating topic '{plain(name)}' in", environment_id), self._exchange)
            topic = self._made(answer, environment_id)
        return wait_until_ready(
            lambda: self.topics(environment_id),
            (lambda each: each.id == topic.id) if topic else (lambda each: each.name == name),
            name,
            timeout_s=timeout_s,
            wait_s=self._first_wait_s,
        )

    def update_topic(
        self,
        environment_id: str,
        name: str,
        *,
        partitions: int | None = None,
        retention_minutes: int | None = None,
        retention_bytes: int | None = None,
        cleanup_policy: str | None = None,
    ) -> None:
        """Change a topic's settings; None leaves one as it is.

        Raises
        ------
        TopicNotFound
            There is none of that name.
        """
        configuration = topic_configuration(partitions, None, retention_minutes, retention_bytes, cleanup_policy)
        payload = {key: value for key, value in configuration.items() if value is not None}
        self._change("PATCH", environment_id, name, "Changing", payload=payload)

    def delete_topic(self, environment_id: str, name: str) -> None:
        """Delete a topic with all that is in it.

        Raises
        ------
        TopicNotFound
            There is none of that name.
        """
        self._change("DELETE", environment_id, name, "Deleting")

    def clean_topic(self, environment_id: str, name: str) -> None:
        """Delete all messages of a topic and keep the topic.

        Raises
        ------
        TopicNotFound
            There is none of that name.
        """
        self._change("POST", environment_id, name, "Cleaning", tail="/clean")

    def token_details(self) -> dict[str, Any]:
        """Read what the portal says of the token; its fields are not documented. Tokens in it are replaced."""
        answer = self._get("/auth/token/details", Question("Reading the token's details"))
        details = scrubbed(parsed(answer), self._exchange.scrub)
        if not isinstance(details, dict):
            raise not_a_portal(answer, self._exchange)
        return details

    def _get(self, path: str, question: Question, *, accept: str = "application/json") -> Answer:
        return checked(self._pair.ask("GET", path, accept=accept), question, self._exchange)

    def _change(
        self, method: str, environment_id: str, name: str, doing: str, *, tail: str = "", payload: object = None
    ) -> None:
        answer = self._pair.ask(method, topic_path(environment_id, name, tail), payload=payload)
        checked(answer, about_topic(doing, environment_id, name), self._exchange)

    def _topic_reader(self, environment_id: str) -> Reader[Topic]:
        return lambda data: topic_from(data, environment_id, self._exchange.scrub)

    def _in_the_way(self, answer: Answer, environment_id: str, name: str) -> Topic | None:
        """Find the topic that the portal says is there already; one whose name is merely similar is another."""
        said = portal_message(answer, self._exchange).lower() if answer.status in (400, 409) else ""
        if "already exists" not in said:
            return None
        return next((each for each in self.topics(environment_id) if each.name == name), None)

    def _made(self, answer: Answer, environment_id: str) -> Topic | None:
        """Read the topic from the answer to its creation, which may be empty."""
        return read_one(parsed(answer), self._topic_reader(environment_id))
