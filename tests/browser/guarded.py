"""What the tests of the guard do and look for in a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.notebook import NotebookPage
from tests.stream.arrived import until

PLACEHOLDER = "[quix token]"


def marks(inside: Locator) -> Locator:
    """The marked tokens in a cell or another part of the page."""
    return inside.locator(".qnb-Token")


def act(page: Page, inside: Locator, label: str) -> None:
    """Point at the first marked token, and press one of the tooltip's buttons."""
    tip = page.locator(".qnb-Tip")

    def is_open() -> bool:
        # A person's pointer moves on; one that stands where the page moves away below it never gets there.
        marks(inside).first.hover()
        try:
            tip.wait_for(timeout=1500)
        except TimeoutError:
            return False
        return True

    assert until(is_open)
    tip.get_by_role("button", name=label, exact=True).click()
    tip.wait_for(state="detached")


def is_clean_on_disk(path: Path, token: str) -> bool:
    """Whether neither the file nor its checkpoint holds the token; both have to be there."""
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint{path.suffix}"
    return all(file.exists() and token not in file.read_text(encoding="utf-8") for file in (path, checkpoint))


def wait_until_clean_on_disk(path: Path, token: str) -> None:
    """Wait for the save behind a fix."""
    assert until(lambda: is_clean_on_disk(path, token))


def with_quixnb(notebook: NotebookPage, number: int = 0) -> NotebookPage:
    """The notebook, and its page in touch with quixnb: that cell, which says `%load_ext quixnb`, has run."""
    notebook.run(number)
    expect(notebook.page.locator(".qnb-Status")).to_contain_text("not connected")
    return notebook


def prints(token: str) -> str:
    """A cell whose output has the token, and whose source and history have not."""
    return f"print('{token[::-1]}'[::-1])"
