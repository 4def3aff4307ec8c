"""What the client sends, and how it reads what comes back."""

from __future__ import annotations

import base64
import io
import pprint
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug import Response

from quixnb.errors import EnvironmentNotFound, PortalUnreachable, TopicNotFound
from quixnb.portal import Environment, Portal, Topic
from quixnb.token import Token
from tests.fakes import fake_password, fake_token
from tests.portal.conftest import StandIn, a_refusal, an_answer
from tests.portal.failures import failure

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TOPIC = {
    "id": "acme-f1-dev-f1-data",
    "name": "f1-data",
    "workspaceId": "acme-f1-dev",
    "status": "Ready",
    "configuration": {
        "partitions": 3,
        "replicationFactor": 2,
        "retentionInMinutes": 10,
        "retentionInBytes": 1000,
        "cleanupPolicy": "Delete",
    },
}


def test_each_request_carries_the_token_in_a_header_and_nowhere_else(
    stand_in: StandIn, portal: Portal, token: Token
) -> None:
    stand_in.gives("/workspaces", an_answer([]))

    portal.environments()

    (request,) = stand_in.requests
    assert request.headers["Authorization"] == f"Bearer {token.reveal()}"
    assert request.headers["X-Version"] == "2.0"
    assert request.headers["Accept"] == "application/json"
    assert token.reveal() not in request.url


def test_environments_are_listed_without_their_brokers_password(stand_in: StandIn, portal: Portal) -> None:
    password = fake_password()
    stand_in.gives(
        "/workspaces",
        an_answer(
            [
                {
                    "workspaceId": "acme-f1-dev",
                    "name": "F1",
                    "status": "Ready",
                    "environmentName": "dev",
                    "branch": "main",
                    "brokerType": "SharedKafka",
                    "broker": {"username": "acme", "password": password},
                }
            ]
        ),
    )

    environments = portal.environments()

    assert environments == [Environment("acme-f1-dev", "F1", "Ready", "dev", "main", "SharedKafka")]
    assert password not in pprint.pformat(environments)


def test_a_status_of_tomorrow_and_missing_fields_are_taken_as_they_are(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces", an_answer([{"workspaceId": "a", "status": "Hibernating"}, {"workspaceId": "b"}]))
    stand_in.gives(
        "/a/topics",
        an_answer(
            [
                {"id": "a-x", "status": "Defragmenting", "configuration": {"partitions": "many", "cleanupPolicy": "?"}},
                {"id": "a-y", "name": "y", "configuration": None, "lastError": None, "new": {"field": 1}},
            ]
        ),
    )

    environments, topics = portal.environments(), portal.topics("a")

    assert environments == [Environment("a", "a", "Hibernating"), Environment("b", "b")]
    assert topics == [
        Topic("a-x", "a-x", "a", "Defragmenting", cleanup_policy="?"),
        Topic("a-y", "y", "a"),
    ]


def test_an_entry_without_an_id_does_not_hide_the_others(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", an_answer([{"id": None, "name": "new", "status": "Creating"}, TOPIC]))

    assert [topic.name for topic in portal.topics("a")] == ["f1-data"]


def test_an_environment_without_topics_has_none(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics", an_answer([]))

    assert portal.topics("a") == []


def test_one_environment_is_read_by_its_id(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/workspaces/acme-f1-dev", an_answer({"workspaceId": "acme-f1-dev", "name": "F1"}))

    assert portal.environment("acme-f1-dev") == Environment("acme-f1-dev", "F1")


def test_a_topic_is_read_with_its_settings(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/acme-f1-dev/topics/f1-data", an_answer(TOPIC))

    topic = portal.topic("acme-f1-dev", "f1-data")

    assert topic == Topic("acme-f1-dev-f1-data", "f1-data", "acme-f1-dev", "Ready", 3, 2, 10, 1000, "Delete")


def test_a_topic_that_is_not_there_is_none(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics/x", a_refusal(404))

    assert portal.topic("a", "x") is None


@pytest.mark.parametrize(
    ("name", "is_internal"),
    [("changelog__a--b", True), ("source__csv", True), ("f1-data", False), ("my-source__x", False)],
)
def test_topics_that_quix_streams_makes_for_itself_are_internal(name: str, is_internal: bool) -> None:
    assert Topic("id", name, "a").is_internal is is_internal


def test_names_are_quoted_so_that_they_stay_one_part_of_the_path(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a b/topics/x/y?z", an_answer(TOPIC))

    assert portal.topic("a b", "x/y?z") is not None


def test_the_path_of_an_address_is_kept(stand_in: StandIn, connect: Callable[..., Portal]) -> None:
    stand_in.gives("/behind/gateway/workspaces", an_answer([]))

    assert connect(f"{stand_in.address}/behind/gateway/").environments() == []


@pytest.mark.parametrize("name", ["", ".", "..", " "])
def test_names_that_would_make_another_path_are_not_asked_for(stand_in: StandIn, portal: Portal, name: str) -> None:
    failure(TopicNotFound, portal.delete_topic, "a", name)
    failure(EnvironmentNotFound, portal.environment, name)

    assert stand_in.requests == []


def test_a_token_given_as_a_name_is_neither_sent_nor_repeated(stand_in: StandIn, portal: Portal) -> None:
    text = fake_token()

    failure(TopicNotFound, portal.topic, "a", text, without=(text,), variables=False)
    failure(TopicNotFound, portal.create_topic, "a", text, without=(text,), variables=False)
    failure(EnvironmentNotFound, portal.topics, text, without=(text,), variables=False)

    assert stand_in.requests == []


def test_kafka_settings_are_the_portals_with_the_certificate_as_librdkafka_wants_it(
    stand_in: StandIn, portal: Portal
) -> None:
    password = fake_password()
    sent = {
        "bootstrap.servers": "kafka:9093",
        "security.protocol": "SASL_SSL",
        "sasl.password": password,
        "ssl.ca.cert": base64.b64encode(PEM.encode()).decode(),
        "client.id": None,
        "enable.idempotence": True,
    }
    stand_in.gives("/workspaces/a/broker/librdkafka", an_answer(sent))

    settings = portal.kafka_settings("a")

    assert dict(settings.reveal()) == {
        "bootstrap.servers": "kafka:9093",
        "security.protocol": "SASL_SSL",
        "sasl.password": password,
        "ssl.ca.pem": PEM,
        "enable.idempotence": True,
    }
    assert repr(settings) == "<Kafka settings from environment 'a'>"


@pytest.mark.parametrize(
    "sent",
    [
        [],
        {},
        {"sasl.password": "PASSWORD"},
        {"bootstrap.servers": "k:1", "sasl.password": "PASSWORD", "nested": {"a": 1}},
        {"bootstrap.servers": "k:1", "sasl.password": "PASSWORD", "ssl.ca.cert": "%%%"},
        {"bootstrap.servers": "k:1", "sasl.password": "PASSWORD", "ssl.ca.cert": "bm90IGEgY2VydA=="},
    ],
)
def test_kafka_settings_of_another_form_are_refused_without_repeating_them(
    stand_in: StandIn, portal: Portal, sent: object
) -> None:
    password = fake_password()
    if isinstance(sent, dict) and sent.get("sasl.password"):
        sent = sent | {"sasl.password": password}
    stand_in.gives("/workspaces/a/broker/librdkafka", an_answer(sent))

    failure(PortalUnreachable, portal.kafka_settings, "a", without=(password,))


def test_the_certificate_comes_out_of_the_zip(stand_in: StandIn, portal: Portal) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("ca.cert", PEM)
    stand_in.gives("/workspaces/a/certificates", Response(archive.getvalue(), content_type="application/zip"))
    stand_in.gives("/workspaces/b/certificates", Response(status=204))

    assert portal.certificates("a") == PEM.encode()
    assert portal.certificates("b") is None


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 not a zip", b'{"a": 1}'])
def test_certificates_of_another_form_are_refused(stand_in: StandIn, portal: Portal, body: bytes) -> None:
    stand_in.gives("/workspaces/a/certificates", Response(body))

    failure(PortalUnreachable, portal.certificates, "a")


def test_token_details_are_whatever_the_portal_says_without_tokens(
    stand_in: StandIn, portal: Portal, token: Token
) -> None:
    stand_in.gives("/auth/token/details", an_answer({"kind": "SDK", "scopes": [f"t={token.reveal()}", 1, None]}))

    assert portal.token_details() == {"kind": "SDK", "scopes": ["t=[quix token]", 1, None]}


def test_changes_go_to_the_topics_own_path(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics/t", an_answer(TOPIC), method="PATCH")
    stand_in.gives("/a/topics/t", Response(status=204), method="DELETE")
    stand_in.gives("/a/topics/t/clean", Response(status=202), method="POST")

    portal.update_topic("a", "t", partitions=4, retention_minutes=None, retention_bytes=0)
    portal.clean_topic("a", "t")
    portal.delete_topic("a", "t")

    assert [request.method for request in stand_in.requests] == ["PATCH", "POST", "DELETE"]
    assert stand_in.requests[0].json == {"partitions": 4, "retentionInBytes": 0}


def test_changing_a_topic_that_is_not_there_says_so(stand_in: StandIn, portal: Portal) -> None:
    stand_in.gives("/a/topics/t", a_refusal(404), method="DELETE")

    error = failure(TopicNotFound, portal.delete_topic, "a", "t")

    assert error.what == "There is no topic 't' in environment 'a'."


def test_nothing_that_prints_a_client_shows_the_token(stand_in: StandIn, portal: Portal, token: Token) -> None:
    stand_in.gives("/workspaces", an_answer([]))
    portal.environments()

    parts = [portal, vars(portal), vars(portal._exchange), vars(portal._exchange._client)]

    assert repr(portal) == f"<Portal {stand_in.host}>"
    assert all(token.reveal() not in f"{part!r} {part!s} {pprint.pformat(part)}" for part in parts)


def test_logs_at_any_level_do_not_show_the_token(
    stand_in: StandIn, portal: Portal, token: Token, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in.gives("/workspaces", an_answer([]))

    with caplog.at_level("DEBUG"):
        portal.environments()

    assert caplog.records
    assert token.reveal() not in caplog.text


def test_a_local_portal_is_asked_without_the_companys_proxy(
    stand_in: StandIn, other_host: StandIn, connect: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, other_host.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    stand_in.gives("/workspaces", an_answer([]))

    assert connect(stand_in.address).environments() == []

    assert other_host.requests == []


def test_certificates_that_are_not_there_are_said_before_anything_is_sent(
    connect: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    error = failure(PortalUnreachable, connect, "https://127.0.0.1:1")

    assert "SSL_CERT_FILE" in error.cause


@pytest.mark.parametrize("address", ["https://user:SECRET@127.0.0.1", "ftp://127.0.0.1", "", "http://127.0.0.1:port"])
def test_an_address_that_cannot_be_a_portals_is_refused(connect: Callable[..., Portal], address: str) -> None:
    failure(PortalUnreachable, connect, address, without=("SECRET",), variables=False)
