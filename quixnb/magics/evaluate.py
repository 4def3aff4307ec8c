"""Runs the body of a cell magic and returns the value of its last expression."""

from __future__ import annotations

import ast
from collections.abc import MutableMapping
from types import CodeType, TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from quixnb.errors import FrameError, QuixnbError

Names = MutableMapping[str, Any]


class CellSyntaxError(QuixnbError):
    """The body of a cell magic is not valid Python; shown as IPython shows it for a plain cell.

    A SyntaxError itself would be shown below a traceback of IPython's frames and ours, with the whole body on one line.
    """

    def __init__(self, problem: SyntaxError, shown: list[str]) -> None:
        super().__init__(f"{problem.msg} (line {problem.lineno})")
        self._shown = shown

    def _render_traceback_(self) -> list[str]:
        return self._shown


def evaluate(shell: InteractiveShell, body: str, local_ns: Names | None = None, *, first_line: int = 1) -> Any:
    """Run `body` in the user's namespace and return the value of its last expression, or None if it has none.

    A `;` behind the last expression changes nothing. Magics and `!commands` work as in a cell. An error of the user's
    code passes through, and is shown with the user's lines only: neither ours nor IPython's stand between.

    Parameters
    ----------
    shell
        Whose namespace, input transformations and compiler flags are used.
    body
        The source, as typed.
    local_ns
        Names of the function that the magic is called in; None for the user's namespace alone.
    first_line
        The line of the cell at which `body` begins, for tracebacks: 2 below a `%%magic`.

    Raises
    ------
    CellSyntaxError
        It is not valid Python.
    FrameError
        It has a top-level `await` or `yield`, which cannot be run here.
    """
    # Blank lines instead of an offset: all that prints source lines by number then agrees with what the user sees.
    source = "\n" * (first_line - 1) + shell.transform_cell(body)
    name = shell.compile.cache(source, _number_of_cell(shell), raw_code=source)
    statements, expression = _compiled(shell, source, name)
    names = shell.user_ns if local_ns is None else local_ns
    try:
        exec(statements, shell.user_ns, names)  # noqa: S102 - the user's own cell
        return eval(expression, shell.user_ns, names) if expression else None  # noqa: S307
    except BaseException as exc:
        _show_the_users_lines_only(shell, exc, name)
        raise


def last_name(body: str) -> str | None:
    """The variable that `body` assigns last, or None; it is what a person forgot to write as the last line."""
    try:
        last = ast.parse(body).body[-1]
    except (SyntaxError, ValueError, IndexError):
        return None
    target = last.targets[0] if isinstance(last, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else None


def _number_of_cell(shell: InteractiveShell) -> int:
    # `shell.execution_count` is the next cell's already, unless this one is kept out of the history.
    running = shell.displayhook.exec_result
    return int(getattr(running, "execution_count", None) or shell.execution_count)


def _compiled(shell: InteractiveShell, source: str, name: str) -> tuple[CodeType, CodeType | None]:
    """All statements but a last expression, and that expression."""
    try:
        tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        statements = shell.compile(tree, name, "exec")
        return statements, last and shell.compile(ast.Expression(last.value), name, "eval")
    except SyntaxError as exc:
        shown = shell.SyntaxTB.structured_traceback(type(exc), exc, [])
        problem = _not_supported(exc) or CellSyntaxError(exc, list(shown))
    raise problem


def _not_supported(problem: SyntaxError) -> FrameError | None:
    """What to do instead, where `problem` is an `await` or a `yield` outside of a function."""
    message = str(problem.msg)
    if "outside" not in message:
        return None
    if "yield" in message:
        return FrameError(
            "The cell yields rows at its top level.",
            cause="A cell is run once and its last value is published; it cannot be a generator.",
            fix="Put the loop into a function, def rows(): ..., and end the cell with: rows()",
        )
    if "await" in message or "async" in message:
        return FrameError(
            "The cell awaits at its top level.",
            cause="The body of a cell magic runs outside of the notebook's event loop.",
            fix="Await in a cell above, keep the result in a variable, and end this cell with its name.",
        )
    return None


def _show_the_users_lines_only(shell: InteractiveShell, exc: BaseException, name: str) -> None:
    """Have IPython show the traceback of `exc` from the first frame of the cell's body on.

    Above it stand IPython's frames and ours, and the call that IPython made of the cell: one line that repeats the
    whole body. `_render_traceback_` is IPython's own hook for this, read from the instance.
    """
    if hasattr(exc, "_render_traceback_"):
        return

    def render() -> list[str]:
        users = _from_file(exc.__traceback__, name)
        return list(shell.InteractiveTB.structured_traceback(type(exc), exc, users, tb_offset=0))

    # An exception class with __slots__ takes no attribute; then the whole traceback is shown.
    if hasattr(exc, "__dict__"):
        exc._render_traceback_ = render  # type: ignore[attr-defined]


def _from_file(traceback: TracebackType | None, name: str) -> TracebackType | None:
    frame = traceback
    while frame is not None and frame.tb_frame.f_code.co_filename != name:
        frame = frame.tb_next
    return frame or traceback
