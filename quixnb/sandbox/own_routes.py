"""Endpoints that only the sandbox has, below `/sandbox/`. None of them is Quix's."""

from __future__ import annotations

import time
from typing import Any

from quixnb.sandbox.processes import Process
from quixnb.sandbox.refusal import Refusal
from quixnb.sandbox.routes import Call


class _AdminCall(Call):
    """A call for which one must be Admin."""

    def prepare(self) -> None:
        super().prepare()
        if self.who.role != "Admin":
            raise Refusal(403, "Only an Admin may do this.")


class _Instance(Call):
    """Which sandbox this is, for everyone: asked before a token is sent to a port that may have changed hands."""

    is_open = True

    def get(self) -> None:
        self.answer({"instance": self.application.world.instance})


class _Status(Call):
    def get(self) -> None:
        self.answer(
            {
                "instance": self.application.world.instance,
                "uptime_s": round(time.monotonic() - self.application.lifetime.started_at, 3),
                "topics": {it.id: len(it.topics) for it in self.application.world.visible(self.who)},
                "warnings": [_sentence(*loss) for loss in self.application.broker.losses()],
                "limits": "In memory; each partition keeps its newest 5 MB; 4 partitions a topic; no TLS, no SASL.",
            }
        )


class _Rotation(_AdminCall):
    """Rotation of an environment's streaming tokens.

    Quix Cloud rotates on a page of its portal and through the Quix CLI. The HTTP endpoint behind them is not publicly
    documented, and this is not it: only what happens to the two tokens is the same.
    """

    def post(self, workspace: str) -> None:
        """Rotate. The new tokens are in the state file, not in the answer."""
        self.environment(workspace).rotate()
        self.application.save()
        self.answer_nothing()


class _Owners(_AdminCall):
    """Processes whose end, when it is that of all of them, ends a shared sandbox."""

    def post(self) -> None:
        """Add one; with null, the sandbox outlives them all."""
        owner = self.body().get("process")
        try:
            self.application.lifetime.adopt(Process.parse(owner) if owner else None)
        except (ValueError, AttributeError):
            raise Refusal(400, "'process' is not 'pid:started'.") from None
        self.answer_nothing()


class _Stop(_AdminCall):
    """The end of the sandbox."""

    def post(self) -> None:
        """End it. Who keeps the connection open sees it close as the process goes."""
        self.answer({})
        self.application.lifetime.end()


def _sentence(topic: str, partition: int, lost: int) -> str:
    return (
        f"Partition {partition} of topic {topic} has lost its {lost:,} oldest messages: "
        "the sandbox keeps the newest 5 MB of each partition."
    )


SANDBOX_ROUTES: list[Any] = [
    (r"/sandbox/instance", _Instance),
    (r"/sandbox/status", _Status),
    (r"/sandbox/environments/([^/]+)/rotate", _Rotation),
    (r"/sandbox/owners", _Owners),
    (r"/sandbox/stop", _Stop),
]
