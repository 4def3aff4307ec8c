"""What a front end seals is opened by its key alone; the sealing here is its own implementation of the scheme."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb.seal import Seal, SealBroken
from tests.fakes import fake_token
from tests.sealing import sealed

SEAL = Seal()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=5000))
def test_opens_text_of_any_length(text: str) -> None:
    assert SEAL.open(sealed(text, SEAL.public)) == text


def test_what_is_sealed_shows_nothing_of_the_token() -> None:
    token = fake_token()

    assert token not in base64.b64decode(sealed(token, SEAL.public)).decode("latin-1")


def test_another_key_opens_nothing_and_repeats_nothing() -> None:
    token = fake_token()

    with pytest.raises(SealBroken) as caught:
        Seal().open(sealed(token, SEAL.public))

    assert token not in "".join(caught.value._render_traceback_())


@pytest.mark.parametrize("changed", range(0, 65 + 12 + 8 + 16, 7))
def test_a_changed_byte_opens_nothing(changed: int) -> None:
    data = bytearray(base64.b64decode(sealed("a secret", SEAL.public)))
    data[changed] ^= 1

    with pytest.raises(SealBroken):
        SEAL.open(base64.b64encode(data).decode())


@pytest.mark.parametrize("nonsense", ["", "not base64 at all", "AAAA", None, 5, b"AAAA", "A" * 400], ids=repr)
def test_nonsense_opens_nothing(nonsense: object) -> None:
    with pytest.raises(SealBroken):
        SEAL.open(nonsense)
