"""Publish a DataFrame to a Quix environment from a notebook cell, and read it back.

    %load_ext quixnb

adds the magics. The same verbs are functions here, on the connection that the magics use:

    import quixnb
    quixnb.connect()
    quixnb.publish(df, "f1-data")

Nothing heavy is imported before the first verb is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from quixnb._version import __version__
from quixnb.errors import (
    AuthorizationDenied,
    BrokerError,
    BrokerUnreachable,
    DeliveryError,
    EnvironmentAmbiguous,
    EnvironmentNotFound,
    FrameError,
    MessageTooLarge,
    PortalError,
    PortalUnreachable,
    PublishInterrupted,
    QuixnbError,
    SandboxError,
    TokenMalformed,
    TokenMissing,
    TokenRejected,
    TopicNotFound,
)

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    from quixnb import sandbox
    from quixnb.portal import Environment, Topic
    from quixnb.report import PublishPlan, PublishReport
    from quixnb.session import Session, connect, current
    from quixnb.token import Token

__all__ = [
    "AuthorizationDenied",
    "BrokerError",
    "BrokerUnreachable",
    "DeliveryError",
    "EnvironmentAmbiguous",
    "EnvironmentNotFound",
    "FrameError",
    "MessageTooLarge",
    "PortalError",
    "PortalUnreachable",
    "PublishInterrupted",
    "PublishPlan",
    "PublishReport",
    "QuixnbError",
    "SandboxError",
    "Session",
    "Token",
    "TokenMalformed",
    "TokenMissing",
    "TokenRejected",
    "TopicNotFound",
    "__version__",
    "connect",
    "current",
    "environments",
    "last_report",
    "publish",
    "read",
    "sandbox",
    "topics",
]

# Name → module that has it, imported when the name is first asked for.
_LAZY = {
    "PublishPlan": "quixnb.report",
    "PublishReport": "quixnb.report",
    "Session": "quixnb.session",
    "Token": "quixnb.token",
    "connect": "quixnb.session",
    "current": "quixnb.session",
}


def publish(frame: Any, topic: str, **options: Any) -> Any:
    """Publish `frame` to `topic` of the current environment; see `Session.publish` for the options."""
    return _current().publish(frame, topic, **options)


def read(topic: str, **options: Any) -> pd.DataFrame:
    """Rows of `topic` of the current environment as a DataFrame; see `Session.read` for the options."""
    return _current().read(topic, **options)


def topics(pattern: str | None = None, **options: Any) -> list[Topic]:
    """Topics of the current environment; see `Session.topics` for the options."""
    return _current().topics(pattern, **options)


def environments() -> list[Environment]:
    """Environments that the current token sees."""
    return _current().portal.environments()


def last_report() -> PublishReport | None:
    """Report of the latest publish in the current environment, also of one that failed or was interrupted."""
    return _current().last_report


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics, the guard and the completion: what `%load_ext quixnb` calls."""
    from quixnb.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take them away again: what `%unload_ext quixnb` calls."""
    from quixnb.magics.extension import unload

    unload(shell)


def _current() -> Session:
    from quixnb.session import current

    return current()


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name == "sandbox":
        return import_module("quixnb.sandbox")
    raise AttributeError(f"module 'quixnb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
