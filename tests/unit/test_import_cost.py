"""`%load_ext quixnb` costs next to nothing: neither time nor modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {
    "anywidget",
    "confluent_kafka",
    "dotenv",
    "httpx2",
    "ipywidgets",
    "keyring",
    "narwhals",
    "nbformat",
    "numpy",
    "orjson",
    "pandas",
    "polars",
    "pyarrow",
    "tenacity",
}
ROOT = Path(__file__).parents[2]

# What a running kernel has loaded is loaded first; then an empty extension, then ours.
PROGRAM = """
import json, sys, time
import ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

config = Config()
config.HistoryManager.hist_file = ":memory:"
shell = InteractiveShell.instance(config=config)
before = set(sys.modules)

def cost(name):
    started = time.process_time()
    shell.run_cell(f"%load_ext {name}").raise_error()
    return time.process_time() - started

cost("empty_of_warming_up")
costs = {name: cost(name) for name in ("empty_extension", "quixnb")}
print(json.dumps({**costs, "modules": sorted(set(sys.modules) - before)}))
"""


def loaded(folder: Path) -> dict[str, Any]:
    """What loading quixnb and an empty extension cost in a fresh process, in seconds, and the modules it imported."""
    for name in ("empty_of_warming_up", "empty_extension"):
        (folder / f"{name}.py").write_text("def load_ipython_extension(shell): pass\n")
    environment = {"PYTHONPATH": f"{folder}:{ROOT}", "IPYTHONDIR": str(folder), "HOME": str(folder)}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, cwd=folder, capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(process.stdout)
    return result


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("cost")
    return [loaded(folder) for _ in range(9)]


@pytest.mark.alone
def test_it_takes_less_than_50_ms_more_than_an_empty_extension(runs: list[dict[str, Any]]) -> None:
    # The least of several runs: other work on the machine only adds.
    ours, empty = (min(run[name] for run in runs) for name in ("quixnb", "empty_extension"))

    assert ours - empty < 0.050


def test_nothing_heavy_is_imported(runs: list[dict[str, Any]]) -> None:
    imported = {name.partition(".")[0] for name in runs[0]["modules"]}

    assert not imported & HEAVY


def test_importing_the_package_alone_imports_nothing_but_its_base() -> None:
    program = "import sys; before = set(sys.modules); import quixnb; print(*sorted(set(sys.modules) - before))"

    names = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert [name for name in names if name.startswith("quixnb")] == ["quixnb", "quixnb._version", "quixnb.errors"]


def test_the_public_names_are_listed_and_all_there() -> None:
    import quixnb

    assert quixnb.__all__ == sorted(quixnb.__all__)
    assert all(getattr(quixnb, name) is not None for name in quixnb.__all__)
    assert set(quixnb.__all__) <= set(dir(quixnb))


def test_the_public_names_are_these() -> None:
    import quixnb

    assert [name for name in quixnb.__all__ if not issubclass(type(getattr(quixnb, name)), type)] == [
        "__version__",
        "connect",
        "current",
        "environments",
        "last_report",
        "publish",
        "read",
        "sandbox",
        "token",
        "topics",
    ]


def test_an_unknown_name_is_an_attribute_error() -> None:
    import quixnb

    with pytest.raises(AttributeError, match="nonsense"):
        quixnb.nonsense  # noqa: B018


def test_the_functions_outlive_their_modules_import() -> None:
    import quixnb.session
    import quixnb.token

    assert callable(quixnb.publish)
    assert callable(quixnb.read)
    assert callable(quixnb.token)
