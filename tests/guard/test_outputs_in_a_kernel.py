"""Every form of output that a kernel sends: none shows a token, none is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.fakes import fake_password, fake_token
from tests.guard.kernels import Kernel, running
from tests.search import planted

pytestmark = pytest.mark.kernel

HIDDEN = "[quix token]"

# What a cell does with a token that it has in `t`. None of them names the token itself.
OUTPUTS = {
    "last expression": "t",
    "print": "print('it is', t)",
    "stderr": "import sys; sys.stderr.write(t)",
    "logging": "import logging; logging.warning('it is %s', t)",
    "character by character": "for c in t: print(c, end='', flush=True)",
    "two halves": "print('x ' + t[:20], end='', flush=True)\nprint(t[20:] + ' y', flush=True)",
    "two halves around a display": (
        "from IPython.display import display\nprint(t[:30], end='', flush=True)\ndisplay(1)\nprint(t[30:], flush=True)"
    ),
    "two halves around the other stream": (
        "import sys\nprint(t[:30], end='', flush=True)\nprint('x', file=sys.stderr, flush=True)\n"
        "print(t[30:], flush=True)"
    ),
    "two halves around a clearing": (
        "from IPython.display import clear_output\nprint(t[:30], end='', flush=True)\nclear_output()\nprint(t[30:])"
    ),
    "os.environ": "import os; os.environ['X'] = t; dict(os.environ)",
    "shell line": "!echo {t}",
    "%env with a value": "%env QUIX_T={t}",
    "%env of a name": "import os; os.environ['X'] = t\n%env X",
    "%env of all": "import os; os.environ['QUIX_X'] = t\n%env",
    "%whos": "%whos",
    "%history": "x = 'TOKEN'\n%history",
    "%%capture and show": (
        "from IPython.utils.capture import capture_output\nwith capture_output() as c: print(t)\nc.show()"
    ),
    "value error": "raise ValueError(f'not {t}')",
    "key error": "{}[t]",
    "group": "raise ExceptionGroup('two', [ValueError(t), KeyError(t)])",
    "cause": "try:\n    1 / 0\nexcept ZeroDivisionError as exc:\n    raise ValueError(t) from exc",
    "literal near the error": "a = 1\nx = 'TOKEN'\n1 / 0",
    "syntax error": "x = 'TOKEN' +",
    "%xmode Verbose": "%xmode Verbose\ndef f(argument):\n    local = argument\n    return local / 0\nf(t)",
    "assertion": "assert t == 'x', t",
    "pandas": "import pandas as pd; pd.DataFrame({'token': [t], 'n': [1]})",
    "series": "import pandas as pd; pd.Series([t])",
    "pprint": "from pprint import pprint; pprint({'a': [t]})",
    "json": "import json; print(json.dumps({'a': t}, indent=1))",
    "rich dictionary": "import rich; rich.print({'a': t})",
    "rich locals": (
        "from rich.console import Console\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
        "    Console(force_jupyter=True).print_exception(show_locals=True)"
    ),
    "HTML": "from IPython.display import HTML, display; display(HTML(f'<b>{t}</b>'))",
    "JSON mime": "from IPython.display import JSON; JSON({t: [t]})",
    "markdown": "from IPython.display import Markdown; Markdown(t)",
    "SVG": "from IPython.display import SVG; SVG(f'<svg xmlns=\"http://www.w3.org/2000/svg\"><text>{t}</text></svg>')",
    "display with an update": (
        "from IPython.display import display\nh = display('x', display_id=True)\nh.update({'text/plain': t}, raw=True)"
    ),
    "thread": (
        "import threading\nfrom IPython.display import display\n"
        "def f(): print(t); display(t)\nx = threading.Thread(target=f); x.start(); x.join()"
    ),
    "await": "import asyncio\nawait asyncio.sleep(0)\nprint(t); t",
    "subprocess": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(input())'], input=t.encode()) and None"
    ),
    "file descriptor 1": "import os; os.write(1, t.encode()) and None",
    "file descriptor 2": "import os; os.write(2, t.encode() + b'\\n') and None",
    "fork": "import os\nif os.fork() == 0:\n    print(t, flush=True)\n    os._exit(0)\nos.wait() and None",
    "text widget": "import ipywidgets; ipywidgets.Text(value=t)",
    "password widget": "import ipywidgets; ipywidgets.Password(value=t)",
    "HTML widget": "import ipywidgets; ipywidgets.HTML(value=f'<b>{t}</b>')",
    "dropdown": "import ipywidgets; ipywidgets.Dropdown(options=[t, 'x'])",
    "widget that changes": "import ipywidgets; w = ipywidgets.Label(); w.value = t; w",
    "output widget": "import ipywidgets\no = ipywidgets.Output()\nwith o: print(t)\no",
    "comm": (
        "from comm import create_comm\ncomm = create_comm(target_name=t, data={'a': t}, metadata={'b': t})\n"
        "comm.send({'c': [t]}, metadata={t: 1})\ncomm.close({'d': t})"
    ),
    "pager": "t?",
    "exit message": "import sys; sys.exit(t)",
    "warning": "import warnings; warnings.warn(t)",
    "requests' headers": "{'Authorization': 'Bearer ' + t}",
    "dataclass": "from dataclasses import make_dataclass; make_dataclass('D', ['a'])(t)",
    "URL": "print(f'GET https://portal/topics?token={t}&x=1')",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    # The cells hold tokens, and IPython's history has them.
    with running(planted(tmp_path_factory.mktemp("kernel"))) as started:
        started.run("%load_ext quixnb\n%config QuixGuard.on_plaintext_token = 'off'")
        yield started
        started.run("%unload_ext quixnb")


@pytest.fixture
def token(kernel: Kernel) -> Iterator[str]:
    """A token that the kernel has in `t`."""
    token = fake_token()
    kernel.run(f"t = '{token}'")
    yield token
    kernel.run("%xmode Context")


@pytest.mark.parametrize("cell", OUTPUTS.values(), ids=OUTPUTS)
def test_no_output_shows_a_token(kernel: Kernel, token: str, cell: str) -> None:
    sent = kernel.run(cell.replace("TOKEN", token))
    while HIDDEN not in json.dumps(sent, default=str):  # what comes by a file descriptor may come late
        sent.append(kernel.later())

    assert token[4:16] not in json.dumps(sent, default=str)


def test_a_known_password_is_hidden_wherever_it_stands(kernel: Kernel) -> None:
    password = fake_password()
    kernel.run(f"from quixnb.token import KafkaSettings\nk = KafkaSettings({{'sasl.password': '{password}'}}, 'test')")

    kernel.run("p = k.reveal()['sasl.password']")
    sent = kernel.run("print('x' + p + 'y')\nfor c in p: print(c, end='', flush=True)\np")

    assert password[4:12] not in json.dumps(sent, default=str)
    assert sent.text == f"x{HIDDEN}y\n{HIDDEN}"


def test_a_traceback_that_is_shown_again_is_clean_again(kernel: Kernel, token: str) -> None:
    kernel.run("raise ValueError(t)")

    sent = kernel.run("%tb")

    assert token[4:16] not in json.dumps(sent, default=str)
    assert HIDDEN in sent.text + json.dumps(sent, default=str)


def test_the_reply_and_what_shift_tab_shows_are_clean(kernel: Kernel, token: str) -> None:
    reply = kernel.run("1", user_expressions={"a": "t"})[-1]

    assert token[4:16] not in json.dumps([reply["content"], kernel.inspect("t")], default=str)


def test_what_was_printed_comes_out_whole_and_in_order(kernel: Kernel) -> None:
    sent = kernel.run(
        "from IPython.display import display\nprint('as', end=' s')\ndisplay(1)\nprint('sdk-12', end='')\ndisplay(2)\n"
        "import sys\nprint('pat-', end='', flush=True)\nsys.stderr.write('eyJhb')\nprint('xyz', flush=True)\n"
    )

    assert sent.kinds[:5] == ["stream", "stream", "display_data", "stream", "display_data"]
    assert sent.text == "as ssdk-12pat-xyz\neyJhb"


def test_the_end_of_a_prompt_is_shown_while_its_cell_still_runs(kernel: Kernel) -> None:
    sent = kernel.run("print('Which s', end='', flush=True)\nname = input()", typed="x")

    assert "".join(each["content"]["text"] for each in sent[:-1]) == "Which s"


def test_what_a_thread_prints_after_its_cell_is_shown(kernel: Kernel) -> None:
    kernel.run(
        "import threading\ntimer = threading.Timer(0.3, lambda: print('one s', end='', flush=True))\ntimer.start()"
    )

    text = ""
    while text != "one s":
        text += kernel.later()["content"]["text"]


def test_an_image_and_ordinary_output_pass_unchanged(kernel: Kernel) -> None:
    sent = kernel.run(
        "from IPython.display import display\nprint('sdk-12345')\n"
        "display({'image/png': 'eyJa' * 100, 'text/plain': 'x'}, raw=True)\n{'sdk': [1, 2.5, None, True]}"
    )

    assert sent.text == "sdk-12345\n"
    assert sent.of("display_data")["data"] == {"image/png": "eyJa" * 100, "text/plain": "x"}
    assert sent.of("execute_result")["data"] == {"text/plain": "{'sdk': [1, 2.5, None, True]}"}


def test_warn_shows_the_output_and_says_so_once(kernel: Kernel, token: str) -> None:
    kernel.run("%config QuixGuard.on_token_in_output = 'warn'")

    sent = kernel.run("print(t)\nprint(t)\nt")
    kernel.run("%config QuixGuard.on_token_in_output = 'redact'")

    assert sent.text == f"{token}\n" * 2
    notice = sent.of("display_data")["data"]["text/plain"]
    assert notice.startswith("TokenInCell: This cell's output shows a Quix token")
    assert token[4:10] not in notice


def test_off_shows_the_output(kernel: Kernel, token: str) -> None:
    kernel.run("%config QuixGuard.on_token_in_output = 'off'")

    sent = kernel.run("t")
    kernel.run("%config QuixGuard.on_token_in_output = 'redact'")

    assert sent.of("execute_result")["data"]["text/plain"] == repr(token)
    assert sent.kinds == ["execute_result", "execute_reply"]


def test_a_guard_that_fails_loses_no_output(kernel: Kernel, token: str) -> None:
    kernel.run(
        "import quixnb.guard.gate as gate, quixnb.guard.outputs as outputs\nkept = gate.cleaned\n"
        "def broken(value): raise RuntimeError('broken')\ngate.cleaned = outputs.cleaned = broken"
    )

    sent = kernel.run("import sys\nprint('one')\nsys.stderr.write('two')\n3")
    error = kernel.run("1 / 0")
    kernel.run("gate.cleaned = outputs.cleaned = kept")

    assert sorted(sent.text) == sorted("one\ntwo")
    assert sent.of("execute_result")["data"] == {"text/plain": "3"}
    assert error.of("error")["ename"] == "ZeroDivisionError"
    assert error[-1]["content"]["status"] == "error"


def test_the_kernel_is_as_before_when_the_extension_is_unloaded(kernel: Kernel, token: str) -> None:
    kernel.run("%unload_ext quixnb")

    left = kernel.run(
        "ip = get_ipython()\n'send' in vars(ip.kernel.session), '_showtraceback' in vars(ip), ip.kernel.log.filters"
    )
    shown = kernel.run("t")
    kernel.run("%load_ext quixnb\n%config QuixGuard.on_plaintext_token = 'off'")

    assert left.of("execute_result")["data"]["text/plain"] == "(False, False, [])"
    assert shown.of("execute_result")["data"]["text/plain"] == repr(token)


def test_the_debug_log_of_a_kernel_is_clean(kernel: Kernel, token: str) -> None:
    lines = (
        "import logging\nkept, log = [], get_ipython().kernel.log\n"
        "class Keep(logging.Handler):\n    def emit(self, record): kept.append(record.getMessage())\n"
        "handler, level = Keep(), log.level\nlog.addHandler(handler); log.setLevel(10)"
    )
    kernel.run(lines)

    kernel.run(f"x = '{token}'\nraise ValueError(x)")
    sent = kernel.run(
        "log.removeHandler(handler); log.setLevel(level)\n"
        "(any(t in line for line in kept), any('x = ' in line for line in kept))"
    )

    assert sent.of("execute_result")["data"]["text/plain"] == "(False, True)"


def test_a_fixed_cell_is_put_in_its_own_place(kernel: Kernel, token: str) -> None:
    reply = kernel.run(f"%%quix_fix\nsecret = '{token}'")[-1]["content"]

    assert reply["payload"] == [
        {"source": "set_next_input", "text": 'import quixnb\nsecret = quixnb.token("secret")', "replace": True}
    ]
    assert (
        kernel.run(reply["payload"][0]["text"] + "\nsecret == t").of("execute_result")["data"]["text/plain"] == "True"
    )
