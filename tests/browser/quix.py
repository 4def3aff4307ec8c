"""quixnb's panel and status item in a page, as the tests look at them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.notebook import Lab, NotebookPage
from tests.browser.server import ROOT

LOAD = "%load_ext quixnb"
CONNECT = "%quix_sandbox start"
FRAME = """\
import pandas as pd
laps = pd.DataFrame({"speed": [1.5, 2.5]}, index=pd.date_range("2026", periods=2, freq="s", tz="UTC", name="timestamp"))
"""
_AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"


class Quix:
    """The panel and the status item.

    Attributes
    ----------
    lab, page
        The page that they are in.
    panel, connection, findings, topics
        The panel, and its three parts.
    status
        The item in the status bar.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab, self.page = lab, lab.page
        self.panel = self.page.locator("#quixnb-panel")
        self.connection = self.panel.get_by_role("region", name="Connection")
        self.findings = self.panel.get_by_role("region", name="Tokens in plain text")
        self.topics = self.panel.get_by_role("region", name="Topics")
        self.status = self.page.locator(".qnb-Status")

    def open(self) -> Quix:
        """Show the panel."""
        self.lab.command("quixnb:open-panel")
        self.panel.wait_for()
        return self

    def press(self, name: str) -> None:
        """Press one of the panel's buttons."""
        self.panel.get_by_role("button", name=name).click()

    def topic(self, name: str) -> Locator:
        """The row of a topic."""
        return self.topics.get_by_role("listitem").filter(has_text=name)


def is_enabled(page: Page, command: str) -> bool:
    """Whether one of the application's commands can be used now."""
    enabled: bool = page.evaluate("name => window.jupyterapp.commands.isEnabled(name)", command)
    return enabled


def wait_for_cell(notebook: NotebookPage, number: int, source: str) -> None:
    """Wait until a cell says this."""
    notebook.cell(number).locator(".cm-content").filter(has_text=source.split("\n")[0]).wait_for()
    assert notebook.source(number) == source


def violations(page: Page, inside: str) -> list[Any]:
    """What axe-core finds to be serious or worse in a part of the page."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.add_script_tag(path=_AXE)
    found: list[Any] = page.evaluate(
        """async inside => (await window.axe.run(inside)).violations
            .filter(each => ['serious', 'critical'].includes(each.impact))
            .map(each => [each.id, each.nodes.map(node => node.html.slice(0, 200))])""",
        inside,
    )
    return found
