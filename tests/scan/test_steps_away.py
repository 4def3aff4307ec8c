"""One local step away from a token in one piece: found in the text, found in a notebook's file, and taken out."""

from __future__ import annotations

import json

import pytest

from quixnb.detect import find_tokens
from quixnb.redact import redact
from quixnb.scan.contents import search_bytes
from tests.fakes import MARKER, fake_token
from tests.scan.corpus import code, notebook, stream
from tests.scan.steps_away import steps

STEPS = dict(steps())


@pytest.mark.parametrize("kind", ["sdk", "pat"])
def test_each_is_found_in_its_text(kind: str) -> None:
    missed = [name for name, step in STEPS.items() if not find_tokens(f"x {step(fake_token(kind))}\nend")]

    assert missed == []


@pytest.mark.parametrize("ascii_only", [True, False])
def test_each_is_found_in_a_notebooks_file(ascii_only: bool) -> None:
    """The quick look at the whole file sees through what JSON makes of a text."""
    missed = [
        name
        for name, step in STEPS.items()
        if not list(
            search_bytes(
                json.dumps(
                    notebook(code("x", stream(f"x {step(fake_token())}\nend"))), ensure_ascii=ascii_only
                ).encode(),
                "a.ipynb",
            )
        )
    ]

    assert missed == []


def test_nothing_of_any_is_left_when_it_is_hidden() -> None:
    left = [name for name, step in STEPS.items() if MARKER in redact(step(fake_token())).lower()]

    assert left == []
