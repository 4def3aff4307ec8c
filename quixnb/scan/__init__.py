"""Looks for tokens in files: notebooks, scripts, texts, and in git's past; reports them, and takes them out."""

from quixnb.scan.found import Found
from quixnb.scan.running import scan

__all__ = ["Found", "scan"]
