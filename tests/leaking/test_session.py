"""A working day with quixnb in a real JupyterLab: everything it can do, and no secret anywhere afterwards."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests import leaks
from tests.fakes import fake_password, fake_token
from tests.kernel.conftest import FRAME, remember_broker_passwords, variables_for
from tests.kernel.notebook import WAIT_S, Outputs
from tests.leaking import day as work
from tests.leaking.fronts import WARNING, Front, as_notebook, front, leaks_in, shown
from tests.leaking.world import broker_passwords
from tests.leaks import Secrets
from tests.sandbox.helpers import tokens
from tests.server.servers import Server

pytestmark = pytest.mark.kernel

_STATUS = re.compile(r"^status (\d+)", re.MULTILINE)


@pytest.fixture
def own_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that `%quix_sandbox` finds, and whose tokens this test rotates."""
    monkeypatch.setenv("QUIXNB_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))  # it ends with this process, however that ends
    running = quixnb.sandbox.shared(creating_s=0.05)
    remember_broker_passwords(running)
    yield running
    running.stop()


@pytest.fixture
def day(lab: Server, own_sandbox: Sandbox) -> Iterator[Front]:
    """A notebook that does not clean its outputs: nothing of ours may need that."""
    with front(lab) as running:
        running.run_well(f"import os\nos.environ |= {variables_for(own_sandbox)}\n{FRAME}")
        running.run_well("%config QuixGuard.on_token_in_output = 'off'")
        yield running


@dataclass
class Places:
    """All in which something could have been left.

    Attributes
    ----------
    exempt
        Files that are there for tokens.
    """

    lab: Server
    day: Front
    runtime: Path
    processes: set[str]
    exempt: list[Path] = field(default_factory=list)

    def leaks(self, *secrets: str) -> list[str]:
        """Where one of `secrets` is, in whatever spelling."""
        wanted = Secrets(secrets, and_fakes=False)
        texts = {
            "the messages": json.dumps(self.day.received, default=str),
            "the server's and its kernels' log": "".join(self.lab.log),
            "the arguments of processes": "\n".join(self.processes),
        }
        found = [leak for place, text in texts.items() for leak in leaks.in_text(text, place, wanted)]
        for folder in (self.lab.home, self.runtime):
            found += leaks.in_files(leaks.files_below(folder, but=self.exempt), wanted)
        return [str(each) for each in found]


@pytest.fixture
def places(lab: Server, day: Front, own_sandbox: Sandbox) -> Iterator[Places]:
    """Those of a day, whose processes are watched all the time."""
    state = own_sandbox.state_path  # by which other programs find the sandbox
    with leaks.watched_processes() as processes:
        yield Places(lab, day, state.parents[1], processes, [state])


def worked(day: Front, sandbox: Sandbox, password: str) -> Iterator[tuple[str, Outputs]]:
    """Work through the day; each cell, and what it put out."""
    dev, prod = sandbox.environments["dev"], sandbox.environments["prod"]
    typing = {
        "%quix_token --prompt": prod.token_1.reveal(),
        "%quix_token --prompt --store file --save kept": prod.token_2.reveal(),
        "%quix_token --prompt --store keyring --save ringed": prod.token_2.reveal(),
        "import getpass\nos.environ['A_TOKEN'] = getpass.getpass()": prod.token_1.reveal(),
        "del os.environ['A_TOKEN']\npassword = getpass.getpass()": password,
        work.PERSONAL: sandbox.viewer_token.reveal(),
    }
    for cell in work.PREPARING:
        yield cell, day.run(cell)
    work.choose_in_picker(day, dev.token_1.reveal())
    for cell in work.CONNECTING:
        yield cell, day.run(cell, typed=[typing[cell]] if cell in typing else [])
    work.ask_as_the_page_does(day, fake_token())
    for cell in [*work.WORK, *work.MISTAKES, *work.ROTATING, *work.WORK[:6], work.ON_LINE, *work.ENDING]:
        yield cell, day.run(cell)
    day.inspect("session")
    day.complete("%quix_publish f1-")


def test_a_day_of_work_leaves_no_secret_anywhere(places: Places, own_sandbox: Sandbox) -> None:
    lab, day, password = places.lab, places.day, fake_password()
    places.exempt += work.files(lab.folder / "day", own_sandbox)
    secrets = {password, *broker_passwords(own_sandbox)}
    cells = []

    for cell in worked(day, own_sandbox, password):
        cells.append(cell)
        if own_sandbox.state_path.exists():  # the last cell ends it
            own_sandbox.refresh()
            secrets |= {each.reveal() for each in tokens(own_sandbox)}  # three rotations make new ones
    lab.save("day.ipynb", as_notebook(*cells)).raise_for_status()
    lab.http.post("api/contents/day.ipynb/checkpoints").raise_for_status()
    lab.http.post("api/contents/", json={"copy_from": "day.ipynb"}).raise_for_status()

    # All of it was done, and only the mistakes failed.
    failed = [cell for cell, outputs in cells if outputs.reply["status"] != "ok"]
    assert failed == [work.PERSONAL, *work.MISTAKES, work.ON_LINE]
    statuses = [each for cell, outputs in cells if work.QUIXNB in cell for each in _STATUS.findall(outputs.printed)]
    assert statuses == work.STATUSES
    [vault] = lab.home.rglob("tokens.json")
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    places.exempt.append(vault)
    assert len(secrets) >= 11
    assert places.leaks(*secrets) == []
    assert len(day.received) > 300
    assert len(places.processes) > 10


def _percent(text: str) -> str:
    return "".join(f"%{ord(each):02x}" for each in text)


# How a secret may be spelled where it is found.
SPELLINGS = {
    "itself": lambda token: token.encode(),
    "a piece": lambda token: token[9:21].encode(),
    "base64-0": lambda token: base64.b64encode(token.encode()),
    "base64-1": lambda token: base64.b64encode(f"a{token}".encode()),
    "base64-2": lambda token: base64.urlsafe_b64encode(f"ab{token}b".encode()),
    "URL": lambda token: _percent(token).encode(),
    "hexadecimal": lambda token: token.encode().hex().encode(),
    "UTF-16": lambda token: token.encode("utf-16"),
    "JSON": lambda token: "".join(f"\\u{ord(each):04x}" for each in token).encode(),
}


def messages_that_show_it(day: Front, token: str) -> set[str]:
    """Have every channel of a kernel show `secret`; the kinds of messages in which it was found."""
    day.answer("print(secret); input(secret)", "x")
    day.inspect("secret")
    day.run("import ipywidgets\nipywidgets.Text(value=secret)")
    request = {"type": "request", "seq": 1, "command": "inspectVariables", "arguments": {}}
    day.client.control_channel.send(day.client.session.msg("debug_request", request))
    day.client.get_control_msg(timeout=WAIT_S)
    return {each["msg_type"] for each in day.received if leaks_in(each["content"], token)}


def test_what_is_put_there_on_purpose_is_found_by_the_same_search_and_was_warned_of(places: Places) -> None:
    lab, day, token = places.lab, places.day, fake_token()
    secret = f"secret = '{token}'"
    assert places.leaks(token) == []

    outputs = day.run(f"{secret}\nprint(secret)")
    kinds = messages_that_show_it(day, token)
    lab.save("purpose.ipynb", as_notebook((secret, outputs)))
    day.run("import subprocess\nsubprocess.run(['sh', '-c', 'cat >&2'], input=secret, text=True) and None")
    # What a child process says is copied to the log a moment later; and its arguments may be missed in a busy moment.
    while not (leaks_in(lab.log, token) and leaks_in([*places.processes], token)):
        day.run("!sleep 0.2; : {secret}")
    day.history()
    files = {}
    for folder in (lab.home, *(lab.home / name for name in ("work", "runtime", "data", "tmp")), places.runtime):
        for name, spelled in SPELLINGS.items():
            files[str(folder / f"planted {name}")] = spelled(token)
    for name, content in files.items():
        Path(name).write_bytes(b"before " + content + b" behind")

    assert WARNING in shown(outputs)[1]["content"]["data"]["text/plain"]
    assert kinds >= {"stream", "input_request", "inspect_reply", "comm_open", "execute_result", "debug_reply"}
    found = [each.rpartition(" (")[0] for each in places.leaks(token)]
    assert {*files, "the messages", "the server's and its kernels' log", "the arguments of processes"} <= {*found}
    assert {"purpose.ipynb", "history.sqlite"} <= {Path(each).name for each in found}
