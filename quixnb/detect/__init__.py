"""Finds Quix tokens in text and says where they stand, never what they are."""

from quixnb.detect.broken_up import may_hold_token
from quixnb.detect.finding import Finding, Kind, Rule
from quixnb.detect.patterns import is_nearly_token
from quixnb.detect.search import find_tokens, spans_to_hide

__all__ = ["Finding", "Kind", "Rule", "find_tokens", "is_nearly_token", "may_hold_token", "spans_to_hide"]
