"""Tiers that not every machine can run: skipped there with the reason, a failure where `QUIXNB_DEMAND` is set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from tests import environments


def missing(reason: str) -> NoReturn:
    """Skip the test because of `reason`, or fail it where every tier is demanded."""
    if os.environ.get("QUIXNB_DEMAND"):
        pytest.fail(f"demanded here, but {reason}", pytrace=False)
    pytest.skip(reason)


def demand_environment(name: str) -> Path:
    """The interpreter of the environment that `tests/environments.py` made."""
    if reason := environments.reason_missing(name):
        missing(f"the environment '{name}' is missing: {reason}")
    return environments.python(name)


def demand_program(name: str) -> Path:
    """The program that `tests/environments.py` built."""
    if reason := environments.reason_missing(name):
        missing(f"the program '{name}' is missing: {reason}")
    return environments.program(name)
