"""librdkafka's mock cluster as the sandbox's broker."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

PARTITION_BYTES = 5 * 1024 * 1024  # rdkafka_mock.c, rd_kafka_mock_partition_init(): max_size
_TIMEOUT_S = 2.0  # the portal waits meanwhile, and one that is silent for 5 s counts as dead

Watermarks = dict[tuple[str, int], tuple[int, int]]


class Broker:
    """One broker of librdkafka's mock cluster, on 127.0.0.1, in memory.

    It makes a topic, always with 4 partitions, when somebody first asks for its metadata; it cannot delete a topic or
    records, and knows neither TLS nor SASL.
    """

    def __init__(self) -> None:
        # The cluster lives inside this producer and ends with it.
        self._cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        broker, *_ = self._cluster.list_topics(timeout=_TIMEOUT_S).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        settings = {"bootstrap.servers": self.address, "group.id": "sandbox", "enable.auto.commit": False}
        self._reader = Consumer({**settings, "log_level": 0})
        self._seen: Watermarks = {}

    def make(self, topic: str) -> int:
        """Make `topic` unless it is there; how many partitions it has."""
        return len(self._cluster.list_topics(topic, timeout=_TIMEOUT_S).topics[topic].partitions)

    def watermarks(self) -> Watermarks:
        """First offset still there and next offset to come, of each partition of each topic."""
        try:
            topics = self._cluster.list_topics(timeout=_TIMEOUT_S).topics
            self._seen = {
                (name, number): self._reader.get_watermark_offsets(TopicPartition(name, number), timeout=_TIMEOUT_S)
                for name, topic in topics.items()
                for number in topic.partitions
            }
        except KafkaException:
            # A broker too busy to answer: what was seen last must do until the next look.
            pass
        return self._seen

    def is_empty(self, topic: str) -> bool:
        """Whether nothing was ever sent to `topic`."""
        return not any(high for (name, _), (_, high) in self.watermarks().items() if name == topic)

    def losses(self) -> list[tuple[str, int, int]]:
        """Topic, partition and number of messages for each partition whose older messages fell out."""
        return [(topic, number, low) for (topic, number), (low, _) in self.watermarks().items() if low > 0]

    def close(self) -> None:
        """Leave the cluster; it ends when the process does."""
        self._reader.close()
