"""The tree of errors a user can act on, each shown as three lines without a traceback.

QuixnbError
  · TokenMissing              nowhere a token was found
  · TokenMalformed            a text that cannot be a Quix token
  · TokenRejected             the portal answered 401
  · EnvironmentAmbiguous      the token sees several environments and none was chosen
  · EnvironmentNotFound       the token does not see the environment that was chosen
  · TopicNotFound
  · PortalError               the portal answered, with an error
    + PortalUnreachable       it did not answer, or not as a portal
  · BrokerError               Kafka answered, with an error
    + BrokerUnreachable
    + AuthorizationDenied
  · FrameError                the frame, or an option about it, cannot be published as asked
    + MessageTooLarge         one row alone is over the topic's limit
  · DeliveryError             rows were not acknowledged; carries the report
  · SandboxError              the local sandbox did not start or stop

PublishInterrupted            a KeyboardInterrupt that carries the report
PromptInterrupted             a KeyboardInterrupt while somebody was asked for a token
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quixnb.portal import Environment
    from quixnb.report import PublishReport


class ThreeLines:
    """What happened, why, what to do next; shown by IPython instead of a traceback.

    A traceback would store source lines of the user's cell, and with `%xmode Verbose` local values, in the
    notebook; see `InteractiveShell.showtraceback`, which shows `_render_traceback_()` where there is one.
    """

    what: str
    cause: str
    fix: str

    def _lines(self) -> list[str]:
        return [line for line in (self.what, self.cause, self.fix) if line]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _render_traceback_(self) -> list[str]:
        first, *rest = self._lines()
        return [f"{type(self).__name__}: {first}", *rest]


def _clean(text: str) -> str:
    # A token may stand wherever a name is expected and then quoted: as a topic's, a column's, a path.
    from quixnb.known import known_secrets
    from quixnb.redact import redact

    return redact(text, known_secrets())


class QuixnbError(ThreeLines, Exception):
    """Base of all errors that quixnb raises on purpose.

    Parameters
    ----------
    what
        What happened, with the user's own names; a token among them is replaced. Never a URL with credentials or a
        server's raw body.
    cause
        Why, if known; facts only.
    fix
        What to do next, if possible one command that can be pasted.
    """

    def __init__(self, what: str, *, cause: str = "", fix: str = "") -> None:
        self.what, self.cause, self.fix = map(_clean, (what, cause, fix))
        super().__init__(self.what)

    def to_keep(self) -> QuixnbError:
        """The same words without the traceback, which would keep alive all that the failed call had in its hands."""
        return QuixnbError(self.what, cause=self.cause, fix=self.fix)


class TokenMissing(QuixnbError):
    """No token was found anywhere."""


class TokenMalformed(QuixnbError):
    """The text given cannot be a Quix token.

    Attributes
    ----------
    problem
        What is wrong with it, in a few words; empty where that is not about its letters.
    """

    def __init__(self, what: str, *, cause: str = "", fix: str = "", problem: str = "") -> None:
        super().__init__(what, cause=cause, fix=fix)
        self.problem = problem


class TokenRejected(QuixnbError):
    """The portal refused the token (401)."""


class EnvironmentAmbiguous(QuixnbError):
    """The token sees several environments and none was chosen.

    Attributes
    ----------
    environments
        Those that it sees.
    """

    environments: tuple[Environment, ...] = ()


class EnvironmentNotFound(QuixnbError):
    """The token does not see the environment that was asked for.

    Attributes
    ----------
    environments
        Those that it sees; empty where they were not asked for.
    """

    environments: tuple[Environment, ...] = ()


class TopicNotFound(QuixnbError):
    """The environment has no topic of that name or ID."""


class PortalError(QuixnbError):
    """The portal answered with an error.

    Attributes
    ----------
    status_code
        HTTP status of the answer, or None when there was none.
    """

    def __init__(self, what: str, *, cause: str = "", fix: str = "", status_code: int | None = None) -> None:
        super().__init__(what, cause=cause, fix=fix)
        self.status_code = status_code


class PortalUnreachable(PortalError):
    """The portal did not answer, or what answered is not a Quix portal."""


class BrokerError(QuixnbError):
    """Kafka answered with an error."""


class BrokerUnreachable(BrokerError):
    """No broker answered."""


class AuthorizationDenied(BrokerError):
    """The broker refused the credentials, or the topic to them."""


class FrameError(QuixnbError):
    """The frame, or an option about it, cannot be published as asked; nothing was sent of the part named."""


class MessageTooLarge(FrameError):
    """One row alone makes a message above the topic's limit."""


class SandboxError(QuixnbError):
    """The local sandbox did not start, or is not there."""


class DeliveryError(QuixnbError):
    """Some rows were not acknowledged by the broker.

    Attributes
    ----------
    report
        What was delivered and what was not; `report.retry()` sends the rest.
    """

    def __init__(self, what: str, *, cause: str = "", fix: str = "", report: PublishReport) -> None:
        super().__init__(what, cause=cause, fix=fix)
        self.report = report


class PublishInterrupted(ThreeLines, KeyboardInterrupt):
    """Publishing was interrupted; the report says what the broker had acknowledged by then.

    A KeyboardInterrupt, so that "run all" stops and `except Exception` does not swallow it.

    Attributes
    ----------
    report
        What was delivered and what was not; `report.retry()` sends the rest.
    """

    def __init__(self, what: str, *, cause: str = "", fix: str = "", report: PublishReport) -> None:
        self.what, self.cause, self.fix = map(_clean, (what, cause, fix))
        super().__init__(self.what)
        self.report = report


class PromptInterrupted(ThreeLines, KeyboardInterrupt):
    """Whoever was asked for a token interrupted the question; nothing has changed."""

    def __init__(self) -> None:
        self.what, self.cause = "The question for a token was interrupted.", "Nothing has changed."
        self.fix = "Run the cell again to be asked again."
        super().__init__(self.what)
