"""The sandbox's own process: puts portal and broker together, and takes them away again."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from quixnb.sandbox import places, state
from quixnb.sandbox.kafka import Broker
from quixnb.sandbox.lifetime import Lifetime, listen_to_lifeline
from quixnb.sandbox.own_routes import SANDBOX_ROUTES
from quixnb.sandbox.processes import Process
from quixnb.sandbox.ready import say_ready
from quixnb.sandbox.routes import QUIX_ROUTES, Portal
from quixnb.sandbox.world import World

_BODY_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What the process was started with; nothing secret."""

    state: Path
    life: Literal["own", "shared"]
    owner: Process | None
    creating_s: float
    idle_s: float | None


async def run(options: Options) -> None:
    """Be a sandbox until its time is over; its state file exists exactly as long as it answers."""
    broker = Broker()
    world = World(broker.make, options.creating_s)
    lifetime = Lifetime(options.owner, options.idle_s)
    # Never more than this machine's own programs can reach.
    sockets = bind_sockets(0, "127.0.0.1")
    address = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

    def save() -> None:
        state.write(options.state, _content(options, world, address, broker.address))

    portal = Portal(world, broker, lifetime, save, QUIX_ROUTES + SANDBOX_ROUTES)
    server = HTTPServer(portal, max_body_size=_BODY_BYTES)
    server.add_sockets(sockets)
    _end_on_signals(lifetime)
    save()
    try:
        if options.life == "own":
            _end_with_caller(lifetime)
        say_ready()
        await lifetime.until_over(options.state, broker.watermarks)
    finally:
        server.stop()
        _remove(options, world.instance)
        broker.close()


def _content(options: Options, world: World, portal_api: str, bootstrap_servers: str) -> dict[str, object]:
    process = Process.of(os.getpid())
    return {
        "instance": world.instance,
        "life": options.life,
        "process": str(process) if process else None,
        "pid": os.getpid(),
        "portal_api": portal_api,
        "bootstrap_servers": bootstrap_servers,
        **world.secrets(),
    }


def _end_on_signals(lifetime: Lifetime) -> None:
    loop = asyncio.get_running_loop()

    def end(*_: object) -> None:
        loop.call_soon_threadsafe(lifetime.end)

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)


def _end_with_caller(lifetime: Lifetime) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        with suppress(RuntimeError):  # the loop has just closed: it ends anyway
            loop.call_soon_threadsafe(lifetime.end)

    threading.Thread(target=listen_to_lifeline, args=[end], daemon=True).start()


def _remove(options: Options, instance: str) -> None:
    path = options.state
    # A successor may have taken the shared file's place, or be about to.
    with places.locked(path) if options.life == "shared" and path.parent.exists() else nullcontext():
        found = state.read(path)
        if found is None or found["instance"] == instance:
            state.remove(path)
    if options.life == "own":
        with suppress(OSError):
            path.parent.rmdir()
