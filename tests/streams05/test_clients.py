"""The two clients: whose token, which environment, which topic, and what they have not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import quixnb as qx
import quixnb.sandbox
from quixnb import connecting
from quixnb.connecting import opened
from quixnb.errors import (
    BrokerUnreachable,
    EnvironmentAmbiguous,
    QuixnbError,
    TokenMalformed,
    TokenMissing,
    TokenRejected,
    TopicNotFound,
)
from quixnb.sandbox import Sandbox
from tests.broker.clusters import Cluster
from tests.fakes import fake_password, fake_token
from tests.sandbox.helpers import remembered


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as sandbox:
        yield remembered(sandbox)


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("Quix__Portal__Api", running.portal_api)
    yield running
    connecting.forget()


def publish_one(producer: qx.TopicProducer, stream_id: str) -> None:
    with producer, producer.create_stream(stream_id) as stream:
        stream.timeseries.buffer.add_timestamp_nanoseconds(1).add_value("n", 1).publish()


def test_a_topic_is_found_by_its_name_and_by_its_id(sandbox: Sandbox) -> None:
    token = sandbox.environments["dev"].token_1
    client = qx.QuixStreamingClient(token.reveal())
    with opened(token=token) as reader:
        publish_one(client.get_topic_producer("f1-data"), "by-name")
        publish_one(client.get_topic_producer(f"{sandbox.environments['dev'].id}-f1-data"), "by-id")

        assert len(reader.read("f1-data", stream="by-name")) == 1
        assert len(reader.read("f1-data", stream="by-id")) == 1


def test_a_topic_that_is_not_there_is_made(sandbox: Sandbox) -> None:
    token = sandbox.environments["dev"].token_1
    client = qx.QuixStreamingClient(token.reveal())

    publish_one(client.get_topic_producer("new-by-name"), "s")
    publish_one(client.get_topic_producer(f"{sandbox.environments['dev'].id}-new-by-id"), "s")

    with opened(token=token) as reader:
        assert {"new-by-name", "new-by-id"} <= {topic.name for topic in reader.topics()}


def test_a_topic_is_not_made_where_that_is_not_wanted(sandbox: Sandbox) -> None:
    client = qx.QuixStreamingClient(sandbox.environments["dev"].token_1.reveal(), auto_create_topics=False)

    with pytest.raises(TopicNotFound, match="f1-dta"):
        client.get_topic_producer("f1-dta")


def test_the_token_is_looked_for_where_quixnb_looks(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TokenMissing):
        qx.QuixStreamingClient()
    monkeypatch.setenv("Quix__Sdk__Token", sandbox.environments["dev"].token_1.reveal())

    client = qx.QuixStreamingClient()

    publish_one(client.get_topic_producer("f1-data"), "from-variable")
    assert "Quix__Sdk__Token" in repr(client)


def test_without_a_token_it_takes_the_one_that_quixnb_is_connected_with(sandbox: Sandbox) -> None:
    connected = connecting.connect(token=sandbox.environments["prod"].token_1)

    publish_one(qx.QuixStreamingClient().get_topic_producer("f1-data"), "as-connected")

    assert len(connected.read("f1-data", stream="as-connected")) == 1


def test_it_leaves_the_connection_of_quixnb_alone(sandbox: Sandbox) -> None:
    connected = connecting.connect(token=sandbox.environments["prod"].token_1)

    client = qx.QuixStreamingClient(sandbox.environments["dev"].token_1.reveal())
    publish_one(client.get_topic_producer("f1-data"), "elsewhere")

    assert connecting.default() is connected
    assert len(connected.read("f1-data", stream="elsewhere")) == 0


def test_a_token_of_many_environments_finds_the_one_in_the_topics_id(sandbox: Sandbox) -> None:
    client = qx.QuixStreamingClient(sandbox.admin_token.reveal())
    with pytest.raises(EnvironmentAmbiguous):
        client.get_topic_producer("f1-data")

    publish_one(client.get_topic_producer(f"{sandbox.environments['prod'].id}-f1-data"), "by-prefix")

    with opened(token=sandbox.environments["prod"].token_1) as reader:
        assert len(reader.read("f1-data", stream="by-prefix")) == 1


def test_a_token_that_is_none_is_refused_without_being_repeated(sandbox: Sandbox) -> None:
    with pytest.raises(TokenMalformed):
        qx.QuixStreamingClient("<your token here>")
    refused = fake_token()
    client = qx.QuixStreamingClient(refused)

    with pytest.raises(TokenRejected) as caught:
        client.get_topic_producer("f1-data")

    assert refused not in f"{caught.value}{client!r}"


def test_the_portal_may_be_set_before_the_first_topic(running: Sandbox) -> None:
    client = qx.QuixStreamingClient(running.environments["dev"].token_1.reveal())

    client.api_url = running.portal_api

    publish_one(client.get_topic_producer("f1-data"), "api-url")
    assert client.api_url == running.portal_api


def test_properties_reach_the_broker_client(sandbox: Sandbox) -> None:
    bad = qx.QuixStreamingClient(sandbox.environments["dev"].token_1.reveal(), properties={"acks": "many"})

    with pytest.raises(QuixnbError, match="acks"):
        bad.get_topic_producer("f1-data")


def test_the_settings_of_old_that_have_no_effect_can_still_be_set(sandbox: Sandbox) -> None:
    client = qx.QuixStreamingClient(sandbox.environments["dev"].token_1.reveal(), debug=True)

    client.token_validation_config.enabled = False
    client.cache_period *= 2

    publish_one(client.get_topic_producer("f1-data"), "settings")


@pytest.mark.parametrize("name", ["get_topic_consumer", "get_raw_topic_consumer", "get_raw_topic_producer"])
def test_what_a_client_has_not_says_what_to_use_instead(mock_broker: Cluster, name: str) -> None:
    client = qx.KafkaStreamingClient(mock_broker.address)

    with pytest.raises(QuixnbError, match=f"'{name}' of Quix Streams 0.5 is not part of quixnb") as caught:
        getattr(client, name)("topic", consumer_group="group")

    assert caught.value.fix


@pytest.mark.parametrize(
    "name", ["App", "TopicConsumer", "CommitOptions", "CodecSettings", "LocalFileStorage", "Logging", "RawMessage"]
)
def test_names_of_old_that_are_not_there_say_what_to_use_instead(name: str) -> None:
    with pytest.raises(QuixnbError, match=f"'{name}'") as caught:
        getattr(qx, name)

    assert caught.value.fix.endswith(".")
    with pytest.raises(QuixnbError):
        exec(f"from quixnb import {name}")


def test_security_options_become_settings_and_are_not_shown() -> None:
    password = fake_password()
    security = qx.SecurityOptions("certificates/ca.cert", "me", password, qx.SaslMechanism.ScramSha512)
    client = qx.KafkaStreamingClient("127.0.0.1:1", security, properties={"client.id": "mine"})

    settings = client._broker._settings.reveal()

    assert settings["security.protocol"] == "SASL_SSL"
    assert settings["sasl.mechanism"] == "SCRAM-SHA-512"
    assert (settings["sasl.username"], settings["sasl.password"]) == ("me", password)
    assert settings["ssl.ca.location"] == "certificates/ca.cert"
    assert settings["client.id"] == "mine"
    assert password not in f"{security!r}{client!r}{security.settings!r}{vars(security)}"


def test_a_cluster_that_is_not_there_is_said_at_the_first_topic() -> None:
    client = qx.KafkaStreamingClient("127.0.0.1:1")
    client._broker._connect_s = 0.5

    with pytest.raises(BrokerUnreachable):
        client.get_topic_producer("topic")
