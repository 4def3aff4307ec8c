"""The part of Quix's Portal API that Quix's own clients use, answered for the sandbox's environments."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from http.client import responses
from typing import Any, ClassVar

from tornado.web import Application, RequestHandler

from quixnb.sandbox.kafka import Broker
from quixnb.sandbox.lifetime import Lifetime
from quixnb.sandbox.refusal import Refusal
from quixnb.sandbox.topics import TopicSettings, fields
from quixnb.sandbox.world import Environment, Principal, World


class Portal(Application):
    """The portal's application, with what its handlers need."""

    def __init__(
        self, world: World, broker: Broker, lifetime: Lifetime, save: Callable[[], None], routes: list[Any]
    ) -> None:
        # No log of requests: their paths are the user's, and nobody reads this process's output.
        super().__init__(routes, default_handler_class=_Unknown, log_function=lambda _: None)
        self.world, self.broker, self.lifetime, self.save = world, broker, lifetime, save


class Call(RequestHandler):
    """One call with a bearer token, answered in JSON."""

    application: Portal
    who: Principal
    is_open: ClassVar[bool] = False

    def set_default_headers(self) -> None:
        """Answers hold settings and must not be kept."""
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def prepare(self) -> None:
        """Find out who calls."""
        if not self.is_open:
            scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
            self.who = self.application.world.principal(token.strip() if scheme.lower() == "bearer" else "")
            self.application.lifetime.use()

    def answer(self, content: Any, status: int = 200) -> None:
        """Send `content` as JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(content))

    def answer_nothing(self) -> None:
        """Send 204."""
        self.set_status(204)
        self.finish()

    def body(self) -> dict[str, Any]:
        """Return the fields of the request's body, their names in small letters."""
        try:
            return fields(json.loads(self.request.body or b"{}"))
        except ValueError:
            raise Refusal(400, "The body is not JSON.") from None

    def environment(self, identity: str, *, write: bool = False) -> Environment:
        """Return the environment of that ID, if the caller may read it, or write to it."""
        return self.application.world.environment(self.who, identity, write=write)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Say no as the portal does."""
        error = details.get("exc_info", (None, None))[1]
        message = error.message if isinstance(error, Refusal) else responses.get(status_code, "Error")
        self.answer({"message": message, "correlationId": uuid.uuid4().hex}, status_code)

    def compute_etag(self) -> None:
        """No entity tags: clients would get 304 for an unchanged list."""

    def data_received(self, chunk: bytes) -> None:
        """Unused; abstract in tornado."""


class _Unknown(Call):
    """Any other path."""

    def prepare(self) -> None:
        super().prepare()
        raise Refusal(404, "There is no such endpoint.")


class _Workspaces(Call):
    def get(self) -> None:
        address = self.application.broker.address
        self.answer([it.as_json(address) for it in self.application.world.visible(self.who)])


class _Workspace(Call):
    def get(self, workspace: str) -> None:
        self.answer(self.environment(workspace).as_json(self.application.broker.address))


class _BrokerSettings(Call):
    def get(self, workspace: str) -> None:
        environment = self.environment(workspace)
        # Only names that the ConnectionConfig of Quix Streams 3 knows; any other is an error to it.
        self.answer(
            {
                "bootstrap.servers": self.application.broker.address,
                "security.protocol": "PLAINTEXT",
                "client.id": environment.id,
            }
        )


class _Certificates(Call):
    def get(self, workspace: str) -> None:
        self.environment(workspace)
        self.answer_nothing()


class _Topics(Call):
    def get(self, workspace: str) -> None:
        self.answer([topic.as_json() for topic in self.environment(workspace).topics.values()])

    def post(self, workspace: str) -> None:
        environment = self.environment(workspace, write=True)
        body = self.body()
        settings = TopicSettings().changed(body)
        self.answer(self.application.world.create_topic(environment, body.get("name"), settings).as_json())


class _Topic(Call):
    def get(self, workspace: str, name: str) -> None:
        self.answer(self.environment(workspace).topic(name).as_json())

    def patch(self, workspace: str, name: str) -> None:
        topic = self.environment(workspace, write=True).topic(name)
        topic.settings = topic.settings.changed(self.body())
        self.answer(topic.as_json())

    def delete(self, workspace: str, name: str) -> None:
        self.environment(workspace, write=True).delete(name)
        self.answer_nothing()


class _CleanTopic(Call):
    def post(self, workspace: str, name: str) -> None:
        topic = self.environment(workspace, write=True).topic(name)
        if not self.application.broker.is_empty(topic.id):
            # Better than to say it is done and leave the messages there.
            raise Refusal(501, "The sandbox's broker cannot remove messages. Delete the topic and create it again.")
        self.answer_nothing()


class _TokenDetails(Call):
    def get(self) -> None:
        # The real fields are not publicly documented; these are the sandbox's own.
        seen = [environment.id for environment in self.application.world.visible(self.who)]
        self.answer({"type": "Sdk" if self.who.environment_id else "Pat", "role": self.who.role, "workspaceIds": seen})


QUIX_ROUTES: list[Any] = [
    (r"/workspaces/?", _Workspaces),
    (r"/workspaces/([^/]+)/?", _Workspace),
    (r"/workspaces/([^/]+)/broker/librdkafka/?", _BrokerSettings),
    (r"/workspaces/([^/]+)/certificates/?", _Certificates),
    (r"/auth/token/details/?", _TokenDetails),
    (r"/([^/]+)/topics/?", _Topics),
    (r"/([^/]+)/topics/([^/]+)/?", _Topic),
    (r"/([^/]+)/topics/([^/]+)/clean/?", _CleanTopic),
]
