"""The cases of "Libraries"; those of outputs are in `cases.py`."""

from __future__ import annotations

import pytest

import quixnb
from tests.leaking.fronts import HIDDEN, leaks_in, shown
from tests.leaking.web import web
from tests.leaking.world import World, broker_passwords, found, place


@place("a redirect to another server")
def _(world: World) -> None:
    page = world.get("page")
    with web() as other:
        page.elsewhere = other.address
        try:
            with pytest.raises(quixnb.PortalError):
                quixnb.connect(token=world.token, portal_api=page.address)
        finally:
            page.elsewhere = None
            quixnb.connecting.forget()

    assert world.token in "".join(page.headers)
    assert other.asked == []


@place("another server's access log")
def _(world: World) -> None:
    page = world.get("page")
    with pytest.raises(quixnb.QuixnbError):
        quixnb.connect(token=world.token, portal_api=page.address)
    quixnb.connecting.forget()

    assert page.asked
    assert leaks_in(page.asked, world.token) == []


def quix_streams_hides(world: World, part: str) -> None:
    """Whether a secret was replaced in one part of that, and none is left."""
    sandbox, said = world.get("sandbox"), world.get("quix_streams")

    assert HIDDEN in said[part]
    secrets = [sandbox.environments["dev"].token_2.reveal(), broker_passwords(sandbox)[0]]
    assert leaks_in(shown(said["outputs"]), *secrets) == []


@place("Quix Streams: `repr`, `app.config`, log, errors")
def _(world: World) -> None:
    assert HIDDEN not in world.get("quix_streams")["repr"]


@place("Quix Streams: `vars()` of its portal service")
def _(world: World) -> None:
    quix_streams_hides(world, "service")


@place("Quix Streams: `vars()` of a producer")
def _(world: World) -> None:
    quix_streams_hides(world, "producer")


@place("Quix Streams: `as_librdkafka_dict()`")
def _(world: World) -> None:
    quix_streams_hides(world, "dictionary")


@place("a pickle of Quix Streams' portal service")
def _(world: World) -> None:
    world.get("quix_streams")
    sandbox = world.get("sandbox")
    world.kernel.run_well(f"import os, pickle, quixnb\nos.environ['Quix__Portal__Api'] = {sandbox.portal_api!r}")
    world.kernel.run_well("%quix_token", typed=[sandbox.environments["dev"].token_2.reveal()])
    refused = world.kernel.run("pickle.dumps(quixnb.current())")
    world.kernel.run_well("%quix_token --forget")

    assert found(world.lab.folder / "service.pickle") == {"service.pickle"}
    assert refused.error["ename"] == "TypeError"


@place("cloudpickle: a closure over a token")
def _(world: World) -> None:
    cell = "import cloudpickle\nwith open('closure', 'wb') as file: cloudpickle.dump(lambda: t, file)"
    outputs = world.kernel.run_well(f"{cell}\ncloudpickle.dumps(lambda: t)")
    refused = world.kernel.run(
        "from quixnb.token import Token\nmine = Token(t, 'a test')\ncloudpickle.dumps(lambda: mine)"
    )

    assert found(world.lab.folder / "closure") == {"closure"}
    assert leaks_in(shown(outputs), world.token) == []
    assert "is not copied or pickled" in refused.error["evalue"]


@place("`joblib.Memory`")
def _(world: World) -> None:
    world.kernel.run_well(
        "import joblib\nmemory = joblib.Memory('cache', verbose=0)\n@memory.cache\ndef f(token): return 1\nf(t)"
    )

    # joblib has git ignore its folder, and so does a scan of the folder; not of a file.
    assert found(*(world.lab.folder / "cache").rglob("metadata.json")) == {"metadata.json"}


@place("pydantic: a pickle of `SecretStr`")
def _(world: World) -> None:
    world.kernel.run_well(
        "import pickle, pydantic\nwith open('secret.pickle', 'wb') as f: pickle.dump(pydantic.SecretStr(t), f)"
    )

    assert found(world.lab.folder / "secret.pickle") == {"secret.pickle"}
