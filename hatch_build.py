"""Puts the JupyterLab extension into the wheel, and builds it first where Node is at hand.

`QUIXNB_LABEXTENSION` says how much it matters: `require` (a release: no wheel without it), `skip`, or `auto`, which
builds it if it can and else goes on with a warning: magics, picker and the check on save work without it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_INSTALLED = "share/jupyter/labextensions/quixnb"


class LabExtension(BuildHookInterface):
    """The hook that hatchling runs before it makes a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the extension if it is not there, and name its files."""
        wanted = os.environ.get("QUIXNB_LABEXTENSION", "auto")
        # From a checkout that is installed in place `make lab` builds it, and links to it: a copy would grow old.
        if wanted == "skip" or self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        built = root / "quixnb" / "labextension"
        if not (built / "package.json").is_file() and (problem := _build(root / "js")):
            if wanted == "require":
                raise RuntimeError(f"The JupyterLab extension was not built: {problem}")
            self.app.display_warning(f"quixnb goes without its JupyterLab extension: {problem}")
            return
        build_data["shared_data"] |= {
            str(built): _INSTALLED,
            str(root / "js" / "install.json"): f"{_INSTALLED}/install.json",
        }


def _build(folder: Path) -> str:
    """Build it with npm; what went wrong, in words."""
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm on the PATH; install Node 18 or newer, and install quixnb again."
    for command in ([] if _is_installed(folder) else [["ci"]]) + [["run", "build"]]:
        done = subprocess.run(  # noqa: S603 - our own words
            [npm, *command], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = (done.stderr + done.stdout).splitlines()
            said = next((line.strip() for line in lines if "error" in line.lower()), "it does not say why")
            return f"npm {' '.join(command)} failed: {said}"
    return ""


def _is_installed(folder: Path) -> bool:
    """Whether `make` has installed what the lock file names: that takes a minute, and would be done again."""
    installed, wanted = folder / "node_modules" / ".installed", folder / "package-lock.json"
    return installed.is_file() and installed.read_bytes() == wanted.read_bytes()
