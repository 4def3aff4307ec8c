"""The command `quixnb`: tokens in files, a sandbox in the foreground, what works on this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from quixnb._version import __version__
from quixnb.errors import QuixnbError

# What quixnb imports, and what only a part of it needs: distribution → what is missing without it.
REQUIRED = (
    "anywidget",
    "confluent-kafka",
    "cryptography",
    "httpx2",
    "ipython",
    "narwhals",
    "numpy",
    "orjson",
    "pandas",
    "python-dotenv",
    "tenacity",
    "tornado",
)
OPTIONAL = {
    "ipykernel": "notebooks in this environment",
    "jupyterlab": "JupyterLab in this environment",
    "polars": "publishing Polars frames",
    "pyarrow": "publishing Arrow tables and Parquet files",
    "keyring": "tokens from the operating system's keyring",
}


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes
    ----------
    is_fine
        None for what is missing without harm.
    """

    is_fine: bool | None
    name: str
    says: str

    def __str__(self) -> str:
        mark = {True: "ok", False: "NO", None: "--"}[self.is_fine]
        return f"{mark}  {self.name:<15} {self.says}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0 done, 1 something is wrong, 2 unusable arguments, 130 Ctrl-C."""
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except QuixnbError as exc:
        print(f"{type(exc).__name__}: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads the output has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it goes nowhere
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return status


def doctor(*, portal: bool = False) -> list[Check]:
    """What works on this machine, and what to do about the rest; nothing is asked of the network unless `portal`."""
    looks: list[Callable[[], Iterator[Check]]] = [_python, _packages, _jupyter, _keyring, _sources]
    return [check for look in [*looks, *([_portal] if portal else [])] for check in look()]


def _parser() -> argparse.ArgumentParser:
    from quixnb.scan import command

    parser = argparse.ArgumentParser(prog="quixnb", description=__doc__)
    parser.add_argument("--version", action="version", version=f"quixnb {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    sandbox = commands.add_parser("sandbox", help="run a local portal and broker until Ctrl-C")
    sandbox.add_argument("--json", action="store_true", help="say where it is as one JSON object on one line")
    sandbox.set_defaults(run=_run_sandbox)
    command.add_scan(commands)
    command.add_hook(commands)
    check = commands.add_parser("doctor", help="say what works on this machine")
    check.add_argument("--portal", action="store_true", help="ask the portal too, with the token that is found")
    check.set_defaults(run=_run_doctor)
    return parser


def _run_sandbox(args: argparse.Namespace) -> int:
    from quixnb.sandbox import serve_forever

    return serve_forever(json=args.json)


def _run_doctor(args: argparse.Namespace) -> int:
    from quixnb.redact import redact

    checks = doctor(portal=args.portal)
    print(redact("\n".join(map(str, checks))))  # a path may hold anything
    return int(any(check.is_fine is False for check in checks))


def _python() -> Iterator[Check]:
    yield Check(True, "quixnb", __version__)
    yield Check(sys.version_info >= (3, 11), "Python", f"{sys.version.split()[0]} in {sys.prefix}")


def _packages() -> Iterator[Check]:
    for name in REQUIRED:
        version = _version(name)
        yield Check(version is not None, name, version or f"is missing: pip install {name}")
    for name, purpose in OPTIONAL.items():
        version = _version(name)
        yield Check(True if version else None, name, version or f"not installed; needed for {purpose}")


def _version(distribution: str) -> str | None:
    from importlib import metadata  # a scan, which is in every commit hook, starts without it

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _jupyter() -> Iterator[Check]:
    """What of quixnb this environment's JupyterLab and Jupyter Server have."""
    extension = next((each for each in _jupyter_places("labextensions") if (each / "package.json").is_file()), None)
    absent = (
        "not installed; magics and picker work without it. A wheel brings it, and a checkout's install where Node is"
    )
    yield Check(extension is not None or None, "labextension", str(extension or absent))
    enabled = next((each for each in _jupyter_places("config") if _enables_server(each)), None)
    absent = "not enabled; Jupyter Server saves notebooks without a look for tokens: pip install 'quixnb[server]'"
    yield Check(enabled is not None or None, "check on save", str(enabled or absent))
    import shutil  # a scan, which is in every commit hook, starts without it

    node = shutil.which("node")
    yield Check(bool(node) or None, "Node", node or "not found; only needed to build the JupyterLab extension")


def _jupyter_places(kind: str) -> list[Path]:
    """Where Jupyter looks for extensions of JupyterLab, or for a server's configuration."""
    try:
        paths = import_module("jupyter_core.paths")
    except ImportError:
        return []
    if kind == "labextensions":
        return [Path(place, "quixnb") for place in paths.jupyter_path("labextensions")]
    return [Path(place, "jupyter_server_config.d", "quixnb.json") for place in paths.jupyter_config_path()]


def _enables_server(file: Path) -> bool:
    try:
        settings = json.loads(file.read_bytes())
        return (
            _version("jupyter-server") is not None
            and settings["ServerApp"]["jpserver_extensions"]["quixnb.server"] is True
        )
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _keyring() -> Iterator[Check]:
    try:
        backend = import_module("keyring").get_keyring()
    except ImportError:
        return  # said among the packages
    # The module of the backend that stands for none says so; its class is called Keyring like all others.
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    if type(backend).__module__.endswith((".fail", ".null")):
        yield Check(None, "keyring", "this machine has none that can be used; keep tokens in .env or a file")
    else:
        yield Check(True, "keyring", name)


def _sources() -> Iterator[Check]:
    from quixnb.sources import TOKEN_VARIABLES, find_token, found_sources

    found = found_sources()
    for source in found:
        yield Check(True, "token", f"in {source.label}")
    if not found:
        yield Check(None, "token", f"none in {', '.join(TOKEN_VARIABLES)} or .env; %quix_token asks for one")
        return
    try:
        find_token()
    except QuixnbError as exc:  # the first one is what a notebook will use, and it is none
        yield Check(False, "token", " ".join(str(exc).splitlines()))


def _portal() -> Iterator[Check]:
    from quixnb.portal import Portal
    from quixnb.sources import find_portal_api, find_token

    try:
        address = find_portal_api()
        with Portal(address, find_token()) as portal:
            seen = portal.environments()
    except QuixnbError as exc:
        yield Check(False, "portal", " ".join(str(exc).splitlines()))
        return
    names = ", ".join(environment.id for environment in seen) or "none"
    yield Check(bool(seen), "portal", f"{urlsplit(address).netloc}; the token sees: {names}")
