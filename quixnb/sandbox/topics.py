"""A topic of the sandbox, and what a client may ask of it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from quixnb.sandbox.kafka import PARTITION_BYTES
from quixnb.sandbox.refusal import Refusal

_LEGAL = re.compile(r"[A-Za-z0-9._-]+")
_MAX_ID = 249  # Kafka's limit for a topic's name, which here is the ID
# As Quix spells them, and as Kafka does: Quix Streams 3 sends the latter.
_POLICIES = {
    "delete": "Delete",
    "compact": "Compact",
    "deleteandcompact": "DeleteAndCompact",
    "delete,compact": "DeleteAndCompact",
    "compact,delete": "DeleteAndCompact",
}


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """What a client may choose. It is remembered; the broker itself keeps the newest 5 MB of each partition."""

    retention_minutes: int = -1
    retention_bytes: int = PARTITION_BYTES
    cleanup_policy: str = "Delete"

    def changed(self, body: Mapping[str, Any]) -> TopicSettings:
        """Return these with what `body` names on top; nulls change nothing. What makes no sense is refused (400)."""
        asked = _asked(body)
        for name in ("partitions", "replicationfactor"):
            # Checked, but not kept: the topic is shown as the broker has it.
            _positive(asked, name)
        minutes, size = _number(asked, "retentioninminutes"), _number(asked, "retentioninbytes")
        policy = asked.get("cleanuppolicy")
        return replace(
            self,
            retention_minutes=self.retention_minutes if minutes is None else minutes,
            retention_bytes=self.retention_bytes if size is None else size,
            cleanup_policy=self.cleanup_policy if policy is None else _policy(policy),
        )


class Topic:
    """One topic; `id` is its name on the broker."""

    def __init__(
        self, topic_id: str, name: str, environment_id: str, partitions: int, settings: TopicSettings, ready_at: float
    ) -> None:
        self.id, self.name, self.environment_id = topic_id, name, environment_id
        self.partitions, self.settings = partitions, settings
        self._ready_at = ready_at

    @property
    def status(self) -> str:
        """`Creating` at first, then `Ready`."""
        return "Creating" if time.monotonic() < self._ready_at else "Ready"

    def as_json(self) -> dict[str, Any]:
        """As `GET /{workspaceId}/topics` shows it, with the partitions and replicas that the broker really has."""
        return {
            "id": self.id,
            "name": self.name,
            "workspaceId": self.environment_id,
            "status": self.status,
            "lastError": None,
            "configuration": {
                "partitions": self.partitions,
                "replicationFactor": 1,
                "retentionInMinutes": self.settings.retention_minutes,
                "retentionInBytes": self.settings.retention_bytes,
                "cleanupPolicy": self.settings.cleanup_policy,
            },
        }


def fields(body: object) -> dict[str, Any]:
    """Return a JSON object's fields by their names in small letters: old clients send `Name`, new ones `name`."""
    if not isinstance(body, dict):
        raise Refusal(400, "The body is not a JSON object.")
    return {name.lower(): value for name, value in body.items()}


def checked_name(name: object, environment_id: str) -> str:
    """Return `name` if Kafka takes it; refuse others with 400."""
    if not isinstance(name, str) or not name:
        raise Refusal(400, "Topic name is required.")
    if not _LEGAL.fullmatch(name) or name in (".", ".."):
        raise Refusal(400, "Topic name may hold only ASCII letters, digits, '.', '_' and '-'.")
    if len(environment_id) + 1 + len(name) > _MAX_ID:
        raise Refusal(400, f"Topic name is too long: with the workspace it is over {_MAX_ID} characters.")
    return name


def likeness(name: str) -> str:
    """Return what similar names have in common. Kafka's tools refuse names that differ in '.' and '_' alone."""
    return name.lower().replace(".", "_")


def _asked(body: Mapping[str, Any]) -> dict[str, Any]:
    # Clients send them under `configuration`, or (in a PATCH) side by side.
    asked = fields(body)
    return {**asked, **fields(asked.get("configuration") or {})}


def _number(asked: Mapping[str, Any], name: str) -> int | None:
    value = asked.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Refusal(400, f"'{name}' is not a whole number.")


def _positive(asked: Mapping[str, Any], name: str) -> None:
    value = _number(asked, name)
    if value is not None and value < 1:
        raise Refusal(400, f"'{name}' is below 1.")


def _policy(value: object) -> str:
    policy = _POLICIES.get(str(value).lower().replace(" ", ""))
    if policy is None:
        raise Refusal(400, "'cleanuppolicy' is none of Delete, Compact, DeleteAndCompact.")
    return policy
