"""The Portal API: environments, topics and broker settings, typed, retried, and scrubbed of secrets on error."""

from quixnb.portal.client import Portal
from quixnb.portal.failover import TokenSwitched
from quixnb.portal.objects import Environment, Topic
from quixnb.portal.trial import Trial

__all__ = ["Environment", "Portal", "TokenSwitched", "Topic", "Trial"]
