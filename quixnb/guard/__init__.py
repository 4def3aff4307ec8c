"""Watches the kernel for tokens in plain text."""

from quixnb.guard.before_run import QuixGuard, TokenInCell

__all__ = ["QuixGuard", "TokenInCell"]
