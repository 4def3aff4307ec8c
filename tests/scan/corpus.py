"""Notebooks and files with a token in them, one for each way that a token gets there; and what only looks like one.

Every token is made when the tests run: no file of the suite holds one.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.fakes import MARKER, fake_token, remember

Make = Callable[[str], Any]


def jwt(payload: dict[str, str], **header: str) -> str:
    """A JWT with these claims that opens nothing."""
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT", **header}, payload))
    head, body = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    signature = base64.urlsafe_b64encode(secrets.token_bytes(256)).decode().rstrip("=")
    return remember(f"{head}.{body}.{MARKER}{signature[len(MARKER) :]}")


def quix_jwt() -> str:
    """A JWT that names Quix."""
    return jwt({"iss": "https://auth.quix.ai/", "sub": "someone"})


def halves(token: str, at: int = 17) -> tuple[str, str]:
    """A token in two pieces."""
    return token[:at], token[at:]


def each(escape: str, token: str) -> str:
    """Every character of a token in an escape."""
    return "".join(escape.format(ord(letter)) for letter in token)


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A notebook of nbformat 4.5."""
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def code(source: str | list[str], *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A code cell."""
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a1",
        "metadata": metadata,
        "outputs": list(outputs),
        "source": source,
    }


def stream(text: str | list[str], name: str = "stdout") -> dict[str, Any]:
    """A stream's output."""
    return {"output_type": "stream", "name": name, "text": text}


def display(**data: Any) -> dict[str, Any]:
    """A rich output; `__` stands for the slash in a kind's name."""
    bundle = {kind.replace("__", "/"): value for kind, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def error(value: str, *traceback: str) -> dict[str, Any]:
    """An error's output."""
    return {"output_type": "error", "ename": "ValueError", "evalue": value, "traceback": list(traceback)}


def widget(model: str, **state: Any) -> dict[str, Any]:
    """A notebook's metadata with the state of one widget."""
    states = {"version_major": 2, "version_minor": 0, "state": {"abc": {"model_name": model, "state": state}}}
    return {"widgets": {"application/vnd.jupyter.widget-state+json": states}}


# One step away from a token in one piece: what stands in the text.
STEPS: dict[str, Make] = {
    "in one piece": lambda t: t,
    "upper case": lambda t: t.upper(),
    "ANSI colour inside": lambda t: "\x1b[38;5;28m".join(halves(t)),
    "ANSI colours around": lambda t: f"\x1b[1;32m{t}\x1b[0m",
    "ANSI colour at the dash": lambda t: "\x1b[0m".join(halves(t, 3)),
    "ANSI colours between all": lambda t: "\x1b[31m".join(t),
    "written ANSI colour": lambda t: r"\x1b[31m".join(halves(t)),
    "tag inside": lambda t: '<span class="ansi-red-fg">'.join(halves(t)),
    "tag in the prefix": lambda t: "<b>".join(halves(t, 2)),
    "tags between all": lambda t: "<i>".join(t),
    "word break tag": lambda t: "<wbr>".join(halves(t, 30)),
    "decimal HTML escapes": lambda t: each("&#{};", t),
    "hexadecimal HTML escapes": lambda t: each("&#x{:x};", t),
    "escaped dash of HTML": lambda t: t.replace("-", "&#45;"),
    "percent escapes": lambda t: each("%{:02X}", t),
    "percent-escaped dash": lambda t: t.replace("-", "%2D"),
    "u escapes": lambda t: each("\\u{:04x}", t),
    "x escapes": lambda t: each("\\x{:02x}", t),
    "octal escapes": lambda t: each("\\{:03o}", t),
    "one escape": lambda t: t[:9] + f"\\x{ord(t[9]):02x}" + t[10:],
    "JSON in JSON": lambda t: json.dumps(json.dumps({"token": t})),
    "adjacent literals": lambda t: 'k = "{}" "{}"'.format(*halves(t)),
    "adjacent literals on two lines": lambda t: "k = ('{}'\n     '{}')".format(*halves(t)),
    "adjacent literals with a comment": lambda t: "k = ('{}'  # half\n     '{}')".format(*halves(t)),
    "adjacent literals with prefixes": lambda t: "k = r'{}' f'{}'".format(*halves(t)),
    "joined by +": lambda t: "k = '{}' + '{}'".format(*halves(t)),
    "joined by + on two lines": lambda t: 'k = ("{}" +\n     "{}")'.format(*halves(t)),
    "prefix and digits joined": lambda t: "k = '{}' + '{}'".format(*halves(t, 4)),
    "a list of pieces": lambda t: "''.join(['{}', '{}'])".format(*halves(t)),
    "rich's list of pieces": lambda t: "['\x1b[32mx {}'\x1b[0m, \x1b[32m'{}'\x1b[0m]".format(*halves(t)),
    "rich's list of pieces in HTML": lambda t: "[<b>'{}'</b>, <b>'{}'</b>]".format(*halves(t)),
    "%whos of a longer text": lambda t: "Text(value='{}<...>{}')".format(*halves(t)),
    "line continuation": lambda t: "k = '{}\\\n{}'".format(*halves(t)),
    "rich's line break": lambda t: "token: {}\n{}\nnext".format(*halves(t)),
    "rich's table": lambda t: "│ {} │\n│ {} │".format(*halves(t)),
    "no width": lambda t: "\u200b".join(halves(t)),
    "soft hyphen": lambda t: "\u00ad".join(halves(t)),
    "base64, first place": lambda t: base64.b64encode(f"abc{t}".encode()).decode(),
    "base64, second place": lambda t: base64.b64encode(f"a{t}z".encode()).decode(),
    "base64, third place": lambda t: base64.b64encode(f"ab{t}z".encode()).decode(),
    "base64 for URLs": lambda t: base64.urlsafe_b64encode(f"\xff{t}\xfe".encode("latin-1")).decode(),
    "gzip in base64": lambda t: base64.b64encode(gzip.compress(f"TOKEN={t}\n".encode())).decode(),
}

# Where a text stands in a notebook.
LEAVES: dict[str, Make] = {
    "source, a string": lambda t: notebook(code(t)),
    "source, lines": lambda t: notebook(code(["import os\n", *t.splitlines(keepends=True)])),
    "markdown": lambda t: notebook({"cell_type": "markdown", "metadata": {}, "source": f"# Title\n\n{t}"}),
    "raw cell": lambda t: notebook({"cell_type": "raw", "metadata": {}, "source": [t]}),
    "stdout": lambda t: notebook(code("x", stream([f"got {t}\n"]))),
    "stdin": lambda t: notebook(code("x", stream(f"Token: {t}", "stdin"))),
    "text/plain": lambda t: notebook(code("x", display(text__plain=[t]))),
    "text/html": lambda t: notebook(code("x", display(text__html=f"<td>{t}</td>"))),
    "application/json": lambda t: notebook(code("x", display(application__json={"a": [1, {"b": t}]}))),
    "evalue": lambda t: notebook(code("x", error(t))),
    "traceback": lambda t: notebook(code("x", error("no", "\x1b[0;31m---\x1b[0m", f"----> 1 f({t!s})"))),
    "metadata of the notebook": lambda t: notebook(papermill={"parameters": {"sdk_token": t}}),
    "metadata of a cell": lambda t: notebook(code("x", tags=["a", t])),
    "widget": lambda t: notebook(code("x"), **widget("PasswordModel", value=t)),
    "widget's output": lambda t: notebook(code("x"), **widget("OutputModel", outputs=[stream([t])])),
    "key": lambda t: notebook(code("x", **{t: 1})),
    "attachment": lambda t: notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "a", "attachments": {"a.txt": {"text/plain": t}}}
    ),
    "nbformat 3": lambda t: {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": [{"cell_type": "code", "input": [t], "language": "python", "outputs": []}]}],
    },
}

# Whole texts of sources and outputs, as people write them.
TEXTS: dict[str, str] = {
    "%env": "%env Quix__Sdk__Token={}",
    "%env's echo": "env: Quix__Sdk__Token={}",
    "%set_env": "%set_env STREAMING_TOKEN {}",
    "shell line": "!quix login {}",
    "header on a shell line": "!curl -H 'Authorization: Bearer {}' https://example.org",
    "%%bash": "%%bash\nexport TOKEN={}\n",
    "os.environ": "os.environ['Quix__Sdk__Token'] = '{}'",
    "argument": 'app = Application(quix_sdk_token="{}")',
    "f-string": "f'Bearer {}'",
    "bytes": "TOKEN = b'{}'",
    "comment": "x = 1  # {}",
    "docstring": '"""Use {} here."""',
    "dictionary": "{{'token': '{}'}}",
    "URL": "requests.get('https://example.org/?token={}&x=1')",
    "YAML": "token: {}\nname: a",
    "TOML": 'token = "{}"',
    "CSV": "a,{},b",
    "Series": "0    {}\ndtype: object",
    "%whos": "Variable   Type    Data/Info\ntoken      str     {}",
    "KeyError": "KeyError: '{}'",
    "log line": "2026-01-01 INFO connected with {}.",
    "Markdown code": "Use `{}`",
    "HTML attribute": '<input value="{}">',
    "repr": "Token(value='{}', kind='sdk')",
    "XML": "<token>{}</token>",
    "backslash n before": '"a\\n{}\\n"',
    "percent before": "token%3D{}%26x",
    "underscores": "_{}_",
    "brackets": "[{}]({})",
}


def positives() -> dict[str, tuple[str, Any]]:
    """Name → a token's kind and a notebook with that token, each made anew."""
    found: dict[str, tuple[str, Any]] = {}
    for number, (step, spell) in enumerate(STEPS.items()):
        kind = ("sdk", "pat")[number % 2]
        for leaf in list(LEAVES)[number % 3 :: 9]:
            found[f"{step} in {leaf}"] = kind, LEAVES[leaf](spell(fake_token(kind)))
    for leaf, make in LEAVES.items():
        found[f"plain in {leaf}"] = "sdk", make(fake_token())
    for name, text in TEXTS.items():
        found[f"{name} as source"] = "pat", notebook(code(text.replace("{}", fake_token("pat")).replace("{{", "{")))
        found[f"{name} as output"] = "jwt", notebook(code("x", stream(text.replace("{}", quix_jwt()))))
    return found


def lookalikes() -> dict[str, str]:
    """Name → a text without a token."""
    hex32, hex31, hex40 = (secrets.token_hex(20)[:length] for length in (32, 31, 40))
    return {
        "MD5": hex32,
        "SHA-1": hex40,
        "SHA-256": secrets.token_hex(32),
        "UUID": str(uuid.uuid4()),
        "UUID in capitals": str(uuid.uuid4()).upper(),
        "UUID behind sdk-": f"sdk-{uuid.uuid4()}",
        "UUID behind pat-": f"pat-{uuid.uuid4()}",
        "git hash behind sdk-": f"sdk-{hex40}",
        "sdk word": "pip install sdk-tools",
        "pat word": "pat-metheny",
        "placeholder of words": "sdk-your-token-here",
        "placeholder in brackets": "sdk-<32 hex digits>",
        "placeholder with dots": f"sdk-{hex32[:8]}...",
        "placeholder of x": "sdk-" + "x" * 32,
        "placeholder of stars": "sdk-" + "*" * 32,
        "short placeholder": "sdk-12345",
        "zeros": "sdk-" + "0" * 32,
        "ones": "pat-" + "1" * 32,
        "letters": "sdk-" + "a" * 32,
        "capital letters": "SDK-" + "F" * 32,
        "zeros in two literals": "'sdk-" + "0" * 16 + "' '" + "0" * 16 + "'",
        "one short": f"sdk-{hex31}",
        "one long": f"sdk-{hex32}0",
        "one short, and a line after": f"sdk-{hex31}\na = 5",
        "one short, and a call after": f"sdk-{hex31}\nf(x)",
        "one short in quotes": f"'sdk-{hex31}'",
        "two cut short": f"sdk-{hex32[:16]}\nsdk-{hex32[16:]}",
        "package": f"aws-sdk-{hex32}",
        "word that ends in sdk": f"mysdk-{hex32}",
        "word that goes on": f"sdk-{hex32}z",
        "wheel": f"sdk-{hex32}-py3-none-any.whl",
        "longer hex in two literals": f"'sdk-{hex32}' '{hex32}'"[:20] + hex40,
        "other prefix": f"sk-{hex32}",
        "underscore": f"sdk_{hex32}",
        "colon": f"sdk:{hex32}",
        "no dash": f"sdk{hex32}",
        "not hexadecimal": "sdk-" + "ghijklmnopqrstuv" * 2,
        "base64": base64.b64encode(secrets.token_bytes(3000)).decode(),
        "data address": f"data:image/png;base64,{base64.b64encode(secrets.token_bytes(300)).decode()}",
        "three words": "eyJub3QganNvbiBhdCBhbGw.eyJub3QganNvbiBhdCBhbGw." + secrets.token_urlsafe(24),
        "JWT cut short": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
        "Markdown table": "|---|---|\n|-1|abc|\n" * 5,
        "numbers": "-1\n-2\n-3\n" * 20,
        "column of digits": "-" + "\n".join("0123456789abcdef" * 3),
        "CSS": ".a-b { border-bottom: 1px; text-align: right }" * 5,
        "URL-encoded": quote("a-b c/d?e=f&g=h" * 5, safe=""),
        "HTML-escaped": html.escape("<a href='sdk-tools'>\"x\"</a>") * 5,
        "silenced": f"t = 'sdk-{hex32}'  # quixnb: not-a-token",
        "silenced over two lines": f"t = ('sdk-{hex32[:16]}'\n'{hex32[16:]}')  # quixnb: not-a-token",
    }
