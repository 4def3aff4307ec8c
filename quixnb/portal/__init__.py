"""The Portal API: environments, topics and broker settings, typed, retried, and scrubbed of secrets on error."""

from quixnb.portal.client import Portal
from quixnb.portal.objects import Environment, Topic

__all__ = ["Environment", "Portal", "Topic"]
