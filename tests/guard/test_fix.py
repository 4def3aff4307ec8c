"""A cell is written again without its tokens, and still runs."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from typing import Any

import httpx2
import pytest
from IPython.core.error import UsageError

import quixnb
from quixnb import named_tokens
from quixnb.errors import TokenMissing
from quixnb.guard.rewrite import rewritten
from quixnb.token import Token
from tests.fakes import fake_token
from tests.magics.shells import Shell


@pytest.fixture(autouse=True)
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_tokens, "_named", {})


CELLS = {
    "t = 'TOKEN'": 'import quixnb\nt = quixnb.token("t")',
    'f(token="TOKEN")': 'import quixnb\nf(token=quixnb.token("token"))',
    "import quixnb\nx = 1; t = r'TOKEN'": 'import quixnb\nx = 1; t = quixnb.token("t")',
    "{'a': 'Bearer TOKEN'}": "import quixnb\n{'a': ('Bearer ' + quixnb.token(\"a\"))}",
    "d['sdk'] = 'x TOKEN y'": "import quixnb\nd['sdk'] = ('x ' + quixnb.token(\"sdk\") + ' y')",
    "f'Bearer TOKEN {x}'": "import quixnb\nf'Bearer {quixnb.token(\"streaming\")} {x}'",
    'f"{x} TOKEN"': "import quixnb\nf\"{x} {quixnb.token('streaming')}\"",
    "b'TOKEN'": 'import quixnb\nquixnb.token("streaming").encode()',
    "'''\na TOKEN\n'''": "import quixnb\n('''\na ''' + quixnb.token(\"streaming\") + '''\n''')",
    "x = 1  # TOKEN": "x = 1  # [quix token]",
    "# TOKEN": "# [quix token]",
    "!echo TOKEN": "import quixnb\n!echo {quixnb.token('streaming')}",
    "%env A=TOKEN": "import quixnb\n%env A={quixnb.token('A')}",
    "%%time\nt = 'TOKEN'": '%%time\nimport quixnb\nt = quixnb.token("t")',
    "a, b = 'TOKEN', 'TOKEN'": 'import quixnb\na, b = quixnb.token("streaming"), quixnb.token("streaming")',
    "t = ('sdk-' +\n  'DIGITS')": 'import quixnb\nt = (quixnb.token("t"))',
    "t = 'sdk-' 'DIGITS'": 'import quixnb\nt = quixnb.token("t")',
    "from __future__ import annotations\nt = 'TOKEN'": (
        'from __future__ import annotations\nimport quixnb\nt = quixnb.token("t")'
    ),
    "ls?\nt = 'TOKEN'": 'import quixnb\nls?\nt = quixnb.token("t")',
    "if x:\n    !ls\nt = 'TOKEN'": 'import quixnb\nif x:\n    !ls\nt = quixnb.token("t")',
    "'TOKEN and TOKEN'": 'import quixnb\n(quixnb.token("streaming") + \' and \' + quixnb.token("streaming"))',
    "class C:\n    key: str = 'TOKEN'": 'import quixnb\nclass C:\n    key: str = quixnb.token("key")',
    "def f():\n    '''About TOKEN.'''": "def f():\n    '''About [quix token].'''",
    "%time t = 'TOKEN'": 'import quixnb\n%time t = quixnb.token("t")',
    "%%timeit -n1 t = 'TOKEN'\nt": '%%timeit -n1 t = quixnb.token("t")\nt',
    "x = !curl 'Bearer TOKEN'": "import quixnb\nx = !curl 'Bearer {quixnb.token('streaming')}'",
    '!curl \\\n  "a TOKEN"': "import quixnb\n!curl \\\n  \"a {quixnb.token('streaming')}\"",
    "r = ('%s'\n     % 'TOKEN')": "import quixnb\nr = ('%s'\n     % quixnb.token(\"streaming\"))",
}


@pytest.mark.parametrize(("cell", "expected"), CELLS.items())
def test_a_literal_becomes_a_call(cell: str, expected: str) -> None:
    token = fake_token()

    result = rewritten(cell.replace("TOKEN", token).replace("DIGITS", token[4:]), lambda value, wish: wish)

    assert token[4:12] not in result.cell
    assert result.left == 0
    assert _meaning(result.cell) == _meaning(expected)


def _meaning(cell: str) -> str:
    try:
        return ast.dump(ast.parse(cell))
    except SyntaxError:
        return cell


WHERE_NO_CODE_CAN_STAND = [
    "'a' 'TOKEN'",
    "%%bash\necho TOKEN",
    "%%bash\nT='TOKEN'",
    "def f(TOKEN",
    "TOKEN",
    "match t:\n    case 'TOKEN': pass",
    "!curl -d '{\"a\": 1}' TOKEN",  # a brace that is no Python turns all of them off
    "%quix_publish f1-data 'TOKEN'",
]


@pytest.mark.parametrize("cell", WHERE_NO_CODE_CAN_STAND)
def test_where_no_code_can_stand_the_cell_stays_and_that_is_said(cell: str) -> None:
    cell = cell.replace("TOKEN", fake_token())

    assert rewritten(cell, lambda value, wish: wish) == (cell, 1)


def test_a_token_that_is_a_key_gives_no_name_to_its_value() -> None:
    one, other = f"sdk-{fake_token()[4:-1]}f", fake_token()

    result = rewritten(f"def g(x: '{one}' = '{other}'): ...\nd = {{'{one}': '{other}'}}", lambda value, wish: wish)

    assert one[5:13] not in result.cell
    assert result.left == 0


def test_a_cell_of_many_tokens_is_written_again_in_one_go() -> None:
    cell = "\n".join(f"t{number} = '{fake_token()}'" for number in range(300))

    result = rewritten(cell, lambda value, wish: wish)

    assert result.left == 0
    assert result.cell.splitlines()[300] == 't299 = quixnb.token("t299")'


def test_a_silenced_line_stays() -> None:
    cell = f"t = '{fake_token()}'  # quixnb: not-a-token"

    assert rewritten(cell, lambda value, wish: wish) == (cell, 0)


@pytest.fixture
def next_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What the shell asks its front end to put into cells."""
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(shell, "set_next_input", lambda text, replace=False: asked.append((text, replace)))
    return asked


def test_the_cell_magic_rewrites_its_cell_and_does_not_run_it(shell: Shell, next_input: list[tuple[str, bool]]) -> None:
    token = fake_token()

    fixed = shell.run(f"%%quix_fix\nsecret = '{token}'")

    assert next_input == [('import quixnb\nsecret = quixnb.token("secret")', True)]
    assert 'quixnb.token("secret")' in repr(fixed)
    assert "secret" not in shell.user_ns
    assert shell.shown == []  # it is being taken out: no warning
    assert token not in shell.stored_history()


def test_the_line_magic_takes_the_latest_cell_with_a_token(shell: Shell, next_input: list[tuple[str, bool]]) -> None:
    token = fake_token()
    shell.run(f"t = '{token}'")
    shell.run("1")

    shell.run("%quix_fix")

    assert next_input == [('import quixnb\nt = quixnb.token("t")', True)]
    assert shell.run('quixnb.token("t") == t') is True
    assert token not in repr(shell.user_ns["In"])


def test_without_a_token_in_the_history_there_is_nothing_to_fix(shell: Shell) -> None:
    with pytest.raises(UsageError, match="no cell"):
        shell.run("%quix_fix")


def test_fix_is_a_mode_too(shell: Shell, next_input: list[tuple[str, bool]]) -> None:
    token = fake_token()
    shell.run("%config QuixGuard.on_plaintext_token = 'fix'")

    shell.run(f"t = '{token}'\nran = True")

    assert shell.user_ns["ran"]
    assert next_input == [('import quixnb\nt = quixnb.token("t")\nran = True', True)]
    assert "Notebooks show it without now." in shell.shown[0]["text/plain"]
    assert token not in shell.stored_history()


def test_the_same_token_keeps_its_name_and_another_gets_its_own(
    shell: Shell, next_input: list[tuple[str, bool]]
) -> None:
    one, other = fake_token(), fake_token()

    shell.run(f"%%quix_fix\nt = '{one}'\nu = '{one}'")
    shell.run(f"%%quix_fix\nt = '{other}'")

    assert [text.replace("import quixnb\n", "") for text, _ in next_input] == [
        't = quixnb.token("t")\nu = quixnb.token("t")',
        't = quixnb.token("t-2")',
    ]


# ---- the text that stands where a token stood


@pytest.fixture
def text() -> quixnb.named_tokens.TokenText:
    named_tokens.keep("dev", Token(fake_token(), "test"))
    return quixnb.token("dev")


def test_it_works_where_a_text_does(text: str) -> None:
    plain = named_tokens._named["dev"].reveal()

    assert text == plain
    assert isinstance(text, str)
    assert {f"Bearer {text}", "Bearer " + text, "Bearer %s" % text, "Bearer {}".format(text)} == {f"Bearer {plain}"}  # noqa: UP031, UP032
    assert httpx2.Request("GET", "http://x", headers={"a": text}).headers["a"] == plain
    assert text.encode() == plain.encode()
    assert hash(text) == hash(plain)


def test_it_shows_its_name_instead_of_itself(text: str) -> None:
    from IPython.lib.pretty import pretty

    assert repr(text) == "<Quix streaming token 'dev'>"
    for shown in (repr({"a": [text]}), f"{text!r}", pretty([text]), ascii(text), repr(vars(type(text)))):
        assert text[4:12] not in shown


def test_it_is_not_pickled_and_its_copy_is_itself(text: str) -> None:
    assert copy.copy(text) is copy.deepcopy([text])[0] is text
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps({"a": text}, protocol)


def test_an_unknown_name_says_what_to_do_where_nobody_can_be_asked() -> None:
    with pytest.raises(TokenMissing) as caught:
        quixnb.token("prod")

    assert "knows no Quix token by the name 'prod'" in str(caught.value)
    assert "--save prod" in caught.value.fix


def test_a_profiles_name_takes_the_token_from_its_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from quixnb.profiles import Profile, save_profile

    token = fake_token()
    monkeypatch.setenv("QUIXNB_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("PROD", token)
    save_profile(Profile("prod", token_source="env:PROD"))

    assert quixnb.token("prod") == token


def test_without_a_name_it_is_the_token_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    token = fake_token()
    monkeypatch.setenv("Quix__Sdk__Token", token)

    assert quixnb.token() == token
    assert repr(quixnb.token()) == "<Quix streaming token from Quix__Sdk__Token>"


def test_json_has_its_text_since_a_request_needs_it(text: str) -> None:
    assert json.loads(json.dumps({"token": text})) == {"token": str(text)}
