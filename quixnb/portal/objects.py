"""Environments and topics as the portal describes them: exact about what is needed, tolerant about the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

# Topics that Quix Streams makes for itself: changelogs of its state, and what its sources fill.
_INTERNAL = ("changelog__", "source__")

T = TypeVar("T")
Reader = Callable[[Mapping[str, Any]], T | None]


@dataclass(frozen=True, slots=True)
class Environment:
    """One Quix environment, which the API spells `workspace`.

    The portal describes its broker, with a password, in the same object; that part is not kept.

    Attributes
    ----------
    id
        For example `acme-f1-dev`.
    name
        For people; the ID where the portal gives none.
    status
        `Ready`, `Creating`, … or a word that this version does not know; empty where the portal gives none.
    environment_name, branch, broker_type
        As the portal gives them; empty where it does not.
    """

    id: str
    name: str
    status: str = ""
    environment_name: str = ""
    branch: str = ""
    broker_type: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of an environment.

    Attributes
    ----------
    id
        Name of the Kafka topic; whatever the portal says, never built from environment and name.
    name
        What people call it; the ID where the portal gives none.
    environment_id
        The environment it belongs to.
    status
        `Ready`, `Creating`, … or a word that this version does not know; empty where the portal gives none.
    partitions, replication_factor, retention_minutes, retention_bytes
        None where the portal does not say.
    cleanup_policy
        `Delete`, `Compact`, `DeleteAndCompact` or another word; None where the portal does not say.
    last_error
        Why the status is `Error`, in the portal's words without secrets; else None.
    """

    id: str
    name: str
    environment_id: str
    status: str = ""
    partitions: int | None = None
    replication_factor: int | None = None
    retention_minutes: int | None = None
    retention_bytes: int | None = None
    cleanup_policy: str | None = None
    last_error: str | None = None

    @property
    def is_internal(self) -> bool:
        """Whether Quix Streams made it for itself, so that lists leave it out unless asked."""
        return self.name.startswith(_INTERNAL)


def environment_from(data: Mapping[str, Any]) -> Environment | None:
    """Read the portal's object; None if it has no ID."""
    identity = _text(data.get("workspaceId"))
    if not identity:
        return None
    return Environment(
        id=identity,
        name=_text(data.get("name")) or identity,
        status=_text(data.get("status")),
        environment_name=_text(data.get("environmentName")),
        branch=_text(data.get("branch")),
        broker_type=_text(data.get("brokerType")),
    )


def topic_from(data: Mapping[str, Any], environment_id: str, scrub: Callable[[str], str]) -> Topic | None:
    """Read the portal's object; None if it has no ID (yet)."""
    identity = _text(data.get("id"))
    if not identity:
        return None
    configuration = data.get("configuration")
    settings = configuration if isinstance(configuration, Mapping) else {}
    return Topic(
        id=identity,
        name=_text(data.get("name")) or identity,
        environment_id=_text(data.get("workspaceId")) or environment_id,
        status=_text(data.get("status")),
        partitions=_whole(settings.get("partitions")),
        replication_factor=_whole(settings.get("replicationFactor")),
        retention_minutes=_whole(settings.get("retentionInMinutes")),
        retention_bytes=_whole(settings.get("retentionInBytes")),
        cleanup_policy=_text(settings.get("cleanupPolicy")) or None,
        last_error=scrub(_text(data.get("lastError"))) or None,
    )


def read_one(data: object, read: Reader[T]) -> T | None:
    """Read one object with `read`; None if `data` is no object, or not such a one."""
    return read(data) if isinstance(data, Mapping) else None


def read_many(data: object, read: Reader[T]) -> list[T] | None:
    """Read a list of objects with `read`; None if `data` is no list, or one of nothing usable.

    A single entry that cannot be used, as one without an ID yet, is left out.
    """
    if not isinstance(data, list):
        return None
    things = [thing for each in data if (thing := read_one(each, read)) is not None]
    return things if things or not data else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    # bool is an int to Python, and not to anybody else.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return None
    return int(value)
