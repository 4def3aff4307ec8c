"""What the guard costs, as ratios to what the work takes without it, and that it breaks nothing when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from quixnb import known
from quixnb.guard import clean, tails
from quixnb.guard.clean import clean_text, cleaned
from quixnb.guard.gate import Gate
from quixnb.token import KafkaSettings, Token
from tests.fakes import fake_password, fake_token

pytestmark = pytest.mark.alone

MEGABYTE = ("row 12345: speed 22.75, lap 3, driver 'sdk' at 0.125 s of the session\n" * 20_000)[: 10**6]
# Outputs with many dashes, behind which a token's digits could stand.
LINES = {
    "words with dashes": "a read-back of car-7, well-known since 2026-11-28, and a dead-end\n",
    "a frame as HTML": "    <tr>\n      <th>17</th>\n      <td>-5</td>\n      <td>8</td>\n      <td>-0.25</td>\n",
    "a frame as text": "17  -5    8  -0.25  1.5e-05  2026-11-28 04:33:22\n",
    "coloured numbers": "[\x1b[1;36m-5\x1b[0m, \x1b[1;36m12\x1b[0m, \x1b[1;36m-7.5\x1b[0m]\n",
    "coloured words": "\x1b[32m2026-11-28\x1b[0m \x1b[1mINFO\x1b[0m car-7: \x1b[36mread-back\x1b[0m of feed-4\n",
    "numbers as JSON": "[-5, 8, -3, 0, -1, -0.25, 1e-05]\n",
}


@pytest.fixture(autouse=True)
def _no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens of other tests in this process would be searched for too, and a text may end like one of them begins."""
    monkeypatch.setattr(known, "_holders", {})


def seconds(call: Callable[[], Any], repeats: int = 5) -> float:
    """The least of several times: other work on the machine only adds."""

    def once() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return min(once() for _ in range(repeats))


def as_json() -> list[str]:
    """Work of the same size that a kernel does anyway with an output: a Python loop over its characters' repr."""
    return [repr(line) for line in MEGABYTE.splitlines()]


def test_a_megabyte_of_output_costs_a_few_times_its_splitting_into_lines() -> None:
    assert seconds(lambda: clean_text(MEGABYTE)) < 4 * seconds(as_json)


@pytest.mark.parametrize("kind", LINES)
def test_a_megabyte_that_is_full_of_dashes_costs_little_more_also_with_a_token_in_it(kind: str) -> None:
    text = (LINES[kind] * 20_000)[: 10**6]
    with_token = text + fake_token()
    unit = seconds(as_json)

    assert seconds(lambda: clean_text(text)) < 6 * unit
    assert seconds(lambda: clean_text(with_token)) < 9 * unit


def test_an_ordinary_output_costs_little_beside_a_message() -> None:
    import hashlib
    import hmac
    import json

    content = {"data": {"text/plain": "1.5", "text/html": "<b>1.5</b>"}, "metadata": {}}

    def sending() -> None:  # what a session does for each message: it serialises and signs it
        for _ in range(100):
            parts = [json.dumps(content).encode() for _ in range(4)]
            hmac.new(b"key", b"".join(parts), hashlib.sha256).hexdigest()

    def cleaning() -> None:
        for _ in range(100):
            cleaned(content)

    assert seconds(cleaning) < 5 * seconds(sending)


def test_what_has_no_token_is_the_same_object() -> None:
    content = {"data": {"text/plain": "x", "application/json": {"a": [1, None, "b"]}}, "metadata": {}}

    assert cleaned(content) is content


def test_what_is_known_is_hidden_only_while_somebody_has_it() -> None:
    password = fake_password()
    settings: KafkaSettings | None = KafkaSettings({"sasl.password": password, "sasl.username": "anybody"}, "test")

    assert clean_text(f"a{password}b anybody") == "a[quix token]b anybody"
    del settings
    assert clean_text(f"a{password}b") == f"a{password}b"


def test_a_short_password_is_not_hidden_inside_words() -> None:
    settings = KafkaSettings({"sasl.password": "speed"}, "test")

    assert clean_text("speedometer") == "speedometer"
    del settings


@pytest.mark.parametrize("text", ["done s", "x pat-", "asdk-12", "eyJhbGci", "see sdk-12345", "pat"])
def test_what_may_be_half_a_token_waits(text: str) -> None:
    shown, rest = tails.split(text)

    assert shown + rest == text
    assert rest


@pytest.mark.parametrize("text", ["Loading files", "asdk", "step", "100%", "sdk-xyz", "", "a-s"])
def test_what_cannot_become_a_token_does_not(text: str) -> None:
    assert tails.split(text) == (text, "")


def test_half_a_known_secret_waits() -> None:
    token = Token(fake_token(), "test")

    assert tails.split(f"x{token.reveal()[:30]}")[0] == "x"


class FakeLoop:
    def call_later(self, *_: object) -> None:
        raise RuntimeError("closed")


class Stream:
    io_loop = FakeLoop()


class Session:
    """What a gate stands before; keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, stream: Any, message: Any, content: Any = None, **_: Any) -> Any:
        self.sent.append(message["content"]["text"] if isinstance(message, dict) else content)
        return message


def stream_message(text: str) -> dict[str, Any]:
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}, "parent_header": {"msg_id": "1"}}


def test_a_loop_that_is_closed_loses_nothing() -> None:
    session = Session()
    gate = Gate(session, looks=lambda: True, hides=lambda: True)
    gate.install()

    session.send(Stream(), stream_message("one sdk-123"))
    gate.uninstall()

    assert "".join(session.sent) == "one sdk-123"
    assert "send" not in vars(session)


def test_a_failure_between_two_halves_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    gate = Gate(session, looks=lambda: True, hides=lambda: True)
    gate.install()
    session.send(Stream(), stream_message("one sdk-123"))

    def broken(text: str) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(tails, "split", broken)
    session.send(Stream(), stream_message("45"))
    gate.uninstall()

    assert sorted("".join(session.sent)) == sorted("one sdk-12345")


def test_a_message_that_is_odd_passes_as_it_is() -> None:
    session = Session()
    gate = Gate(session, looks=lambda: True, hides=lambda: True)
    gate.install()

    session.send(None, "display_data", object())
    session.send(None, "execute_reply", {"payload": 3})
    gate.uninstall()

    assert len(session.sent) == 2


def test_a_cells_source_in_a_reply_stays_and_a_page_is_cleaned() -> None:
    token, session = fake_token(), Session()
    gate = Gate(session, looks=lambda: True, hides=lambda: True)
    gate.install()
    source = {"source": "set_next_input", "text": f"t = '{token}'", "replace": False}
    page = {"source": "page", "data": {"text/plain": token}, "start": 0}

    session.send(None, "execute_reply", {"status": "ok", "payload": [page, source]})
    gate.uninstall()

    [[shown, kept]] = [content["payload"] for content in session.sent]
    assert kept == source
    assert shown["data"] == {"text/plain": "[quix token]"}


def test_cleaning_goes_through_names_lists_and_pairs() -> None:
    token = fake_token()

    assert cleaned({token: [(token, 1), {"a": token}], "image/png": token}) == {
        "[quix token]": [["[quix token]", 1], {"a": "[quix token]"}],
        "image/png": token,
    }
    assert clean.clean_text(token) == "[quix token]"
