"""`python -m quixnb.sandbox`: the sandbox's own process. Internal; people run `quixnb sandbox`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from quixnb.sandbox.processes import Process
from quixnb.sandbox.ready import say_why_not


def main() -> int:
    """Run a sandbox until its time is over; the exit status."""
    arguments = _parser().parse_args()
    if arguments.life == "shared" and hasattr(os, "fork") and os.fork():
        # The sandbox is a grandchild of the kernel then: ending the kernel's children does not end it, and nobody
        # has to wait for it. Before any other import, since a thread does not survive a fork.
        os._exit(0)
    os.umask(0o077)
    try:
        # Here, so that a missing or broken library is reported like any other reason.
        from quixnb.sandbox.child import Options, run

        owner = Process.parse(arguments.owner) if arguments.owner else None
        asyncio.run(run(Options(arguments.state, arguments.life, owner, arguments.creating_s, arguments.idle_s)))
    except Exception as error:
        say_why_not(error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quixnb.sandbox", description=__doc__, allow_abbrev=False)
    parser.add_argument("--state", type=Path, required=True, help="where to write addresses and tokens (0600)")
    parser.add_argument("--life", choices=["own", "shared"], required=True, help="own: ends with its standard input")
    parser.add_argument("--owner", metavar="PID:STARTED", help="a process to end with")
    parser.add_argument("--creating-s", type=float, default=0.3, help="how long a new topic is Creating")
    parser.add_argument("--idle-s", type=float, help="end after so many seconds without use")
    return parser


if __name__ == "__main__":
    sys.exit(main())
