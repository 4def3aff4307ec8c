"""What Quix Streams 3 has to show for itself, run in its own environment and printed by a cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.leaking.fronts import Front

_QUIXSTREAMS = r"""
import json, pickle, sys
from quixstreams import Application
from quixstreams.kafka.configuration import ConnectionConfig
from quixstreams.platforms.quix.api import QuixPortalApiService

token, password, portal_api = sys.stdin.read().splitlines()
quiet = dict(consumer_group="a", auto_create_topics=False, use_changelog_topics=False)
cloud = Application(quix_sdk_token=token, quix_portal_api=portal_api, loglevel="DEBUG", **quiet)
service = QuixPortalApiService(auth_token=token, portal_api=portal_api)
try:
    QuixPortalApiService(auth_token=token[:-4] + "0000", portal_api=portal_api).get_workspaces()
except Exception as exc:
    error = repr(exc), str(exc)
connection = ConnectionConfig(bootstrap_servers="127.0.0.1:9", sasl_mechanism="PLAIN", sasl_username="a",
                              security_protocol="sasl_plaintext", sasl_password=password)
own = Application(broker_address=connection, **quiet)
print(json.dumps({
    "repr": repr([cloud, cloud.config, own, own.config, connection, error]),
    "service": repr(vars(service)),
    "producer": repr(vars(own.get_producer())),
    "dictionary": repr(connection.as_librdkafka_dict()),
}))
with open("service.pickle", "wb") as file:
    pickle.dump(service, file)
"""


def shown_in(kernel: Front, python: Path, portal_api: str, *, token: str, password: str) -> dict[str, Any]:
    """What it shows, each part by itself, and the outputs of the cell; the kernel knows the same secrets."""
    kernel.run_well(
        "import getpass\nfrom quixnb.token import KafkaSettings\np = getpass.getpass()\nt2 = getpass.getpass()\n"
        "known = KafkaSettings({'sasl.password': p}, 'a test')",
        typed=[password, token],
    )
    outputs = kernel.run_well(
        f"import subprocess\ncode = {_QUIXSTREAMS!r}\ndone = subprocess.run([{str(python)!r}, '-c', code], text=True,\n"
        f"    input='\\n'.join([t2, p, {portal_api!r}]), capture_output=True)\n"
        "print(done.stderr, done.stdout, sep='\\n')"
    )
    return {"outputs": outputs, **json.loads(outputs.printed.strip().splitlines()[-1])}
