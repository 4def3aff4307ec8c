"""What the guard says about a token in a cell: place and kind, never a character of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from quixnb.detect import Finding, Kind

KIND_NAMES: dict[Kind, str] = {
    "sdk": "a Quix streaming token",
    "pat": "a Quix personal access token",
    "jwt": "a Quix token (a JWT)",
    "jwt_generic": "a token (a JWT)",
    "known": "a secret of this connection",
}
_MOST_PLACES = 5  # a pasted file of tokens needs no list of them all


@dataclass(frozen=True, slots=True)
class Notice:
    """Three lines for a person, as text and as HTML that a screen reader announces."""

    what: str
    cause: str
    fix: str
    title: str = "TokenInCell"

    @property
    def text(self) -> str:
        """The three lines, for terminals and for front ends without HTML."""
        return "\n".join((f"{self.title}: {self.what}", self.cause, self.fix))

    @property
    def html(self) -> str:
        """The same in the theme's own warning colour."""
        return (
            '<div role="alert" style="border-left:0.25em solid var(--jp-warn-color1,#b26a00);padding:0.25em 0.75em;'
            'color:var(--jp-ui-font-color1,inherit);background:var(--jp-layout-color2,transparent)">'
            f"<strong>{escape(self.what)}</strong><br>{escape(self.cause)}<br>{escape(self.fix)}</div>"
        )

    def bundle(self) -> dict[str, str]:
        """Both forms, as `display` takes them."""
        return {"text/plain": self.text, "text/html": self.html}


def warning(findings: Sequence[Finding], *, in_history: bool, can_fix: bool) -> Notice:
    """The notice of a cell that runs although `findings` stand in it."""
    places = "this notebook and in IPython's history" if in_history else "this notebook"
    return Notice(
        f"This cell holds {_kinds(findings)} in plain text ({_places(findings)}).",
        f"It is now in {places}; saving or sharing shares the token.",
        _fix(findings, can_fix=can_fix),
    )


def moved(findings: Sequence[Finding], names: Sequence[str]) -> Notice:
    """The notice of a cell that is being replaced by one without tokens, where the front end does as it is asked."""
    calls = ", ".join(f'quixnb.token("{name}")' for name in names)
    return Notice(
        f"This cell held {_kinds(findings)} in plain text ({_places(findings)}). Notebooks show it without now.",
        f"In this kernel's memory only, until it ends: {calls}. Save the notebook to have the file without, too.",
        _fix(findings),
    )


def in_output() -> Notice:
    """The notice of a cell whose output shows a token."""
    return Notice(
        "This cell's output shows a Quix token or a password of this connection.",
        "It will be in this notebook when it is saved, and wherever that is shared.",
        "Clear the output. To have it hidden: %config QuixGuard.on_token_in_output = 'redact'",
    )


def refusal(findings: Sequence[Finding], *, can_fix: bool) -> Notice:
    """The notice of a cell that was not run because `findings` stand in it."""
    return Notice(
        f"This cell was not run: it holds {_kinds(findings)} in plain text ({_places(findings)}).",
        "IPython's history does not keep it, but the notebook does until you delete it.",
        _fix(findings, can_fix=can_fix),
    )


def unusable(complaint: str) -> Notice:
    """The notice of a setting that was mistyped."""
    return Notice(
        "A setting of quixnb cannot be used.",
        complaint,
        "Correct it where it was set (ipython_config.py, ipython_kernel_config.py or the command line).",
        title="QuixSettings",
    )


def _fix(findings: Sequence[Finding], *, can_fix: bool | None = None) -> str:
    """What to do; `can_fix` tells whether `%%quix_fix` takes the tokens out, None if they are out already."""
    them = "it" if len(findings) == 1 else "them"
    out = {
        True: f"Run the cell with %%quix_fix as its first line: that takes {them} out. Rotate",
        False: f"Take {them} out by hand. Rotate",
        None: "Rotate",
    }[can_fix]
    return (
        f"{out} {them} in the portal (Settings > APIs and tokens), then use %quix_token. "
        'Not a token? Add "# quixnb: not-a-token" to the line.'
    )


def _kinds(findings: Sequence[Finding]) -> str:
    if len(findings) == 1:
        return KIND_NAMES[findings[0].kind]
    return f"{len(findings)} tokens"


def _places(findings: Sequence[Finding]) -> str:
    shown = "; ".join(f"line {each.line}, column {each.column}" for each in findings[:_MOST_PLACES])
    rest = len(findings) - _MOST_PLACES
    return f"{shown}; and {rest} more" if rest > 0 else shown
