"""The token picker in a page, used as a person uses it."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.notebook import NotebookPage
from tests.browser.server import ROOT

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"


def setting_up(portal_api: str = "") -> str:
    """A cell that loads quixnb, with no token around, and a portal."""
    lines = ["%load_ext quixnb", "import os, quixnb"]
    return "\n".join([*lines, f"os.environ['Quix__Portal__Api'] = {portal_api!r}"] if portal_api else lines)


class PickerPage:
    """The picker that is the output of a cell.

    Attributes
    ----------
    root, field, search, code
        The whole of it, the field for a token, the search field that is shown now, the line that publishes.
    """

    def __init__(self, notebook: NotebookPage, cell: int) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root: Locator = notebook.cell(cell).locator(".quixnb-picker")
        self.field = self.root.get_by_label("Token", exact=True)
        self.search = self.root.get_by_role("combobox").locator("visible=true")
        self.code = self.root.locator(".qnb-code code")

    def wait_until_asked(self) -> None:
        """Wait until the kernel has said what there is to choose from."""
        expect(self.button("Sandbox")).to_be_visible()
        expect(self.root.get_by_text("Looking for tokens")).to_be_hidden()

    def button(self, name: str) -> Locator:
        """A button by its name, or the beginning of it."""
        return self.root.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))

    def option(self, name: str) -> Locator:
        """A line of the list that is shown, by what stands in it."""
        return self.root.get_by_role("option").filter(has_text=name)

    def paste(self, text: str) -> None:
        """Paste into the field, and press Enter."""
        self.field.click()
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")

    def expect_connected(self, environment: str) -> None:
        """Wait until it shows that environment, its topics and its broker."""
        expect(self.root.locator(".qnb-facts")).to_contain_text(environment)
        expect(self.root.locator(".qnb-facts")).to_contain_text("answers")

    def expect_problem(self, text: str) -> None:
        """Wait until it says so."""
        expect(self.root.locator(".qnb-alert .qnb-notice")).to_contain_text(text)

    def problems(self) -> list[str]:
        """What axe-core finds wrong with it, if it is serious or critical."""
        if not self.page.evaluate("() => 'axe' in window"):
            # A Jupyter page may run no script but its own; the test's is evaluated, not loaded.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        # JupyterLab's body has no height and hides what overflows: axe takes all text in it for invisible, and measures
        # no contrast at all.
        found: dict[str, Any] = self.root.evaluate(
            """async root => {
                document.body.style.height = '100vh';
                root.scrollIntoView();
                const {violations, passes} = await axe.run(root, {resultTypes: ['violations', 'passes']});
                document.body.style.height = '';
                const said = each => ({id: each.id, nodes: each.nodes.map(node => node.html + node.failureSummary)});
                return {
                    wrong: violations.filter(each => ['serious', 'critical'].includes(each.impact)).map(said),
                    measured: passes.filter(each => each.id === 'color-contrast').flatMap(each => each.nodes)
                        .filter(node => node.any[0]?.data?.contrastRatio).length,
                };
            }"""
        )
        assert found["measured"] or found["wrong"], "axe has seen no text"
        return [json.dumps(each) for each in found["wrong"]]

    def kernel_says(self, cell: int) -> str:
        """Run a cell; what it puts out."""
        self.notebook.run(cell)
        return self.notebook.output(cell).inner_text()


def stored_in(page: Page) -> str:
    """All that the page has stored in this browser, and its own text with the values of its fields."""
    stored: str = page.evaluate(
        """async () => {
            const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
            for (const {name} of await indexedDB.databases()) {
                const database = await new Promise(done => {
                    const opened = indexedDB.open(name);
                    opened.onsuccess = () => done(opened.result);
                });
                for (const store of database.objectStoreNames) {
                    found.push(JSON.stringify(await new Promise(done => {
                        const all = database.transaction(store).objectStore(store).getAll();
                        all.onsuccess = () => done(all.result);
                    })));
                }
                database.close();
            }
            found.push(document.documentElement.outerHTML);
            found.push(...[...document.querySelectorAll('input, textarea')].map(field => field.value));
            return found.join('\\n');
        }"""
    )
    return stored
