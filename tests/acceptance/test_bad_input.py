"""Bad input of every kind is three lines that help, and sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import quixnb
from quixnb.profiles import Profile, save_profile
from quixnb.sandbox import Sandbox
from tests.acceptance.conftest import refused
from tests.acceptance.fronts import Front, Said, nobody, silent
from tests.fakes import fake_token
from tests.magics.shells import Shell

pytestmark = pytest.mark.usefixtures("nothing_is_sent")

WORKSPACES = "/workspaces"
TOPICS = "/sandbox-f1-dev/topics"
PAGE = Said(200, "<html><title>Sign in to the company network</title></html>", "text/html; charset=utf-8")


def error_of(call: Callable[[], object]) -> BaseException:
    with pytest.raises(quixnb.QuixnbError) as caught:
        call()
    return caught.value


def error_in(shell: Shell, cell: str) -> BaseException | None:
    """What `cell` raises; it must be shown as three lines."""
    error: BaseException | None = shell.run_quietly(cell).error_in_exec
    assert len(shell.errors[-1].splitlines()) == 3
    return error


# ---- the token


def test_no_token(shell: Shell) -> None:
    error = error_in(shell, "%quix_publish f1-data df")

    refused(error, quixnb.TokenMissing, "Quix__Sdk__Token", "STREAMING_TOKEN", ".env", "%quix_token")


@pytest.mark.parametrize("text", ["", "sdk-", "hunter2", "sdk-your-token-here", "two words"])
def test_a_malformed_token(sandbox: Sandbox, text: str) -> None:
    error = error_of(lambda: quixnb.connect(token=text, portal_api=sandbox.portal_api))

    refused(error, quixnb.TokenMalformed, "argument")
    assert not text or text not in str(error).replace("'sdk-'", "")


def test_a_token_that_the_portal_does_not_know(sandbox: Sandbox) -> None:
    error = error_of(lambda: quixnb.connect(token=fake_token(), portal_api=sandbox.portal_api))

    refused(error, quixnb.TokenRejected, "(401)", "argument", "Settings > APIs and tokens")


def test_a_token_of_another_environment_than_the_one_chosen(sandbox: Sandbox) -> None:
    error = error_of(
        lambda: quixnb.connect(
            token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api, environment="sandbox-f1-prod"
        )
    )

    refused(error, quixnb.EnvironmentNotFound, "'sandbox-f1-prod'", "'sandbox-f1-dev'", "%quix_token")


def test_a_profile_with_the_token_of_another_environment(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("DEV_TOKEN", sandbox.environments["dev"].token_1.reveal())
    save_profile(Profile("prod", sandbox.portal_api, "sandbox-f1-prod", "env:DEV_TOKEN", {}))

    error = error_of(lambda: quixnb.connect("prod"))

    refused(error, quixnb.EnvironmentNotFound, "profile 'prod' (DEV_TOKEN)", "'sandbox-f1-prod'")


@pytest.mark.parametrize(
    ("environment", "kind", "words"),
    [
        ("sandbox-f1-prod", quixnb.PortalError, ["(403)", "only in its own environment", "no access to workspace"]),
        ("sandbox-f1-gone", quixnb.EnvironmentNotFound, ["'sandbox-f1-gone'"]),
    ],
)
def test_an_environment_that_the_portal_refuses_or_does_not_have(
    session: quixnb.Session, environment: str, kind: type[quixnb.QuixnbError], words: list[str]
) -> None:
    refused(error_of(lambda: session.portal.topics(environment)), kind, *words)


def test_a_token_that_was_rotated_away(fresh: Sandbox, frame: pd.DataFrame) -> None:
    before = quixnb.connect(token=fresh.environments["dev"].token_1, portal_api=fresh.portal_api)
    before.publish(frame, "f1-data")

    fresh.rotate("dev")

    error = error_of(lambda: before.publish(frame, "weather-of-tomorrow"))
    refused(error, quixnb.TokenRejected, "(401)", "rotated", "%quix_token")
    after = quixnb.connect(token=fresh.environments["dev"].token_1, portal_api=fresh.portal_api)
    assert after.read("f1-data").shape == (len(frame), 4)


def test_several_environments_and_no_choice(sandbox: Sandbox) -> None:
    error = error_of(lambda: quixnb.connect(token=sandbox.admin_token, portal_api=sandbox.portal_api))

    refused(error, quixnb.EnvironmentAmbiguous, "2 environments", "'sandbox-f1-dev', 'sandbox-f1-prod'", "%quix_use")


# ---- the portal


def connected_through(front: Front, sandbox: Sandbox) -> quixnb.Session:
    return quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=front.address)


@pytest.mark.usefixtures("impatient")
def test_a_portal_that_cannot_be_reached() -> None:
    with nobody() as address:
        error = error_of(lambda: quixnb.connect(token=fake_token(), portal_api=f"http://{address}"))

    refused(error, quixnb.PortalUnreachable, address, "refused the connection", "Quix__Portal__Api")


@pytest.mark.usefixtures("impatient")
def test_a_portal_that_does_not_answer_in_time() -> None:
    with silent() as address:
        error = error_of(lambda: quixnb.connect(token=fake_token(), portal_api=f"http://{address}"))

    refused(error, quixnb.PortalUnreachable, address, "did not answer within 0.3 s")


@pytest.mark.parametrize("path", [WORKSPACES, TOPICS, "/workspaces/sandbox-f1-dev/broker/librdkafka"])
def test_a_portal_that_answers_with_a_web_page(front: Front, sandbox: Sandbox, frame: pd.DataFrame, path: str) -> None:
    front.instead[path] = [PAGE]

    error = error_of(lambda: connected_through(front, sandbox).publish(frame, "f1-data"))

    refused(error, quixnb.PortalUnreachable, "text/html", front.address.removeprefix("http://"))
    assert "company network" not in str(error)


@pytest.mark.parametrize("path", [WORKSPACES, TOPICS, "/workspaces/sandbox-f1-dev/broker/librdkafka"])
def test_a_portal_with_an_error_of_its_own(front: Front, sandbox: Sandbox, frame: pd.DataFrame, path: str) -> None:
    front.instead[path] = [Said(500, '{"message": "Out of order.", "correlationId": "c0-500"}')]

    error = error_of(lambda: connected_through(front, sandbox).publish(frame, "f1-data"))

    refused(error, quixnb.PortalError, "(500)", "'Out of order.'", "c0-500")
    assert front.asked.count(f"GET {path}") == 1


@pytest.mark.usefixtures("impatient")
def test_a_portal_that_stays_unavailable(front: Front, sandbox: Sandbox) -> None:
    front.instead[WORKSPACES] = [Said(503)] * 100

    error = error_of(lambda: connected_through(front, sandbox))

    refused(error, quixnb.PortalUnreachable, "not available at the moment (503)")


# ---- the broker


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_cannot_be_reached(sandbox: Sandbox, frame: pd.DataFrame) -> None:
    with nobody() as address:
        kafka = {"bootstrap.servers": address}
        session = quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api, kafka=kafka)
        publishing = error_of(lambda: session.publish(frame, "f1-data"))
        reading = error_of(lambda: session.read("f1-data"))

    refused(publishing, quixnb.BrokerUnreachable, address, "%quix_status")
    refused(reading, quixnb.BrokerUnreachable, address)


# ---- the topic and the frame


@pytest.mark.parametrize(
    ("name", "nearest"), [("f1-dta", "'f1-data'"), ("F1-Data", "'f1-data'"), ("telemetrie", "'telemetry'")]
)
def test_an_unknown_topic(session: quixnb.Session, shell: Shell, name: str, nearest: str) -> None:
    error = error_in(shell, f"%quix_publish {name} df")

    refused(error, quixnb.TopicNotFound, f"'{name}'", "'sandbox-f1-dev'", f"nearest is {nearest}", "--create")


def test_an_unknown_topic_that_nothing_is_near_to(session: quixnb.Session, frame: pd.DataFrame) -> None:
    refused(error_of(lambda: session.publish(frame, "zzz")), quixnb.TopicNotFound, "'zzz'", "4 topics", "%quix_topics")


def test_a_frame_without_a_time_column(session: quixnb.Session, shell: Shell) -> None:
    error = error_in(shell, "%%quix_publish f1-data\ndf.drop(columns='timestamp')")

    refused(error, quixnb.FrameError, "3 rows", "--time")


@pytest.mark.parametrize("empty", ["df.head(0)", "df.head(0).to_dict('list')"])
def test_an_empty_frame_is_a_report_of_no_rows(session: quixnb.Session, shell: Shell, empty: str) -> None:
    report = shell.run(f"%quix_publish f1-data {empty}")

    assert (report.rows, report.rows_delivered, report.rows_failed, report.messages) == (0, 0, 0, 0)
    assert report.topic_id == "sandbox-f1-dev-f1-data"
    assert report.failures == ()


@pytest.mark.parametrize("cell", ["laps = df", "import math", "None", "# only a comment", "for _ in df: pass"])
def test_a_cell_without_a_value(session: quixnb.Session, shell: Shell, cell: str) -> None:
    error = error_in(shell, f"%%quix_publish f1-data\n{cell}")

    refused(error, quixnb.FrameError, "no frame to publish", "the cell's last line", "End the cell with")


@pytest.mark.parametrize("value", ["42", "object()", "'no such file'", "len", "df.speed", "{1, 2}", "b'x'", "True"])
def test_a_value_that_is_not_a_frame(session: quixnb.Session, shell: Shell, value: str) -> None:
    refused(error_in(shell, f"%quix_publish f1-data {value}"), quixnb.FrameError)


MISPLACED: dict[str, Callable[[quixnb.Session, pd.DataFrame, str], object]] = {
    "a frame": lambda session, frame, token: session.publish(token, "f1-data"),
    "a topic": lambda session, frame, token: session.publish(frame, token),
    "a topic to read": lambda session, frame, token: session.read(token),
    "an environment": lambda session, frame, token: quixnb.connect(token=session.token, environment=token),
    "a profile": lambda session, frame, token: quixnb.connect(token),
    "the portal": lambda session, frame, token: quixnb.connect(token=session.token, portal_api=f"http://[{token}"),
    "a stream": lambda session, frame, token: session.publish(frame, "f1-data", stream=f"{token}/"),
    "a time column": lambda session, frame, token: session.publish(frame, "f1-data", time=token),
    "a tag": lambda session, frame, token: session.publish(frame, "f1-data", tags=[token]),
    "a column": lambda session, frame, token: session.publish(frame.assign(**{token: [1, "x", 2]}), "f1-data"),
    "a value": lambda session, frame, token: session.publish(frame.assign(x=[1, token, 2]), "f1-data"),
    "a format": lambda session, frame, token: session.publish(frame, "f1-data", format=token),
    "a span": lambda session, frame, token: session.read("f1-data", since=token),
}


@pytest.mark.parametrize("misplaced", MISPLACED.values(), ids=MISPLACED)
def test_a_token_in_the_place_of(
    session: quixnb.Session,
    frame: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    misplaced: Callable[[quixnb.Session, pd.DataFrame, str], object],
) -> None:
    """The error names the place and does not repeat the token."""
    monkeypatch.setenv("Quix__Portal__Api", session.portal_api)
    token = fake_token()

    error = error_of(lambda: misplaced(session, frame, token))

    assert token[4:16] not in f"{error}{error!r}{vars(error)}"
