"""Watches the kernel for tokens in plain text."""

from quixnb.guard.before_run import Guard, TokenInCell
from quixnb.guard.settings import QuixGuard

__all__ = ["Guard", "QuixGuard", "TokenInCell"]
