"""The portal answers as the portal API of Quix does."""

from __future__ import annotations

import httpx2
import pytest

from quixnb.sandbox import Sandbox
from tests.fakes import fake_token
from tests.sandbox.conftest import Caller

DEV, PROD = "sandbox-f1-dev", "sandbox-f1-prod"
PATHS = ["/workspaces", f"/workspaces/{DEV}", f"/workspaces/{DEV}/broker/librdkafka", f"/{DEV}/topics", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "Bearer {}", "{}"])
def test_without_a_valid_bearer_token_every_path_is_401(sandbox: Sandbox, path: str, header: str | None) -> None:
    headers = {"Authorization": header.format(fake_token())} if header else {}

    answer = httpx2.get(sandbox.portal_api + path, headers=headers, trust_env=False)

    assert answer.status_code == 401
    assert answer.json()["message"] == "User is not authenticated"
    assert answer.json()["correlationId"]


def test_a_bearer_scheme_in_small_letters_is_taken(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"bearer {sandbox.admin_token.reveal()}"}

    assert httpx2.get(f"{sandbox.portal_api}/workspaces", headers=headers, trust_env=False).status_code == 200


def test_a_streaming_token_sees_one_environment(dev: httpx2.Client) -> None:
    assert [it["workspaceId"] for it in dev.get("/workspaces").json()] == [DEV]


def test_both_streaming_tokens_of_an_environment_are_valid(sandbox: Sandbox, as_caller: Caller) -> None:
    prod = sandbox.environments["prod"]

    assert as_caller(prod.token_1).get("/workspaces").json() == as_caller(prod.token_2).get("/workspaces").json()


def test_personal_access_tokens_see_both_environments(admin: httpx2.Client, viewer: httpx2.Client) -> None:
    assert [it["workspaceId"] for it in admin.get("/workspaces").json()] == [DEV, PROD]
    assert [it["workspaceId"] for it in viewer.get("/workspaces").json()] == [DEV, PROD]


@pytest.mark.parametrize("path", ["/workspaces/{}", "/workspaces/{}/broker/librdkafka", "/workspaces/{}/certificates"])
def test_another_environment_is_403_and_an_unknown_one_404(dev: httpx2.Client, path: str) -> None:
    assert dev.get(path.format(PROD)).status_code == 403
    assert dev.get(path.format("acme-f1-dev")).status_code == 404


def test_topics_of_another_environment_are_403_and_of_an_unknown_one_404(dev: httpx2.Client) -> None:
    assert dev.get(f"/{PROD}/topics").status_code == 403
    assert dev.get(f"/{PROD}/topics/f1-data").status_code == 403
    assert dev.post(f"/{PROD}/topics", json={"name": "mine"}).status_code == 403
    assert dev.get("/acme-f1-dev/topics").status_code == 404


def test_an_environment_has_the_documented_fields(sandbox: Sandbox, dev: httpx2.Client) -> None:
    environment = dev.get(f"/workspaces/{DEV}").json()

    assert environment == dev.get("/workspaces").json()[0]
    assert environment.keys() == {
        *("workspaceId", "name", "status", "environmentName", "branch", "branchProtected", "repositoryId"),
        *("version", "createdAt", "brokerType", "brokerSettings", "broker"),
    }
    assert environment["status"] == "Ready"
    assert environment["brokerSettings"] == {"brokerType": "SelfHosted", "syncTopics": False}
    broker = environment["broker"]
    assert broker["address"] == sandbox.bootstrap_servers
    assert broker.keys() == {
        *("address", "securityMode", "saslMechanism", "username", "password", "hasCertificate", "sslPassword"),
    }
    assert (broker["securityMode"], broker["saslMechanism"]) == ("PlainText", "ScramSha256")
    assert broker["hasCertificate"] is False


def test_the_librdkafka_settings_are_flat_and_lead_to_the_broker(sandbox: Sandbox, dev: httpx2.Client) -> None:
    settings = dev.get(f"/workspaces/{DEV}/broker/librdkafka").json()

    assert settings == {
        "bootstrap.servers": sandbox.bootstrap_servers,
        "security.protocol": "PLAINTEXT",
        "client.id": DEV,
    }


def test_there_are_no_certificates(dev: httpx2.Client) -> None:
    answer = dev.get(f"/workspaces/{DEV}/certificates")

    assert (answer.status_code, answer.content) == (204, b"")


def test_token_details_tell_a_streaming_token_from_a_personal_one(dev: httpx2.Client, viewer: httpx2.Client) -> None:
    assert dev.get("/auth/token/details").json() == {"type": "Sdk", "role": "Streaming", "workspaceIds": [DEV]}
    assert viewer.get("/auth/token/details").json()["role"] == "Viewer"


def test_an_unknown_path_is_404_and_a_wrong_method_405_both_in_json(dev: httpx2.Client) -> None:
    unknown, wrong = dev.get("/nowhere"), dev.put("/workspaces")

    assert (unknown.status_code, wrong.status_code) == (404, 405)
    assert unknown.json().keys() == wrong.json().keys() == {"message", "correlationId"}


def test_every_error_has_a_correlation_id_of_its_own(dev: httpx2.Client) -> None:
    assert dev.get("/nowhere").json()["correlationId"] != dev.get("/nowhere").json()["correlationId"]


def test_no_answer_may_be_kept_or_names_its_server(dev: httpx2.Client) -> None:
    answer = dev.get(f"/{DEV}/topics")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Etag" not in answer.headers
    assert "Server" not in answer.headers


def test_no_answer_repeats_a_token(sandbox: Sandbox, dev: httpx2.Client) -> None:
    token = sandbox.environments["dev"].token_1.reveal()

    assert token not in dev.get("/nowhere").text + dev.get("/workspaces").text + dev.get("/sandbox/status").text
