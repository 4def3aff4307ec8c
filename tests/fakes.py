"""Fake tokens and passwords for the tests: generated, recognisable, and remembered, so that the suite can search
everything it produced for them at its end."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

# Every fake token carries this in its digits. It is spelled in two halves so that no file of the suite holds it.
MARKER = "5eed" + "c0ffee"
# The variable that says where a run notes its fake secrets; all that it starts has it.
LEDGER = "QUIXNB_TEST_FAKES"


def fake_token(kind: str = "sdk") -> str:
    """A well-formed token of `kind` (`sdk`, `pat`) that opens nothing."""
    return remember(f"{kind}-{MARKER}{secrets.token_hex(11)}")


def fake_password() -> str:
    """A broker password that opens nothing."""
    return remember(f"pw{MARKER}{secrets.token_hex(8)}")


def remember(secret: str) -> str:
    """Note `secret` for the search at the end of the run; returns it."""
    # A process of its own (a kernel, a sandbox) appends too, hence a file; it is named by the session's conftest.
    if ledger := os.environ.get(LEDGER):
        with Path(ledger).open("a", encoding="utf-8") as file:
            file.write(secret + "\n")
    return secret
