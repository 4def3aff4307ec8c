"""Publish a DataFrame to a Quix environment from a notebook cell, and read it back.

    %load_ext quixnb

adds the magics. The same verbs are functions here, on the connection that the magics use:

    import quixnb
    quixnb.connect()
    quixnb.publish(df, "f1-data")

Nothing heavy is imported before the first verb is called.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
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
    PromptInterrupted,
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
    from quixnb.connecting import connect, current
    from quixnb.named_tokens import TokenText
    from quixnb.portal import Environment, TokenSwitched, Topic
    from quixnb.report import PublishPlan, PublishReport
    from quixnb.session import Session
    from quixnb.streaming import StreamWriter
    from quixnb.streams05 import (
        EventData,
        EventDefinition,
        EventLevel,
        KafkaStreamingClient,
        ParameterDefinition,
        ParameterValue,
        ParameterValueType,
        QuixStreamingClient,
        SaslMechanism,
        SecurityOptions,
        StreamEndType,
        StreamProducer,
        TimeseriesData,
        TimeseriesDataRaw,
        TimeseriesDataTimestamp,
        TopicProducer,
    )
    from quixnb.token import Token, TokenExpires
    from quixnb.widgets import TokenPicker

__all__ = [
    "AuthorizationDenied",
    "BrokerError",
    "BrokerUnreachable",
    "DeliveryError",
    "EnvironmentAmbiguous",
    "EnvironmentNotFound",
    "EventData",
    "EventDefinition",
    "EventLevel",
    "FrameError",
    "KafkaStreamingClient",
    "MessageTooLarge",
    "ParameterDefinition",
    "ParameterValue",
    "ParameterValueType",
    "PortalError",
    "PortalUnreachable",
    "PromptInterrupted",
    "PublishInterrupted",
    "PublishPlan",
    "PublishReport",
    "QuixStreamingClient",
    "QuixnbError",
    "SandboxError",
    "SaslMechanism",
    "SecurityOptions",
    "Session",
    "StreamEndType",
    "StreamProducer",
    "StreamWriter",
    "TimeseriesData",
    "TimeseriesDataRaw",
    "TimeseriesDataTimestamp",
    "Token",
    "TokenExpires",
    "TokenMalformed",
    "TokenMissing",
    "TokenPicker",
    "TokenRejected",
    "TokenSwitched",
    "TopicNotFound",
    "TopicProducer",
    "__version__",
    "connect",
    "current",
    "environments",
    "last_report",
    "publish",
    "read",
    "sandbox",
    "token",
    "topics",
]

# Quix Streams 0.5's names: code of its time runs with `import quixnb as qx`.
_STREAMS_05 = (
    "EventData",
    "EventDefinition",
    "EventLevel",
    "KafkaStreamingClient",
    "ParameterDefinition",
    "ParameterValue",
    "ParameterValueType",
    "QuixStreamingClient",
    "SaslMechanism",
    "SecurityOptions",
    "StreamEndType",
    "StreamProducer",
    "TimeseriesData",
    "TimeseriesDataRaw",
    "TimeseriesDataTimestamp",
    "TopicProducer",
)

# Name → module that has it, imported when the name is first asked for.
_LAZY = {
    "PublishPlan": "quixnb.report",
    "PublishReport": "quixnb.report",
    "Session": "quixnb.session",
    "StreamWriter": "quixnb.streaming",
    "Token": "quixnb.token",
    "TokenExpires": "quixnb.token",
    "TokenPicker": "quixnb.widgets",
    "TokenSwitched": "quixnb.portal",
    "connect": "quixnb.connecting",
    "current": "quixnb.connecting",
    **dict.fromkeys(_STREAMS_05, "quixnb.streams05"),
}


def publish(frame: Any, topic: str | None = None, **options: Any) -> Any:
    """Publish `frame` to `topic` of the current environment; see `Session.publish` for the options."""
    return _current().publish(frame, topic, **options)


def read(topic: str | None = None, **options: Any) -> pd.DataFrame:
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


def token(name: str | None = None) -> TokenText:
    """A token as text that hides itself, for code that needs one: `Application(quix_sdk_token=quixnb.token("dev"))`.

    Parameters
    ----------
    name
        A name that the kernel knows since `%quix_fix`, or a profile's; for another, it asks with hidden input, once.
        None is the token of the current connection, or the first that `%quix_token` would find.
    """
    from quixnb.named_tokens import token as named

    return named(name)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics, the guard and the completion: what `%load_ext quixnb` calls."""
    from quixnb.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take them away again: what `%unload_ext quixnb` calls."""
    from quixnb.magics.extension import unload

    unload(shell)


def _current() -> Session:
    from quixnb.connecting import current

    return current()


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name == "sandbox":
        return import_module("quixnb.sandbox")
    if name[:1].isupper():
        from quixnb.streams05.absent import INSTEAD, refuse

        if name in INSTEAD:
            refuse(name)
    raise AttributeError(f"module 'quixnb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package itself: a function in it stays what it is when a module of its name (`quixnb.token`) is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and callable(vars(self).get(name))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
