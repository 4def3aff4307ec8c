"""`quixnb scan` and `quixnb hook`: their options, what they print, how they end."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from quixnb.redact import redact
from quixnb.scan import baseline
from quixnb.scan.files import File, files
from quixnb.scan.found import NAME
from quixnb.scan.reports import FORMATS, on_one_line
from quixnb.scan.running import Outcome, scan

_ADVICE = "Rotate each token in the Quix portal (Settings > APIs and tokens): whoever has the file has the token."
_FIXED, _STAYS = "Fixed", "Not fixed (tokens stay)"
_NAMES = (
    'A token in code is now quixnb.token("NAME"), which asks for it, hidden, once a kernel. To be asked no more: '
    "%quix_token --env VARIABLE --save NAME"
)


def add_scan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `scan`."""
    parser = commands.add_parser("scan", help="look for tokens in notebooks and other files")
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, or a folder without what git ignores")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="default: text")
    parser.add_argument("--fix", action="store_true", help="take the tokens out of the files")
    parser.add_argument("--history", action="store_true", help="look through git's past, too")
    parser.add_argument("--zip", action="store_true", help="look into zip files and wheels, too")
    parser.add_argument("--baseline", metavar="FILE", type=Path, help="leave out what this file accepts")
    parser.add_argument("--write-baseline", action="store_true", help="accept all that is found now, in that file")
    parser.set_defaults(run=run_scan, parser=parser)


def add_hook(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `hook`."""
    parser = commands.add_parser("hook", help="git's pre-commit hook, which stops a commit with a token in it")
    parser.add_argument("action", choices=["install", "run"], help="install it here; run is what the hook calls")
    parser.set_defaults(run=run_hook)


def run_scan(args: argparse.Namespace) -> int:
    """Scan; returns 0 without findings, 1 with."""
    _check(args)
    outcome = scan(args.paths, archives=args.zip)
    if args.history:
        from quixnb.scan.history import search_histories

        outcome.found.extend(search_histories(args.paths))
    if args.write_baseline:
        baseline.write(args.baseline, outcome.found)
        print(f"{len(outcome.found)} accepted in {args.baseline}", file=sys.stderr)
        return 0
    if args.baseline:
        outcome.found = baseline.without_accepted(args.baseline, outcome.found)
    _print(outcome, args.format, past=args.history)
    if args.fix:
        _fix(args, outcome)
    return int(bool(outcome.found))


def run_hook(args: argparse.Namespace) -> int:
    """Install or run the hook; returns 1 if a token is about to be committed."""
    from quixnb.scan.hook import install, search_staged

    if args.action == "install":
        print(f"Installed: {install(Path())}")
        return 0
    found = search_staged(Path())
    if found:
        print(*FORMATS["text"](found), sep="\n", file=sys.stderr)
        print("Nothing was committed. Take the token out: quixnb scan --fix PATH", _ADVICE, sep="\n", file=sys.stderr)
    return int(bool(found))


def _check(args: argparse.Namespace) -> None:
    if args.write_baseline and not args.baseline:
        args.parser.error("--write-baseline needs --baseline FILE")
    if args.write_baseline and args.fix:
        args.parser.error("--fix takes tokens out, --write-baseline accepts them; choose one")
    for path in args.paths:
        if not path or not os.path.exists(path):
            args.parser.error(f"there is no '{_shown(path)}'")


def _print(outcome: Outcome, form: str, *, past: bool) -> None:
    for line in FORMATS[form](outcome.found):
        print(line.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(sys.stdout.encoding or "utf-8"))
    for problem in outcome.unreadable:
        print(f"Not read: {_shown(problem)}", file=sys.stderr)
    if form == "text":
        total = f"{_number(len(outcome.found), 'token')} in {_number(outcome.file_count, 'file')}"
        total += " and in git's past" if past else ""
        print(total[0].upper() + total[1:], *([_ADVICE] if outcome.found else []), sep="\n")


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _shown(text: str) -> str:
    return on_one_line(redact(text))


def _fix(args: argparse.Namespace, outcome: Outcome) -> None:
    by_name = {redact(file.name): file for path in args.paths for file in files(Path(path))}
    named = dict.fromkeys(each.path for each in outcome.found if each.commit is None and each.location != NAME)
    says = {name: _fixed(by_name[name], args.baseline) if name in by_name else _STAYS for name in named}
    for name, said in says.items():
        print(f"{said}: {on_one_line(name)}", file=sys.stderr)
    if any(name.endswith((".ipynb", ".py")) and said == _FIXED for name, said in says.items()):
        print(_NAMES, file=sys.stderr)


def _fixed(file: File, accepted: Path | None) -> str:
    """Take the tokens out of a file; what became of it."""
    from quixnb.scan.contents import search_file
    from quixnb.scan.fixing import fix_file

    keep = baseline.fingerprints(accepted, file.name) if accepted else ()
    try:
        fix_file(file.path, keep)
        left = any(each.fingerprint not in keep for each in search_file(file.path, file.name))
    except OSError as exc:
        return f"Not changed ({exc.strerror or type(exc).__name__})"
    return _STAYS if left else _FIXED
