"""`%quix_scan`: tokens in notebooks and other files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser
from quixnb.magics.settings import Theme
from quixnb.results import Listing

if TYPE_CHECKING:
    from quixnb.scan import Found
    from quixnb.scan.running import Outcome

SCAN = MagicParser(
    "%quix_scan",
    """\
Find tokens in notebooks and other files: sources, outputs, metadata, widgets' state.

Of a folder, what git ignores is left out. What is open in an editor is searched as it was last
saved. The tokens that this kernel knows are found whatever they look like. No token is shown.""",
    """\
  %quix_scan
  %quix_scan report.ipynb data
  %quix_scan --history""",
)
SCAN.add_argument("paths", metavar="PATH", nargs="*", help="files and folders (default: the working folder)")
SCAN.add_argument("--history", action="store_true", help="look through git's past, too")
SCAN.add_argument("--zip", action="store_true", help="look into zip files and wheels, too")

_COLUMNS = ("file", "cell", "line", "place", "kind", "how")
_ADVICE = (
    "Rotate each token in the portal (Settings > APIs and tokens); then take it out, with the file closed: "
    "quixnb scan --fix FILE"
)


@magics_class
class ScanMagics(Theme):
    """Scanning."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_scan(self, line: str) -> Listing[Found]:  # noqa: D102
        from pathlib import Path

        from quixnb.known import known_secrets
        from quixnb.scan import scan

        args = SCAN.parse_line(line)
        paths = [str(Path(path).expanduser()) for path in args.paths] or ["."]
        if missing := next((path for path in paths if not Path(path).exists()), None):
            raise UsageError(f"%quix_scan: there is no '{missing}'")
        known = known_secrets()
        outcome = scan(paths, archives=args.zip, known=known)
        if args.history:
            from quixnb.scan.history import search_histories

            outcome.found.extend(search_histories(paths, known))
        return _listing(outcome)

    quix_scan.__doc__ = SCAN.format_help()


def _listing(outcome: Outcome) -> Listing[Found]:
    found, files, unreadable = outcome.found, outcome.file_count, len(outcome.unreadable)
    title = f"{len(found) or 'No'} token{'' if len(found) == 1 else 's'} in {files:,} file{'' if files == 1 else 's'}"
    title += f"; {unreadable:,} could not be read" if unreadable else ""
    return Listing(title, _COLUMNS, ((each, _cells(each)) for each in found), _ADVICE if found else "")


def _cells(found: Found) -> tuple[object, ...]:
    from quixnb.scan.reports import KIND_NAMES

    cell = None if found.cell_index is None else found.cell_index + 1
    name = f"{found.path}@{found.commit[:12]}" if found.commit else found.path
    return name, cell, found.line, found.location or "text", KIND_NAMES[found.kind], found.rule
