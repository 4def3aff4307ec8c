"""A real Jupyter Server with quixnb's extension, enabled as an installation enables it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "quixnb" / "server" / "jupyter-config" / "quixnb.json"
_READY = re.compile(r"(http://127\.0\.0\.1:\d+/)\S*token=")
WAIT_S = 30.0


class Server:
    """A running server, and what it says."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder, self._process = folder, process
        self.log: list[str] = []
        self._ready = threading.Event()
        self._address = ""
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._ready.wait(WAIT_S), "".join(self.log)
        transport = httpx2.HTTPTransport(retries=3)
        headers = {"Authorization": "token t"}
        self.http = httpx2.Client(base_url=self._address, headers=headers, timeout=WAIT_S, transport=transport)

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self.log.append(line)
            if match := _READY.search(line):
                self._address = match[1]
                self._ready.set()
        self._ready.set()

    def save(self, path: str, content: Any) -> httpx2.Response:
        """Save a notebook or a text, as a front end does."""
        kind = {"type": "notebook"} if isinstance(content, dict) else {"type": "file", "format": "text"}
        return self.http.put(f"api/contents/{path}", json={**kind, "content": content})

    def text(self, path: str) -> str:
        """What is on the disk."""
        return (self.folder / path).read_text(encoding="utf-8")

    def notices(self, path: str | None = None) -> list[dict[str, Any]]:
        """What the front end is told."""
        answer = self.http.get("quixnb/api/saves", params={"path": path} if path else {})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["notices"]
        return found

    def stop(self) -> str:
        """End it; all that it said."""
        self.http.close()
        self._process.terminate()
        self._process.wait(WAIT_S)
        if self._process.stderr:
            self._process.stderr.close()
        return "".join(self.log)


def start(folder: Path, *options: str, also_enabled: Path | None = None) -> Server:
    """A server whose files and settings are below `folder`."""
    from tests.search import planted  # pytest has to load it first

    for name in ("config/jupyter_server_config.d", "work"):
        (folder / name).mkdir(parents=True)
    shutil.copy(CONFIG, folder / "config" / "jupyter_server_config.d")
    planted(folder / "work")
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), str(also_enabled or "")]))}
    variables |= {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    variables |= {"HOME": str(folder), "JUPYTER_NO_CONFIG": "", "JUPYTER_PREFER_ENV_PATH": "0"}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=t", f"--ServerApp.root_dir={folder / 'work'}", *options]
    process = subprocess.Popen(
        command, env=variables, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    return Server(folder / "work", process)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the default settings."""
    running = start(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server with other settings."""
    running: list[Server] = []

    def begin(*options: str, **more: Any) -> Server:
        running.append(start(tmp_path / "server", *options, **more))
        return running[-1]

    yield begin
    for each in running:
        each.stop()


def notebook(source: str = "", output: Any = None, **metadata: Any) -> dict[str, Any]:
    """A notebook of one code cell, as a front end sends it."""
    outputs = [nbformat.v4.new_output("stream", text=output)] if output is not None else []
    cell = nbformat.v4.new_code_cell(source, outputs=outputs)
    made = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    return dict(nbformat.from_dict(made))
