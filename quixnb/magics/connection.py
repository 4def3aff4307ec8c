"""`%quix_token`, `%quix_use`, `%quix_status`: who this notebook is to Quix, and where."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.errors import TokenMissing
from quixnb.magics.arguments import MagicParser, token_on_line
from quixnb.magics.settings import Theme
from quixnb.magics.status import check, choices, status_of
from quixnb.results import Facts, Listing

if TYPE_CHECKING:
    from quixnb.session import Session
    from quixnb.token import Token

TOKEN = MagicParser(
    "%quix_token",
    """\
Choose the Quix token of this notebook, and connect with it.

Without an option it asks with hidden input: what you type or paste is neither shown nor saved.
Enter alone takes the token that quixnb finds by itself: Quix__Sdk__Token or STREAMING_TOKEN, as
a variable or in the nearest .env. The token stays in this kernel's memory.

A token on this line is refused: it would be in the notebook and in IPython's history.

--save remembers under a name where the token comes from, its portal and its environment, never
the token itself; %quix_use NAME takes it from there again.""",
    """\
  %quix_token
  %quix_token --env PROD_TOKEN --save prod
  %quix_token --dotenv
  %quix_token --forget""",
)
TOKEN.add_argument("words", nargs="*", help=argparse.SUPPRESS)
_place = TOKEN.add_mutually_exclusive_group()
_place.add_argument("--env", metavar="VAR", help="take it from an environment variable")
_place.add_argument("--dotenv", metavar="PATH", nargs="?", const="", help="take it from a .env file (default: nearest)")
_place.add_argument("--file", metavar="PATH", help="take it from a file that holds nothing else")
_place.add_argument("--keyring", metavar="NAME", help="take it from the operating system's keyring")
_place.add_argument("--forget", action="store_true", help="forget the token and close the connection")
TOKEN.add_argument("--save", metavar="PROFILE", help="remember where it comes from, for %%quix_use PROFILE")

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
    """A token, and where it can be had again; None for one that was pasted."""

    token: Token
    spec: str | None


@magics_class
class ConnectionMagics(Theme):
    """The connection."""

    # What %quix_token was given last: a token that sees several environments waits here for %quix_use to name one.
    _chosen: Chosen | None = None

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_token(self, line: str) -> Facts:  # noqa: D102
        from quixnb.session import connect, forget

        args = TOKEN.parse_line(line)
        if args.words:
            # Whatever it is, it was meant as a token: cut short, with a blank inside, without its `sdk-`.
            raise token_on_line(TOKEN.prog)
        if args.forget:
            if args.save:
                TOKEN.error("--forget and --save contradict each other")
            self._chosen = None
            forget()
            return Facts("The token is forgotten", {}, advice="Connect again with %quix_token or %quix_use.")
        self._chosen = chosen = _choose(args)
        session = connect(token=chosen.token)
        if args.save:
            _save(args.save, chosen.spec, session)
        return status_of(session, title="Connected", saved_as=args.save)

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_use(self, line: str) -> Facts | Listing[str]:  # noqa: D102
        from quixnb.profiles import load_profiles
        from quixnb.session import connect, default

        name = USE.parse_line(line).name
        if name is None:
            return choices()
        if name in load_profiles():
            return status_of(connect(name), title=f"Connected by profile '{name}'")
        if before := default():
            session = connect(before.profile, token=before.token, portal_api=before.portal_api, environment=name)
        else:
            session = connect(token=self._chosen.token if self._chosen else None, environment=name)
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


def _choose(args: argparse.Namespace) -> Chosen:
    from quixnb import sources

    spec = _spec(args)
    if spec:
        return Chosen(sources.from_source(spec), spec)
    found = next(iter(sources.found_sources()), None)
    hint = f"hidden; Enter takes {found.label}" if found else "hidden while you type"
    try:
        return Chosen(sources.from_prompt(f"Quix token ({hint}): "), None)
    except TokenMissing:
        # Nothing was entered, or nobody can be asked: a scheduled run takes what Enter would.
        if found is None:
            raise
    return Chosen(sources.from_source(found.spec), found.spec)


def _spec(args: argparse.Namespace) -> str | None:
    """Where the options say that the token is, in the words of a profile."""
    if args.env:
        return f"env:{args.env}"
    if args.file:
        return f"file:{_absolute(args.file)}"
    if args.keyring:
        return f"keyring:{args.keyring}"
    if args.dotenv:
        return f"dotenv:@{_absolute(args.dotenv)}"
    return None if args.dotenv is None else _nearest_dotenv()


def _nearest_dotenv() -> str:
    from quixnb.sources import found_sources

    # With its path, since a profile is used from other folders too.
    return next((found.spec for found in found_sources() if found.spec.startswith("dotenv:")), "dotenv:")


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()


def _save(name: str, spec: str | None, session: Session) -> None:
    from quixnb.profiles import Profile, ProfileError, save_profile

    if spec is None:
        raise ProfileError(
            f"The notebook is connected, but profile '{name}' was not saved.",
            cause="A profile says where a token is kept; a pasted one is kept nowhere.",
            fix=f"Put it into a variable, a .env or the keyring, then: %quix_token --env NAME --save {name}",
        )
    environment = session.environment.id
    save_profile(Profile(name, portal_api=session.portal_api, environment=environment, token_source=spec))
