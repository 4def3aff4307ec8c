"""A portal of a large company on a real socket: many projects, long names, environments without topics."""

from __future__ import annotations

from typing import Any

from pytest_httpserver import HTTPServer

PROJECTS = ("f1-analytics", "factory-floor", "fleet-telemetry", "wind-park-north")
STAGES = ("dev", "staging", "prod")
TOPICS = ["f1-data", "lap-times", "pit-stops", "tyre-temperatures"]
EMPTY = "acme-wind-park-north-dev"
LONG = "acme-fleet-telemetry-prod"
LONG_NAME = "canbus-frames-raw-vehicle-telemetry-europe-central-1-with-driver-annotations-and-weather-v2"


def serve_company(server: HTTPServer) -> str:
    """Let `server` answer as its portal, whatever the token; its address."""
    environments = [_environment(project, stage) for project in PROJECTS for stage in STAGES]
    server.expect_request("/workspaces").respond_with_json(environments)
    for each in environments:
        identity = each["workspaceId"]
        server.expect_request(f"/workspaces/{identity}").respond_with_json(each)
        server.expect_request(f"/{identity}/topics").respond_with_json(_topics(identity))
        server.expect_request(f"/workspaces/{identity}/broker/librdkafka").respond_with_json(
            {"bootstrap.servers": f"127.0.0.1:{server.port}"}
        )
    return f"http://127.0.0.1:{server.port}"


def _environment(project: str, stage: str) -> dict[str, Any]:
    return {
        "workspaceId": f"acme-{project}-{stage}",
        "name": stage.capitalize(),
        "environmentName": stage,
        "branch": stage,
        "status": "Ready" if stage != "staging" else "Disabled",
    }


def _topics(identity: str) -> list[dict[str, Any]]:
    names = {EMPTY: [], LONG: [LONG_NAME, *(f"sensor-{number:03}" for number in range(300))]}.get(identity, TOPICS)
    return [
        {
            "id": f"{identity}-{name}",
            "name": name,
            "workspaceId": identity,
            "status": "Ready",
            "configuration": {"partitions": 16, "retentionInMinutes": 10080, "retentionInBytes": -1},
        }
        for name in names
    ]
