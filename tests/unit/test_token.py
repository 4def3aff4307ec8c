"""No form of a token shows it, and a text that is no token is told what is wrong with it."""

from __future__ import annotations

import base64
import copy
import io
import json
import logging
import pickle
import pprint
import string
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.lib.pretty import pretty

from quixnb.errors import TokenMalformed
from quixnb.token import KafkaSettings, Token, TokenExpires, warn_of_expiry
from tests.fakes import fake_password, fake_token, remember

# Put together here, so that no file of the suite holds what a scanner would find.
JWT = ".".join(["eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiJhY21lIn0", "c2lnbmF0dXJlLW9mLW5vdGhpbmc"])
HEX = "0d1e2f3a4b5c6d7e" + "8f90a1b2c3d4e5f6"
AROUND = "something else stands around the token (only the token itself belongs here)"
NAMED = "it is a whole line with a name and '=' (only what stands behind that is the token)"
OTHERS = "'sdk-' nor 'pat-' (a password or an ID, or another service's key)"
Hidden = Token | KafkaSettings


@pytest.fixture(params=["token", "kafka settings"])
def hidden(request: pytest.FixtureRequest) -> tuple[Hidden, str, str]:
    """Something hidden, its secret, and all that may be seen of it."""
    if request.param == "token":
        text = fake_token()
        return Token(text, "Quix__Sdk__Token"), text, "<Quix streaming token from Quix__Sdk__Token>"
    password = fake_password()
    settings = KafkaSettings({"bootstrap.servers": "k:9092", "sasl.password": password}, "environment 'a'")
    return settings, password, "<Kafka settings from environment 'a'>"


def logged(value: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("%s %r %s", value, value, {"token": value})
    return stream.getvalue()


def in_a_traceback(value: object) -> str:
    def call(token: object) -> None:
        raise ValueError(token)

    try:
        call(value)
    except ValueError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    raise AssertionError


def displayed(value: object) -> str:
    return str(DisplayFormatter().format(value))


FORMS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": format,
    "f-string": lambda value: f"{value} {value!r} {value!s} {value!a}",
    "percent": lambda value: "%s %r %a" % (value, value, value),  # noqa: UP031
    "str.format": "{0} {0!r}".format,
    "string.Template": lambda value: string.Template("$x").substitute(x=value),
    "in a list": lambda value: str([value, (value,), {"a": value}]),
    "pprint": lambda value: pprint.pformat({"token": value}),
    "IPython's pretty printer": lambda value: pretty([value]),
    "IPython's display": displayed,
    "json with default=str": lambda value: json.dumps({"token": value}, default=str),
    "logging": logged,
    "a Series": lambda value: f"{pd.Series([value])} {pd.Series([value]).to_json(default_handler=str)}",
    "a DataFrame": lambda value: pd.DataFrame({"a": [value]}).to_string() + pd.DataFrame({"a": [value]}).to_html(),
    "a CSV": lambda value: pd.DataFrame({"a": [value]}).to_csv(),
    "a traceback with variables": in_a_traceback,
}


@pytest.mark.parametrize("form", FORMS)
def test_no_printed_form_shows_the_secret(hidden: tuple[Hidden, str, str], form: str) -> None:
    value, secret, seen = hidden

    text = FORMS[form](value)

    assert secret not in text
    assert seen.strip("<>") in text or "&lt;" in text


REFUSED: dict[str, Callable[[Any], object]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy within": lambda value: copy.deepcopy({"token": [value]}),
    "json": json.dumps,
    "vars": vars,
    "hash": hash,
    "format specification": lambda value: f"{value:>60}",
    "concatenation": lambda value: "Bearer " + value,
    "encoding": bytes,
    "iteration": iter,
    "length": len,
    "index": lambda value: value[0],
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_would_take_it_along_is_refused(hidden: tuple[Hidden, str, str], form: str) -> None:
    value, secret, _ = hidden

    with pytest.raises(TypeError) as caught:
        REFUSED[form](value)

    assert secret not in str(caught.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled_by_any_protocol(hidden: tuple[Hidden, str, str], protocol: int) -> None:
    with pytest.raises(TypeError, match="not copied or pickled"):
        pickle.dumps({"token": hidden[0]}, protocol)


def test_it_is_not_pickled_with_the_function_that_uses_it(hidden: tuple[Hidden, str, str]) -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    value = hidden[0]

    with pytest.raises(TypeError, match="not copied or pickled"):
        cloudpickle.dumps(lambda: value.reveal())


def test_two_of_the_same_value_are_not_equal() -> None:
    text = fake_token()
    token = Token(text, "here")

    assert token == token
    assert token != Token(text, "here")
    assert token != text


def test_only_reveal_gives_it() -> None:
    text = fake_token()

    assert Token(text, "here").reveal() == text


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (fake_token, "streaming token"),
        (lambda: remember(fake_token().upper()), "streaming token"),
        (lambda: fake_token("pat"), "personal access token"),
        (lambda: remember(JWT), "JWT"),
    ],
    ids=["sdk", "upper case", "pat", "jwt"],
)
def test_the_kind_is_told_by_the_shape(make: Callable[[], str], kind: str) -> None:
    token = Token(make(), "here")

    assert token.kind == kind
    assert repr(token) == f"<Quix {kind} from here>"


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        " {}\n",
        "'{}'",
        '"{}"',
        "`{}`",
        "Bearer {}",
        "bearer  {}",
        '"Bearer {}" ',
        "Authorization: Bearer {}",
        "\u201c{}\u201d",
        "\ufeff{}\u200b",
        "\u00a0{}\u202f",
        "\u200e{}\u200f\u202c",
        "{},",
    ],
)
def test_what_comes_along_when_pasting_is_dropped(around: str) -> None:
    text = fake_token()

    assert Token.parse(around.format(text), "pasted").reveal() == text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("sdk-5eed 5eed", "it has blanks or line breaks inside"),
        ("sdk-5eed", "it has 4 digits behind 'sdk-'; a token has 32 (cut short)"),
        ("PAT-" + "5e" * 17, "it has 34 digits behind 'pat-'; a token has 32 (something is attached to it)"),
        ("sdk-", "it has 0 digits behind 'sdk-'; a token has 32 (cut short)"),
        ("sdk-12345", "the digits behind 'sdk-' are those of an example (a placeholder)"),
        ("sdk-" + "0123456789abcdef" * 2, "the digits behind 'sdk-' are those of an example (a placeholder)"),
        ("pat-" + "0" * 32, "the digits behind 'pat-' are those of an example (a placeholder)"),
        ("<your token>", "it has brackets (a placeholder)"),
        ("[quix token]", "it has brackets (a placeholder)"),
        ("${STREAMING_TOKEN}", "it names a variable, which is not filled in here (a placeholder)"),
        ("%STREAMING_TOKEN%", "it names a variable, which is not filled in here (a placeholder)"),
        ("sdk-5e\u2026ed", "its middle is hidden (a page shows a token so; copy it with the page's button)"),
        ("sdk-5e****ed", "its middle is hidden (a page shows a token so; copy it with the page's button)"),
        (
            "Quix__Sdk__Token=sdk-5eed",
            "it is a whole line with a name and '=' (only what stands behind that is the token)",
        ),
        ("https://portal.cloud.quix.io/settings/tokens", "it is an address"),
        ("5e" * 16, "its 'sdk-' or 'pat-' is missing (it has 32 digits and nothing before them)"),
        ("sdk-your-token-here", "what stands behind 'sdk-' is not hexadecimal (a placeholder)"),
        (JWT.rpartition(".")[0], "it begins like a JWT but does not have a JWT's three parts (cut short)"),
        ("hunter22", f"it has 8 characters and begins with neither {OTHERS}"),
        ("\u017fdk-" + "5e" * 16, f"it has 36 characters and begins with neither {OTHERS}"),
        (JWT + "\u00e9", AROUND),
        ("a" * 8193, "it has 8,193 characters, more than any token has"),
        (f"sdk-{HEX}\npat-{HEX}", "it holds 2 tokens, and one belongs here (the second one: %quix_token --second)"),
        (f"sdk-{HEX}sdk-{HEX[::-1]}", "it holds 2 tokens, and one belongs here (the second one: %quix_token --second)"),
        (f"sdk-{HEX} SDK-{HEX}", "it holds the same token twice"),
        (f"sdk-{HEX}\nfrom the portal", AROUND),
        (f"curl -H 'Authorization: Bearer sdk-{HEX}'", AROUND),
        (f"(sdk-{HEX})", AROUND),
        (f"sdk-{HEX}.", AROUND),
        (f"$env:TOKEN = 'sdk-{HEX}'", NAMED),
        (f"set TOKEN=sdk-{HEX}", NAMED),
        (f"token: pat-{HEX}", NAMED),
        (json.dumps({"token": f"sdk-{HEX}"}), "it is JSON with a token in it (only the token itself belongs here)"),
        (f"sdk\u2013{HEX}", "another dash stands behind 'sdk' (a text program has replaced the hyphen)"),
        (f"PAT\u2011{HEX}", "another dash stands behind 'pat' (a text program has replaced the hyphen)"),
        (f"sdk_{HEX}", "the hyphen behind 'sdk' is missing"),
        (f"sdk{HEX}", "the hyphen behind 'sdk' is missing"),
        (f"sdk-{HEX[:-1]}O", "1 character is none of 0 to 9 and a to f, of the 32 behind 'sdk-'"),
        (f"sdk-{HEX[:-2]}\u0435\u0430", "2 characters are none of 0 to 9 and a to f, of the 32 behind 'sdk-'"),
        (f"{JWT}.", AROUND),
        ("eyJh.eyJi.a.b.c", "it begins like a JWT but does not have a JWT's three parts (more)"),
    ],
)
def test_a_text_that_is_no_token_is_told_what_is_wrong_and_not_repeated(text: str, wrong: str) -> None:
    with pytest.raises(TokenMalformed) as caught:
        Token.parse(text, "STREAMING_TOKEN in .env")

    error = caught.value
    assert error.what == f"The text from STREAMING_TOKEN in .env is not a Quix token: {wrong}."
    assert len(error._render_traceback_()) == 3
    assert len(text) < 5 or text not in str(error)
    assert HEX[:6] not in str(error)
    assert error.fix.endswith("and put it there; or run %quix_token.")


def test_invisible_marks_inside_a_paste_are_dropped() -> None:
    text = fake_token()

    assert Token.parse(f"{text[:9]}\u200b{text[9:20]}\u00ad{text[20:]}", "pasted").reveal() == text


def test_what_was_pasted_is_pasted_again() -> None:
    with pytest.raises(TokenMalformed) as caught:
        Token.parse("hunter22", "pasted")

    assert caught.value.fix.endswith("in the Quix portal, then run %quix_token.")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (fake_token(), ""),
        (remember(fake_token().upper()), "It has capital letters; Quix writes its tokens in small ones."),
        (remember(f"{JWT.rpartition('.')[0]}.{'c2ln' * 10}c2l"), ""),
        (
            remember(f"{JWT.rpartition('.')[0]}.{'c2ln' * 10}c"),
            "Its last part has no signature's length: it may have been cut short.",
        ),
    ],
    ids=["small letters", "capitals", "a whole JWT", "a JWT cut short"],
)
def test_what_may_be_the_reason_for_a_refusal_is_known(text: str, doubt: str) -> None:
    assert Token(text, "here").doubt == doubt


def jwt(**claims: Any) -> Token:
    parts = ({"alg": "RS256"}, {"sub": "acme", **claims})
    head, body = (base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)
    return Token(remember(f"{head}.{body}.{'c2lnbmF0dXJl' * 3}"), "PROD_TOKEN")


IN_A_DAY = datetime.now(UTC) + timedelta(days=1)


def test_a_jwt_tells_when_it_expires_and_other_tokens_never_do() -> None:
    assert jwt(exp=int(IN_A_DAY.timestamp())).expires_at == IN_A_DAY.replace(microsecond=0)
    assert jwt(sub="acme").expires_at is None
    assert Token(fake_token(), "here").expires_at is None


@pytest.mark.parametrize("odd", ["soon", None, [], True, 1e300, float("nan"), -1e300])
def test_a_jwt_with_an_impossible_expiry_tells_none(odd: object) -> None:
    assert jwt(exp=odd).expires_at is None


@pytest.mark.parametrize(
    ("claims", "is_quix"),
    [
        ({"iss": "https://auth.quix.ai/"}, True),
        ({"aud": "quix"}, True),
        ({"aud": ["other", "quix"]}, True),
        ({"https://quix.ai/org_id": "acme"}, True),
        ({"iss": "https://login.example/", "aud": "others"}, False),
        ({}, False),
    ],
)
def test_a_jwt_of_quix_is_told_from_others(claims: dict[str, Any], is_quix: bool) -> None:
    assert jwt(**claims).names_quix is is_quix


def test_a_token_that_is_no_jwt_is_quixs() -> None:
    assert Token(fake_token("pat"), "here").names_quix


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (timedelta(hours=47), r"The token from PROD_TOKEN expires in 47 h: on \d{4}-"),
        (timedelta(minutes=10), "expires in less than an hour"),
        (timedelta(days=-3), "has expired by this machine's clock"),
    ],
)
def test_a_jwt_that_ends_within_two_days_is_warned_of(left: timedelta, says: str) -> None:
    token = jwt(exp=(datetime.now(UTC) + left).timestamp())

    with pytest.warns(TokenExpires, match=says) as warned:
        warn_of_expiry(token)

    assert len(str(warned[0].message).splitlines()) == 3
    assert token.reveal() not in str(warned[0].message)


def test_a_jwt_with_three_days_left_is_not_warned_of() -> None:
    warn_of_expiry(jwt(exp=(datetime.now(UTC) + timedelta(days=3)).timestamp()))
    warn_of_expiry(jwt())
    warn_of_expiry(Token(fake_token(), "here"))


def test_kafka_settings_tell_their_servers_and_nothing_else() -> None:
    assert KafkaSettings({"bootstrap.servers": "a:1,b:2"}, "x").bootstrap_servers == "a:1,b:2"
    assert KafkaSettings({"metadata.broker.list": "a:1"}, "x").bootstrap_servers == "a:1"
    assert KafkaSettings({}, "x").bootstrap_servers == ""


def test_kafka_settings_laid_over_others_leave_both_as_they_were() -> None:
    mine = {"a": 1, "b": 1}
    settings = KafkaSettings(mine, "portal")
    mine["a"] = 2

    over = settings.overlaid({"b": 3})

    assert dict(settings.reveal()) == {"a": 1, "b": 1}
    assert dict(over.reveal()) == {"a": 1, "b": 3}
    assert dict(over.overlaid(None).reveal()) == {"a": 1, "b": 3}
    with pytest.raises(TypeError):
        settings.reveal()["a"] = 5  # type: ignore[index]
