"""A world of its own for every test: no token from outside, its own home and working folder; and one broker for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from quixnb.broker import Broker
from quixnb.token import KafkaSettings
from tests.broker.clusters import Cluster, close_connections
from tests.fakes import LEDGER

_OUTSIDE = ("Quix__", "QUIX", "STREAMING_TOKEN")
_OURS = (LEDGER, "QUIXNB_DEMAND")


def pytest_configure(config: pytest.Config) -> None:
    """Search all that the run produces for its own fake tokens, at its end."""
    config.pluginmanager.import_plugin("tests.search")


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(_OUTSIDE) and name not in _OURS:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def mock_broker() -> Cluster:
    """librdkafka's mock cluster in this process: an `address`, and topics of 4 partitions that hold 5 MB each."""
    return Cluster()


@pytest.fixture(scope="session")
def broker(mock_broker: Cluster) -> Iterator[Broker]:
    """A connection to it with our own settings."""
    connection = Broker(KafkaSettings({"bootstrap.servers": mock_broker.address}, "a test"))
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def _close_connections() -> Iterator[None]:
    yield
    close_connections()
