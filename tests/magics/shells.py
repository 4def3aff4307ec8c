"""A real IPython shell for the tests, with what it showed kept instead of printed."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config


class Shell(InteractiveShell):
    """An `InteractiveShell` that keeps what it would have shown.

    Attributes
    ----------
    errors
        Each traceback shown, as text.
    """

    errors: list[str]

    def init_display_pub(self) -> None:
        self.errors = []
        self.display_pub = CapturingDisplayPublisher(parent=self)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.errors.append("\n".join(stb))

    def run(self, cell: str) -> Any:
        """Run `cell` as a notebook does and return its value; what it raises is raised."""
        result = self.run_quietly(cell)
        result.raise_error()
        return result.result

    def run_quietly(self, cell: str) -> ExecutionResult:
        """Run `cell` as a notebook does."""
        return self.run_cell(cell, store_history=True)

    @property
    def shown(self) -> list[dict[str, str]]:
        """The bundles displayed so far."""
        return [output["data"] for output in self.display_pub.outputs]

    def complete_at_end(self, cell: str) -> list[str]:
        """What Tab offers at the end of `cell`."""
        return self.complete_in(cell, len(cell))

    def complete_in(self, cell: str, offset: int) -> list[str]:
        """What Tab offers at `offset` of `cell`, as whole texts to insert."""
        from IPython.core.completer import provisionalcompleter

        with provisionalcompleter():
            return [each.text for each in self.Completer.completions(cell, offset)]

    def stored_history(self) -> str:
        """Everything in the history database, as text."""
        self.history_manager.writeout_cache()
        return repr(self.history_manager.db.execute("select source, source_raw from history").fetchall())


@contextmanager
def running_shell(folder: Path) -> Iterator[Shell]:
    """A shell with quixnb loaded, whose files are in `folder`."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"  # a file has a thread that takes 0.3 s to end
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.ipython_dir = str(folder)
    # The one that `get_ipython()` returns: tracebacks name cells by it.
    shell = Shell.instance(config=config)
    try:
        shell.extension_manager.load_extension("quixnb")
        yield shell
        shell.extension_manager.unload_extension("quixnb")
    finally:
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()
        Shell.clear_instance()
