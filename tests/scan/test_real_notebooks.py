"""Notebooks that packages ship: no finding in any of them, and at a good pace."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable

import pytest

from quixnb.scan.contents import search_bytes
from tests import environments
from tests.demand import missing

# Package → how many notebooks its wheel has.
SHIPPED = {"holoviews-1.15.4": 293, "hvplot-0.8.4": 50, "geoviews-1.10.1": 37, "nbgrader-0.9.6": 87}


@pytest.fixture(scope="module")
def notebooks() -> dict[str, bytes]:
    if reason := environments.reason_missing("notebooks"):
        missing(f"the packages with notebooks are missing: {reason}")
    found: dict[str, bytes] = {}
    for wheel in sorted(environments.wheels("notebooks").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(".ipynb")]
            found |= {f"{wheel.stem}!/{name}": archive.read(name) for name in names}
    return found


def seconds(run: Callable[[], object]) -> float:
    """The least of several runs: other work on the machine only adds."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return min(times)


def test_they_are_the_ones_that_are_listed(notebooks: dict[str, bytes]) -> None:
    counts = {package: sum(name.startswith(f"{package}-") for name in notebooks) for package in SHIPPED}

    assert counts == SHIPPED
    assert len(notebooks) >= 200


def test_nothing_is_found_in_them(notebooks: dict[str, bytes]) -> None:
    wrong = [name for name, data in notebooks.items() if list(search_bytes(data, name))]

    assert not wrong


@pytest.mark.alone
def test_they_are_searched_at_a_fair_part_of_the_pace_of_reading_them(notebooks: dict[str, bytes]) -> None:
    every = list(notebooks.values())

    ours = seconds(lambda: [list(search_bytes(data, "a.ipynb")) for data in every])
    reading = seconds(lambda: [json.loads(data) for data in every])

    assert ours < 4 * reading
