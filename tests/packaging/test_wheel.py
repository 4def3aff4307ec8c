"""What is in the wheel: the JupyterLab extension once, with Node or from a source distribution; nothing without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.packaging.building import EXTENSION, BuildFailed, Wheel, built, source_distribution

NOWHERE = ""  # a PATH on which there is no Node


def test_the_wheel_holds_the_extension_once_and_no_more_than_150_kb_of_it(wheel: Wheel) -> None:
    files = wheel.extension

    assert {"package.json", "install.json", "static/style.js"} <= set(files)
    assert {"schemas/quixnb/guard.json", "schemas/quixnb/panel.json"} <= set(files)
    assert not [name for name in wheel.sizes if "quixnb/labextension" in name or "node_modules" in name]
    assert sum(files.values()) < 150_000
    assert wheel.path.stat().st_size < 600_000


def test_a_clone_without_node_installs_without_the_extension_and_says_so(bare: Path, tmp_path: Path) -> None:
    wheel = built(bare, tmp_path, "auto", path=NOWHERE)

    assert wheel.extension == {}
    assert "quixnb goes without its JupyterLab extension: there is no npm on the PATH" in wheel.said
    assert "quixnb/magics/publish.py" in wheel.sizes
    assert any(name.endswith("/etc/jupyter/jupyter_server_config.d/quixnb.json") for name in wheel.sizes)


def test_a_release_without_node_fails(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="The JupyterLab extension was not built: there is no npm"):
        built(bare, tmp_path, "require", path=NOWHERE)


def test_it_can_be_left_out(checkout: Path, wheel: Wheel, tmp_path: Path) -> None:
    assert built(checkout, tmp_path, "skip").extension == {}


def test_a_source_distribution_has_it_built_and_needs_no_node(checkout: Path, wheel: Wheel, tmp_path: Path) -> None:
    sources = source_distribution(checkout, tmp_path / "sources")

    from_sources = built(sources, tmp_path / "wheel", "require", path=NOWHERE)

    assert from_sources.extension == wheel.extension


def test_jupyter_lists_what_pip_has_installed(wheel: Wheel, tmp_path: Path) -> None:
    python = environment(tmp_path / "fresh")
    installing = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet"]
    subprocess.run([*installing, "--disable-pip-version-check", str(wheel.path)], check=True)
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    variables = {**os.environ, **own, "PATH": f"{python.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}

    def said(*command: str) -> str:
        done = subprocess.run(
            [str(python), *command], env=variables, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    listed = said("-m", "jupyterlab.labextensions", "list")
    assert re.search(r"quixnb v\S+ .*enabled.*OK", re.sub(r"\x1b\[\d*m", "", listed)), listed
    assert re.search(r"quixnb.*enabled", said("-m", "jupyter_server.extension.serverextension", "list"))
    doctor = said("-m", "quixnb", "doctor")
    assert f"ok  labextension    {tmp_path}/fresh/{EXTENSION}" in doctor


def environment(folder: Path) -> Path:
    """A fresh environment that borrows what quixnb depends on from the tests' own; its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    places = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", vars=places))
    # A path in a .pth file is taken as it is: the editable quixnb there, a .pth file itself, is not.
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "python"
