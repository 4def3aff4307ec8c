"""Paths and words of what the portal is asked: names are quoted for one, and made harmless for the other."""

from __future__ import annotations

from urllib.parse import quote

from quixnb.errors import EnvironmentNotFound, QuixnbError, TopicNotFound
from quixnb.portal.refusals import Question
from quixnb.profiles import holds_token, without_tokens


def workspace_path(environment_id: str, tail: str = "") -> str:
    """Path of an environment; `tail` begins with a slash."""
    return f"/workspaces/{_environment_part(environment_id)}{tail}"


def topics_path(environment_id: str) -> str:
    """Path of an environment's topics."""
    return f"/{_environment_part(environment_id)}/topics"


def topic_path(environment_id: str, name: str, tail: str = "") -> str:
    """Path of a topic; `tail` begins with a slash."""
    check_topic_name(name)
    return f"{topics_path(environment_id)}/{_quoted(name)}{tail}"


def topic_configuration(
    partitions: int | None,
    replication_factor: int | None,
    retention_minutes: int | None,
    retention_bytes: int | None,
    cleanup_policy: str | None,
) -> dict[str, int | str | None]:
    """Spell a topic's settings as the API does; null leaves one to the portal."""
    return {
        "partitions": partitions,
        "replicationFactor": replication_factor,
        "retentionInMinutes": retention_minutes,
        "retentionInBytes": retention_bytes,
        "cleanupPolicy": cleanup_policy,
    }


def about(doing: str, environment_id: str) -> Question:
    """Word a question about an environment; `doing` ends in 'of' or 'in', or is a gerund."""
    shown = plain(environment_id)
    return Question(f"{doing} environment '{shown}'", environment=shown)


def about_topic(doing: str, environment_id: str, name: str) -> Question:
    """Word a question about a topic; `doing` is a gerund."""
    shown = plain(name)
    return Question(f"{doing} topic '{shown}'", environment=plain(environment_id), topic=shown)


def plain(name: str) -> str:
    """Make a name safe to show: in one line, and without what looks like a token."""
    return " ".join(without_tokens(name).split())


def check_topic_name(name: str) -> None:
    """Refuse what would be another address, or what would put a token into one."""
    _check(name, "the name of a topic", TopicNotFound, "Run %quix_topics to see the topics that are there.")


def _environment_part(environment_id: str) -> str:
    _check(environment_id, "the ID of an environment", EnvironmentNotFound, "It looks like acme-f1-dev.")
    return _quoted(environment_id)


def _check(text: str, what: str, error: type[QuixnbError], fix: str) -> None:
    if holds_token(text):
        raise error(
            f"A Quix token stands where {what} belongs; nothing was sent.",
            cause="An address that holds a token would be logged on its way.",
            fix="Rotate that token if it stands in a cell, then run %quix_token.",
        )
    # '', '.' and '..' would make the path that of something else.
    if not text.strip(". "):
        raise error(f"'{plain(text)}' cannot be {what}.", cause="It names nothing.", fix=fix)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
