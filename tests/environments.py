"""Make the environments of Quix's own clients, which the tests read with, of jupyter-collaboration, of other
extensions of Jupyter Server, of tools for notebooks, of Apache Kafka and of gitleaks, once; say what could not be made
and why.

    python tests/environments.py

Each stands in `.cache/` of the checkout, apart from quixnb's own: Quix Streams 3 pins another confluent-kafka, and 0.5
wants an old Python, pandas and numpy. Where one cannot be made, the tests that need it are skipped with the reason, or
fail where `QUIXNB_DEMAND` is set.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"


@dataclass(frozen=True)
class Environment:
    """What pip is to install in it, and the newest minor version of Python 3 that this runs on; None is any."""

    requirements: tuple[str, ...]
    newest_minor: int | None = None

    def interpreters(self) -> Iterator[str]:
        """Interpreters that suit it: the running one first, then those that the PATH has, newest first."""
        if self.newest_minor is None or sys.version_info.minor <= self.newest_minor:
            yield sys.executable
            return
        for minor in range(self.newest_minor, 8, -1):
            if found := shutil.which(f"python3.{minor}"):
                yield found


@dataclass(frozen=True)
class Jars:
    """Java libraries, which Maven fetches, and the oldest Java that they run on."""

    pom: Path
    oldest_java: int


@dataclass(frozen=True)
class Wheels:
    """Packages that are fetched for the files in them, and not installed."""

    requirements: tuple[str, ...]


@dataclass(frozen=True)
class GoProgram:
    """A program that Go fetches and builds, and the oldest minor version of Go 1 that can."""

    package: str
    oldest_minor: int


ENVIRONMENTS: dict[str, Environment | Jars | Wheels | GoProgram] = {
    "quixstreams3": Environment(("quixstreams>=3.28,<4",)),
    "quixstreams05": Environment(("quixstreams==0.5.7", "pandas==1.5.*", "numpy<2"), newest_minor=11),
    # Where jupyter-collaboration is installed, every Jupyter Server is another one.
    "collaboration": Environment((f"--editable={ROOT}[server,lab]", "jupyter-collaboration>=4")),
    "notebooktools": Environment(("nbstripout>=0.8", "papermill>=2.6")),
    # jupytext would take over the saving of every JupyterLab that it stands beside.
    "extensions": Environment(
        (f"--editable={ROOT}[server]", "jupytext>=1.16", "jupyter-lsp>=2.2", "python-lsp-server>=1.12")
    ),
    "kafka": Jars(Path(__file__).parent / "kafka" / "pom.xml", oldest_java=17),
    "notebooks": Wheels(("holoviews==1.15.4", "hvplot==0.8.4", "geoviews==1.10.1", "nbgrader==0.9.6")),
    "gitleaks": GoProgram("github.com/zricethezav/gitleaks/v8@v8.30.1", oldest_minor=24),
}


def python(name: str) -> Path:
    """The environment's interpreter, whether it exists or not."""
    folder = CACHE / name
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def reason_missing(name: str) -> str | None:
    """Why an environment is not there; None if it is."""
    if (CACHE / name / ".ready").exists():
        return None
    note = CACHE / f"{name}.failed"
    return note.read_text(encoding="utf-8") if note.exists() else "not made yet: python tests/environments.py"


def make(name: str) -> str | None:
    """Make an environment unless it is there; returns what went wrong."""
    if reason_missing(name) is None:
        return None
    print(f"Making the environment '{name}' for tests (once)", flush=True)
    CACHE.mkdir(exist_ok=True)
    note = CACHE / f"{name}.failed"
    note.unlink(missing_ok=True)
    wanted = ENVIRONMENTS[name]
    if reason := _provided(name, wanted):
        note.write_text(reason, encoding="utf-8")
        return reason
    (CACHE / name / ".ready").touch()
    return None


def _made(name: str, environment: Environment) -> str | None:
    """Make it with the first interpreter that can; returns what went wrong."""
    reason: str | None = f"it needs Python 3.{environment.newest_minor} or older, and none was found"
    for interpreter in environment.interpreters():
        reason = _run(interpreter, "-m", "venv", "--clear", str(CACHE / name))
        if reason is None:  # an interpreter may be found and not work, as a version manager's stand-in for it
            pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
            return _run(str(python(name)), *pip, *environment.requirements)
    return reason


def _provided(name: str, wanted: Environment | Jars | Wheels | GoProgram) -> str | None:
    """Make or fetch it; returns what went wrong."""
    if isinstance(wanted, Wheels):
        pip = ("-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
        return _run(sys.executable, *pip, "--dest", str(wheels(name)), *wanted.requirements)
    if isinstance(wanted, GoProgram):
        return _built(name, wanted)
    return _fetched(name, wanted) if isinstance(wanted, Jars) else _made(name, wanted)


def wheels(name: str) -> Path:
    """The folder of its wheels, whether it exists or not."""
    return CACHE / name


def libraries(name: str) -> Path:
    """The folder of its Java libraries, whether it exists or not."""
    return CACHE / name / "libs"


def _fetched(name: str, jars: Jars) -> str | None:
    """Fetch them; returns what went wrong."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            return f"there is no '{tool}'"
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', java.stderr)
    if found is None or int(found[1]) < jars.oldest_java:
        return f"it needs Java {jars.oldest_java} or newer, and 'java' is {found[1] if found else 'none'}"
    shutil.rmtree(libraries(name), ignore_errors=True)
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={libraries(name)}")
    maven = subprocess.run(["mvn", "-q", "-B", "-f", jars.pom, *copy], capture_output=True, text=True, check=False)
    return next(iter(maven.stdout.strip().splitlines()), "mvn failed") if maven.returncode else None


def program(name: str) -> Path:
    """The program that Go built, whether it exists or not."""
    return CACHE / name / (f"{name}.exe" if sys.platform == "win32" else name)


def _built(name: str, wanted: GoProgram) -> str | None:
    """Build it; returns what went wrong."""
    if (go := shutil.which("go")) is None:
        return "there is no 'go'"
    version = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"go1\.(\d+)\S*", version)
    if found is None or int(found[1]) < wanted.oldest_minor:
        return f"it needs Go 1.{wanted.oldest_minor} or newer, and 'go' is {found[0] if found else 'none'}"
    return _run(go, "install", wanted.package, GOBIN=str(program(name).parent))


def _run(*command: str, **variables: str) -> str | None:
    """Run a command; returns the last line of what it said if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    return (done.stderr.strip().splitlines() or [f"{command[0]} failed"])[-1] if done.returncode else None


if __name__ == "__main__":
    for environment in ENVIRONMENTS:
        if problem := make(environment):
            print(f"Skipped: tests with '{environment}', because it could not be made: {problem}")
