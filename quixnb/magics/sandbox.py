"""`%quix_sandbox`: a local Quix to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser
from quixnb.magics.settings import Theme
from quixnb.results import Facts

if TYPE_CHECKING:
    from quixnb.sandbox import Sandbox

SANDBOX = MagicParser(
    "%quix_sandbox",
    """\
Start a local portal and Kafka broker, and connect this notebook to them.

All notebooks of one user share one sandbox. It listens on 127.0.0.1 alone, outlives kernel
restarts, and ends with `stop`, with the Jupyter server, or after an idle hour. It keeps
everything in memory, the newest 5 MB of each partition. Two environments, dev and prod, have
the same topic names and different topic IDs, as Quix projects have.""",
    """\
  %quix_sandbox
  %quix_sandbox start --env prod
  %quix_sandbox stop""",
)
SANDBOX.add_argument(
    "action",
    metavar="start|stop|status",
    nargs="?",
    choices=["start", "stop", "status"],
    default="start",
    help="default: start",
)
SANDBOX.add_argument("--env", choices=["dev", "prod"], default="dev", help="environment to connect to (default: dev)")


@magics_class
class SandboxMagics(Theme):
    """The sandbox."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_sandbox(self, line: str) -> Facts:  # noqa: D102
        args = SANDBOX.parse_line(line)
        return _start(args.env) if args.action == "start" else {"stop": _stop, "status": _status}[args.action]()

    quix_sandbox.__doc__ = SANDBOX.format_help()


def _start(env: str) -> Facts:
    from quixnb import connecting, sandbox

    running = sandbox.shared()
    environment = running.environments[env]
    connected = connecting.connect(
        token=environment.token_1,
        second_token=environment.token_2,
        portal_api=running.portal_api,
        environment=environment.id,
    )
    return _facts("The sandbox runs, and this notebook is connected to it", running, connected.environment.id)


def _status() -> Facts:
    from quixnb import sandbox

    running = sandbox.find()
    return _facts("The sandbox runs", running) if running else _none()


def _stop() -> Facts:
    from quixnb import connecting, sandbox

    running = sandbox.find()
    if running is None:
        return _none()
    connecting.forget(portal_api=running.portal_api)
    running.stop()
    return Facts("The sandbox has ended; what it held is gone", {})


def _none() -> Facts:
    return Facts("No sandbox runs", {}, advice="Start one: %quix_sandbox start")


def _facts(title: str, running: Sandbox, connected: str | None = None) -> Facts:
    environments = ", ".join(f"{each.id} ({name})" for name, each in running.environments.items())
    facts = {
        "portal": running.portal_api,
        "broker": running.bootstrap_servers,
        "environments": environments,
        "connected to": connected,
        "tokens": f"in {running.state_path}, readable by you alone",
    }
    return Facts(title, facts, advice=" ".join(running.warnings()))
