"""Everything that `%load_ext quixnb` adds to a shell, and takes away again."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

from quixnb.configured import configured
from quixnb.guard import Guard, QuixGuard
from quixnb.lab import Line
from quixnb.magics.complete import matcher_for
from quixnb.magics.connection import ConnectionMagics
from quixnb.magics.publish import PublishMagics
from quixnb.magics.read import ReadMagics
from quixnb.magics.rotate import RotateMagics
from quixnb.magics.sandbox import SandboxMagics
from quixnb.magics.scan import ScanMagics
from quixnb.magics.scrub import ScrubMagics
from quixnb.magics.settings import QuixMagics, Theme
from quixnb.magics.tail import TailMagics
from quixnb.magics.topics import TopicMagics

THEMES: tuple[type[Theme], ...] = (
    ConnectionMagics,
    TopicMagics,
    PublishMagics,
    ReadMagics,
    TailMagics,
    RotateMagics,
    SandboxMagics,
    ScanMagics,
    ScrubMagics,
)

# A shell lives as long as its process, as a rule the only one in it.
_loaded: dict[InteractiveShell, Extension] = {}


class Extension:
    """quixnb in one shell: the magics and their settings, the guard, the completion, the line to JupyterLab."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        complaints: list[str] = []
        self._settings = configured(QuixMagics, shell, complaints.append)
        self._themes = [theme(shell, self._settings) for theme in THEMES]
        self._guard = Guard(shell, configured(QuixGuard, shell, complaints.append), complaints)
        self._matcher = matcher_for(shell)
        self._line = Line(shell)

    def install(self) -> None:
        """Add everything."""
        self._shell.register_magics(*self._themes)
        self._shell.configurables.append(self._settings)
        self._guard.install()
        self._shell.Completer.custom_matchers.append(self._matcher)
        self._line.open()

    def uninstall(self) -> None:
        """Take everything away again."""
        self._line.close()
        self._shell.Completer.custom_matchers.remove(self._matcher)
        self._guard.uninstall()
        for each in (self._settings, *self._themes):
            self._shell.configurables.remove(each)
        for theme in self._themes:
            self._unregister(theme)

    def _unregister(self, theme: Theme) -> None:
        manager = self._shell.magics_manager
        manager.registry.pop(type(theme).__name__, None)
        for kind, names in theme.magics.items():
            for name in names:
                manager.magics[kind].pop(name, None)


def load(shell: InteractiveShell) -> None:
    """Add quixnb to `shell`; a second time changes nothing."""
    if shell not in _loaded:
        extension = Extension(shell)
        extension.install()
        _loaded[shell] = extension


def unload(shell: InteractiveShell) -> None:
    """Take quixnb out of `shell` again, if it is in it."""
    extension = _loaded.pop(shell, None)
    if extension is not None:
        extension.uninstall()
