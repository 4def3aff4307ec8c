"""Why the portal did not answer, in words: never an exception's own text, which may hold addresses and credentials."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from quixnb.errors import PortalUnreachable

_FIX = "Check the address (Quix__Portal__Api, the profile) and the network, then run the cell again."


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, or none that can be read.

    Attributes
    ----------
    what
        Continues 'The portal at HOST …'.
    cause, fix
        As in the error.
    is_temporary
        Whether the same request may do a moment later.
    was_sent
        Whether the request may have reached the portal all the same.
    """

    what: str
    cause: str = ""
    fix: str = _FIX
    is_temporary: bool = False
    was_sent: bool = False

    def error(self, host: str, tries: int, seconds: float) -> PortalUnreachable:
        """Say it as an error."""
        tried = f"Tried {tries} times in {seconds:.1f} s." if tries > 1 else ""
        cause = " ".join(filter(None, (self.cause, tried)))
        return PortalUnreachable(f"The portal at {host} {self.what}.", cause=cause, fix=self.fix)


def silence_from(exc: httpx2.RequestError, timeout_s: float) -> Silence:
    """Put a transport error in words."""
    if isinstance(exc, httpx2.TimeoutException):
        return Silence(
            f"did not answer within {timeout_s:.2g} s",
            "It is slow, or something on the way drops the connection without a word.",
            is_temporary=True,
            was_sent=not isinstance(exc, httpx2.ConnectTimeout | httpx2.PoolTimeout),
        )
    for origin in _origins(exc):
        if isinstance(origin, ssl.SSLError):
            return _without_tls(origin)
        if isinstance(origin, socket.gaierror):
            return Silence("was not found", "Its name does not resolve to an address.", is_temporary=True)
        if isinstance(origin, ConnectionRefusedError):
            return Silence("refused the connection", "Nothing listens at that address.", is_temporary=True)
    if isinstance(exc, httpx2.ProxyError):
        return _refused_by_proxy(exc)
    if isinstance(exc, httpx2.NetworkError | httpx2.RemoteProtocolError):
        return Silence(
            "broke the connection off",
            "It ended before there was an answer in HTTP.",
            is_temporary=True,
            was_sent=not isinstance(exc, httpx2.ConnectError),
        )
    return Silence("did not answer as a Quix portal", "What came back cannot be read as HTTP.")


def unusable_network(exc: Exception, host: str) -> PortalUnreachable:
    """Say why no connection can be prepared: an address, or certificates that are not there."""
    if isinstance(exc, OSError):
        cause = "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read."
        fix = "Correct or unset that variable."
    else:
        cause = "That address, or a proxy's in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, cannot be used."
        fix = "Correct or unset it; a SOCKS proxy also needs: pip install socksio"
    return PortalUnreachable(f"No connection to the portal at {host} can be prepared.", cause=cause, fix=fix)


def is_loopback(address: str) -> bool:
    """Whether `address` is on this machine, by its looks alone."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _without_tls(exc: ssl.SSLError) -> Silence:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return Silence(
            "could not prove that it is that host",
            f"Its certificate was refused: {exc.verify_message.rstrip('.')}.",
            "Behind a company's proxy, set SSL_CERT_FILE to its certificates; else check the address.",
        )
    return Silence(
        "does not speak TLS as expected",
        f"OpenSSL says: {(exc.reason or 'no reason given').replace('_', ' ').lower()}.",
        "If it is a local one, its address begins with http://; else check for a proxy on the way.",
    )


def _refused_by_proxy(exc: httpx2.ProxyError) -> Silence:
    status = re.match(r"\d{3}\b", str(exc))
    return Silence(
        "cannot be reached through the proxy",
        f"The proxy refused{f' ({status[0]})' if status else ''}; HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names it.",
        "Correct the proxy's address and credentials there, or name the portal's host in NO_PROXY.",
    )


def _origins(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__
