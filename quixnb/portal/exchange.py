"""Sends one request to the portal, again where that helps, and returns what came back without the request in it."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_result

from quixnb._version import __version__
from quixnb.portal.silence import Silence, is_loopback, silence_from, unusable_network
from quixnb.profiles import without_tokens
from quixnb.redact import REPLACEMENT, redact
from quixnb.token import Token

# Gateways answer so while the portal behind them restarts, and 429 asks for a pause: the same request may do later.
_TEMPORARY = frozenset({429, 502, 503, 504})
_TRIES_WITHOUT_ANSWER = 4
_LONGEST_WAIT_S = 4.0
_SHORTEST_TRY_S = 1.0  # the last attempt shall not fail for want of time alone, and hide what was wrong before
_LARGEST_BODY = 32 * 1024 * 1024  # bytes; some 50,000 topics


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal answered. Holds nothing of the request, so no token; its body is in no printed form."""

    status: int
    media_type: str
    body: bytes = field(repr=False)
    location: str = field(default="", repr=False)
    retry_after_s: float | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether it is HTML: from a proxy, a login or a firewall, since the portal sends none."""
        return "html" in self.media_type


class Exchange:
    """A connection to one portal.

    Parameters
    ----------
    address
        With scheme, without a slash at the end.
    token
        In use; revealed for each request, and kept in no other form.
    timeout_s
        How long one attempt may take.
    retry_for_s
        How long all attempts of one GET may take; 0 for one attempt.
    first_wait_s
        Pause before the second attempt; each further one is twice as long, up to 4 s.
    """

    def __init__(
        self, address: str, token: Token, *, timeout_s: float, retry_for_s: float, first_wait_s: float
    ) -> None:
        self.host = urlsplit(address).netloc
        self.token = token
        self._shown = [token]
        self._timeout_s = timeout_s
        self._retry_for_s = retry_for_s
        self._first_wait_s = first_wait_s
        self._address = address
        self._client = _client(address, self.host)

    def __repr__(self) -> str:
        return f"<exchange with {self.host}>"

    def close(self) -> None:
        """Close the connections. A request after that opens new ones: whoever still holds a session can use it."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        payload: object = None,
        accept: str = "application/json",
        token: Token | None = None,
        once: bool = False,
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        A GET is sent again after transport errors and 429, 502, 503, 504. Others are not: they may have taken effect.

        Parameters
        ----------
        method, path, payload, accept
            What is sent.
        token
            Shown instead of the one in use.
        once
            Send a GET once only.

        Raises
        ------
        PortalUnreachable
            There was no answer.
        """
        shown = self.token if token is None else token
        if all(each is not shown for each in self._shown):
            self._shown.append(shown)
        began, tries = time.monotonic(), 0

        def attempt() -> Answer | Silence:
            nonlocal tries
            tries += 1
            left_s = began + self._retry_for_s - time.monotonic()
            timeout_s = self._timeout_s if tries == 1 else min(self._timeout_s, max(left_s, _SHORTEST_TRY_S))
            return self._attempt(method, path, payload, accept, timeout_s, shown)

        outcome = self._retrying()(attempt) if method == "GET" and not once else attempt()
        if isinstance(outcome, Answer):
            return outcome
        if method != "GET" and outcome.was_sent:
            outcome = replace(outcome, cause=f"{outcome.cause} Whether the change was made is not known.")
        raise outcome.error(self.host, tries, time.monotonic() - began)

    def scrub(self, text: str) -> str:
        """`text` in one line, without our tokens, pieces of them, or anything that looks like a token or a password."""
        for token in self._shown:
            value = token.reveal()
            ends = rf"{re.escape(value[:8])}[\w.-]*|[\w.-]*{re.escape(value[-8:])}"
            text = re.sub(ends, REPLACEMENT, redact(text, [value]))
        text = re.sub(r"(?i)(passw(?:or)?d|secret)(['\"]?\s*[:=]\s*)\S+", r"\1\2[hidden]", without_tokens(text))
        return " ".join("".join(each if each.isprintable() else " " for each in text).split())

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_result(_may_do_later),
            wait=self._wait_s,
            stop=self._is_over,
            # The last outcome as it is, rather than an exception that would carry its context along.
            retry_error_callback=_outcome,
        )

    def _wait_s(self, state: RetryCallState) -> float:
        growing = min(self._first_wait_s * 2.0 ** (state.attempt_number - 1), _LONGEST_WAIT_S)
        outcome = _outcome(state)
        # Never shorter than our own pause: 'Retry-After: 0' would make a storm of requests.
        return max(growing, (outcome.retry_after_s or 0.0) if isinstance(outcome, Answer) else 0.0)

    def _is_over(self, state: RetryCallState) -> bool:
        # A name that does not resolve or a port where nothing listens seldom changes while a person waits.
        if isinstance(_outcome(state), Silence) and state.attempt_number >= _TRIES_WITHOUT_ANSWER:
            return True
        return (state.seconds_since_start or 0.0) + self._wait_s(state) >= self._retry_for_s

    def _attempt(
        self, method: str, path: str, payload: object, accept: str, timeout_s: float, token: Token
    ) -> Answer | Silence:
        ends_at = time.monotonic() + timeout_s
        headers = {"Accept": accept}
        if self._client.is_closed:
            self._client = _client(self._address, self.host)
        try:
            with self._client.stream(
                method, path, json=payload, headers=headers, timeout=timeout_s, auth=_Bearer(token)
            ) as response:
                return _received(response, ends_at)
        except httpx2.RequestError as exc:
            return silence_from(exc, timeout_s)


class _Bearer(httpx2.Auth):
    """Puts the token on a request at the moment it is sent, and keeps no copy of its text."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request


def _client(address: str, host: str) -> httpx2.Client:
    try:
        return httpx2.Client(
            base_url=address,
            headers={"X-Version": "2.0", "User-Agent": f"quixnb/{__version__}"},
            # A redirect is an answer to report: the token goes to no host that the user did not name.
            follow_redirects=False,
            # What listens on this machine is not asked for through a company's proxy.
            trust_env=not is_loopback(address),
            verify=httpx2.create_ssl_context(),
        )
    except (httpx2.InvalidURL, ValueError, ImportError, OSError) as exc:
        problem = unusable_network(exc, host)
    # Outside of the `except`, so that the error does not carry the other one along.
    raise problem


def _received(response: httpx2.Response, ends_at: float) -> Answer | Silence:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LARGEST_BODY:
            return Silence("sent more than 32 MB, which no portal does")
        if time.monotonic() > ends_at:
            # The client's own timeout is per read; a byte now and then would keep it waiting for ever.
            raise httpx2.ReadTimeout("")
    return Answer(
        status=response.status_code,
        media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        body=bytes(body),
        location=response.headers.get("Location", ""),
        retry_after_s=retry_after_s(response.headers.get("Retry-After", ""), response.headers.get("Date", "")),
    )


def retry_after_s(text: str, date: str) -> float | None:
    """Seconds that `Retry-After` asks for, given as such or as an HTTP date; None if it does not say.

    A date is taken relative to the answer's own `Date`, so that a wrong clock on either side does no harm.
    """
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text.strip()):
        return float(text)
    until = _http_date(text)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(date) or datetime.now(UTC))).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _outcome(state: RetryCallState) -> Answer | Silence:
    return cast(Answer | Silence, state.outcome.result()) if state.outcome else Silence("was not asked")


def _may_do_later(outcome: Answer | Silence) -> bool:
    return outcome.is_temporary if isinstance(outcome, Silence) else outcome.status in _TEMPORARY
