"""Detection, by the vectors that Python and the editor share, and by its promises: linear, and never a character."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from quixnb.detect import find_tokens, is_nearly_token
from tests.fakes import MARKER, fake_token, remember

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tokens.json").read_text(encoding="utf-8")
)["vectors"]


def jwt(payload: dict[str, str]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, payload))
    head, body = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.{MARKER}{secrets.token_urlsafe(24)}"


def filled(template: str) -> str:
    """`template` with fake values in place of its placeholders, fresh each time."""
    digits = {f"hex{n}": MARKER + secrets.token_hex(20)[: n - len(MARKER)] for n in (12, 16, 31, 32, 33, 40)}
    values = {
        **digits,
        "HEX32": digits["hex32"].upper(),
        "uuid": str(uuid.uuid4()),
        "jwt_quix": jwt({"iss": "https://auth.quix.ai/", "sub": "someone"}),
        "jwt_other": jwt({"iss": "https://example.org/", "sub": "someone"}),
        "jwt_broken": "eyJub3QganNvbiBhdCBhbGw.eyJub3QganNvbiBhdCBhbGw." + secrets.token_urlsafe(24),
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    text = filled(vector["text"])

    found = find_tokens(text)

    assert [[each.kind, each.line, each.column] for each in found] == vector["finds"]


@pytest.mark.parametrize("kind", ["sdk", "pat"])
def test_start_and_end_are_the_tokens_own(kind: str) -> None:
    token = fake_token(kind)

    [found] = find_tokens(f"é🔑 = '{token}' # end")

    assert f"é🔑 = '{token}' # end"[found.start : found.end] == token


def test_a_finding_shows_no_character_of_the_token() -> None:
    token = fake_token()

    [found] = find_tokens(token)

    assert token[4:10] not in repr(found)


def test_a_token_inside_a_jwt_is_found_once() -> None:
    token = remember(f"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJxdWl4In0._{fake_token()}_")

    assert [each.kind for each in find_tokens(token)] == ["jwt"]


@pytest.mark.parametrize("unit", ["eyJ", "eyJaaaaaaaa.", "sdk-", "sdk-0", "a\n", "%41eyJaaaaaaaaa"])
def test_time_is_linear_whatever_the_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.perf_counter()
        find_tokens(text)
        return time.perf_counter() - started

    small, large = (min(seconds(size) for _ in range(3)) for size in (50_000, 400_000))

    assert large < 8 * small * 4 + 0.02  # eight times the text; a quadratic search would take 64 times as long


def test_many_tokens_on_one_long_line_take_linear_time() -> None:
    text = " ".join(fake_token() for _ in range(20)) * 500

    started = time.perf_counter()
    found = find_tokens(text)

    assert len(found) > 9_000
    assert time.perf_counter() - started < 2


def test_an_ordinary_cell_costs_far_less_than_a_millisecond() -> None:
    cell = "import pandas as pd\ndf = pd.DataFrame({'speed': range(10)})\ndf.describe()\n" * 20
    find_tokens(cell)

    started = time.perf_counter()
    for _ in range(100):
        find_tokens(cell)

    assert (time.perf_counter() - started) / 100 < 0.001


@pytest.mark.parametrize(
    "word", ["sdk-{hex16}", "sdk-{hex33}", "pat-{hex31}", "SDK-{HEX32}", "eyJhbGciOiJIUzI1NiJ9.eyJz"]
)
def test_a_token_cut_short_or_too_long_is_nearly_one(word: str) -> None:
    assert is_nearly_token(filled(word))


@pytest.mark.parametrize("word", ["sdk-data", "pat-12345", "f1-data", "--stream", "{hex32}", "eyJ"])
def test_an_ordinary_word_is_not_nearly_a_token(word: str) -> None:
    assert not is_nearly_token(filled(word))
