"""What the sandbox's portal knows: environments with their topics, tokens, and who may do what."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from quixnb.sandbox.refusal import Refusal
from quixnb.sandbox.topics import Topic, TopicSettings, checked_name, likeness

Role = Literal["Streaming", "Admin", "Viewer"]

ENVIRONMENTS = {"dev": "sandbox-f1-dev", "prod": "sandbox-f1-prod"}
TOPICS = ("f1-data", "cpu-load", "weather", "telemetry", "changelog__f1-average--f1-data--default")
# A topic's ID is whatever the portal says. This one shows it: it is not environment, hyphen and name.
ODD_IDS = {"telemetry": "telemetry-7c1e"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a token stands for."""

    role: Role
    environment_id: str | None = None  # None: all of them


class Environment:
    """One environment: what the portal's API calls a workspace."""

    def __init__(self, key: str, identity: str) -> None:
        self.key, self.id = key, identity
        self.topics: dict[str, Topic] = {}
        self.tokens = (new_token("sdk"), new_token("sdk"))
        self.created_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # Opens nothing, the broker asks for none: here because the real portal sends one, which must not be leaked.
        self._broker_password = secrets.token_hex(16)
        self._deleted: set[str] = set()

    def rotate(self) -> None:
        """Token 1 dies, token 2 becomes token 1, and there is a new token 2."""
        self.tokens = (self.tokens[1], new_token("sdk"))

    def topic(self, name: str) -> Topic:
        """Find the topic of that name, or else of that ID."""
        for topic in self.topics.values():
            if topic.name == name:
                return topic
        if name in self.topics:
            return self.topics[name]
        raise Refusal(404, f"Topic '{name}' was not found in workspace '{self.id}'.")

    def add(self, name: str, settings: TopicSettings, make: Callable[[str], int], creating_s: float) -> Topic:
        """Add a topic, `Creating` for `creating_s`; `make` makes it on the broker and counts its partitions."""
        if any(likeness(topic.name) == likeness(name) for topic in self.topics.values()):
            raise Refusal(400, f"Topic with name similar to '{name}' already exists.")
        topic_id = self._free_id(name)
        self.topics[topic_id] = topic = Topic(
            topic_id, name, self.id, make(topic_id), settings, time.monotonic() + creating_s
        )
        return topic

    def delete(self, name: str) -> None:
        """Forget the topic. The broker cannot, so a later topic of that name gets another ID, and starts empty."""
        topic = self.topic(name)
        self._deleted.add(topic.id)
        del self.topics[topic.id]

    def _free_id(self, name: str) -> str:
        wanted = f"{self.id}-{ODD_IDS.get(name, name)}"
        taken, topic_id, number = self._deleted | self.topics.keys(), wanted, 1
        while topic_id in taken:
            number += 1
            topic_id = f"{wanted}-{number}"
        return topic_id

    def as_json(self, broker_address: str) -> dict[str, Any]:
        """As `GET /workspaces` shows it. The names of modes are those of the enums of Quix Streams 0.5."""
        return {
            "workspaceId": self.id,
            "name": self.key,
            "status": "Ready",
            "environmentName": self.key,
            "branch": self.key,
            "branchProtected": self.key == "prod",
            "repositoryId": "00000000-0000-0000-0000-000000000000",
            "version": 2,
            "createdAt": self.created_at,
            "brokerType": "SelfHosted",
            "brokerSettings": {"brokerType": "SelfHosted", "syncTopics": False},
            "broker": {
                "address": broker_address,
                "securityMode": "PlainText",
                "saslMechanism": "ScramSha256",
                "username": self.id,
                "password": self._broker_password,
                "hasCertificate": False,
                "sslPassword": "",
            },
        }


class World:
    """All environments and tokens of one sandbox."""

    def __init__(self, make: Callable[[str], int], creating_s: float) -> None:
        self.instance = secrets.token_hex(16)
        self.admin_token, self.viewer_token = new_token("pat"), new_token("pat")
        self.environments = {identity: Environment(key, identity) for key, identity in ENVIRONMENTS.items()}
        self._make, self._creating_s = make, creating_s
        for environment in self.environments.values():
            for name in TOPICS:
                environment.add(name, TopicSettings(), make, creating_s=0)

    def principal(self, token: str) -> Principal:
        """Tell whom `token` stands for; refuse with 401 when for nobody."""
        for environment in self.environments.values():
            if token in environment.tokens:
                return Principal("Streaming", environment.id)
        if token == self.admin_token:
            return Principal("Admin")
        if token == self.viewer_token:
            return Principal("Viewer")
        raise Refusal(401, "User is not authenticated")

    def visible(self, who: Principal) -> Iterable[Environment]:
        """List the environments that `who` sees."""
        return [it for it in self.environments.values() if who.environment_id in (None, it.id)]

    def environment(self, who: Principal, identity: str, *, write: bool = False) -> Environment:
        """Return the environment if it is there (else 404) and `who` may read it, or write to it (else 403)."""
        if identity not in self.environments:
            raise Refusal(404, f"Workspace '{identity}' was not found.")
        if who.environment_id not in (None, identity):
            raise Refusal(403, f"The token has no access to workspace '{identity}'.")
        if write and who.role == "Viewer":
            raise Refusal(403, f"A Viewer may not change workspace '{identity}'.")
        return self.environments[identity]

    def create_topic(self, environment: Environment, name: object, settings: TopicSettings) -> Topic:
        """Create a topic; bad names, and names too much like another's, are refused with 400."""
        return environment.add(checked_name(name, environment.id), settings, self._make, self._creating_s)

    def secrets(self) -> dict[str, Any]:
        """Environments and tokens as the state file keeps them."""
        return {
            "environments": {
                it.key: {"id": it.id, "token_1": it.tokens[0], "token_2": it.tokens[1]}
                for it in self.environments.values()
            },
            "admin_token": self.admin_token,
            "viewer_token": self.viewer_token,
        }


def new_token(kind: Literal["sdk", "pat"]) -> str:
    """Make a token that looks like Quix's."""
    return f"{kind}-{secrets.token_hex(16)}"
