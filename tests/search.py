"""The search at the end of every run: no fake secret in what the tests printed, wrote or started."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from quixnb.redact import redact
from quixnb.sandbox import Sandbox
from tests import leaks
from tests.fakes import LEDGER, remember
from tests.leaks import Leak, Secrets
from tests.sandbox.helpers import tokens

_STDLIB = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
_SITE_PACKAGES = tuple(sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib"))

_SEARCH = pytest.StashKey["Search"]()

_planted: set[Path] = set()


def planted(path: Path) -> Path:
    """Note that a test puts a secret into this file or folder on purpose; returns it.

    Only needed where another process writes it: what a test's own code opens for writing counts as planted, until
    something else writes to it.
    """
    _planted.add(Path(os.path.abspath(path)))
    return path


def keep(config: pytest.Config, place: str, *texts: str) -> None:
    """Keep what a test found in a place that is gone at the end of the run, to be searched then."""
    config.stash[_SEARCH]._keep(place, *texts)


def pytest_configure(config: pytest.Config) -> None:
    search = config.stash[_SEARCH] = Search(config.rootpath)
    config.pluginmanager.register(search)


def pytest_make_parametrize_id(val: object) -> str | None:
    """The name of a test's parameter: pytest prints it, and keeps it in its cache."""
    return redact(val) if isinstance(val, str) and redact(val) != val else None


@pytest.fixture(scope="session", autouse=True)
def _folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Everything that is written to a temporary folder or to HOME goes where it is searched."""
    request.config.stash[_SEARCH].folder = tmp_path_factory.getbasetemp().resolve()
    home, other = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("tmp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(other))
        for name, folder in (("TMPDIR", other), ("HOME", home), ("USERPROFILE", home)):
            patch.setenv(name, str(folder))
        yield


@pytest.fixture(scope="session", autouse=True)
def _sandboxes() -> Iterator[None]:
    """The tokens of every sandbox that a test starts or finds, and those that a rotation makes, are searched for."""
    take = Sandbox._take

    def take_and_remember(sandbox: Sandbox, state: Any) -> None:
        take(sandbox, state)
        for token in tokens(sandbox):
            remember(token.reveal())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "_take", take_and_remember)
        yield


class Search:
    """Keeps what pytest captures, and searches it and all files at the end.

    A find fails the run. It is named by its place, never quoted.

    Attributes
    ----------
    folder
        pytest's base temporary folder.
    """

    def __init__(self, work_tree: Path) -> None:
        self._work_tree = work_tree
        self._folder = Path(tempfile.mkdtemp(prefix="quixnb-tests-"))
        self._ledger = self._folder / "fakes"
        self._outer = os.environ.get(LEDGER)
        self._captured: dict[str, str] = {}
        self._processes: dict[str, str] = {}
        self.folder: Path | None = None
        self._found: list[Leak] = []
        self._began = time.time()
        self._tests = f"{work_tree / 'tests'}{os.sep}"
        os.environ[LEDGER] = str(self._ledger)
        sys.addaudithook(self._note_who_writes)

    # ---- what is kept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # The last report of a test has what was captured in all its phases.
        sections = [text for _, text in report.sections] if report.when == "teardown" else []
        self._keep(f"the output of {report.nodeid}", *sections, report.longreprtext)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._keep(f"the collection of {report.nodeid}", report.longreprtext)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, nodeid: str) -> None:
        self._keep(f"a warning in {nodeid}", str(warning_message.message))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Look at the processes while the test's kernels and sandboxes still run."""
        try:
            return (yield)
        finally:
            self._processes |= {f"{number} in {item.nodeid}": line for number, line in self._new_command_lines()}

    def _new_command_lines(self) -> Iterator[tuple[str, str]]:
        return leaks.command_lines(but=(key.partition(" ")[0] for key in self._processes))

    def _keep(self, place: str, *texts: str) -> None:
        self._captured[place] = "\n".join([self._captured.get(place, ""), place, *texts])

    # ---- what tests plant

    def _note_who_writes(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Audit hook: a file is planted while the last to open it for writing was a test's own code."""
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            path = arguments[0]
        elif event == "os.rename":
            path = arguments[1]
        else:
            return
        if isinstance(path, (str, os.PathLike)):
            note = _planted.add if self._is_called_by_a_test() else _planted.discard
            with suppress(OSError):  # the working folder is gone
                note(Path(os.path.abspath(path)))

    def _is_called_by_a_test(self) -> bool:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and _is_of_the_standard_library(frame.f_code.co_filename):
            frame = frame.f_back
        return frame is not None and frame.f_code.co_filename.startswith(self._tests)

    # ---- the end

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search, when all fixtures are torn down and pytest's own cache is written."""
        noted = self._ledger.read_text(encoding="utf-8").splitlines() if self._ledger.exists() else []
        self._found = sorted(set(self._leaks(Secrets(noted))))
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _leaks(self, secrets: Secrets) -> Iterator[Leak]:
        for place, text in self._captured.items():
            yield from leaks.in_text(text, redact(place), secrets)
        for place, line in self._processes.items():
            yield from leaks.in_text(line, f"the arguments of process {redact(place)}", secrets)
        if self.folder is not None:
            yield from leaks.in_files(leaks.files_below(self.folder, _planted), secrets)
        yield from leaks.in_files(leaks.files_changed(self._work_tree, self._began, _planted), secrets)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._found:
            terminalreporter.section("secrets found", red=True, bold=True)
            for leak in self._found:
                terminalreporter.line(f"LEAK {redact(str(leak))}")

    def pytest_unconfigure(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.environ.pop(LEDGER, None)
        if self._outer is not None:
            os.environ[LEDGER] = self._outer


def _is_of_the_standard_library(file: str) -> bool:
    return file.startswith(("<frozen ", *_STDLIB)) and not file.startswith(_SITE_PACKAGES)
