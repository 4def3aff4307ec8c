"""A notebook in a page of JupyterLab or Notebook 7, driven as a person drives it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page

from tests.browser.server import JupyterLab

_OPEN_MS = 30_000
# Arrow functions with braces throughout: a promise that is returned would be waited for, here until the kernel is up.
_RESTORED = "() => window.jupyterapp && window.jupyterapp.restored.then(() => true)"
_PANEL = """
const panel = [...window.jupyterapp.shell.widgets('main')].find(each => each.context?.path === path);
"""


class NotebookPage:
    """One notebook that is open, its kernel running.

    Attributes
    ----------
    page
        The browser's page.
    path
        The notebook's file.
    """

    def __init__(self, page: Page, server: JupyterLab, name: str) -> None:
        self.page, self._server, self._name = page, server, name
        self.path: Path = server.notebooks / name

    def wait_until_open(self) -> None:
        """Wait for the cells and for an idle kernel."""
        self.page.wait_for_function(
            f"path => {{ {_PANEL} return panel?.isAttached && panel.context.isReady"
            " && panel.sessionContext.session?.kernel?.status === 'idle'; }",
            arg=self._name,
            timeout=_OPEN_MS,
        )

    def evaluate(self, body: str, *arguments: Any) -> Any:
        """Run JavaScript that knows the notebook's `panel` and what is `given`; returns what that returns."""
        return self.page.evaluate(f"async ([path, ...given]) => {{ {_PANEL} {body} }}", [self._name, *arguments])

    def wait_for(self, condition: str, *arguments: Any) -> None:
        """Wait until JavaScript that knows `panel` and `given` is true."""
        self.page.wait_for_function(
            f"([path, ...given]) => {{ {_PANEL} return {condition}; }}", arg=[self._name, *arguments]
        )

    def cell(self, number: int) -> Locator:
        """A cell, counted from 0."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook > * .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """The output area of a cell."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def run(self, number: int) -> None:
        """Run a cell and wait until the kernel has answered."""
        self._run(number)
        self.page.wait_for_function(
            f"([path, number]) => {{ {_PANEL} const cell = panel.content.widgets[number];"
            " return cell.model.executionState === 'idle' || !cell.promptNode.textContent.includes('*'); }",
            arg=[self._name, number],
            timeout=_OPEN_MS,
        )

    def start(self, number: int) -> None:
        """Begin to run a cell; for one that asks something, or goes on."""
        self._run(number)

    def _run(self, number: int) -> None:
        self.page.evaluate(
            f"([path, number]) => {{ {_PANEL} panel.content.activeCellIndex = number;"
            " panel.content.deselectAll(); window.jupyterapp.commands.execute('notebook:run-cell'); }",
            [self._name, number],
        )

    def source(self, number: int) -> str:
        """A cell's source as the document has it now."""
        found: str = self.page.evaluate(
            f"([path, number]) => {{ {_PANEL} return panel.content.widgets[number].model.sharedModel.getSource(); }}",
            [self._name, number],
        )
        return found

    def insert(self, number: int, text: str) -> None:
        """Put the cursor at a cell's end and insert text at once, as a paste does."""
        self._focus_end(number)
        self.page.keyboard.insert_text(text)

    def type(self, number: int, text: str) -> None:
        """Put the cursor at a cell's end and type, key by key."""
        self._focus_end(number)
        self.page.keyboard.type(text)

    def _focus_end(self, number: int) -> None:
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+End")

    def save(self) -> None:
        """Save by hand, and wait until it is done."""
        self.page.evaluate(f"async path => {{ {_PANEL} await panel.context.save(); }}", self._name)

    def saved(self) -> Any:
        """The file as it stands on the disk, parsed."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    def restart_kernel(self) -> None:
        """Restart the kernel without asking, and wait for it."""
        self.page.evaluate(
            f"async path => {{ {_PANEL} await panel.sessionContext.session.kernel.restart(); }}", self._name
        )
        self.wait_until_open()


class Lab:
    """One page with JupyterLab in it."""

    def __init__(self, page: Page, server: JupyterLab) -> None:
        self.page, self.server = page, server

    def load(self) -> None:
        """Load the page, or load it again."""
        self.page.goto(self.server.url("lab"))
        self.page.wait_for_function(_RESTORED, timeout=_OPEN_MS)

    def command(self, name: str, **arguments: Any) -> None:
        """Execute one of the application's commands; not waited for."""
        self.page.evaluate("([name, given]) => { window.jupyterapp.commands.execute(name, given) }", [name, arguments])

    def notebook(self, name: str, *cells: str | tuple[str, str], **metadata: Any) -> NotebookPage:
        """A new notebook, opened.

        Parameters
        ----------
        name
            Its file's name.
        cells
            Sources of code cells, or a pair of a cell type and a source.
        metadata
            The notebook's.
        """
        write_notebook(self.server.notebooks / name, *cells, **metadata)
        return self.open(name)

    def open(self, name: str) -> NotebookPage:
        """A notebook that is there, opened."""
        self.command("docmanager:open", path=name, kernel={"name": "python3"})
        opened = NotebookPage(self.page, self.server, name)
        opened.wait_until_open()
        return opened

    def close_all(self) -> None:
        """Close what is open without saving, and end the kernels."""
        for _ in range(self.page.locator(".jp-Dialog").count()):
            self.page.keyboard.press("Escape")
        self.page.evaluate(
            """async () => {
                for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
                    widget.context && (widget.context.model.dirty = false);
                    widget.close();
                }
                await window.jupyterapp.serviceManager.sessions.shutdownAll();
            }"""
        )


def write_notebook(path: Path, *cells: str | tuple[str, str], **metadata: Any) -> None:
    """Write a notebook of these cells; see `Lab.notebook`."""
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    made = [
        make[kind](source) for kind, source in (each if isinstance(each, tuple) else ("code", each) for each in cells)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={**kernel, **metadata}), path)
