"""A working day with quixnb in a real JupyterLab: everything it can do, and no secret anywhere afterwards."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import quixnb.sandbox
from quixnb.sandbox import Sandbox
from tests import leaks
from tests.fakes import fake_token
from tests.kernel.conftest import FRAME, remember_broker_passwords, variables_for
from tests.leaking.fronts import WARNING, Front, as_notebook, front, leaks_in, shown
from tests.leaking.world import broker_passwords
from tests.leaks import Secrets
from tests.sandbox.helpers import tokens
from tests.server.servers import Server

pytestmark = pytest.mark.kernel

# What is done with a connection. `df` is a frame.
WORK = [
    "%quix_sandbox status",
    "%quix_status",
    "%quix_use",
    "%quix_topics",
    "%quix_topics tele* ;",
    "%quix_topics --create leaks --partitions 2",
    "%%quix_publish f1-data\ndf",
    "report = %quix_publish f1-data df --stream-by car --tag car",
    "report, report.offsets, report.topic_id",
    "%quix_publish f1-data df --dry-run",
    "%quix_publish leaks df --format json",
    "handle = %quix_publish f1-data df --background\nhandle.report",
    "%quix_publish f1-data (df for _ in range(3)) --stream many",
    "%quix_read f1-data --last 3",
    "%quix_tail f1-data --for 1s",
    "import quixnb\npicker = quixnb.TokenPicker()\npicker",
    "picker, picker.get_state()\npicker.close()",
    "import quixnb\nsession = quixnb.current()\nsession, session.token, session.environment",
    "session.portal, session.broker",
    "quixnb.topics(), session.topic('f1-data'), quixnb.read('f1-data', last=1)",
    "with session.stream('f1-data', stream='car-1') as stream:\n    stream.write(df)\nstream",
    "client = quixnb.QuixStreamingClient(session.token)\nproducer = client.get_topic_producer('f1-data')\n"
    "with producer.create_stream('old') as old:\n    old.timeseries.publish(df.reset_index())\nclient, producer, old",
    "%quix_scan",
    "%quix_scrub",
    "%whos",
    "vars(session), f'{session.token}', str(session.token), [session.token]",
    "!quixnb doctor",
    "!quixnb scan .",
]
# A personal access token sees two environments, so none is open yet, which is an error.
PERSONAL = "%quix_token ;"
ON_LINE = "%quix_token sdk-" + "12ab" * 5
# What goes wrong.
MISTAKES = [
    "%quix_publish f1-dta df",
    "%quix_read nowhere",
    "%quix_use nowhere",
    "%quix_token --env NOT_THERE",
    "%quix_publish f1-data df --colunm x",
    "%xmode Verbose\n1 / (0 * len(repr(session)))",
    "import pickle\npickle.dumps(session.token)",
    "import copy\ncopy.deepcopy(session)",
    "quixnb.connect(token='sdk-' + '0f' * 16)",
    "%%quix_publish f1-data\ndf.speeed",
]


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


def planted_files(lab: Server, sandbox: Sandbox) -> list[Path]:
    """Files that hold a token because that is what they are for, made as a user makes them."""
    dev, prod = sandbox.environments["dev"], sandbox.environments["prod"]
    dotenv, mounted = lab.folder / "day" / ".env", lab.folder / "day" / "mounted"
    dotenv.parent.mkdir()
    dotenv.write_text(f"Quix__Sdk__Token={dev.token_1.reveal()}\nPROD_TOKEN={prod.token_1.reveal()}\n")
    mounted.write_text(dev.token_2.reveal())
    return [dotenv, mounted]


def test_a_day_of_work_leaves_no_secret_anywhere(lab: Server, day: Front, own_sandbox: Sandbox) -> None:
    dev, prod = own_sandbox.environments["dev"], own_sandbox.environments["prod"]
    planted, processes = planted_files(lab, own_sandbox), {}
    connecting = [
        ("%quix_token", [prod.token_1.reveal()]),
        ("%quix_token --store file --save kept", [prod.token_2.reveal()]),
        ("%quix_use kept", []),
        ("import getpass\nos.environ['A_TOKEN'] = getpass.getpass()", [prod.token_1.reveal()]),
        ("%quix_token --env A_TOKEN --save from-env", []),
        ("del os.environ['A_TOKEN']", []),
        ("%quix_token --dotenv day/.env --name PROD_TOKEN --save from-dotenv", []),
        ("%quix_token --forget", []),
        (PERSONAL, [own_sandbox.viewer_token.reveal()]),
        (f"%quix_use {dev.id}", []),
        ("%quix_token --dotenv day/.env", []),
        ("%quix_token --second --file day/mounted", []),
    ]
    rotating = ["%quix_rotate", "%quix_rotate --done", "%quix_rotate --done", "%quix_rotate --sandbox", "%quix_rotate"]
    cells = []

    for cell, typed in connecting:
        cells.append((cell, day.run(cell, typed=typed)))
        processes |= dict(leaks.command_lines())
    for cell in [*WORK, *MISTAKES, *rotating, *WORK[:6], ON_LINE, "%unload_ext quixnb"]:
        cells.append((cell, day.run(cell)))
        processes |= dict(leaks.command_lines())
    day.inspect("session")
    day.complete("%quix_publish f1-")
    lab.save("day.ipynb", as_notebook(*cells)).raise_for_status()
    lab.http.post("api/contents/day.ipynb/checkpoints").raise_for_status()
    lab.http.post("api/contents/", json={"copy_from": "day.ipynb"}).raise_for_status()

    # All of it was done, and only the mistakes failed.
    failed = [cell for cell, outputs in cells if outputs.reply["status"] != "ok"]
    assert failed == [PERSONAL, *MISTAKES, ON_LINE]
    # Every token that there was, before the rotation and after, and every password.
    before = [each.reveal() for each in tokens(own_sandbox)]
    own_sandbox.refresh()
    secrets = [*before, *(each.reveal() for each in tokens(own_sandbox)), *broker_passwords(own_sandbox)]
    assert len({*secrets}) >= 8
    [vault] = lab.home.rglob("tokens.json")
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    places = {
        "the messages": json.dumps(day.received, default=str),
        "the server's and its kernels' log": "".join(lab.log),
        "the arguments of processes": "\n".join(processes.values()),
    }
    wanted = Secrets(secrets, and_fakes=False)
    found = [leak for place, text in places.items() for leak in leaks.in_text(text, place, wanted)]
    found += leaks.in_files(leaks.files_below(lab.home, but=[*planted, vault]), wanted)
    assert list(map(str, found)) == []
    assert len(day.received) > 300


def test_a_secret_that_is_put_there_on_purpose_is_found_by_the_same_search_and_was_warned_of(
    lab: Server, day: Front
) -> None:
    token = fake_token()

    outputs = day.run(f"secret = '{token}'\nprint(secret)")
    lab.save("purpose.ipynb", as_notebook((f"secret = '{token}'", outputs)))

    assert WARNING in shown(outputs)[1]["content"]["data"]["text/plain"]
    assert leaks_in(day.received, token)
    day.history()
    names = {
        Path(each.place).name for each in leaks.in_files(leaks.files_below(lab.home), Secrets([token], and_fakes=False))
    }
    assert {"purpose.ipynb", "history.sqlite"} <= names
