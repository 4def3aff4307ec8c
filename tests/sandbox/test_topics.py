"""Topics of the portal: found by name and ID, made, changed, deleted; and the broker has them."""

from __future__ import annotations

import secrets
import time
from typing import Any

import httpx2
import pytest
from confluent_kafka import Producer

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests.sandbox.conftest import Caller
from tests.sandbox.helpers import remembered

DEV, PROD = "sandbox-f1-dev", "sandbox-f1-prod"


def new_name() -> str:
    """A name no other test uses."""
    return f"made-{secrets.token_hex(4)}"


def ids(client: httpx2.Client, environment: str) -> dict[str, str]:
    return {it["name"]: it["id"] for it in client.get(f"/{environment}/topics").json()}


def wait_until_ready(client: httpx2.Client, topic: dict[str, Any]) -> dict[str, Any]:
    """Ask again, as clients do, until the topic is no longer `Creating`."""
    until = time.monotonic() + 5
    while topic["status"] == "Creating" and time.monotonic() < until:
        topic = client.get(f"/{DEV}/topics/{topic['name']}").json()
    return topic


def test_both_environments_have_the_same_names_and_different_ids(admin: httpx2.Client) -> None:
    dev, prod = ids(admin, DEV), ids(admin, PROD)

    assert dev.keys() == prod.keys() >= {"f1-data", "cpu-load", "weather", "telemetry"}
    assert not set(dev.values()) & set(prod.values())


def test_an_id_is_not_always_environment_and_name(dev: httpx2.Client) -> None:
    of = ids(dev, DEV)

    assert of["f1-data"] == f"{DEV}-f1-data"
    assert of["telemetry"] != f"{DEV}-telemetry"
    # Still below the prefix that access on a real broker goes by.
    assert all(it.startswith(f"{DEV}-") for it in of.values())


def test_there_is_an_internal_topic(dev: httpx2.Client) -> None:
    assert any(name.startswith("changelog__") for name in ids(dev, DEV))


def test_the_broker_has_every_topic_from_the_start_and_none_by_its_name_alone(
    sandbox: Sandbox, admin: httpx2.Client
) -> None:
    on_broker = Producer({"bootstrap.servers": sandbox.bootstrap_servers, "log_level": 0}).list_topics(timeout=5).topics

    assert {*ids(admin, DEV).values(), *ids(admin, PROD).values()} <= on_broker.keys()
    assert "f1-data" not in on_broker


def test_a_topic_has_the_documented_fields(dev: httpx2.Client) -> None:
    assert dev.get(f"/{DEV}/topics/f1-data").json() == {
        "id": f"{DEV}-f1-data",
        "name": "f1-data",
        "workspaceId": DEV,
        "status": "Ready",
        "lastError": None,
        "configuration": {
            "partitions": 4,
            "replicationFactor": 1,
            "retentionInMinutes": -1,
            "retentionInBytes": 5_242_880,
            "cleanupPolicy": "Delete",
        },
    }


def test_a_topic_is_found_by_name_and_by_id_and_else_404(dev: httpx2.Client) -> None:
    topic = dev.get(f"/{DEV}/topics/telemetry").json()

    assert dev.get(f"/{DEV}/topics/{topic['id']}").json() == topic
    assert dev.get(f"/{DEV}/topics/Telemetry").status_code == 404
    assert dev.get(f"/{DEV}/topics/tele%20metry").status_code == 404


def test_a_new_topic_is_creating_and_then_ready(own_folder: object) -> None:
    with quixnb.sandbox.start(creating_s=0.3) as sandbox:
        token = remembered(sandbox).environments["dev"].token_1.reveal()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=sandbox.portal_api, headers=headers, trust_env=False) as client:
            created = client.post(f"/{DEV}/topics", json={"name": "laps"}).json()
            listed = client.get(f"/{DEV}/topics").json()[-1]
            ready = wait_until_ready(client, created)

    assert created["status"] == listed["status"] == "Creating"
    assert ready == {**created, "status": "Ready"}


def test_a_new_topic_is_on_the_broker_at_once(sandbox: Sandbox, dev: httpx2.Client) -> None:
    topic_id = dev.post(f"/{DEV}/topics", json={"name": new_name()}).json()["id"]

    found = Producer({"bootstrap.servers": sandbox.bootstrap_servers, "log_level": 0}).list_topics(timeout=5)

    assert len(found.topics[topic_id].partitions) == 4


def test_the_body_of_the_old_client_makes_a_topic(dev: httpx2.Client) -> None:
    name = new_name()

    assert dev.post(f"/{DEV}/topics", json={"Name": name}).json()["name"] == name


def test_the_body_of_the_new_client_with_nulls_makes_a_topic(dev: httpx2.Client) -> None:
    names = ("partitions", "replicationFactor", "retentionInMinutes", "retentionInBytes", "cleanupPolicy")
    body = {"name": new_name(), "configuration": dict.fromkeys(names)}

    topic = dev.post(f"/{DEV}/topics", json=body).json()

    assert topic["configuration"] == dev.get(f"/{DEV}/topics/f1-data").json()["configuration"]


def test_partitions_are_what_the_broker_has_and_retention_what_was_asked(dev: httpx2.Client) -> None:
    asked = {"partitions": 16, "replicationFactor": 3, "retentionInMinutes": 60, "cleanupPolicy": "compact,delete"}

    topic = dev.post(f"/{DEV}/topics", json={"name": new_name(), "configuration": asked}).json()

    assert topic["configuration"] == {
        "partitions": 4,
        "replicationFactor": 1,
        "retentionInMinutes": 60,
        "retentionInBytes": 5_242_880,
        "cleanupPolicy": "DeleteAndCompact",
    }


@pytest.mark.parametrize("name", ["f1-data", "F1-Data", "telemetry"])
def test_a_name_like_another_is_refused_with_the_name_as_given(dev: httpx2.Client, name: str) -> None:
    answer = dev.post(f"/{DEV}/topics", json={"name": name})

    assert answer.status_code == 400
    assert answer.json()["message"] == f"Topic with name similar to '{name}' already exists."


def test_names_that_kafka_takes_for_alike_are_similar(dev: httpx2.Client) -> None:
    name = new_name()
    dev.post(f"/{DEV}/topics", json={"name": f"{name}.a"})

    assert dev.post(f"/{DEV}/topics", json={"name": f"{name}_a"}).status_code == 400


@pytest.mark.parametrize("name", [None, "", 7, ["a"], "a b", "ä", "a/b", ".", "..", "x" * 240])
def test_a_bad_name_is_400(dev: httpx2.Client, name: object) -> None:
    answer = dev.post(f"/{DEV}/topics", json={"name": name})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Topic name")


@pytest.mark.parametrize(
    "settings",
    [
        {"partitions": 0},
        {"partitions": "4"},
        {"replicationFactor": -1},
        {"retentionInMinutes": True},
        {"retentionInBytes": 1.5},
        {"cleanupPolicy": "Never"},
        "none",
    ],
)
def test_bad_settings_are_400_and_make_no_topic(dev: httpx2.Client, settings: object) -> None:
    name = new_name()

    assert dev.post(f"/{DEV}/topics", json={"name": name, "configuration": settings}).status_code == 400
    assert name not in ids(dev, DEV)


@pytest.mark.parametrize("body", ["{", "[]", '"f1"', "\xff"])
def test_a_body_that_is_no_json_object_is_400(dev: httpx2.Client, body: str) -> None:
    assert dev.post(f"/{DEV}/topics", content=body.encode("latin-1")).status_code == 400


def test_settings_can_be_changed_in_both_forms_that_clients_send(dev: httpx2.Client) -> None:
    name = dev.post(f"/{DEV}/topics", json={"name": new_name()}).json()["name"]

    flat = dev.patch(f"/{DEV}/topics/{name}", json={"retentionInMinutes": 5}).json()
    nested = dev.patch(f"/{DEV}/topics/{name}", json={"configuration": {"cleanupPolicy": "Compact"}}).json()

    assert flat["configuration"]["retentionInMinutes"] == 5
    assert nested["configuration"] == {**flat["configuration"], "cleanupPolicy": "Compact"}
    assert dev.patch(f"/{DEV}/topics/nowhere", json={}).status_code == 404


def test_a_deleted_topic_is_gone_and_its_successor_gets_another_id(dev: httpx2.Client) -> None:
    first = dev.post(f"/{DEV}/topics", json={"name": new_name()}).json()

    deleted = dev.delete(f"/{DEV}/topics/{first['name']}").status_code
    then = dev.get(f"/{DEV}/topics/{first['name']}").status_code
    second = dev.post(f"/{DEV}/topics", json={"name": first["name"]}).json()

    assert (deleted, then) == (204, 404)
    assert second["name"] == first["name"]
    # The broker cannot delete; under the old ID the old messages would be back.
    assert second["id"] != first["id"]


def test_cleaning_says_no_where_messages_would_stay(sandbox: Sandbox, dev: httpx2.Client) -> None:
    topic = dev.post(f"/{DEV}/topics", json={"name": new_name()}).json()
    empty = dev.post(f"/{DEV}/topics/{topic['name']}/clean").status_code
    producer = Producer({"bootstrap.servers": sandbox.bootstrap_servers, "log_level": 0})
    producer.produce(topic["id"], b"row")
    producer.flush(5)

    full = dev.post(f"/{DEV}/topics/{topic['name']}/clean")

    assert (empty, full.status_code) == (204, 501)
    assert "cannot remove messages" in full.json()["message"]


def test_a_viewer_reads_but_does_not_write(sandbox: Sandbox, as_caller: Caller) -> None:
    viewer = as_caller(sandbox.viewer_token)

    assert viewer.get(f"/{DEV}/topics/f1-data").status_code == 200
    refused = [
        viewer.post(f"/{DEV}/topics", json={"name": "mine"}),
        viewer.patch(f"/{DEV}/topics/f1-data", json={"retentionInMinutes": 1}),
        viewer.delete(f"/{DEV}/topics/f1-data"),
        viewer.post(f"/{DEV}/topics/f1-data/clean"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert viewer.get(f"/{DEV}/topics/f1-data").status_code == 200


def test_an_admin_writes_in_both_environments(admin: httpx2.Client) -> None:
    name = new_name()

    made = [admin.post(f"/{it}/topics", json={"name": name}).json()["id"] for it in (DEV, PROD)]

    assert made == [f"{DEV}-{name}", f"{PROD}-{name}"]
