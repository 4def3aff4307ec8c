"""`%quix_rotate`: through a rotation step by step, each checked against the portal."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser
from quixnb.magics.settings import QuixMagics, Theme
from quixnb.results import Facts, Listing

if TYPE_CHECKING:
    from quixnb.rotation import Rotation
    from quixnb.session import Session

ROTATE = MagicParser(
    "%quix_rotate",
    """\
Rotate the streaming tokens of this notebook's environment, step by step.

An environment has two tokens, both valid. To rotate means: Token 1 dies, Token 2 becomes Token 1,
and there is a new Token 2. Only an Admin may do it, on a page of the portal or with the Quix CLI.

Run it again after each step: it asks the portal how far things are, and says what is next. Without
an option it goes the way without downtime: everything moves to Token 2 first, then Token 1 dies.
--downtime rotates at once, for a leak that is being used. A leaked Token 2 needs two rotations,
since the first one makes it Token 1: --leaked 2.

Nothing of a token is shown. What already publishes or reads keeps running: Kafka's credentials are
separate. In a sandbox all of it can be rehearsed, with --sandbox in the Admin's place.""",
    """\
  %quix_rotate
  %quix_rotate --leaked 2
  %quix_rotate --done
  %quix_rotate --run-cli""",
)
ROTATE.add_argument("--downtime", action="store_true", help="rotate first, restart everything then")
ROTATE.add_argument("--leaked", type=int, choices=[1, 2], help="which token must go, as the portal shows them (1)")
ROTATE.add_argument("--in-use", type=int, choices=[1, 2], help="which one this notebook uses (1)")
_act = ROTATE.add_mutually_exclusive_group()
_act.add_argument("--done", action="store_true", help="the step that only a person can see is done")
_act.add_argument("--run-cli", action="store_true", help="rotate with the Quix CLI; what it prints is not shown")
_act.add_argument("--sandbox", action="store_true", help="rotate the sandbox's tokens")
_act.add_argument("--open", action="store_true", help="open the portal's page in a browser")
_act.add_argument("--cancel", action="store_true", help="forget how far this rotation is; changes no token")


@magics_class
class RotateMagics(Theme):
    """Rotation."""

    def __init__(self, shell: InteractiveShell, settings: QuixMagics, **traits: Any) -> None:
        super().__init__(shell, settings, **traits)
        # (portal, environment) → the rotation under way there; it outlives a new connection, one of its steps.
        self._rotations: dict[tuple[str, str], Rotation] = {}

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_rotate(self, line: str) -> Listing[str] | Facts:  # noqa: D102
        from quixnb.connecting import current

        args = ROTATE.parse_line(line)
        session = current()
        place = session.portal_api, session.environment.id
        if args.cancel:
            self._rotations.pop(place, None)
            return Facts("No rotation is under way", {}, advice="Begin one: %quix_rotate")
        rotation = self._rotations[place] = self._rotation(args, session, place)
        _act_on(args, rotation, session)
        rotation.look(session)
        return _shown(rotation, session)

    def _rotation(self, args: argparse.Namespace, session: Session, place: tuple[str, str]) -> Rotation:
        from quixnb.rotation import Rotation, RotationError

        found = self._rotations.get(place)
        is_another = args.downtime or args.leaked or args.in_use
        # One that is done is shown again, so that nobody begins the next by asking how far it is.
        if found is not None and (found.step is not None or not is_another):
            is_same = args.downtime <= found.has_downtime and args.leaked in (None, found.leaked)
            if not is_same or args.in_use not in (None, found.in_use):
                ROTATE.error("another rotation is under way; to begin anew: %quix_rotate --cancel")
            return found
        if args.done:
            raise RotationError(
                "No rotation is under way in this kernel.",
                cause="How far one is stays in the kernel's memory, and ends with it.",
                fix="Begin one, or see how far the tokens are: %quix_rotate",
            )
        return Rotation(session, downtime=args.downtime, leaked=args.leaked or 1, in_use=args.in_use or 1)

    quix_rotate.__doc__ = ROTATE.format_help()


def _act_on(args: argparse.Namespace, rotation: Rotation, session: Session) -> None:
    rotation.look(session)
    if args.done:
        rotation.confirm(session)
    elif args.run_cli:
        rotation.run_cli(session)
    elif args.sandbox:
        rotation.rehearse(session)
    elif args.open:
        rotation.notes.append(_opened(session))


def _opened(session: Session) -> str:
    """Open the portal's page of tokens; what came of it, in words."""
    import webbrowser

    from quixnb.rotation import tokens_page

    page = tokens_page(session)
    if page is None:
        return "The portal's page cannot be told from its API's address: it is Settings > APIs and tokens there."
    try:
        is_open = webbrowser.open(page)
    except webbrowser.Error:
        is_open = False
    # A kernel on a server has no browser, or one that nobody sees.
    return f"{'It opens in a browser on the machine of this kernel' if is_open else 'No browser opens here'}: {page}"


def _shown(rotation: Rotation, session: Session) -> Listing[str]:
    steps = rotation.steps
    done = sum(step.state == "done" for step in steps)
    title = f"Rotating the tokens of '{rotation.environment_id}': {done} of {len(steps)} steps are done"
    rows = [(step.title, (step.number, step.title, step.state)) for step in steps]
    notes, rotation.notes[:] = list(rotation.notes), []
    said = [*notes, _advice(rotation, session)]
    if rotation.told is None and rotation.leaked == 1 and not rotation.dead:
        said.append(_IF_SECOND_LEAKED)
    rotation.told = rotation.step
    *before, last = said
    text = " ".join([*(each if each.endswith(".") else f"{each}." for each in before), last])
    return Listing(title, ("step", "what", "state"), rows, text)


def _advice(rotation: Rotation, session: Session) -> str:
    from quixnb.rotation import CLI, sandbox_of, where_to_rotate

    step = rotation.step
    if step == "both valid":
        return _advice_on_both(rotation)
    if step == "move":
        return (
            "Set the variable that everything takes its token from (for example QUIX_ACTIVE_TOKEN) to Token 2, and "
            "redeploy all of it; a running container keeps what it was started with. Then: %quix_rotate --done"
        )
    if step == "prove":
        return (
            "Restart one of each deployment, export each .env again, and ask for notebooks and CI by name: who still "
            "has Token 1 fails after the next step. Then: %quix_rotate --done"
        )
    if step == "rotate":
        if sandbox_of(session) is not None:
            return "In a sandbox you are the Admin: %quix_rotate --sandbox"
        if rotation.old is None:
            return "To see Token 1 refused, this notebook has to know it: %quix_token --second, then %quix_rotate"
        if rotation.told == "rotate":
            return (
                f"The portal still accepts what this notebook knows as Token 1. {where_to_rotate(session)}. {_WAITING}"
            )
        return (
            f"{where_to_rotate(session)}, or runs in a terminal of their own: {' '.join(CLI)} {session.environment.id} "
            "(it prints tokens: never in a notebook). Then: %quix_rotate"
        )
    if step == "restart":
        return "Redeploy or restart everything that used the old token; each start takes the new one. Then: " + _DONE
    if step == "connect":
        return "This notebook's token is refused. Get the new Token 1 from an Admin: %quix_token, then %quix_rotate"
    if step == "spare":
        return f"Get the new Token 2 from an Admin: %quix_token --second, then %quix_rotate. {_without_spare(rotation)}"
    return (
        "The old token is refused and the new one works. Delete the copies of a token that leaked. "
        "To begin another rotation: %quix_rotate --cancel"
    )


_DONE = "%quix_rotate --done"
_IF_SECOND_LEAKED = (
    "This way lets Token 1 die. If Token 2 has leaked, it takes two rotations, since the first makes it Token 1: "
    "%quix_rotate --cancel, then %quix_rotate --leaked 2"
)
_WAITING = (
    "If that is done, do not rotate again: it would kill the token in use. Look again in a few minutes: %quix_rotate. "
    "If this notebook uses Token 2: %quix_rotate --cancel, then %quix_rotate --in-use 2. Otherwise ask Quix support."
)


def _advice_on_both(rotation: Rotation) -> str:
    if rotation.new is None or rotation.old is None:
        return "Give the environment's other token: %quix_token --second, then %quix_rotate"
    return "Only what the portal accepts can be rotated. Get the current tokens from an Admin: %quix_token --second"


def _without_spare(rotation: Rotation) -> str:
    is_last = rotation.steps[-1].state == "now"
    return f"To do without: {_DONE}" if is_last else "The leaked token is Token 1 now, and the next steps let it die."
