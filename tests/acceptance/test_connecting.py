"""Where a session's token may come from, with a real portal behind."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import quixnb
from quixnb.profiles import Profile, save_profile
from quixnb.sandbox import Sandbox
from quixnb.session import BackgroundStopped
from tests.acceptance.conftest import refused


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder; the working folder is two levels below it."""
    below = tmp_path / "project" / "laps" / "2026"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return tmp_path / "project"


def publishes_to(environment: str, session: quixnb.Session, frame: pd.DataFrame) -> bool:
    """Whether a session works, and where it should."""
    report = session.publish(frame, "f1-data")
    return (report.rows_delivered, report.environment) == (len(frame), environment)


@pytest.mark.parametrize("name", ["Quix__Sdk__Token", "STREAMING_TOKEN"])
def test_variables(sandbox: Sandbox, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, sandbox.environments["prod"].token_1.reveal())
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)

    session = quixnb.connect()

    assert publishes_to("sandbox-f1-prod", session, frame)
    assert session.token.source == name


def test_a_dotenv_in_a_folder_above(sandbox: Sandbox, frame: pd.DataFrame, folder: Path) -> None:
    token = sandbox.environments["dev"].token_2.reveal()
    (folder / ".env").write_text(f"Quix__Sdk__Token={token}\nQuix__Portal__Api={sandbox.portal_api}\n")
    before = dict(os.environ)

    session = quixnb.connect()

    assert publishes_to("sandbox-f1-dev", session, frame)
    assert session.token.source == f"Quix__Sdk__Token in {folder / '.env'}"
    assert dict(os.environ) == before


def test_a_dotenv_that_chooses_among_the_environments_of_a_personal_access_token(
    sandbox: Sandbox, frame: pd.DataFrame, folder: Path
) -> None:
    lines = {
        "Quix__Sdk__Token": sandbox.admin_token.reveal(),
        "Quix__Portal__Api": sandbox.portal_api,
        "Quix__Workspace__Id": "sandbox-f1-prod",
    }
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))

    assert publishes_to("sandbox-f1-prod", quixnb.connect(), frame)


def test_a_profile(sandbox: Sandbox, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("MY_QUIX_TOKEN", sandbox.viewer_token.reveal())
    save_profile(
        Profile(
            "track",
            portal_api=sandbox.portal_api,
            environment="sandbox-f1-dev",
            token_source="env:MY_QUIX_TOKEN",
            kafka={},
        )
    )

    session = quixnb.connect("track")

    assert publishes_to("sandbox-f1-dev", session, frame)
    assert session.profile == "track"
    assert session.token.source == "profile 'track' (MY_QUIX_TOKEN)"


def test_an_argument_goes_before_all_of_them(
    sandbox: Sandbox, frame: pd.DataFrame, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", sandbox.environments["prod"].token_1.reveal())
    (folder / ".env").write_text(f"Quix__Sdk__Token={sandbox.environments['prod'].token_2.reveal()}\n")

    session = quixnb.connect(token=sandbox.environments["dev"].token_1.reveal(), portal_api=sandbox.portal_api)

    assert publishes_to("sandbox-f1-dev", session, frame)


def test_the_first_verb_connects_by_itself(
    sandbox: Sandbox, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Quix__Sdk__Token", sandbox.environments["dev"].token_1.reveal())
    monkeypatch.setenv("Quix__Portal__Api", sandbox.portal_api)

    quixnb.publish(frame, "f1-data", stream="by itself")

    assert len(quixnb.read("f1-data", stream="by itself")) == len(frame)
    assert "f1-data" in {topic.name for topic in quixnb.topics()}


def test_a_session_that_fails_to_open_leaves_the_one_before_in_use(sandbox: Sandbox, session: quixnb.Session) -> None:
    with pytest.raises(quixnb.EnvironmentAmbiguous) as caught:
        quixnb.connect(token=sandbox.admin_token, portal_api=sandbox.portal_api)

    refused(caught.value, quixnb.EnvironmentAmbiguous, "sandbox-f1-dev", "sandbox-f1-prod")
    assert quixnb.current() is session
    assert session.topics(refresh=True)


def test_connecting_anew_says_what_it_ends_in_the_background(session: quixnb.Session, sandbox: Sandbox) -> None:
    given = threading.Event()

    def rows() -> Iterator[dict[str, Any]]:
        for number in itertools.count():
            yield {"timestamp": datetime.now(UTC), "n": number}
            given.set()

    running = session.publish(rows(), "f1-data", stream="beside", every=0.01, background=True)
    assert given.wait(20)

    with pytest.warns(BackgroundStopped, match="to 'f1-data' in the background was stopped after") as said:
        quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api)

    assert not running.is_running
    assert running.report.rows_delivered == running.report.rows > 0
    assert f"after {running.report.rows:,} rows" in str(said[0].message)
