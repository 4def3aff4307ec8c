"""Runs the body of a cell magic and returns the value of its last expression."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, MutableMapping
from types import CodeType, GeneratorType, TracebackType
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

    A body that yields at its top level is a generator: it is returned, and runs as its rows are taken. Names that it
    assigns are the notebook's, as in any cell.

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
        It has a top-level `await`, which cannot be run here.
    """
    # Blank lines instead of an offset: all that prints source lines by number then agrees with what the user sees.
    source = "\n" * (first_line - 1) + shell.transform_cell(body)
    name = shell.compile.cache(source, _number_of_cell(shell), raw_code=source)
    if (generator := _generator(shell, source, name)) is not None:
        return generator
    statements, expression = _compiled(shell, source, name)
    names = shell.user_ns if local_ns is None else local_ns
    try:
        exec(statements, shell.user_ns, names)  # noqa: S102 - the user's own cell
        return eval(expression, shell.user_ns, names) if expression else None  # noqa: S307
    except BaseException as exc:
        _show_the_users_lines_only(shell, exc, name)
        raise


def is_cell_generator(value: object) -> bool:
    """Whether `value` is what `evaluate` returned for a body that yields."""
    return isinstance(value, GeneratorType) and value.gi_code.co_name == _ROWS


_ROWS = "rows_of_this_cell"


def _generator(shell: InteractiveShell, source: str, name: str) -> GeneratorType[Any, Any, Any] | None:
    """The generator that `source` is if it yields at its top level, else None."""
    try:
        tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
    except SyntaxError:
        return None  # `_compiled` meets it again, and shows it
    own = list(_own_nodes(tree.body))
    if not any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
        return None
    function = ast.parse(f"def {_ROWS}(): pass").body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - for the type checker
    assigned = sorted(set(_assigned(own)))
    function.body = [*([ast.Global(assigned)] if assigned else []), *tree.body]
    module = ast.fix_missing_locations(ast.Module([function], []))
    made: dict[str, Any] = {}
    exec(shell.compile(module, name, "exec"), shell.user_ns, made)  # noqa: S102 - the user's own cell
    generator: GeneratorType[Any, Any, Any] = made[_ROWS]()
    return generator


def _own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of some statements but what stands in functions and classes of their own."""
    for node in nodes:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)):
            yield from _own_nodes(ast.iter_child_nodes(node))


def _assigned(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that some nodes bind."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


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
    """What to do instead, where `problem` is an `await` outside of a function."""
    message = str(problem.msg)
    if "outside" not in message:
        return None
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
