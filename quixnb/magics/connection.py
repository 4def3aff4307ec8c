"""`%quix_token`, `%quix_use`, `%quix_status`: who this notebook is to Quix, and where."""

from __future__ import annotations

import argparse
import difflib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.errors import EnvironmentAmbiguous, EnvironmentNotFound, TokenMissing
from quixnb.magics.arguments import MagicParser, token_on_line
from quixnb.magics.settings import Theme
from quixnb.magics.status import check, choices, status_of
from quixnb.results import Facts, Listing

if TYPE_CHECKING:
    from quixnb.session import Session
    from quixnb.token import Token
    from quixnb.widgets import TokenPicker

TOKEN = MagicParser(
    "%quix_token",
    """\
Choose the Quix token of this notebook, and connect with it.

Without an option it shows the picker: paste a token or choose one that is on this machine, see
what it opens, choose a topic. Where no widget can be used, and with --prompt, it asks with hidden
input instead. What you paste is neither shown nor saved; it stays in this kernel's memory.

At the prompt, Enter alone takes the token that quixnb finds by itself: Quix__Sdk__Token or
STREAMING_TOKEN, as a variable, in the nearest .env or among Colab's or Kaggle's secrets; else
the keyring's entry 'default'.

A token on this line is refused: it would be in the notebook and in IPython's history.

--save remembers under a name where the token comes from, its portal and its environment, never
the token itself; %quix_use NAME takes it from there again. With --store, and only then, the
token is kept too: in the operating system's keyring, or in a file that you alone may read.

--second gives the environment's other token, which takes over when the first is rotated out.""",
    """\
  %quix_token
  %quix_token --env PROD_TOKEN --save prod
  %quix_token --save dev --store keyring
  %quix_token --dotenv --name PROD_TOKEN
  %quix_token --second --env TOKEN_2 --save prod
  %quix_token --forget""",
)
TOKEN.add_argument("words", nargs="*", help=argparse.SUPPRESS)
TOKEN.add_argument("--prompt", action="store_true", help="ask with hidden input, where a picker could be shown too")
_place = TOKEN.add_mutually_exclusive_group()
_place.add_argument("--env", metavar="VAR", help="take it from an environment variable")
_place.add_argument("--dotenv", metavar="PATH", nargs="?", const="", help="take it from a .env file (default: nearest)")
_place.add_argument("--file", metavar="PATH", help="take it from a file that holds nothing else: a mounted secret")
_place.add_argument("--keyring", metavar="NAME", help="take it from the operating system's keyring")
_place.add_argument("--vault", metavar="NAME", help="take it from quixnb's own file, see --store file")
_place.add_argument("--colab", action="store_true", help="take it from Colab's secrets")
_place.add_argument("--kaggle", action="store_true", help="take it from Kaggle's secrets")
_place.add_argument("--forget", action="store_true", help="forget the token and close the connection")
TOKEN.add_argument("--name", metavar="NAME", help="its name in the .env or among the secrets (Quix__Sdk__Token)")
TOKEN.add_argument("--save", metavar="PROFILE", help="remember where it comes from, for %%quix_use PROFILE")
TOKEN.add_argument(
    "--store", choices=["keyring", "file"], help="with --save: keep the token itself there, under the profile's name"
)
TOKEN.add_argument("--second", action="store_true", help="it is the environment's second token, for the next rotation")

USE = MagicParser(
    "%quix_use",
    """\
Switch to a profile, or to another environment of the same token.

A profile is what %quix_token --save remembered. A personal access token sees several
environments; name one by its ID or its name. Without a word it shows what there is to choose.""",
    """\
  %quix_use prod
  %quix_use acme-f1-dev""",
)
USE.add_argument("name", metavar="PROFILE", nargs="?", help="a profile's name, or an environment's ID or name")

STATUS = MagicParser(
    "%quix_status",
    """\
Show in one look: the token's kind and source, the environment, the portal, the broker, when it
was last checked, and what to do if something is wrong. Nothing of the token itself is shown.""",
    """\
  %quix_status""",
)


class Chosen(NamedTuple):
    """A token, where it can be had again (None for one that was pasted), and what else the line asked for."""

    token: Token
    spec: str | None
    args: argparse.Namespace


@magics_class
class ConnectionMagics(Theme):
    """The connection."""

    # A token that sees several environments waits here for %quix_use to name one of them.
    _waiting: Chosen | None = None

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_token(self, line: str) -> Facts | TokenPicker:  # noqa: D102
        from quixnb.connecting import connect, forget
        from quixnb.magics.front_end import can_show_widgets

        args = TOKEN.parse_line(line)
        if args.words:
            # Whatever it is, it was meant as a token: cut short, with a blank inside, without its `sdk-`.
            raise token_on_line(TOKEN.prog)
        _check(args)
        if not line.strip(" ;") and can_show_widgets(self.shell):
            from quixnb.widgets import TokenPicker

            return TokenPicker()
        self._waiting = None
        if args.forget:
            forget()
            return Facts("The token is forgotten", {}, advice="Connect again with %quix_token or %quix_use.")
        if args.second:
            return _take_second(args)
        chosen = _choose(args)
        try:
            session = connect(token=chosen.token)
        except (EnvironmentAmbiguous, EnvironmentNotFound):
            self._waiting = chosen
            raise
        return _connected(chosen, session)

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_use(self, line: str) -> Facts | Listing[str]:  # noqa: D102
        from quixnb.connecting import connect, default
        from quixnb.profiles import load_profiles

        name = USE.parse_line(line).name
        if name is None:
            return choices()
        profiles = load_profiles()
        if name in profiles:
            self._waiting = None
            return status_of(connect(name), title=f"Connected by profile '{name}'")
        before, waiting = default(), self._waiting
        try:
            if waiting is not None:
                session = connect(token=waiting.token, environment=name)
                self._waiting = None
                return _connected(waiting, session)
            if before is None:
                return status_of(connect(environment=name), title="Connected")
            session = connect(
                before.profile,
                token=before.token,
                second_token=before.portal.spare,
                portal_api=before.portal_api,
                environment=name,
            )
        except (EnvironmentNotFound, TokenMissing) as error:
            error.cause = f"{error.cause} {_no_profile_either(name, list(profiles))}"
            raise
        return status_of(session, title="Connected")

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_status(self, line: str) -> Facts:  # noqa: D102
        STATUS.parse_line(line)
        return check()

    quix_token.__doc__ = TOKEN.format_help()
    quix_use.__doc__ = USE.format_help()
    quix_status.__doc__ = STATUS.format_help()


def _check(args: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    for other in ("save", "second"):
        if args.forget and getattr(args, other):
            TOKEN.error(f"--forget and --{other} contradict each other")
    if args.prompt and (args.forget or _spec(args)):
        TOKEN.error("--prompt goes without a place and without --forget")
    if args.store and not args.save:
        TOKEN.error("--store goes with --save PROFILE")
    if args.name and not (args.dotenv is not None or args.colab or args.kaggle):
        TOKEN.error("--name goes with --dotenv, --colab or --kaggle")


def _choose(args: argparse.Namespace) -> Chosen:
    from quixnb import sources

    spec = _spec(args)
    if spec:
        return Chosen(sources.from_source(spec), spec, args)
    if args.second:
        return Chosen(
            sources.from_prompt("Second Quix token of this environment (hidden while you type): "), None, args
        )
    found = sources.first_found()
    hint = f"hidden; Enter takes {found.label}" if found else "hidden while you type"
    try:
        return Chosen(sources.from_prompt(f"Quix token ({hint}): "), None, args)
    except TokenMissing as error:
        # Nothing was entered, or nobody can be asked: a scheduled run takes what Enter would.
        if found is None:
            raise TokenMissing(error.what, cause=f"{error.cause} {sources.where_it_looked()}", fix=error.fix) from None
    return Chosen(sources.from_source(found.spec), found.spec, args)


def _connected(chosen: Chosen, session: Session) -> Facts:
    """Save what was asked for, and show the connection."""
    from quixnb.sources import others_may_read

    if chosen.args.save:
        _save(chosen.args, chosen, session)
    shown = status_of(session, title="Connected", saved_as=chosen.args.save)
    file = (chosen.spec or "").partition("file:")[2]
    if file and others_may_read(Path(file)):
        advice = f"Other users of this machine may read {file}: chmod 600 {shlex.quote(file)}"
        shown.advice = f"{shown.advice} {advice}".strip()
    return shown


def _no_profile_either(name: str, profiles: list[str]) -> str:
    """What a name that is no environment's may have been meant for, in a sentence."""
    near = difflib.get_close_matches(name, profiles, n=1, cutoff=0.5)
    there = f"the nearest is '{near[0]}'" if near else f"there are {', '.join(profiles) or 'none'}"
    return f"There is no profile of that name either; {there}."


def _take_second(args: argparse.Namespace) -> Facts:
    """The second token of the present connection; it opens no connection of its own."""
    from quixnb.connecting import current

    session = current()
    chosen = _choose(args)
    session.portal.take_spare(chosen.token)
    if args.save:
        _save(args, chosen, session)
    return status_of(session, title="The second token is at hand", saved_as=args.save)


def _spec(args: argparse.Namespace) -> str | None:
    """Where the options say that the token is, in the words of a profile."""
    for scheme in ("env", "keyring", "vault"):
        if name := getattr(args, scheme):
            return f"{scheme}:{name}"
    if args.file:
        return f"file:{_absolute(args.file)}"
    if args.colab or args.kaggle:
        return f"{'colab' if args.colab else 'kaggle'}:{args.name or 'Quix__Sdk__Token'}"
    if args.dotenv:
        return f"dotenv:{args.name or ''}@{_absolute(args.dotenv)}"
    return None if args.dotenv is None else _nearest_dotenv(args.name)


def _nearest_dotenv(name: str | None) -> str:
    from quixnb.sources import from_dotenv, nearest_dotenv_file

    # With its path, since a profile is used from other folders too.
    file = nearest_dotenv_file()
    if file is None:
        return f"dotenv:{name or ''}"
    if name is None:
        name = from_dotenv(file).source.partition(" in ")[0]
    return f"dotenv:{name}@{file}"


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _save(args: argparse.Namespace, chosen: Chosen, session: Session) -> None:
    from quixnb.keeping import save

    save(args.save, session, chosen.token, chosen.spec, store=args.store, second=args.second)
