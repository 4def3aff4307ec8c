"""Detection, by the vectors that Python and the editor share, and by its promises: linear, and never a character."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from quixnb.detect import find_tokens, is_nearly_token, may_hold_token
from quixnb.detect.patterns import pattern_file
from quixnb.redact import redact
from tests.fakes import MARKER, fake_password, fake_token, remember
from tests.scan.corpus import quix_jwt

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
        "first16": digits["hex32"][:16],
        "last16": digits["hex32"][16:],
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
    assert all((each.rule != "in one piece") == vector.get("broken_up", False) for each in found)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_shared_patterns_alone_find_what_is_in_one_piece(vector: dict[str, Any]) -> None:
    text = filled(vector["text"])

    matches = [match for pattern in pattern_file().patterns for match in pattern.regex.finditer(text)]

    if vector.get("broken_up"):
        assert not matches
    else:
        assert len(matches) >= len(vector["finds"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_quick_look_never_misses_a_token_also_where_json_escapes_it(vector: dict[str, Any]) -> None:
    text = filled(vector["text"])

    if find_tokens(text):
        assert may_hold_token(text)
        for ascii_only in (True, False):
            assert may_hold_token(json.dumps({"a": [text]}, ensure_ascii=ascii_only))


@pytest.mark.parametrize("at", [1, 2, 3, 12, 40, 100, 300])
@pytest.mark.parametrize("gap", ["\x1b[31m", "<b>", "' '", '" + "', "\n", "\\\n"])
def test_a_jwt_is_found_in_two_pieces(at: int, gap: str) -> None:
    token = quix_jwt()

    [found] = find_tokens(f"t = '{token[:at]}{gap}{token[at:]}'\nimport os")

    assert (found.kind, found.start, found.end) == ("jwt", 5, 5 + len(token) + len(gap))


# What may stand between two characters of a token, of each kind and as JSON has it.
NOISE = (
    *("\x1b[0m", "\x1b[38;2;1;2;3m", "\x1b[K", "\x1b[?25l", "\x9b31m", "\\x1b[0m", "\\033[1m", "\\e[1m"),
    *("\x1b]8;;http://a\x07", "\x1b]8;;\x1b\\", "\x1b[0m\x1b[1m\x1b[31m"),
    *("<b>", '</span><span style="color:red">', "<wbr>", "<br/>", "<!-- x -->", "<...>", "\\u003cb\\u003e"),
    *("\u200b", "\u00ad", "\ufeff", "\\u200b", "&shy;"),
    *("' '", '" "', "' + '", '" +\n    "', "','", "'\n'", '\\" \\"', '"\\\n"', "' # why\n '", "' b'", "'\\\n  f'"),
    *("&#39; &#39;", "&quot;</span> + <span>&quot;", '\\"\\n\\"', "'│\n│ '"),
    *("\n", "\\\n", "\r\n", "\\n", "  \n  ", " │\n│ ", "|\n|", "\n> "),
)
ESCAPES = ("%{:02x}", "%{:02X}", "%25{:02x}", "\\x{:02x}", "\\u{:04x}", "\\u{{{:x}}}", "\\{:03o}", "&#{};", "&#x{:x};")


def is_found_as_text_and_in_a_file(text: str) -> bool:
    """Also by the quick look at a whole file, where JSON escapes the text, with or without what is not ASCII."""
    files = [json.dumps({"a": [text]}, ensure_ascii=ascii_only) for ascii_only in (True, False)]
    return [each.rule for each in find_tokens(text)] == ["broken up"] and all(map(may_hold_token, [text, *files]))


@pytest.mark.parametrize("noise", NOISE)
def test_a_token_is_found_with_noise_before_any_of_its_characters(noise: str) -> None:
    token = fake_token()
    last = 32 if "," in noise else 35  # behind a comma, three digits may as well be another item

    missed = [
        at for at in range(1, last + 1) if not is_found_as_text_and_in_a_file(f"t = '{token[:at]}{noise}{token[at:]}'")
    ]

    assert missed == []


def test_a_last_digit_is_no_prefix_of_a_string() -> None:
    token = fake_token()[:-1] + "f"

    assert all(find_tokens(f"'{token[:-1]}{gap}f'") for gap in ("' '", "&#39; &#39;", "&quot;</b> <b>&quot;", '" "'))


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_token_is_found_with_any_of_its_characters_escaped(escape: str) -> None:
    token = fake_token("pat")

    def escaped(at: int) -> str:
        return f"t = '{token[:at]}{escape.format(ord(token[at]))}{token[at + 1 :]}'"

    assert [at for at in range(36) if not is_found_as_text_and_in_a_file(escaped(at))] == []


def test_numbers_in_the_cells_of_a_table_are_no_token_and_one_in_two_cells_is() -> None:
    digits = fake_token()[4:]

    assert find_tokens(f"<tr><td>sdk-</td><td>{'</td><td>'.join(digits)}</td></tr>") == []
    assert find_tokens(f"<tr><td>sdk-{digits[:9]}</td>\n  <td>{digits[9:]}</td></tr>")


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda secret: "&".join(["x", quote(secret, safe=""), "y"]),
        lambda secret: base64.b64encode(f"ab{secret}".encode()).decode(),
        lambda secret: base64.b64encode(f"abc{secret}z".encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(f"a{secret}z".encode()).decode(),
        lambda secret: secret.encode().hex(),
        lambda secret: f"'{secret[:4]}' + '{secret[4:]}'",
        lambda secret: secret[:6] + "\x1b[0m" + secret[6:],
        lambda secret: json.dumps(secret),
    ],
)
def test_a_known_secret_is_found_whatever_it_looks_like(spell: Callable[[str], str]) -> None:
    secret = remember('p4ss?/"w' + MARKER)

    assert [each.kind for each in find_tokens(f"a {spell(secret)} b", [secret])] == ["known"]
    assert not find_tokens(redact(f"a {spell(secret)} b", [secret]), [secret])


def test_an_unknown_secret_is_not_found() -> None:
    assert find_tokens(fake_password(), [fake_password()]) == []


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


# Gzip that goes on behind its end, and one in it that does not begin.
GZIPPED = base64.b64encode(gzip.compress(b"a" * 300) + b"xx").decode() + "H4sIAAAA"
# Each is repeated to a long text that begins like a token everywhere.
ADVERSE = (
    *("eyJ", "eyJaaaaaaaa.", "sdk-", "sdk-0", "a\n", "%41eyJaaaaaaaaa", "-<b>", "<b>", '-"\\', "\\", "'", "-'", "\n -"),
    *(
        "\x1b[",
        "-\x1b[31m",
        ".eyJ",
        "eyJhbGciOiJub25lIn0.eyJ",
        "<b>.eyJ",
        "%2d",
        "%2d%2d0",
        "&#45;",
        "\\u002d",
        " ",
        "- ",
    ),
    *(
        "-#'",
        '"#a',
        '-"#a',
        "c2RrLT",
        "H4sI",
        "H4sIAAAAAAAA",
        GZIPPED,
        "│",
        "- │",
        " \n",
        "\\n",
        "|",
        "sdk<b>",
        "-0<b>",
        "<a-",
    ),
    *("-" + "0" * 32, "k-" + "0" * 32, "sdk-" + "01" * 16 + "-"),
    # A dash or dot inside what is noise for the one before it.
    *(
        '<a-">',
        "<b-\n>",
        "<a -\n>",
        '"#-\n',
        '"#-\\n',
        "<t-'>",
        '<a.">',
        "<e.\n>",
        '"#.\n',
        "\x1b[-a",
        "\x1b]-\x07",
        '%2d"<%2d>',
    ),
    *('<s">', 's"<d>k', "&#45;\n", "\\x2d'", "- <a>", "-5</td><td>", "-\x1b[0m5"),
)


@pytest.mark.alone
@pytest.mark.parametrize("unit", ADVERSE)
def test_time_is_linear_whatever_the_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        find_tokens(text)
        return time.process_time() - started

    small, large = min(seconds(10_000) for _ in range(3)), min(seconds(160_000) for _ in range(2))

    assert large < 16 * small * 4 + 0.02  # 16 times the text; a quadratic search would take 256 times as long


@pytest.mark.parametrize("unit", ["sdk-0", "- │"])
def test_ten_megabytes_take_ten_times_as_long_as_one(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        find_tokens(text)
        return time.process_time() - started

    one = min(seconds(10**6) for _ in range(2))

    assert seconds(10**7) < 3 * 10 * one + 0.05


def test_a_token_that_is_compressed_is_found_behind_what_only_begins_so() -> None:
    packed = base64.b64encode(gzip.compress(secrets.token_bytes(50_000) + fake_token("pat").encode())).decode()
    by_chance = "H4sIA" + base64.b64encode(secrets.token_bytes(300)).decode().rstrip("=")

    [found] = find_tokens(f"{by_chance}{packed} end")

    assert (found.kind, found.start, found.rule) == ("pat", len(by_chance), "encoded")
    assert find_tokens(by_chance) == []


@pytest.mark.alone
def test_many_tokens_on_one_long_line_take_linear_time() -> None:
    tokens = " ".join(fake_token() for _ in range(20)) + " "

    def seconds(times: int) -> float:
        started = time.process_time()
        found = find_tokens(tokens * times)
        taken = time.process_time() - started
        assert len(found) == 20 * times
        return taken

    small, large = min(seconds(30) for _ in range(3)), min(seconds(480) for _ in range(2))

    assert large < 16 * small * 4 + 0.02  # as above


@pytest.mark.alone
def test_an_ordinary_cell_is_looked_at_in_a_fraction_of_the_time_that_python_needs_to_compile_it() -> None:
    cell = "import pandas as pd\ndf = pd.DataFrame({'speed': range(10)})\ndf.describe()\n" * 20

    def seconds(do: Callable[[], object]) -> float:
        started = time.process_time()
        for _ in range(100):
            do()
        return time.process_time() - started

    looking = min(seconds(lambda: find_tokens(cell)) for _ in range(3))

    assert looking < min(seconds(lambda: compile(cell, "cell", "exec")) for _ in range(3)) / 2


def test_a_part_of_a_token_is_hidden_where_the_rest_is_left_out() -> None:
    token = fake_token()
    shown = [
        f"?token={token[:22]}…",
        f"\x1b[32msdk\x1b[0m\x1b[32m-{token[4:24]}…\x1b[0m",
        f"<b>sdk</b>-<i>{token[4:20]}</i>…",
        f"'{token[:12]}...{token[-13:]}'",  # as reprlib does it
        f"{token[:20]}...",
    ]

    assert [text for text in shown if token[4:12] in redact(text) or token[-8:] in redact(text)] == []


@pytest.mark.parametrize("word", ["tok{}", "key-{}", "7{}", "sdk-{}", "{}x", "{}-2"])
def test_a_token_inside_a_longer_word_is_no_finding_and_is_hidden(word: str) -> None:
    text = word.format(fake_token())

    assert find_tokens(text) == []
    assert redact(text) == word.format("[quix token]")


@pytest.mark.parametrize("word", ["sdk-{hex33}", "sdk-{hex40}"])
def test_a_longer_number_is_not_hidden(word: str) -> None:
    text = filled(word)

    assert redact(text) == text


@pytest.mark.parametrize(
    "word", ["sdk-{hex16}", "sdk-{hex33}", "pat-{hex31}", "SDK-{HEX32}", "eyJhbGciOiJIUzI1NiJ9.eyJz"]
)
def test_a_token_cut_short_or_too_long_is_nearly_one(word: str) -> None:
    assert is_nearly_token(filled(word))


@pytest.mark.parametrize("word", ["sdk-data", "pat-12345", "f1-data", "--stream", "{hex32}", "eyJ"])
def test_an_ordinary_word_is_not_nearly_a_token(word: str) -> None:
    assert not is_nearly_token(filled(word))
