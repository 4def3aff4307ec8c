"""A copy of the checkout, and the wheel that is built from it, once for all tests of this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.demand import missing
from tests.packaging.building import ROOT, Wheel, built, copied


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has, in a folder of its own, with the Node packages of this checkout."""
    folder = copied(tmp_path_factory.mktemp("checkout"))
    (folder / "js" / "node_modules").symlink_to(ROOT / "js" / "node_modules")
    return folder


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """The wheel as a release has it."""
    if shutil.which("npm") is None:
        missing("there is no Node")
    if not (ROOT / "js" / "node_modules" / ".installed").exists():
        missing("the Node packages are not installed: make .venv/.labextension")
    return built(checkout, tmp_path_factory.mktemp("wheel"), "require")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that nothing was built or installed in."""
    return copied(tmp_path_factory.mktemp("bare"))
