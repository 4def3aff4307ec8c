"""Kafka: a connection that obeys Ctrl-C, waits when the queue is full, and counts every delivery."""

from quixnb.broker.connection import Broker
from quixnb.broker.ledger import Ledger, Lost, Message, RowRange, ranges
from quixnb.broker.reader import Incomplete, Record, Window
from quixnb.broker.sender import Sender

__all__ = ["Broker", "Incomplete", "Ledger", "Lost", "Message", "Record", "RowRange", "Sender", "Window", "ranges"]
