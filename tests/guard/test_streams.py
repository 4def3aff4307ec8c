"""A token that is printed in pieces, wherever it is cut and whatever comes between them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb import known
from quixnb.guard.clean import clean_text
from quixnb.guard.streams import Streams
from tests.fakes import fake_token

HIDDEN = "[quix token]"
HARMLESS = 8  # so many characters of a token may be seen


@pytest.fixture(autouse=True)
def _no_secrets_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_holders", {})


class Screen:
    """What a front end shows of one cell's streams."""

    def __init__(self) -> None:
        self._streams = Streams(clean_text)
        self._timers: list[Callable[[], object]] = []
        self.texts: list[tuple[str, str]] = []

    def print(self, text: str, name: str = "stdout") -> None:
        message = {"content": {"name": name, "text": text}, "parent_header": {"msg_id": "1"}}
        if shown := self._streams.cleaned(message, send=self._show, call_later=self._later):
            self._show(shown)

    def _show(self, message: dict[str, Any]) -> None:
        self.texts.append((message["content"]["name"], message["content"]["text"]))

    def _later(self, _: float, call: Callable[..., object], *arguments: object) -> None:
        self._timers.append(lambda: call(*arguments))

    def wait(self) -> None:
        """Let the time pass after which held text is shown."""
        while self._timers:
            self._timers.pop()()

    def ask(self) -> None:
        self._streams.flush()

    def display(self) -> None:
        self._streams.release()

    def end(self) -> str:
        self._streams.end()
        return self.text()

    def text(self, name: str = "stdout") -> str:
        return "".join(text for each, text in self.texts if each == name)


BETWEEN: dict[str, Callable[[Screen], object]] = {
    "nothing": lambda screen: None,
    "another stream": lambda screen: screen.print("| 10%", "stderr"),
    "a display": Screen.display,
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("cut", range(1, 36))
def test_two_pieces(cut: int, between: Callable[[Screen], object]) -> None:
    token, screen = fake_token(), Screen()

    screen.print(f"it is {token[:cut]}")
    between(screen)
    screen.print(f"{token[cut:]}\n")

    assert token[HARMLESS:] not in screen.end()
    assert screen.text().endswith(f"{HIDDEN}\n")


@pytest.mark.parametrize("between", [*BETWEEN.values(), Screen.wait, Screen.ask])
def test_letter_by_letter(between: Callable[[Screen], object]) -> None:
    token, screen = fake_token(), Screen()

    for letter in f"it is {token} and more":
        screen.print(letter)
        if len(screen.text()) < len("it is ") + HARMLESS:  # who asks a question after half a token has shown the half
            between(screen)

    assert token[: HARMLESS + 1] not in screen.end()
    assert screen.text().endswith(f"{HIDDEN} and more")


@pytest.mark.parametrize("text", ["step/s", "sdk-12345", "eyJ0ZXh0", "pat-0f0f0f0f0f"])
def test_what_is_no_token_is_shown_once_and_whole(text: str) -> None:
    for cut in range(len(text)):
        for between in [*BETWEEN.values(), Screen.wait, Screen.ask]:
            screen = Screen()
            screen.print(text[:cut])
            between(screen)
            screen.print(text[cut:])
            between(screen)
            assert screen.end() == text


def test_what_is_short_is_shown_before_what_was_printed_later() -> None:
    screen = Screen()

    screen.print("10 step/s")
    screen.print("warning\n", "stderr")

    assert [*screen.texts] == [("stdout", "10 step/"), ("stdout", "s"), ("stderr", "warning\n")]


@given(st.lists(st.sampled_from(["sdk-", "0f0f0f0f", "5a" * 16, "pat-", " ", "s", "eyJ", "x", "-", "\n"]), max_size=30))
def test_nothing_is_left_to_hide_and_nothing_lost(pieces: list[str]) -> None:
    screen = Screen()

    for piece in pieces:
        screen.print(piece)

    shown = screen.end()
    assert clean_text(shown) == shown
    assert HIDDEN in shown or shown == "".join(pieces)


def test_a_forked_process_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    token, screen, is_held, may_end = fake_token(), Screen(), threading.Event(), threading.Event()

    def hold() -> None:
        with screen._streams._lock:
            is_held.set()
            may_end.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait()
    screen._streams._pid = -1  # as it is for a child of the process that made it
    screen.print(f"a {token} s")
    may_end.set()
    thread.join()

    assert screen.text() == f"a {HIDDEN} s"
