"""What was published is in the topic of the environment that the token opens, and in no other."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import quixnb
from quixnb.sandbox import Sandbox
from tests.acceptance.conftest import Marks
from tests.acceptance.fronts import Front, Said


def grown(before: Marks, after: Marks) -> set[str]:
    """IDs of the topics that messages were added to."""
    return {topic for topic in after if after[topic] != before.get(topic)}


@pytest.mark.parametrize(("own", "other"), [("dev", "prod"), ("prod", "dev")])
def test_a_token_publishes_to_its_own_environments_topic_of_that_name_only(
    sandbox: Sandbox, frame: pd.DataFrame, marks: Callable[[], Marks], own: str, other: str
) -> None:
    ids = {key: f"{sandbox.environments[key].id}-f1-data" for key in (own, other)}
    session = quixnb.connect(token=sandbox.environments[own].token_2, portal_api=sandbox.portal_api)
    before = marks()

    report = session.publish(frame, "f1-data", stream=f"only {own}")

    after = marks()
    assert report.topic_id == ids[own] != ids[other]
    assert grown(before, after) == {ids[own]}
    assert after[ids[other]] == before[ids[other]]
    assert len(session.read("f1-data", stream=f"only {own}")) == len(frame)


def test_two_sessions_side_by_side_see_nothing_of_each_other(sandbox: Sandbox, frame: pd.DataFrame) -> None:
    dev = quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api)
    prod = quixnb.connect(token=sandbox.environments["prod"].token_1, portal_api=sandbox.portal_api)

    topic_id = dev.publish(frame, "f1-data", stream="of dev").topic_id

    assert len(dev.read("f1-data", stream="of dev")) == len(frame)
    assert prod.read("f1-data", stream="of dev").empty
    with pytest.raises(quixnb.TopicNotFound):
        prod.publish(frame, topic_id)
    dev.close()


def test_a_session_works_on_after_its_block(sandbox: Sandbox, frame: pd.DataFrame) -> None:
    with quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api):
        pass

    assert quixnb.publish(frame, "f1-data").rows_delivered == len(frame)


def test_a_name_is_translated_to_the_id_that_the_portal_answers(
    session: quixnb.Session, frame: pd.DataFrame, marks: Callable[[], Marks]
) -> None:
    before = marks()

    report = session.publish(frame, "telemetry")

    assert report.topic_id == "sandbox-f1-dev-telemetry-7c1e"
    assert grown(before, marks()) == {report.topic_id}


def test_a_topic_can_be_named_by_its_id(session: quixnb.Session, frame: pd.DataFrame) -> None:
    assert session.publish(frame, "sandbox-f1-dev-telemetry-7c1e").topic_name == "telemetry"


def test_one_personal_access_token_publishes_to_either(
    sandbox: Sandbox, frame: pd.DataFrame, marks: Callable[[], Marks]
) -> None:
    for environment in sandbox.environments.values():
        session = quixnb.connect(token=sandbox.admin_token, portal_api=sandbox.portal_api, environment=environment.id)
        before = marks()
        session.publish(frame, "f1-data")
        assert grown(before, marks()) == {f"{environment.id}-f1-data"}


def test_rows_come_back_identical(session: quixnb.Session, frame: pd.DataFrame) -> None:
    session.publish(frame, "weather", stream="identical")

    pd.testing.assert_frame_equal(session.read("weather", stream="identical"), frame, check_exact=True)


def test_a_portal_that_is_away_for_a_moment_is_waited_for(front: Front, sandbox: Sandbox, frame: pd.DataFrame) -> None:
    paths = ["/workspaces", "/sandbox-f1-dev/topics", "/workspaces/sandbox-f1-dev/broker/librdkafka"]
    front.instead = {path: [Said(503), Said(503)] for path in paths}

    session = quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=front.address)
    report = session.publish(frame, "f1-data")

    assert report.rows_delivered == len(frame)
    assert [front.asked.count(f"GET {path}") for path in paths] == [3, 3, 3]


def test_a_missing_topic_is_made_when_that_is_asked_for(session: quixnb.Session, frame: pd.DataFrame) -> None:
    report = session.publish(frame, "made-here", create=True, stream="first")

    assert report.rows_delivered == len(frame)
    assert len(session.read("made-here", stream="first")) == len(frame)
