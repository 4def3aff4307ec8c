"""Running a cell's body for its last value."""

from __future__ import annotations

from typing import Any

import pytest

from quixnb.errors import FrameError
from quixnb.magics.evaluate import CellSyntaxError, evaluate, is_cell_generator, last_name
from tests.magics.shells import Shell


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("1 + 1", 2),
        ("x = 3\nx", 3),
        ("x = 3\nx;", 3),
        ("x = 3\nx  # the end\n\n", 3),
        ("(1,\n 2)", (1, 2)),
        ("x = 1", None),
        ("", None),
        ("# nothing", None),
        ("if True:\n    5", None),
        ("%precision 3\n7", 7),
    ],
)
def test_the_value_is_that_of_the_last_expression(shell: Shell, body: str, value: Any) -> None:
    assert evaluate(shell, body) == value


def test_names_are_those_of_the_user(shell: Shell) -> None:
    shell.user_ns["given"] = 20

    assert evaluate(shell, "made = given + 1\nmade * 2") == 42
    assert shell.user_ns["made"] == 21


def test_functions_of_the_body_see_each_other(shell: Shell) -> None:
    assert evaluate(shell, "def f(): return g()\ndef g(): return 1\n[f() for _ in range(2)]") == [1, 1]


def test_local_names_are_seen(shell: Shell) -> None:
    assert evaluate(shell, "local + 1", {"local": 1}) == 2


def test_an_error_shows_the_users_line_and_nobody_elses(shell: Shell) -> None:
    shell.run_quietly("%%quix_publish f1-data\nrows = []\ndef first(rows):\n    return rows[0]\nfirst(rows)")

    [shown] = shell.errors
    assert "Cell In[1], line 5" in shown
    assert "Cell In[1], line 4, in first(rows)" in shown
    assert "IndexError: list index out of range" in shown
    assert "quixnb" not in shown
    assert "run_cell_magic" not in shown


def test_an_error_of_the_users_own_class_keeps_its_rendering(shell: Shell) -> None:
    shell.run_quietly(
        "class Short(Exception):\n    def _render_traceback_(self): return ['short']\n\nfailure = Short()"
    )

    shell.run_quietly("%%quix_publish f1-data\nraise failure")

    assert shell.errors == ["short"]


def test_a_syntax_error_shows_the_users_line(shell: Shell) -> None:
    shell.run_quietly("%%quix_publish f1-data\nx = 1\nx = = 2\nx")

    [shown] = shell.errors
    assert "Cell In[1], line 3" in shown
    assert "x = = 2" in shown
    assert "SyntaxError: invalid syntax" in shown
    assert "quixnb" not in shown


def test_an_error_of_a_line_form_shows_its_expression(shell: Shell) -> None:
    shell.run_quietly("%quix_publish f1-data frames[0]")

    assert "Cell In[1], line 1" in shell.errors[0]
    assert "NameError: name 'frames' is not defined" in shell.errors[0]
    assert "quixnb" not in shell.errors[0]


def test_an_interrupt_passes_through(shell: Shell) -> None:
    result = shell.run_quietly("%%quix_publish f1-data\nraise KeyboardInterrupt")

    assert isinstance(result.error_in_exec, KeyboardInterrupt)


@pytest.mark.parametrize(
    "body", ["import asyncio\nawait asyncio.sleep(0)\n1", "[x async for x in y]", "async with a:\n    pass\n1"]
)
def test_a_top_level_await_is_refused_with_a_way_out(shell: Shell, body: str) -> None:
    with pytest.raises(FrameError, match="awaits at its top level") as caught:
        evaluate(shell, body)

    assert "Await in a cell above" in caught.value.fix


def test_a_body_that_yields_is_a_generator_whose_names_are_the_notebooks(shell: Shell) -> None:
    body = """
import math as m
count = 0
def half(x): return x / 2
for count in range(3):
    squares = [count for count in range(count)]  # a comprehension's own name stays its own
    yield {"n": count, "h": half(count)}
"""

    rows = evaluate(shell, body)

    assert is_cell_generator(rows)
    assert "count" not in shell.user_ns, "nothing runs before the rows are taken"
    assert list(rows) == [{"n": 0, "h": 0.0}, {"n": 1, "h": 0.5}, {"n": 2, "h": 1.0}]
    assert shell.user_ns["count"] == 2
    assert shell.user_ns["m"].pi > 3


def test_a_generator_that_the_cell_ends_with_is_a_value_like_any_other(shell: Shell) -> None:
    rows = evaluate(shell, "def rows():\n    yield 1\nrows()")

    assert list(rows) == [1]
    assert not is_cell_generator(rows)


def test_an_error_in_a_generator_cell_shows_the_users_line(shell: Shell) -> None:
    rows = evaluate(shell, "yield 1\nraise ValueError('of the user')", first_line=2)

    assert next(rows) == 1
    with pytest.raises(ValueError, match="of the user") as caught:
        next(rows)
    assert caught.traceback[-1].lineno == 2, "0-based: the third line of the cell"


def test_another_misplaced_word_is_a_syntax_error(shell: Shell) -> None:
    with pytest.raises(CellSyntaxError, match="'return' outside function"):
        evaluate(shell, "return 1")


@pytest.mark.parametrize(
    ("body", "name"), [("df = f()", "df"), ("a = b = 1", "a"), ("df.x = 1", None), ("df", None), ("x = = 1", None)]
)
def test_the_name_assigned_last(body: str, name: str | None) -> None:
    assert last_name(body) == name
