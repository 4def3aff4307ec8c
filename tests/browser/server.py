"""A JupyterLab of its own for a browser to look at; the same server shows Notebook 7 as well."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
SERVER_EXTENSION = ROOT / "quixnb" / "server" / "jupyter-config" / "quixnb.json"
LAB_EXTENSION = ROOT / "quixnb" / "labextension"
WAIT_S = 60.0

_READY = re.compile(r"(http://127\.0\.0\.1:\d+/)\S*token=")
# Widget state is saved with the notebook: what a widget must not hold would be in the file.
SETTINGS: Mapping[str, Any] = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class JupyterLab:
    """A running server.

    Attributes
    ----------
    address
        `http://127.0.0.1:…/`.
    token
        Jupyter's own, for the address.
    home
        Everything that it and its kernels write is below this folder.
    notebooks
        The folder that it shows.
    log
        What it has said until now.
    """

    address: str
    token: str
    home: Path
    notebooks: Path
    log: list[str]

    def url(self, path: str = "lab") -> str:
        """The address of a page, with what opens it."""
        return f"{self.address}{path}?token={self.token}"


@contextmanager
def jupyter_lab(
    home: Path, *options: str, settings: Mapping[str, Any] | None = None, **variables: str
) -> Iterator[JupyterLab]:
    """A JupyterLab with quixnb's two extensions, whose files and kernels' files are below `home`.

    Parameters
    ----------
    options
        More options of the server's.
    settings
        Plugin to settings, on top of `SETTINGS`; in place of what a user would have set.
    variables
        More environment variables, for its kernels too.
    """
    for name in ("notebooks", "config/jupyter_server_config.d", "config/labconfig", "data/labextensions", "tmp"):
        (home / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(SERVER_EXTENSION, home / "config" / "jupyter_server_config.d")
    if not (link := home / "data" / "labextensions" / "quixnb").exists() and LAB_EXTENSION.exists():
        link.symlink_to(LAB_EXTENSION)
    overrides = home / "config" / "labconfig" / "default_setting_overrides.json"
    overrides.write_bytes(orjson.dumps({**SETTINGS, **(settings or {})}))
    token = secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
    command += [*options, str(home / "notebooks")]
    process = subprocess.Popen(
        command,
        env=_variables(home, token) | variables,
        cwd=home,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    log, found, ready = [], [], threading.Event()

    def listen() -> None:
        assert process.stderr
        for line in process.stderr:
            log.append(line)
            if match := _READY.search(line):
                found.append(match[1])
                ready.set()
        ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert ready.wait(WAIT_S), "".join(log)
        assert found, "".join(log)
        yield JupyterLab(found[0], token, home, home / "notebooks", log)
    finally:
        process.terminate()
        process.wait(WAIT_S)
        listener.join(WAIT_S)
        if process.stderr:
            process.stderr.close()
        (home / "server.log").write_text("".join(log), encoding="utf-8")


def _variables(home: Path, token: str) -> dict[str, str]:
    variables = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": token, "TMPDIR": str(home / "tmp")}
    variables |= {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    variables |= {f"JUPYTERLAB_{name}_DIR": str(home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    variables |= {"IPYTHONDIR": str(home / "ipython"), "QUIXNB_RUNTIME_DIR": str(home / "quixnb")}
    return variables | {"PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
