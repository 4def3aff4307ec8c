"""`--fix`: no token is left, nothing else is changed, and code still runs."""

from __future__ import annotations

import ast
import json
import os
import random
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quixnb.detect import find_tokens
from quixnb.redact import redact
from quixnb.scan.contents import search_bytes
from quixnb.scan.fixing import fix_file, fixed
from tests.fakes import MARKER, fake_token
from tests.scan.corpus import LEAVES, STEPS, code, lookalikes, notebook, positives, stream

PLACE = "[quix token]"
# A notebook before and behind, told apart only by what {T} stands for.
GOLDEN = Path(__file__).parents[1] / "golden"


def fixed_code(source: str) -> str:
    return fixed(source, "a.py")


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("*.ipynb")))
def test_golden(name: str) -> None:
    before = (GOLDEN / name).read_bytes().decode()
    expected = (GOLDEN / f"{name}.expected").read_bytes().decode()
    sdk, pat = fake_token(), fake_token("pat")
    filled = before.replace("{SDK}", sdk).replace("{PAT}", pat).replace("{SDK1}", sdk[:20]).replace("{SDK2}", sdk[20:])

    assert fixed(filled, name) == expected


def test_every_positive_of_the_corpus_is_taken_out() -> None:
    for name, (_, document) in positives().items():
        for indent in (None, 1):
            text = json.dumps(document, indent=indent)

            after = fixed(text, "a.ipynb")

            assert not list(search_bytes(after.encode(), "a.ipynb")), name
            assert_same_shape(document, json.loads(after))


def assert_same_shape(before: Any, after: Any) -> None:
    """The same lists, dictionaries and numbers; only texts differ, and a list of lines may be longer by an import."""
    assert type(before) is type(after)
    if isinstance(before, dict):
        assert len(before) == len(after)
        for one, other in zip(before.values(), after.values(), strict=True):
            assert_same_shape(one, other)
    elif isinstance(before, list) and not all(isinstance(each, str) for each in before):
        for one, other in zip(before, after, strict=True):
            assert_same_shape(one, other)
    elif isinstance(before, (int, float)):
        assert before == after


def test_a_literal_becomes_a_call_with_the_name_it_was_given() -> None:
    source = f"app = Application(quix_sdk_token='{fake_token()}')\n"

    assert fixed_code(source) == 'import quixnb\napp = Application(quix_sdk_token=quixnb.token("quix_sdk_token"))\n'


def test_the_same_token_has_one_name_and_another_token_another() -> None:
    one, two = fake_token(), fake_token()

    after = fixed_code(f"import quixnb\ntoken = '{one}'\nother = '{one}'\nd = {{'token': '{two}'}}\n")

    assert after == (
        'import quixnb\ntoken = quixnb.token("token")\nother = quixnb.token("token")\n'
        "d = {'token': quixnb.token(\"token-2\")}\n"
    )


def test_pieces_that_python_joins_become_one_call() -> None:
    token = fake_token()

    assert fixed_code(f"a_token = ('{token[:9]}'\n    '{token[9:]}')\n") == (
        'import quixnb\na_token = (quixnb.token("a_token"))\n'
    )
    assert fixed_code(f"a_token = '{token[:4]}' + '{token[4:]}'\n") == (
        'import quixnb\na_token = quixnb.token("a_token")\n'
    )


def test_the_import_stands_behind_what_must_be_first() -> None:
    head = '#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n"""Doc."""\nfrom __future__ import annotations\n'

    assert fixed_code(f"{head}TOKEN = '{fake_token()}'\n") == f'{head}import quixnb\nTOKEN = quixnb.token("TOKEN")\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("url = 'https://x/?t={}'", "url = ('https://x/?t=' + quixnb.token(\"url\"))"),
        ("x = b'{}'", 'x = quixnb.token("x").encode()'),
        ("x = f'{}'", "x = f'{quixnb.token(\"x\")}'"),
        ("%env A={}", "%env A={quixnb.token('A')}"),
        ("!echo {}", "!echo {quixnb.token('streaming')}"),
    ],
)
def test_code_takes_the_place_of_a_part_of_a_literal_or_a_line(before: str, after: str) -> None:
    text = json.dumps(notebook(code(before.replace("{}", fake_token()))))

    [cell] = json.loads(fixed(text, "a.ipynb"))["cells"]

    assert cell["source"] == f"import quixnb\n{after}"


def test_a_modules_docstring_stays_one() -> None:
    assert fixed_code(f"'{fake_token()}'\nx = 1\n") == "'[quix token]'\nx = 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# {}", "# [quix token]"),
        ("%%bash\necho '{}'", "%%bash\necho '[quix token]'"),
        ("this is 'no python' {}", "this is 'no python' [quix token]"),
        ("def f():\n    '{}'", "def f():\n    '[quix token]'"),
        ("match x:\n    case '{}':\n        pass", "match x:\n    case '[quix token]':\n        pass"),
    ],
)
def test_where_no_code_can_stand_a_placeholder_takes_its_place(before: str, after: str) -> None:
    text = json.dumps(notebook(code(before.replace("{}", fake_token()))))

    [cell] = json.loads(fixed(text, "a.ipynb"))["cells"]

    assert cell["source"] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\r\nt = '{}'\r\n", 'import quixnb\r\nx = 1\r\nt = quixnb.token("t")\r\n'),
        ("x = '\x0c \u2028 \x1c'\nt = '{}'\n", None),  # no ends of a line in Python
        ("def f():\n    import quixnb\nt = '{}'\n", None),
        ("t = '{}'\nimport quixnb\n", None),
        ("import quixnb as q\nt = '{}'\n", None),
        ("import quixnb.sandbox\nt = '{}'\n", 'import quixnb.sandbox\nt = quixnb.token("t")\n'),
        ("x = !ls -l\na, b = %sql x='1'\nt = '{}'\n", None),
    ],
)
def test_the_import_is_there_before_the_call_and_the_rest_as_it_was(before: str, after: str | None) -> None:
    source = before.replace("{}", fake_token())

    [cell] = json.loads(fixed(json.dumps(notebook(code(source))), "a.ipynb"))["cells"]

    wanted = "import quixnb\n" + before.replace("'{}'", 'quixnb.token("t")')
    assert cell["source"] == (wanted if after is None else after)


def test_magics_beside_python_are_left_alone() -> None:
    source = f"%load_ext quixnb\n!ls\ntoken = '{fake_token()}'\ndf?\n"

    [cell] = json.loads(fixed(json.dumps(notebook(code(source))), "a.ipynb"))["cells"]

    assert cell["source"] == 'import quixnb\n%load_ext quixnb\n!ls\ntoken = quixnb.token("token")\ndf?\n'


def test_the_import_stands_behind_a_cell_magic() -> None:
    source = ["%%time\n", f"token = '{fake_token()}'"]

    [cell] = json.loads(fixed(json.dumps(notebook(code(source))), "a.ipynb"))["cells"]

    assert cell["source"] == ["%%time\n", "import quixnb\n", 'token = quixnb.token("token")']


def test_two_keys_do_not_become_one() -> None:
    text = json.dumps(notebook(code("x", **{fake_token(): 1, fake_token(): 2})))

    [cell] = json.loads(fixed(text, "a.ipynb"))["cells"]

    assert list(cell["metadata"].values()) == [1, 2]


def test_base64_still_decodes_to_what_stood_around() -> None:
    import base64

    letters = base64.b64encode(f"before {fake_token()} behind".encode()).decode()

    assert base64.b64decode(fixed(letters, "a.txt")) == b"before " + b"x" * 36 + b" behind"


@pytest.mark.parametrize("newline", ["\n", "\r\n", ""])
def test_bytes_line_ends_and_permissions_are_kept(tmp_path: Path, newline: str) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(f"é\t{{x}} {fake_token()}{newline}  end{newline}".encode())
    file.chmod(0o640)

    assert fix_file(file)

    assert file.read_bytes() == f"é\t{{x}} {PLACE}{newline}  end{newline}".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.md"] or sorted(os.listdir(tmp_path)) == ["a.md", "home"]


def test_under_a_files_other_names_no_token_is_left(tmp_path: Path) -> None:
    file, other = tmp_path / "a.md", tmp_path / "b.md"
    file.write_text(f"{fake_token()} {'x' * 99}")
    other.hardlink_to(file)
    link = tmp_path / "c.md"
    link.symlink_to(file)

    assert fix_file(link)

    assert other.read_text() == f"{PLACE} {'x' * 99}"
    assert other.samefile(file)
    assert link.is_symlink()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(fake_token())
    os.chown(file, 12345, 23456)

    assert fix_file(file)

    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
def test_a_mark_of_the_encoding_stays_first(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    source = f"token = '{fake_token()}'\n"
    text = source if name == "a.py" else json.dumps(notebook(code(source)))
    file.write_text(text, encoding="utf-8-sig")

    assert fix_file(file)

    after = file.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf")
    assert b"import quixnb" in after
    assert b"\xef\xbb\xbf" not in after[3:]


@pytest.mark.parametrize("name", [".env", "prod.env", ".env.local"])
def test_where_tokens_belong_they_stay(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(f"Quix__Sdk__Token={fake_token()}\n")
    before = file.read_bytes()

    assert not fix_file(file)
    assert file.read_bytes() == before


def test_what_is_no_utf8_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(f"\xe9 {fake_token()}".encode("latin-1"))

    assert not fix_file(file)


@pytest.mark.alone
def test_time_is_linear_in_the_number_of_tokens() -> None:
    def seconds(count: int) -> float:
        tokens = [f"sdk-{MARKER}{number:022x}" for number in range(4 * count)]
        source = [f"x{number} = '{token}'\n" for number, token in enumerate(tokens[:count])]
        text = json.dumps(notebook(code(source, stream([f"{token}\n" for token in tokens]))))
        times = []
        for _ in range(2):
            started = time.process_time()
            assert MARKER not in fixed(text, "a.ipynb")
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(1200) < 8 * seconds(300)  # 16 times if each looked at all others


# ---- whatever the notebook

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
CELLS = st.builds(
    lambda kind, source, metadata, outputs: (
        {"cell_type": kind, "metadata": metadata, "source": source}
        | ({"outputs": outputs, "execution_count": None} if kind == "code" else {})
    ),
    st.sampled_from(["code", "markdown", "raw"]),
    TEXT | st.lists(TEXT, max_size=4),
    st.dictionaries(TEXT, VALUES, max_size=2),
    st.lists(
        st.builds(lambda text: {"output_type": "stream", "name": "stdout", "text": text}, st.lists(TEXT, max_size=3))
        | st.builds(lambda data: {"output_type": "display_data", "metadata": {}, "data": {"text/html": data}}, TEXT),
        max_size=2,
    ),
)
NOTEBOOKS = st.builds(lambda cells, metadata: notebook(*cells, **metadata), st.lists(CELLS, max_size=3), st.just({}))


def strings_of(node: Any) -> list[tuple[Any, Any]]:
    """Each string in a document, as what holds it and under which key or number."""
    found: list[tuple[Any, Any]] = []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []
    for key, value in items:
        if isinstance(value, str) and key not in ("cell_type", "output_type"):
            found.append((node, key))
        found += strings_of(value)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    document=NOTEBOOKS, seed=st.integers(0, 2**32), ascii_only=st.booleans(), indent=st.sampled_from([None, 1, "\t"])
)
def test_a_token_planted_anywhere_is_found_and_taken_out_and_nothing_else_changes(
    document: dict[str, Any], seed: int, ascii_only: bool, indent: int | str | None
) -> None:
    chance = random.Random(seed)
    document["metadata"]["title"] = "a"
    holder, key = chance.choice(strings_of(document))
    place = chance.randint(0, len(holder[key]))
    before, behind = holder[key][:place], holder[key][place:]
    step = chance.choice([name for name in STEPS if "gzip" not in name])
    token = STEPS[step](f"{chance.choice(['sdk', 'pat'])}-{MARKER}{chance.getrandbits(88):022x}")
    holder[key] = f"{before} {token} {behind}"
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent) + "\n"

    found = list(search_bytes(text.encode(), "a.ipynb"))
    after = fixed(text, "a.ipynb")

    assert found
    assert not list(search_bytes(after.encode(), "a.ipynb"))
    assert MARKER not in after.lower()
    changed = json.loads(after)
    for other, name in strings_of(document):
        if other is holder and name == key:
            other[name] = "…"
    assert after.endswith("\n")
    assert_same_shape(json.loads(json.dumps(document)), changed)


@settings(max_examples=150, deadline=None)
@given(before=TEXT, behind=TEXT, kind=st.sampled_from(["sdk", "pat"]), digits=st.integers(0, 2**88 - 1))
def test_redaction_changes_nothing_but_the_token(before: str, behind: str, kind: str, digits: int) -> None:
    token = f"{kind}-{MARKER}{digits:022x}"

    assert redact(f"{before} {token} {behind}") == f"{before} {PLACE} {behind}"


@settings(max_examples=200, deadline=None)
@given(text=TEXT)
def test_fixing_a_text_without_tokens_changes_nothing(text: str) -> None:
    assert fixed(text, "a.py") == text


def test_lookalikes_are_left_alone() -> None:
    for text in lookalikes().values():
        for make in LEAVES.values():
            whole = json.dumps(make(text), indent=1)

            assert fixed(whole, "a.ipynb") == whole


def test_fixed_python_compiles() -> None:
    for step, spell in STEPS.items():
        source = f"x = '''{spell(fake_token())}'''\n"
        try:
            ast.parse(source)
        except SyntaxError:
            continue

        after = fixed_code(source)

        ast.parse(after)
        assert not find_tokens(after), step
