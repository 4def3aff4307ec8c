"""Lines of magics: what they mean, and what is refused."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from quixnb.magics.arguments import TokenOnLine
from quixnb.magics.publish import CELL, LINE
from quixnb.magics.read import READ
from tests.fakes import fake_token


def test_quotes_hold_a_word_together_and_are_taken_off() -> None:
    args = CELL.parse_line("f1-data --name 'first practice' --time \"lap start\"")

    assert (args.topic, args.name, args.time) == ("f1-data", "first practice", "lap start")


def test_an_option_not_given_is_not_there() -> None:
    assert vars(CELL.parse_line("f1-data")) == {"topic": "f1-data"}


def test_every_option_has_the_keyword_of_the_python_api() -> None:
    line = (
        "f1-data --time t --stream s --stream-by c --name n --tag a --tag b --columns 'x, y' --format json "
        "--rows-per-message 5 --keep-open --create --dry-run --out report"
    )

    assert vars(CELL.parse_line(line)) == {
        "topic": "f1-data",
        "time": "t",
        "stream": "s",
        "stream_by": "c",
        "name": "n",
        "tags": ["a", "b"],
        "columns": ["x", "y"],
        "format": "json",
        "rows_per_message": 5,
        "keep_open": True,
        "create": True,
        "dry_run": True,
        "out": "report",
    }


@pytest.mark.parametrize("line", ["f1-data;", "f1-data ;", "f1-data ; "])
def test_a_semicolon_at_the_end_is_no_part_of_the_topic(line: str) -> None:
    assert CELL.parse_line(line).topic == "f1-data"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("f1-data --tim t", "unrecognized arguments: --tim t (the nearest is --time)"),
        ("f1-data --frobnicate", "unrecognized arguments: --frobnicate"),
        ("f1-data df", "unrecognized arguments: df"),
        ("f1-data --time", "expected one argument"),
        ("f1-data --name 'open", "No closing quotation"),
        ("f1-data --rows-per-message 0", "'0' is not a whole number of 1 or more"),
        ("f1-data --rows-per-message x", "'x' is not a whole number of 1 or more"),
        ("f1-data --columns a,,b", "a name is empty"),
        ("f1-data --format csv", "invalid choice: 'csv'"),
        ("f1-data --out class", "'class' cannot be a variable's name"),
        ("f1-data --out a.b", "'a.b' cannot be a variable's name"),
    ],
)
def test_a_mistyped_line_is_a_usage_error_that_says_so(line: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        CELL.parse_line(line)

    assert says in str(caught.value)
    assert str(caught.value).endswith("See %%quix_publish? for the options.")


@pytest.mark.parametrize("text", ["-1", "inf", "nan", "soon"])
def test_a_timeout_is_a_number_of_seconds(text: str) -> None:
    with pytest.raises(UsageError, match="is not a number of seconds above 0"):
        READ.parse_line(f"f1-data --timeout={text}")


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        ("f1-data df", "df"),
        ("f1-data df[df.speed > 10]", "df[df.speed > 10]"),
        ("f1-data df[df.speed > -3] --time ts", "df[df.speed > -3]"),
        ('f1-data df["lap time"] --dry-run', 'df["lap time"]'),
        ("f1-data df.query('a > \"b c\"') --time ts", "df.query('a > \"b c\"')"),
        ("--time ts f1-data df.head( 3 )", "df.head( 3 )"),
        ("f1-data --time ts left + right", "left + right"),
        ("f1-data 'text'", "'text'"),
        ("f1-data {'time': [1, 2], 'a b': [3, 4]};", "{'time': [1, 2], 'a b': [3, 4]}"),
        (r"f1-data f('it\'s (')", r"f('it\'s (')"),
    ],
)
def test_an_expression_is_taken_as_it_was_typed(line: str, expression: str) -> None:
    args = LINE.parse_line(line)

    assert args.topic == "f1-data"
    assert " ".join(word.raw for word in args.expression) == expression


@pytest.mark.parametrize("line", ["f1-data df[1", "f1-data df)", "f1-data f('x"])
def test_a_bracket_or_quote_without_its_partner_is_a_usage_error(line: str) -> None:
    with pytest.raises(UsageError, match=r"quote or a bracket has no partner|bracket is not closed"):
        LINE.parse_line(line)


@pytest.mark.parametrize("template", ["{}", "f1-data --stream {}", "f1-data --stream={}", "f1-data 'a {} b'", "--{}"])
def test_a_token_anywhere_on_a_line_is_refused_and_not_repeated(template: str) -> None:
    token = fake_token()

    with pytest.raises(TokenOnLine) as caught:
        CELL.parse_line(template.format(token))

    assert token[4:12] not in "".join(caught.value._render_traceback_())
    assert "rotate it in the portal" in caught.value.fix
    assert "%quix_token" in caught.value.fix


def test_a_token_is_refused_before_the_line_is_understood() -> None:
    with pytest.raises(TokenOnLine):
        CELL.parse_line(f"--no-such-option {fake_token()} 'open")


def test_half_a_token_is_refused_too() -> None:
    with pytest.raises(TokenOnLine):
        READ.parse_line(f"f1-data {fake_token()[:-4]}")


def test_a_comment_does_not_let_a_token_through() -> None:
    with pytest.raises(TokenOnLine):
        READ.parse_line(f"{fake_token()} # quixnb: not-a-token")


def test_the_manual_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = CELL.format_help()
    monkeypatch.setenv("COLUMNS", "40")

    assert CELL.format_help() == wide
    assert max(map(len, wide.splitlines())) <= 100
