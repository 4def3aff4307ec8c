"""Whatever fails inside the guard, a cell does what it does without it: each inner step is made to fail in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import fake_token
from tests.guard.kernels import Kernel, Sent, running
from tests.search import planted

pytestmark = pytest.mark.kernel

# Functions and methods of the guard's modules, but for those that put it in its places and are not called again.
STEPS = """
import importlib, inspect
def steps():
    for name in ("before_run", "clean", "gate", "history", "magic_lines", "notice", "outputs", "streams", "tails"):
        module = importlib.import_module(f"quixnb.guard.{name}")
        for owner in [module, *(each for each in vars(module).values() if inspect.isclass(each))]:
            if owner is module or owner.__module__ == module.__name__:
                for name, value in list(vars(owner).items()):
                    if inspect.isfunction(value) and not name.startswith("__") and name not in ("install", "uninstall"):
                        yield owner, name
def broken(*_, **__):
    raise RuntimeError("broken")
def broken_one_by_one(run):
    for owner, name in steps():
        kept = vars(owner)[name]
        setattr(owner, name, broken)
        try:
            run(f"{owner.__name__}.{name}")
        finally:
            setattr(owner, name, kept)
"""

# What a cell does, and what is to be seen of it. The token is printed either way.
CELLS = """
from IPython.display import display
def run(name):
    global step
    step = name
    for cell in ("t = 'TOKEN'; done.append(step)", "1 / 0", "x = = 1", "display('d'); done.append(step)", "7"):
        get_ipython().run_cell(cell, store_history=True)
done = []
broken_one_by_one(run)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running(planted(tmp_path_factory.mktemp("kernel"))) as started:
        started.run("%load_ext quixnb\n%xmode Minimal")
        started.run(STEPS)
        yield started


def shown(sent: Sent) -> dict[str, Any]:
    """How often each thing was seen, but for the guard's own notices."""
    kinds = [each["msg_type"] for each in sent]
    texts = [each["content"]["data"]["text/plain"] for each in sent if "data" in each["content"]]
    errors = [each["content"]["ename"] for each in sent if each["msg_type"] == "error"]
    return {
        "'d'": texts.count("'d'"),
        "7": texts.count("7"),
        "ZeroDivisionError": errors.count("ZeroDivisionError"),
        "SyntaxError": errors.count("SyntaxError"),
        "others": len(errors) - errors.count("ZeroDivisionError") - errors.count("SyntaxError"),
        "replies": kinds.count("execute_reply"),
    }


def test_no_failing_step_costs_a_cell_or_an_output(kernel: Kernel) -> None:
    sent = kernel.run(CELLS.replace("TOKEN", fake_token()))
    count = int(kernel.run("len(list(steps()))").of("execute_result")["data"]["text/plain"])
    done = kernel.run("len(done), len(set(done))").of("execute_result")["data"]["text/plain"]

    assert count > 60
    assert done == str((2 * count, count))
    assert shown(sent) == {
        "'d'": count,
        "7": count,
        "ZeroDivisionError": count,
        "SyntaxError": count,
        "others": 0,
        "replies": 1,
    }
    assert "Error in callback" not in json.dumps(sent, default=str)
