"""librdkafka's error codes in words: as errors for what stops a call, as reasons for what stopped a message."""

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError, KafkaException

from quixnb.broker.ledger import FATE_UNKNOWN, NOT_SENT
from quixnb.errors import AuthorizationDenied, BrokerError, BrokerUnreachable
from quixnb.redact import redact

_DENIED: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
_UNREACHABLE: Final = frozenset(
    {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE, KafkaError._TIMED_OUT, KafkaError._SSL}
)
_REASONS: Final = {
    KafkaError._MSG_TIMED_OUT: "the broker did not acknowledge them in time",
    KafkaError._PURGE_QUEUE: NOT_SENT,
    KafkaError._PURGE_INFLIGHT: FATE_UNKNOWN,
    KafkaError.MSG_SIZE_TOO_LARGE: "the message is larger than the topic allows",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "the broker does not allow this environment to write the topic",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "the broker does not allow this environment to write",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "the broker does not know the topic",
    KafkaError._UNKNOWN_TOPIC: "the broker does not know the topic",
}


def reason(error: KafkaError) -> str:
    """Why a message was not delivered, as the rest of a sentence about its rows."""
    return _REASONS.get(error.code()) or redact(error.str())


def is_denied(error: KafkaError) -> bool:
    """Whether the broker refused who we are or what we asked, so that waiting cannot help."""
    return error.code() in _DENIED


def has_no_leader(error: KafkaError) -> bool:
    """Whether a partition is between two leaders, as it is while a broker restarts; a moment later it has one."""
    return error.code() in (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


def as_error(error: KafkaError | KafkaException, servers: str) -> BrokerError:
    """The error to raise where a call to the broker failed."""
    if isinstance(error, KafkaException):
        error = error.args[0]
    if is_denied(error):
        return AuthorizationDenied(
            f"The broker at {servers} refused the environment's credentials.",
            cause=redact(error.str()),
            fix="Run %quix_status; if the environment is right, connect again to fetch new credentials.",
        )
    if error.code() in _UNREACHABLE:
        return unreachable(servers, redact(error.str()))
    return BrokerError(f"The broker at {servers} answered with an error.", cause=redact(error.str()))


def topic_denied(topic_id: str, error: KafkaError) -> AuthorizationDenied:
    """The error for a topic that the broker keeps from these credentials, whether it is there or not."""
    return AuthorizationDenied(
        f"The broker does not allow the environment's credentials to use the topic {topic_id!r}.",
        cause=redact(error.str()),
        fix="Run %quix_topics to see the environment's own topics.",
    )


def unreachable(servers: str, why: str) -> BrokerUnreachable:
    """The error for a broker that does not answer."""
    return BrokerUnreachable(
        f"The broker at {servers} could not be reached.",
        cause=why,
        fix="Check that this machine may reach it (VPN, firewall), then run %quix_status.",
    )
