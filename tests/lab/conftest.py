"""One notebook for all tests of this folder, and the sandbox that it finds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.conftest import notebook, sandbox
from tests.kernel.notebook import Notebook
from tests.lab.page import Page, page_of

__all__ = ["notebook", "sandbox"]


@pytest.fixture
def page(notebook: Notebook) -> Iterator[Page]:
    """A page that has said hello; the notebook has quixnb, and no connection."""
    notebook.run_well("%quix_token --forget")
    with page_of(notebook) as opened:
        opened.ask("hello")
        yield opened
