"""Builds quixnb's distributions from a folder, with the hatchling of the tests' environment: nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXTENSION = "share/jupyter/labextensions/quixnb"

# What git ignores; a copy that has it would not be one of a clone.
_NOT_IN_A_CLONE = shutil.ignore_patterns(
    ".git", ".venv*", ".cache", "__pycache__", "node_modules", "lib", "labextension", "*.tsbuildinfo", ".*_cache"
)


@dataclass(frozen=True)
class Wheel:
    """A wheel, and what was said when it was built."""

    path: Path
    said: str

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file in it, unpacked."""
        with zipfile.ZipFile(self.path) as file:
            return {each.filename: each.file_size for each in file.infolist()}

    @property
    def extension(self) -> dict[str, int]:
        """The same of the JupyterLab extension's files, by their names in it."""
        return {
            name.partition(f"{EXTENSION}/")[2]: size for name, size in self.sizes.items() if f"/{EXTENSION}/" in name
        }


class BuildFailed(Exception):
    """There is no wheel; says why."""


def copied(to: Path) -> Path:
    """A copy of what a clone of this checkout has."""
    return Path(shutil.copytree(ROOT, to / "quixnb", ignore=_NOT_IN_A_CLONE))


def built(folder: Path, to: Path, wanted: str, *, path: str | None = None) -> Wheel:
    """The wheel of `folder`, with `QUIXNB_LABEXTENSION` as `wanted`, and another `PATH` where one is given."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--verbose"]
    command += ["--disable-pip-version-check", "--wheel-dir", str(to), str(folder)]
    variables = {**os.environ, "QUIXNB_LABEXTENSION": wanted, "PATH": os.environ["PATH"] if path is None else path}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode:
        raise BuildFailed(said)
    [wheel] = to.glob("*.whl")
    return Wheel(wheel, said)


def source_distribution(folder: Path, to: Path) -> Path:
    """The unpacked source distribution of `folder`."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(to)], cwd=folder, check=True)
    [archive] = to.glob("*.tar.gz")
    shutil.unpack_archive(archive, to, filter="data")
    return to / archive.name.removesuffix(".tar.gz")
