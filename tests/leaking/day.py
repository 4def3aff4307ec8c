"""What is done on a day of work: every magic with its options, every verb of Python, the command line, and mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from quixnb.sandbox import Sandbox
from tests.kernel.notebook import WAIT_S
from tests.lab.page import Page
from tests.leaking.fronts import Front
from tests.sealing import sealed
from tests.widgets.test_magic import begin as as_jupyterlab

QUIXNB = f"'{sys.executable}' -m quixnb"
# Before there is a connection. The kernel's own keyring is one that needs no desktop.
PREPARING = [
    "import keyring, os, quixnb\nkeyring.set_keyring(keyring.core.load_keyring('tests.sources.keyrings.InMemory'))\n"
    "events = pd.DataFrame({'id': ['lap'], 'value': ['1']}, index=times[:1])",
    "%quix_sandbox",
    "%quix_token --forget",
]
# A personal access token sees two environments, so none is open yet, which is an error.
PERSONAL = "%quix_token --prompt ;"
CONNECTING = [
    "%quix_token --prompt",
    "%quix_token --prompt --store file --save kept",
    "%quix_use kept",
    "%quix_token --vault kept",
    "%quix_token --prompt --store keyring --save ringed",
    "%quix_token --keyring ringed",
    "%quix_use ringed",
    "import getpass\nos.environ['A_TOKEN'] = getpass.getpass()",
    "%quix_token --env A_TOKEN --save from-env",
    "del os.environ['A_TOKEN']\npassword = getpass.getpass()",
    "%quix_token --dotenv day/.env --name PROD_TOKEN --save from-dotenv",
    # A broker that is down. To find that out takes ten seconds, in which everything else goes on.
    "import logging, threading\nlogging.getLogger('quixnb').setLevel('DEBUG')\n"
    "security = quixnb.SecurityOptions(None, 'ana', password, quixnb.SaslMechanism.Plain)\n"
    "lost = quixnb.KafkaStreamingClient('127.0.0.1:9', security, debug=True)\n"
    "losing = threading.Thread(target=lost.get_topic_producer, args=('f1-data',))\n"
    "losing.start()\ndel password\nlost, vars(lost)",
    "%quix_token --forget",
    PERSONAL,
    "%quix_use sandbox-f1-dev",
    "%quix_token --dotenv day/.env",
    "%quix_token --second --file day/mounted",
]
# With a connection. `df` is a frame, `events` one of events.
WORK = [
    "%quix_sandbox status",
    "%quix_status",
    "%quix_use",
    "%quix_topics",
    "%quix_topics tele* ;",
    "%quix_topics --all",
    "%quix_topics --create leaks --partitions 2",
    "%%quix_publish f1-data\ndf",
    "report = %quix_publish f1-data df --stream-by car --tag car --out same",
    "report, report.offsets, report.topic_id, report.failures, report.retry(), same, quixnb.last_report()",
    "%quix_publish f1-data df --dry-run",
    "%quix_publish leaks df --format json --rows-per-message 2",
    "%quix_publish made df --create --stream car-1 --name 'a lap' --location a/b --metadata a=b --keep-open",
    "%quix_publish f1-data df --columns speed --replay 100 --restamp",
    "%quix_publish f1-data events --events",
    "handle = %quix_publish f1-data df --background\nhandle.wait(), handle.report, handle.progress, handle.error",
    "import itertools\nframes = (df for _ in itertools.count())\n"
    "endless = quixnb.publish(frames, 'f1-data', every=0.05, background=True)\nendless.stop(), endless",
    "%quix_publish f1-data (df for _ in range(3)) --stream many",
    "%quix_read f1-data --last 3 --out rows",
    "%quix_read f1-data --since 10m --stream car-1 --limit 2",
    "%quix_read f1-data --events --from earliest",
    "%quix_tail f1-data --for 1s --limit 9 --rows 2 --columns speed --out newest",
    "session = quixnb.current()\nsession, session.token, session.environment, session.portal, session.broker",
    "session.verify(), session.portal.spare, quixnb.environments(), quixnb.topics(), session.topic('f1-data')",
    "next(iter(session.tail('f1-data', timeout_s=0.2)), None), quixnb.read('f1-data', last=1)",
    "with session.stream('f1-data', stream='car-1', name='a lap') as stream:\n    stream.write(df)\nstream",
    "client = quixnb.QuixStreamingClient(session.token)\nproducer = client.get_topic_producer('f1-data')\n"
    "with producer.create_stream('old') as old:\n    old.properties.name = 'a lap'\n"
    "    old.timeseries.buffer.add_timestamp_nanoseconds(1).add_value('a', 1.0).publish()\n"
    "    old.events.add_timestamp_nanoseconds(1).add_value('e', 'x').publish()\n"
    "    old.timeseries.publish(df.reset_index())\nclient, producer, old",
    "kafka = quixnb.KafkaStreamingClient(session.broker.servers)\n"
    "kafka, kafka.get_topic_producer(session.topic('f1-data').id)",
    "picker = quixnb.TokenPicker()\npicker, picker.get_state()\npicker.close()",
    "quixnb.token(), [quixnb.token()], {'a': quixnb.token()}",  # bound to a name, %whos would take its text
    "%quix_scan",
    "%cd -q day/repository\n%quix_scan . --zip --history",
    "%cd -q -\n%quix_scrub",
    "%config QuixGuard",
    "%whos",
    "%env",
    "vars(session), f'{session.token}', str(session.token), [session.token], vars(session.portal)",
    "dir(session), help(session.token)",
    f"!cd day; {QUIXNB} doctor --portal; echo status $?",
    f"!{QUIXNB} scan day; echo status $?",
    f"!{QUIXNB} scan day --format json; echo status $?",
    f"!{QUIXNB} scan day --format sarif --baseline accepted.json --write-baseline; echo status $?",
    f"!cd day/repository; {QUIXNB} hook install; git add -A; git commit -m x; echo status $?",
    f"!cd day/repository; {QUIXNB} scan --fix .; git commit -qam x; {QUIXNB} scan --history .; echo status $?",
]
ON_LINE = "%quix_token sdk-" + "12ab" * 5
# How the commands among them end: the doctor has nothing to complain of, a scan finds tokens, one is accepted, ...
STATUSES = ["0", "1", "1", "0", "1", "0"]
# What goes wrong.
MISTAKES = [
    "%quix_publish f1-dta df",
    "%quix_read nowhere",
    "%quix_use nowhere",
    "%quix_token --env NOT_THERE",
    "%quix_token --keyring nowhere",
    "%quix_publish f1-data df --colunm x",
    "%xmode Verbose\n1 / (0 * len(repr(session)))",
    "def of(session, token, kafka):\n    return 1 / 0\nof(session, session.token, KAFKA if False else session.broker)",
    "import pickle\npickle.dumps(session.token)",
    "import copy\ncopy.deepcopy(session)",
    "import json\njson.dumps(session.token)",
    "quixnb.connect(token='sdk-' + '0f' * 16)",
    "quixnb.connect(token=session.token, environment='sandbox-f1-nowhere')",
    "quixnb.connect(token=session.token, portal_api='http://127.0.0.1:9')",
    "session.publish([{'timestamp': 1, 'big': 'x' * 3_000_000}], 'f1-data', time_unit='s')",
    "%%quix_publish f1-data\ndf.speeed",
    "%quix_rotate --run-cli",
]
# Both ways, and the one that a program of Quix's walks.
ROTATING = [
    "%quix_rotate",
    "%quix_rotate --done",
    "%quix_rotate --done",
    "%quix_rotate --sandbox",
    "%quix_rotate",
    "%quix_rotate --cancel",
    "%quix_rotate --downtime",
    "%quix_rotate --sandbox",
    "%quix_rotate --done",
    "session = quixnb.connect(token=quixnb.current().token, second_token=quixnb.current().portal.spare,\n"
    "    portal_api=os.environ['Quix__Portal__Api'].replace('127.0.0.1', 'localhost'))",
    "%quix_rotate",
    "%quix_rotate --done",
    "%quix_rotate --done",
    "os.environ['PATH'] = os.path.abspath('day/bin') + ':' + os.environ['PATH']\n%quix_rotate --run-cli",
]

ENDING = ["losing.join()", "%unload_ext quixnb", "%load_ext quixnb", "%quix_sandbox stop"]

# Shell and Python at once: `#!` takes no path with blanks, and a checkout may stand in one.
_CLI = f"""#!/bin/sh
''''exec "{sys.executable}" "$0" "$@" # '''
import json, sys, urllib.request
state = json.load(open(STATE))
url = state["portal_api"] + "/sandbox/environments/" + sys.argv[-1] + "/rotate"
headers = {{"Authorization": "Bearer " + state["admin_token"]}}
urllib.request.urlopen(urllib.request.Request(url, b"", headers, method="POST"))
print(json.load(open(STATE))["environments"]["dev"])
"""


def files(folder: Path, sandbox: Sandbox) -> list[Path]:
    """Make what a user has beside the notebooks; those files that are there for tokens."""
    dev, prod = sandbox.environments["dev"], sandbox.environments["prod"]
    repository, program = folder / "repository", folder / "bin" / "quix"
    for each in (repository, program.parent):
        each.mkdir(parents=True)
    dotenv, mounted = folder / ".env", folder / "mounted"
    dotenv.write_text(f"Quix__Sdk__Token={dev.token_1.reveal()}\nPROD_TOKEN={prod.token_1.reveal()}\n")
    mounted.write_text(dev.token_2.reveal())
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for setting in (("user.name", "Ana"), ("user.email", "ana@example.com")):
        subprocess.run(["git", "-C", str(repository), "config", *setting], check=True)
    (repository / "config.py").write_text(f"TOKEN = '{dev.token_1.reveal()}'\n")  # until it is fixed
    program.write_text(_CLI.replace("STATE", repr(str(sandbox.state_path))))
    program.chmod(0o755)
    return [dotenv, mounted]


def choose_in_picker(day: Front, token: str) -> None:
    """Show a picker, paste a token into it and look at all that it says."""
    shown = day.end(as_jupyterlab(day, "%quix_token"))
    [comm] = [each["comm_id"] for each in shown.contents("comm_open") if "_esm" in each["data"]["state"]]
    state = _picker(day, comm, {"type": "hello"}, "choose")
    state = _picker(day, comm, {"type": "token", "sealed": sealed(token, state["key"])}, "connected")
    _picker(day, comm, {"type": "keep", "how": "once"}, state["state"]["step"])
    _picker(day, comm, {"type": "forget"}, "choose")


def _picker(day: Front, comm: str, message: dict[str, Any], step: str) -> dict[str, Any]:
    day.send("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": message}})
    while True:
        heard = day.client.get_iopub_msg(timeout=WAIT_S)
        content = heard["content"].get("data", {}).get("content", {}) if heard["msg_type"] == "comm_msg" else {}
        if content.get("state", {}).get("step") == step:
            return dict(content)


def ask_as_the_page_does(day: Front, token: str) -> None:
    """What JupyterLab's side panel and the typing guard ask."""
    page = Page(day.client)
    key = page.ask("hello")["key"]
    for ask in ("check", "topics", "frames"):
        page.ask(ask)
    page.ask("moveTokens", sealed=sealed(f"secret = '{token}'", key))
