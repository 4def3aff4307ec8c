"""Sandboxes of a real Jupyter kernel: restarted, interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

import quixnb.sandbox
from tests.sandbox.helpers import ROOT, is_running, wait_until_gone

pytestmark = pytest.mark.kernel

Kernel = tuple[KernelManager, BlockingKernelClient]


@pytest.fixture
def kernel(runtime: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def pid_of(client: BlockingKernelClient, expression: str) -> int:
    """The pid of the sandbox that `expression` is in the kernel."""
    imports = "import quixnb.sandbox\nfrom tests.sandbox.helpers import remembered"
    wanted = {"pid": f"remembered(sandbox := {expression}).pid"}
    reply = client.execute_interactive(imports, user_expressions=wanted, timeout=10)
    return int(reply["content"]["user_expressions"]["pid"]["data"]["text/plain"])


def test_a_restarted_kernel_finds_the_same_shared_sandbox(kernel: Kernel) -> None:
    manager, client = kernel
    before = pid_of(client, "quixnb.sandbox.shared()")

    manager.restart_kernel()
    client.wait_for_ready(timeout=10)
    after = pid_of(client, "quixnb.sandbox.shared()")

    found = quixnb.sandbox.find()
    assert found
    assert found.pid == before == after


def test_a_restarted_kernel_takes_its_own_sandbox_with_it(kernel: Kernel) -> None:
    manager, client = kernel
    own = pid_of(client, "quixnb.sandbox.start()")

    manager.restart_kernel(now=True)

    wait_until_gone(own)


def test_interrupting_a_cell_ends_no_sandbox(kernel: Kernel) -> None:
    manager, client = kernel
    own, shared = pid_of(client, "quixnb.sandbox.start()"), pid_of(client, "quixnb.sandbox.shared()")

    manager.interrupt_kernel()
    answered = pid_of(client, "quixnb.sandbox.find()")

    assert answered == shared
    assert is_running(own)
    assert is_running(shared)
