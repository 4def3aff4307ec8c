"""The broker: on this machine alone, separate by topic ID, and honest about what it lost."""

from __future__ import annotations

import psutil
from confluent_kafka import Consumer, Producer, TopicPartition

from quixnb.sandbox import Sandbox

LOSSY = "sandbox-f1-prod-weather"


def producer(sandbox: Sandbox) -> Producer:
    return Producer({"bootstrap.servers": sandbox.bootstrap_servers, "log_level": 0})


def test_it_listens_on_the_loopback_address_alone(sandbox: Sandbox) -> None:
    listening = [it for it in psutil.Process(sandbox.pid).net_connections("inet") if it.status == psutil.CONN_LISTEN]

    addresses = {f"{it.laddr.ip}:{it.laddr.port}" for it in listening}

    assert addresses == {sandbox.bootstrap_servers, sandbox.portal_api.removeprefix("http://")}
    assert {it.laddr.ip for it in listening} == {"127.0.0.1"}


def test_what_is_sent_to_one_environments_topic_is_not_in_the_others(sandbox: Sandbox) -> None:
    sender = producer(sandbox)
    sender.produce("sandbox-f1-dev-cpu-load", b"17", key=b"laptop", partition=2)
    sender.flush(5)
    reader = Consumer({"bootstrap.servers": sandbox.bootstrap_servers, "group.id": "sandbox-f1-dev-t", "log_level": 0})
    reader.assign([TopicPartition("sandbox-f1-dev-cpu-load", 2, 0)])

    message = reader.consume(1, timeout=5)[0]
    elsewhere = reader.get_watermark_offsets(TopicPartition("sandbox-f1-prod-cpu-load", 2), timeout=5)
    reader.close()

    assert (message.key(), message.value()) == (b"laptop", b"17")
    assert elsewhere == (0, 0)


def test_it_says_which_partition_lost_its_older_messages(sandbox: Sandbox) -> None:
    before = [it for it in sandbox.warnings() if LOSSY in it]
    sender = producer(sandbox)
    for _ in range(12):
        # One message a batch: the broker drops whole batches.
        sender.produce(LOSSY, bytes(500_000), partition=1)
        sender.flush(5)

    after = [it for it in sandbox.warnings() if LOSSY in it]

    assert before == []
    assert after == [
        f"Partition 1 of topic {LOSSY} has lost its 2 oldest messages: "
        "the sandbox keeps the newest 5 MB of each partition."
    ]


def test_its_limits_are_said(sandbox: Sandbox) -> None:
    assert "5 MB" in sandbox.status()["limits"]
