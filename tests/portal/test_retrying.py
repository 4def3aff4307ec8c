"""What is asked again, for how long, and what is said when that was in vain."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from quixnb.errors import PortalError, PortalUnreachable
from quixnb.portal import Portal
from quixnb.portal.exchange import retry_after_s
from quixnb.token import Token
from tests.fakes import fake_password
from tests.portal.conftest import StandIn, a_page, a_refusal, an_answer
from tests.portal.failures import failure
from tests.portal.sockets import address_of, served

Connect = Callable[..., Portal]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_weakness_is_survived(stand_in: StandIn, portal: Portal, status: int) -> None:
    stand_in.gives("/workspaces", a_refusal(status), a_page(status), an_answer([]))

    assert portal.environments() == []

    assert len(stand_in.requests) == 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_lasting_weakness_is_said_when_the_time_is_over(stand_in: StandIn, connect: Connect, status: int) -> None:
    stand_in.gives("/workspaces", a_refusal(status, "Deploying", "c0-503"))
    portal = connect(stand_in.address, retry_for_s=0.1)

    error = failure(PortalUnreachable, portal.environments)

    assert error.status_code == status
    assert error.what == f"The portal at {stand_in.host} is not available at the moment ({status})."
    assert error.cause == "The portal says: 'Deploying' (correlation ID c0-503)."
    assert len(stand_in.requests) > 2


def test_a_gateways_page_is_not_repeated(stand_in: StandIn, connect: Connect) -> None:
    stand_in.gives("/workspaces", a_page(503, "<html>nginx 1.2</html>"))
    portal = connect(stand_in.address, retry_for_s=0.0)

    error = failure(PortalUnreachable, portal.environments, without=("nginx",))

    assert error.cause == "A gateway before it answered in its place."


def test_a_pause_that_the_portal_asks_for_is_kept(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces", a_refusal(429, Retry_After="0.3"), an_answer([]))
    began = time.monotonic()

    portal.environments()

    assert time.monotonic() - began >= 0.3


def test_a_pause_longer_than_our_patience_is_reported_at_once(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces", a_refusal(429, "Slow down", Retry_After="120"))

    error = failure(PortalError, portal.environments)

    assert error.status_code == 429
    assert error.cause == "It asks for a pause of 120 s. The portal says: 'Slow down' (correlation ID c0-1)."
    assert len(stand_in.requests) == 1


NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0.0),
        ("2", 2.0),
        ("0.25", 0.25),
        (format_datetime(NOW + dt.timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - dt.timedelta(seconds=90), usegmt=True), 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("9" * 400, None),
    ],
)
def test_a_pause_is_seconds_or_a_date_by_the_portals_own_clock(text: str, expected: float | None) -> None:
    assert retry_after_s(text, format_datetime(NOW, usegmt=True)) == expected


def test_a_date_without_the_portals_clock_goes_by_ours() -> None:
    soon = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), usegmt=True)

    assert retry_after_s(soon, "") == pytest.approx(3600, abs=60)


def test_changes_are_not_made_twice(stand_in: StandIn, portal: Portal) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        stand_in.gives("/a/topics/t/clean" if method == "POST" else "/a/topics/t", a_refusal(503), method=method)

    failure(PortalUnreachable, portal.clean_topic, "a", "t")
    failure(PortalUnreachable, portal.update_topic, "a", "t")
    failure(PortalUnreachable, portal.delete_topic, "a", "t")

    assert len(stand_in.requests) == 3


def test_a_silent_portal_is_given_up_within_the_time_for_all_attempts(
    listener: socket.socket, connect: Connect, token: Token
) -> None:
    portal = connect(address_of(listener), timeout_s=0.2, retry_for_s=0.5)
    began = time.monotonic()

    error = failure(PortalUnreachable, portal.environments, without=(token.reveal(),))

    assert time.monotonic() - began < 2
    assert "did not answer within" in error.what
    assert "Tried 3 times" in error.cause
    assert error.status_code is None


def test_a_change_that_was_not_answered_may_have_been_made(listener: socket.socket, connect: Connect) -> None:
    portal = connect(address_of(listener), timeout_s=0.1)

    error = failure(PortalUnreachable, portal.delete_topic, "a", "t")

    assert error.what.endswith("did not answer within 0.1 s.")
    assert error.cause.endswith("Whether the change was made is not known.")


def test_a_port_where_nothing_listens_is_given_up_soon(connect: Connect, token: Token) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = address_of(closed)
    began = time.monotonic()

    error = failure(PortalUnreachable, connect(address).environments, without=(token.reveal(),))

    assert time.monotonic() - began < 5
    assert error.what.endswith("refused the connection.")
    assert "Tried 4 times" in error.cause


def test_a_change_that_could_not_be_sent_was_not_made(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = address_of(closed)

    error = failure(PortalUnreachable, connect(address).delete_topic, "a", "t")

    assert "not known" not in error.cause


EMPTY_LIST = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"


@pytest.mark.parametrize("broken", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[", b"SSH-2.0-OpenSSH\r\n"])
def test_a_connection_that_breaks_is_made_anew(listener: socket.socket, connect: Connect, broken: bytes) -> None:
    thread = served(listener, broken, broken, EMPTY_LIST)

    assert connect(address_of(listener)).environments() == []

    thread.join()


def test_a_connection_that_breaks_every_time_is_said(listener: socket.socket, connect: Connect, token: Token) -> None:
    thread = served(listener, *[b""] * 4)

    error = failure(PortalUnreachable, connect(address_of(listener)).environments, without=(token.reveal(),))

    thread.join()
    assert error.what.endswith("broke the connection off.")


def test_a_byte_now_and_then_does_not_stretch_the_time(listener: socket.socket, connect: Connect) -> None:
    done = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            with suppress(OSError):  # the other side may hang up before it says so
                while not done.wait(0.02):
                    connection.sendall(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    portal = connect(address_of(listener), timeout_s=0.2, retry_for_s=0.0)

    try:
        error = failure(PortalUnreachable, portal.environments)
    finally:
        done.set()
        thread.join()

    assert "did not answer within 0.2 s" in error.what


def test_a_body_that_is_not_packed_as_it_says_is_no_portals(listener: socket.socket, connect: Connect) -> None:
    thread = served(listener, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain")

    error = failure(PortalUnreachable, connect(address_of(listener)).environments)

    thread.join()
    assert "did not answer as a Quix portal" in error.what


def test_https_where_http_is_spoken_is_said(stand_in: StandIn, connect: Connect) -> None:
    error = failure(PortalUnreachable, connect(f"https://{stand_in.host}").environments)

    assert "does not speak TLS" in error.what
    assert "http://" in error.fix


def test_a_certificate_that_nobody_vouches_for_is_said(connect: Connect, token: Token, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=context) as server:
        portal = connect(f"https://127.0.0.1:{server.port}")

        error = failure(PortalUnreachable, portal.environments, without=(token.reveal(),))

    assert error.what.endswith("could not prove that it is that host.")
    assert "self-signed certificate" in error.cause
    assert "Tried" not in error.cause


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and its key, made for this run."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "server.pem"
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_proxy_that_refuses_is_named_without_its_credentials(
    stand_in: StandIn, connect: Connect, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = fake_password()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://ana:{password}@{stand_in.host}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    error = failure(
        PortalUnreachable, connect("https://portal.invalid").environments, without=(password, token.reveal())
    )

    assert error.what == "The portal at portal.invalid cannot be reached through the proxy."
    assert [request.method for request in stand_in.requests] == ["CONNECT"]


def test_a_proxy_that_cannot_be_one_is_said(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    password = fake_password()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"gopher://ana:{password}@127.0.0.1")

    error = failure(PortalUnreachable, connect, "https://portal.invalid", without=(password,))

    assert "HTTPS_PROXY" in error.cause
