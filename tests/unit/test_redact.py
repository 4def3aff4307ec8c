"""Redaction: what is hidden, and what is left alone."""

from __future__ import annotations

import pytest

from quixnb.redact import redact
from tests.fakes import fake_password, fake_token


def test_each_token_gives_way_to_the_same_words() -> None:
    text = f"first {fake_token()}, then '{fake_token('pat')}'"

    assert redact(text) == "first [quix token], then '[quix token]'"


def test_a_known_secret_is_hidden_whatever_it_looks_like() -> None:
    password = fake_password()

    assert redact(f"sasl.password={password};", [password]) == "sasl.password=[quix token];"


def test_of_two_known_secrets_the_longer_one_goes_whole() -> None:
    secret = fake_password()

    assert redact(secret + "tail", [secret, secret + "tail"]) == "[quix token]"


def test_a_known_secret_is_no_regular_expression() -> None:
    assert redact("a.c abc", ["a.c"]) == "[quix token] abc"


def test_an_empty_known_secret_hides_nothing() -> None:
    assert redact("abc", ["", "b"]) == "a[quix token]c"


def test_a_comment_does_not_keep_a_token_visible() -> None:
    assert redact(f"{fake_token()}  # quixnb: not-a-token") == "[quix token]  # quixnb: not-a-token"


def test_ordinary_text_is_left_alone() -> None:
    text = "sdk-tools sdk-12345 0123456789abcdef0123456789abcdef"

    assert redact(text) == text


@pytest.mark.parametrize(
    "shown",
    [
        "token  {head}…",
        "t = '{short}…",
        "0  Authorization: Bearer {head}...\n1  next",
        "t = 'x {head}'+20",
        "{{'a': '{head}' + 12}}",
        "w  Text  Text(value='{short}<...>{tail}')",
    ],
)
def test_a_token_that_was_cut_short_to_be_shown_is_hidden(shown: str) -> None:
    token = fake_token()

    clean = redact(shown.format(head=token[:20], short=token[:13], tail=token[13:]))

    assert "[quix token]" in clean
    assert not any(token[at : at + 4] in clean for at in range(4, 33))


@pytest.mark.parametrize("text", ["sdk-12345678...", "sdk-tools…", "use sdk-<your token>...", "see pat-a.b..."])
def test_what_only_looks_like_a_part_of_a_token_is_shown(text: str) -> None:
    assert redact(text) == text
