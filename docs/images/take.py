"""Take the pictures of the documentation again: the quickstart in a real JupyterLab, in a headless Chromium.

    make images

Needs Chromium (Debian: `apt install chromium`), or `CHROMIUM=/path/to/it`. Everything is kept in a temporary home.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
NOTEBOOK = HERE.parent.parent / "notebooks" / "01-quickstart.ipynb"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


@contextmanager
def jupyter_lab(home: Path, theme: str) -> Iterator[str]:
    """The address of a JupyterLab of its own, token included, on a copy of the quickstart."""
    (home / "notebooks").mkdir()
    shutil.copy(NOTEBOOK, home / "notebooks")
    settings = home / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir()
    settings.write_text(
        '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},'
        ' "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},'
        f' "@jupyterlab/apputils-extension:themes": {{"theme": "{THEMES[theme]}"}}}}'
    )
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "QUIXNB_RUNTIME_DIR")
    env = {**os.environ, "HOME": str(home), "JUPYTER_CONFIG_PATH": str(home)}
    env |= {name: str(home / name.lower()) for name in folders}
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "labsettings")
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--no-browser",
        "--port=0",
        "--allow-root",
        str(home / "notebooks"),
    ]
    command += ["--LabApp.expose_app_in_browser=True", f"--LabApp.app_settings_dir={home / 'labconfig'}"]
    server = subprocess.Popen(command, env=env, cwd=home, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    try:
        yield next(found[0] for line in server.stderr or () if (found := re.search(r"http://127\.0\.0\.1:\S+", line)))
    finally:
        server.terminate()
        server.wait()


def chromium() -> str:
    """Path of a Chromium."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or sys.exit("No Chromium was found; install it, or name it in CHROMIUM.")


def run_quickstart(page: Page, address: str) -> None:
    """Open the quickstart and run it, until its last cell has printed."""
    page.goto(address.replace("/lab?", f"/lab/tree/{NOTEBOOK.name}?"))
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle")
    page.evaluate("() => { window.jupyterapp.commands.execute('application:toggle-left-area') }")
    page.evaluate("() => { window.jupyterapp.commands.execute('runmenu:run-all') }")
    page.wait_for_selector(".jp-OutputArea-output >> text=identical", timeout=60_000)


def show(page: Page, text: str) -> None:
    """Scroll the notebook so that the cell with `text` stands near its top."""
    page.locator(".jp-Cell", has_text=text).first.evaluate("cell => cell.scrollIntoView({block: 'start'})")


def take(theme: str, width: int = 1180, height: int = 900) -> None:
    """All pictures in one theme."""
    with tempfile.TemporaryDirectory() as home, jupyter_lab(Path(home), theme) as address, sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        run_quickstart(page, address)
        suffix = "" if theme == "light" else f"-{theme}"
        for name, text in PICTURES.items():
            show(page, text)
            page.screenshot(path=HERE / f"{name}{suffix}.png")
        browser.close()


# Picture → text of the cell that it begins with.
PICTURES = {
    "quickstart": "2. Publish what this machine",
    "dry-run": "3. Publish a real data set",
    "connect": "1. Connect",
}


if __name__ == "__main__":
    for each in THEMES:
        take(each)
