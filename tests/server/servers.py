"""Real Jupyter Servers for tests: their files are below one folder, and all that they say is kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0
_READY = re.compile(r"(http://127\.0\.0\.1:\d+/)\S*token=")


class Server:
    """A running server, and what it says.

    Attributes
    ----------
    home
        Its user's home, in which are all its files; `folder` below it is what it serves.
    log
        The lines that it has written so far, those of its kernels too.
    """

    def __init__(self, home: Path, folder: Path, process: subprocess.Popen[str]) -> None:
        self.home, self.folder, self._process = home, folder, process
        self.log: list[str] = []
        self._ready = threading.Event()
        self._heard = threading.Condition()
        self.address = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._ready.wait(WAIT_S) or not self.address:
            process.kill()  # nobody else would end it
            process.wait()
            raise AssertionError("the server did not start: " + "".join(self.log))
        transport = httpx2.HTTPTransport(retries=3)
        headers = {"Authorization": "token t"}
        self.http = httpx2.Client(base_url=self.address, headers=headers, timeout=WAIT_S, transport=transport)

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            with self._heard:
                self.log.append(line)
                self._heard.notify_all()
            if not self.address and (match := _READY.search(line)):
                self.address = match[1]
                self._ready.set()
        self._ready.set()

    def save(self, path: str, content: Any) -> httpx2.Response:
        """Save a notebook or a text, as a front end does."""
        kind = {"type": "notebook"} if isinstance(content, dict) else {"type": "file", "format": "text"}
        return self.http.put(f"api/contents/{path}", json={**kind, "content": content})

    def said(self, text: str, since: int = 0) -> str:
        """The log from a line's number on, once `text` is in it."""
        with self._heard:
            assert self._heard.wait_for(lambda: any(text in line for line in self.log[since:]), WAIT_S), text
            return "".join(self.log[since:])

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
        try:
            self._process.wait(WAIT_S)
        finally:
            self._process.kill()
        self._listener.join(WAIT_S)
        if self._process.stderr:
            self._process.stderr.close()
        return "".join(self.log)


def start(
    home: Path,
    *options: str,
    module: Sequence[str] = ("jupyter_server",),
    python: str | Path = sys.executable,
    **variables: str,
) -> Server:
    """A server whose files and settings are below `home`; what is enabled in its environment is enabled in it."""
    from tests.search import planted  # pytest has to load it first

    planted(home / "work").mkdir(parents=True, exist_ok=True)
    (home / "tmp").mkdir(exist_ok=True)
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"HOME": str(home), "IPYTHONDIR": str(home / ".ipython"), "TMPDIR": str(home / "tmp")}
    command = [str(python), "-m", *module, "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=t", f"--ServerApp.root_dir={home / 'work'}", *options]
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | own | variables,
        cwd=home / "work",
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        errors="surrogateescape",
    )
    return Server(home, home / "work", process)
