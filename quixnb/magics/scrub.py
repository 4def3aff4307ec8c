"""`%quix_scrub` and `%quix_fix`: what to do when a token has been in a cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import line_cell_magic, line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser
from quixnb.magics.settings import Theme
from quixnb.results import Facts, Listing

if TYPE_CHECKING:
    from quixnb.guard.fix import Fix
    from quixnb.guard.scrub import Scrubbed

SCRUB = MagicParser(
    "%quix_scrub",
    """\
Take tokens out of what IPython and Jupyter have stored already: this kernel's history (In, _i,
%history), IPython's history database, the debugger's copies of cells, the checkpoints of
notebooks below the working folder (and jupyterlab-lsp's copies of them), the store of real-time
collaboration in it or in a folder around it; and out of what shells remember of your terminals.

Notebooks and other files of yours are left alone; quixnb scan finds tokens in them. Backups,
git and whatever was shared keep a token too: only rotating it in the portal ends that.""",
    """\
  %quix_scrub""",
)

FIX = MagicParser(
    "%quix_fix",
    """\
Move the tokens of a cell into this kernel, and write quixnb.token("name") where they stood.

As %%quix_fix in the first line of a cell it rewrites that cell, without running it. As
%quix_fix it takes the latest cell with a token; what it writes comes in this cell's place, and
the cell that it is from is left for you to delete.

The kernel keeps the tokens until it ends. After that, quixnb.token("name") asks for the token
with hidden input, or takes it from the profile of that name.""",
    """\
  %quix_fix""",
)


@magics_class
class ScrubMagics(Theme):
    """Mending."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_scrub(self, line: str) -> Listing[Scrubbed]:  # noqa: D102
        from quixnb.guard.scrub import scrub

        SCRUB.parse_line(line)
        done = scrub(self.shell, Path.cwd())
        title = f"Tokens were taken out of {sum(each.texts or 0 for each in done)} texts"
        rows = [(each, (each.place, each.texts, each.says)) for each in done]
        advice = (
            "Not in this list: your notebooks and files, other kernels that run, git, backups, exports. "
            "A token that was there: rotate it."
        )
        return Listing(title, ("place", "cleaned", ""), rows, advice)

    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def quix_fix(self, line: str, cell: str | None = None) -> Facts:  # noqa: D102
        from quixnb.guard import scrub_memory
        from quixnb.guard.fix import fix, latest_with_token

        FIX.parse_line(line)
        source = latest_with_token(self.shell) if cell is None else cell.removesuffix("\n")
        if source is None:
            raise UsageError(
                "%quix_fix: no cell of this kernel's history has a token. For one that was not run, or is not kept, "
                "put %%quix_fix in its first line.\nSee %quix_fix? for its use."
            )
        fixed = fix(self.shell, source)
        if fixed.names:
            scrub_memory.scrub(self.shell)
        return _facts(fixed, is_copy=cell is None)

    quix_scrub.__doc__ = SCRUB.format_help()
    quix_fix.__doc__ = FIX.format_help()


def _facts(fixed: Fix, *, is_copy: bool) -> Facts:
    if not fixed.names and not fixed.left:
        return Facts("There is no token in the cell", {})
    facts = {
        "in this kernel": ", ".join(f'quixnb.token("{name}")' for name in fixed.names),
        "still in the cell": f"{fixed.left}, where no code can stand; take them out by hand" if fixed.left else "",
    }
    delete = "Delete the cell that it is from, which still holds the token. " if is_copy else ""
    advice = f"{delete}Save the notebook, run %quix_scrub, and rotate the token if the notebook was ever shared."
    title = "The cell was written again without its tokens" if fixed.names else "The cell is left as it is"
    return Facts(title, facts, advice)
