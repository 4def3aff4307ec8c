"""The clients of Quix Streams 0.5: one finds the broker through Quix's portal, one is told where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NoReturn

from quixnb import connecting, sources
from quixnb.broker import Broker
from quixnb.errors import AuthorizationDenied, BrokerError, BrokerUnreachable, TopicNotFound
from quixnb.options import Destination
from quixnb.portal import Portal, Topic
from quixnb.report import PublishReport
from quixnb.session import Session
from quixnb.streams05.absent import refuse
from quixnb.streams05.security import SecurityOptions
from quixnb.streams05.topics import TopicProducer
from quixnb.token import KafkaSettings, Token

# Apache Kafka answers the first question for a topic that it is about to make with "unknown".
_MADE_WITHIN_S: Final = 3.0
_ASK_AGAIN_S: Final = 0.1

# Seen with logging.getLogger("quixnb.broker").setLevel("DEBUG").
_DEBUG: Final = {"debug": "broker,topic,msg"}


class _NoConsumers:
    """The half of a client that quixnb does not have."""

    def get_topic_consumer(self, *args: Any, **options: Any) -> NoReturn:
        """Say what to use instead."""
        refuse("get_topic_consumer")

    def get_raw_topic_consumer(self, *args: Any, **options: Any) -> NoReturn:
        """Say what to use instead."""
        refuse("get_raw_topic_consumer")

    def get_raw_topic_producer(self, *args: Any, **options: Any) -> NoReturn:
        """Say what to use instead."""
        refuse("get_raw_topic_producer")


@dataclass
class TokenValidationConfiguration:
    """What Quix Streams 0.5 warned of; quixnb asks the portal whether it accepts the token, and takes no heed of it."""

    enabled: bool = True
    warning_before_expiry: timedelta | None = timedelta(days=2)
    warn_about_pat_token: bool = True


class QuixStreamingClient(_NoConsumers):
    """Publishes to the topics of a Quix environment, by the names of Quix Streams 0.5.

    Nothing is asked of the portal before the first topic is. The connection is its own: `quixnb.connect` does not
    change it.

    Parameters
    ----------
    token
        None takes the token that quixnb is connected with, else looks where `quixnb.connect` looks.
    auto_create_topics
        Make a topic that is not there, instead of raising.
    properties
        librdkafka settings on top of the environment's own.
    debug
        Have the broker client say what it does, to the logger `quixnb.broker`.

    Raises
    ------
    TokenMissing, TokenMalformed
    """

    def __init__(
        self,
        token: str | Token | None = None,
        auto_create_topics: bool = True,
        properties: Mapping[str, Any] | None = None,
        debug: bool = False,
    ) -> None:
        connected = connecting.default() if token is None else None
        self._token = sources.find_token(explicit=token if connected is None else connected.token)
        self._api_url = None if connected is None else connected.portal_api
        self._environment = None if connected is None else connected.environment.id
        self._creates = auto_create_topics
        self._kafka = KafkaSettings({**(_DEBUG if debug else {}), **(properties or {})}, "properties")
        self._brokers: dict[str, Broker] = {}
        self._lock = threading.Lock()
        self.token_validation_config = TokenValidationConfiguration()
        self.cache_period = timedelta(minutes=1)

    def __repr__(self) -> str:
        return f"<QuixStreamingClient with the {self._token.named}>"

    @property
    def api_url(self) -> str:
        """Address of the portal: `Quix__Portal__Api` or Quix Cloud's; set it before the first topic."""
        return self._api_url or sources.find_portal_api()

    @api_url.setter
    def api_url(self, value: str) -> None:
        self._api_url = value

    def get_topic_producer(self, topic_id_or_name: str) -> TopicProducer:
        """A producer for a topic, by its ID or its name.

        Raises
        ------
        TokenRejected, EnvironmentAmbiguous, EnvironmentNotFound, PortalError
            The portal refuses the token, or does not say which environment is meant.
        TopicNotFound
            There is no such topic, and topics are not made.
        BrokerError
            The broker does not answer or refuses the environment's credentials.
        """
        name = topic_id_or_name.strip()
        with self._lock:
            return TopicProducer(self._destination(name), _note_report)

    def _destination(self, name: str) -> Destination:
        address, kafka = self.api_url, self._kafka.reveal()
        environment = self._environment_in(name)
        opened = connecting.opened(token=self._token, portal_api=address, environment=environment, kafka=kafka)
        try:
            topic = self._topic(opened, name)
            where = opened.environment.id
            if where not in self._brokers:
                self._brokers[where] = opened.broker
            return Destination(topic.name, topic.id, where, self._brokers[where])
        finally:
            opened.portal.close()  # nobody closes a client of 0.5, and its connections must not stay behind

    def _topic(self, opened: Session, name: str) -> Topic:
        try:
            return opened.topic(name)
        except TopicNotFound:
            if not self._creates:
                raise
            return opened.create_topic(name.removeprefix(f"{opened.environment.id}-"))

    def _environment_in(self, topic: str) -> str | None:
        """The environment that a topic's ID begins with, else the one that is chosen."""
        with Portal(self.api_url, self._token) as portal:
            seen = [each.id for each in portal.environments() if topic.startswith(f"{each.id}-")]
        return max(seen, key=len, default=self._environment)


def _note_report(report: PublishReport) -> None:
    """Have `quixnb.last_report()` return it, where quixnb is connected."""
    if (connected := connecting.default()) is not None:
        connected.note_report(report)


class KafkaStreamingClient(_NoConsumers):
    """Publishes to the topics of any Kafka cluster, by the names of Quix Streams 0.5.

    Parameters
    ----------
    broker_address
        `host:port`, several with commas between.
    security_options
        TLS and SASL; None is neither.
    properties
        More librdkafka settings.
    debug
        Have the broker client say what it does, to the logger `quixnb.broker`.
    """

    def __init__(
        self,
        broker_address: str,
        security_options: SecurityOptions | None = None,
        properties: Mapping[str, Any] | None = None,
        debug: bool = False,
    ) -> None:
        secret = {} if security_options is None else security_options.settings.reveal()
        address = {"bootstrap.servers": broker_address, "allow.auto.create.topics": True}
        settings = {**address, **secret, **(_DEBUG if debug else {}), **(properties or {})}
        self._broker = Broker(KafkaSettings(settings, "KafkaStreamingClient"))

    def __repr__(self) -> str:
        return f"<KafkaStreamingClient of {self._broker.servers}>"

    def get_topic_producer(self, topic: str) -> TopicProducer:
        """A producer for a topic, which the cluster makes if it is set to (`auto.create.topics.enable`).

        Raises
        ------
        BrokerError
            The broker does not answer, refuses the credentials, or does not have the topic.
        """
        name = topic.strip()
        to = Destination(name, name, self._broker.servers, self._broker)
        until = time.monotonic() + _MADE_WITHIN_S
        while True:
            try:
                return TopicProducer(to)
            except (BrokerUnreachable, AuthorizationDenied):
                raise
            except BrokerError:
                if time.monotonic() > until:
                    raise
                time.sleep(_ASK_AGAIN_S)
