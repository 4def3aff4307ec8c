"""A local Quix to try things on: a portal and a Kafka broker in a process of their own, on 127.0.0.1 alone.

Limits, all of them those of librdkafka's mock cluster: everything is in memory, each partition keeps its newest 5 MB
(`Sandbox.warnings()` says when older messages fell out), topics have 4 partitions, and there is no TLS or SASL.
"""

from __future__ import annotations

from quixnb.sandbox.handle import Sandbox, SandboxEnvironment
from quixnb.sandbox.life import find, shared, start
from quixnb.sandbox.serve import serve_forever

__all__ = ["Sandbox", "SandboxEnvironment", "find", "serve_forever", "shared", "start"]
