"""Recall and precision: all that holds a token is found, and nothing else."""

from __future__ import annotations

import json

import pytest

from quixnb.detect import find_tokens
from quixnb.scan.contents import search_bytes
from tests.fakes import fake_token
from tests.scan.corpus import LEAVES, STEPS, TEXTS, lookalikes, positives


def kinds_in(text: str) -> set[str]:
    """Kinds of the tokens that are found in a notebook's file."""
    return {each.kind for each in search_bytes(text.encode(), "a.ipynb")}


def test_the_corpus_is_large_enough() -> None:
    assert len(positives()) >= 100
    assert len(STEPS) + len(LEAVES) + len(TEXTS) >= 30
    assert len(lookalikes()) >= 40


@pytest.mark.parametrize("indent", [None, 1])
def test_every_positive_is_found_by_its_kind(indent: int | None) -> None:
    missed = [
        name
        for name, (kind, document) in positives().items()
        if kinds_in(json.dumps(document, indent=indent)) != {kind}
    ]

    assert not missed


@pytest.mark.parametrize("leaf", list(LEAVES))
def test_every_step_is_found_in_every_leaf(leaf: str) -> None:
    missed = [
        step
        for step, spell in STEPS.items()
        if kinds_in(json.dumps(LEAVES[leaf](spell(fake_token())), ensure_ascii=False)) != {"sdk"}
    ]

    assert not missed


def test_no_lookalike_is_found() -> None:
    wrong = [name for name, text in lookalikes().items() if find_tokens(text)]

    assert not wrong


@pytest.mark.parametrize("leaf", list(LEAVES))
def test_no_lookalike_is_found_in_any_leaf(leaf: str) -> None:
    wrong = [name for name, text in lookalikes().items() if kinds_in(json.dumps(LEAVES[leaf](text), indent=1))]

    assert not wrong
