"""Looks at each cell before it runs: announces a token in plain text, or has the cell refused."""

from __future__ import annotations

import ast
import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from IPython.core.error import InputRejected
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

from quixnb.detect import Finding, find_tokens
from quixnb.guard.history import CleanHistory
from quixnb.guard.magic_lines import without_own_lines, without_own_tokens
from quixnb.guard.notice import Notice, in_output, moved, refusal, unusable, warning
from quixnb.guard.outputs import CleanOutputs
from quixnb.guard.settings import QuixGuard

_log = logging.getLogger(__name__)

_LONG_CELL, _MANY_TOKENS = 100_000, 50  # a warning must not take longer than the cell
_FIXING = "%%quix_fix"  # it runs nothing, and takes the tokens out


class TokenInCell(InputRejected):
    """The cell was not run, because a token stands in it."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.what)
        self.notice = notice

    def _render_traceback_(self) -> list[str]:
        return self.notice.text.splitlines()


class Guard:
    """Looks for Quix tokens in the cells of a shell, and in what they put out. A failure of its own never stops a cell.

    Parameters
    ----------
    shell
        The shell.
    settings
        What it does about a token; asked at each cell.
    complaints
        What is wrong with settings, to be shown beside the next cell.
    """

    def __init__(self, shell: InteractiveShell, settings: QuixGuard, complaints: Sequence[str] = ()) -> None:
        self._shell, self.settings, self._complaints = shell, settings, list(complaints)
        self._refusals = _Refusals()
        self._history = CleanHistory(shell)
        self._outputs = CleanOutputs(shell, lambda: str(settings.on_token_in_output))

    def install(self) -> None:
        """Begin to look."""
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        self._history.install()
        self._outputs.install()
        self._shell.configurables.append(self.settings)

    def uninstall(self) -> None:
        """Stop looking, and leave nothing behind."""
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._history.uninstall()
        self._outputs.uninstall()
        self._shell.configurables.remove(self.settings)
        self._reject_cells(False)

    def _before(self, info: ExecutionInfo) -> None:
        self._history.hides_all = bool(self.settings.scrub_history)
        try:
            self._reject_cells(self.settings.on_plaintext_token == "block")  # noqa: S105
            self._look_at(info)
        except Exception as exc:
            # A guard that fails must not cost the user a cell; the type alone, since a message may quote the cell.
            _log.debug("a cell was not checked: %s", type(exc).__name__)

    def _after(self, result: ExecutionResult) -> None:
        steps = (self._withdraw_refusal, partial(self._history.tidy_up, result), partial(self._look_back, result))
        for step in (*steps, self._complain):
            try:
                step()
            except Exception as exc:
                # As above: the cell has run, and its result is the user's.
                _log.debug("a cell was not tidied up: %s", type(exc).__name__)

    def _look_back(self, result: ExecutionResult) -> None:
        if self._outputs.finish(result) and self.settings.on_token_in_output == "warn":  # noqa: S105
            self._show(in_output())

    def _look_at(self, info: ExecutionInfo) -> None:
        if self.settings.on_plaintext_token == "off" or info.raw_cell.lstrip().startswith(_FIXING):  # noqa: S105 - a mode
            return
        # Our own magics refuse a token on their line themselves; saying it twice helps nobody.
        findings = find_tokens(without_own_lines(info.raw_cell))
        if not findings:
            return
        if self.settings.on_plaintext_token == "block":  # noqa: S105
            self._refuse(info, findings)
        else:
            self._announce(info, findings)

    def _announce(self, info: ExecutionInfo, findings: list[Finding]) -> None:
        if self.settings.on_plaintext_token == "fix" and (names := self._moved(info.raw_cell)):  # noqa: S105
            self._history.hides_all = True
            self._show(moved(findings, names))
            return
        is_stored = info.store_history and not self._history.hides_all
        is_stored = is_stored and bool(find_tokens(without_own_tokens(info.raw_cell)))
        self._show(warning(findings, in_history=is_stored, can_fix=_can_fix(info.raw_cell, findings)))

    def _moved(self, cell: str) -> list[str]:
        """The names that the cell's tokens have now, if the cell is left with none."""
        from quixnb.guard.fix import fix  # not needed as a rule, and loading is to stay light

        fixed = fix(self._shell, cell)
        return [] if fixed.left else fixed.names

    def _show(self, notice: Notice) -> None:
        self._shell.display_pub.publish(data=notice.bundle(), metadata={})

    def _complain(self) -> None:
        # What is said while a kernel starts, nobody sees.
        while self._complaints:
            self._show(unusable(self._complaints.pop(0)))

    def _refuse(self, info: ExecutionInfo, findings: list[Finding]) -> None:
        self._history.hides_all = True
        self._refusals.refuse(refusal(findings, can_fix=_can_fix(info.raw_cell, findings)))

    def _reject_cells(self, is_wanted: bool) -> None:
        # Raising in a callback would only be printed. An AST transformer may reject a cell, comments and magics too.
        if is_wanted and self._refusals not in self._shell.ast_transformers:
            self._shell.ast_transformers.insert(0, self._refusals)
        elif not is_wanted and self._refusals in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self._refusals)

    def _withdraw_refusal(self) -> None:
        unsaid = self._refusals.withdraw()
        if unsaid is not None:  # Python could not read the cell, and has said no more than that
            self._show(unsaid)


def _can_fix(cell: str, findings: list[Finding]) -> bool:
    """Whether `%%quix_fix` would leave no token in the cell; of a very long one it is taken for granted."""
    if len(cell) > _LONG_CELL or len(findings) > _MANY_TOKENS:
        return True
    from quixnb.guard.rewrite import rewritten  # not needed as a rule, and loading is to stay light

    try:
        return rewritten(cell, lambda _, wish: wish).left == 0
    except Exception as exc:
        _log.debug("a cell was not taken apart: %s", type(exc).__name__)  # it holds a token all the same
        return False


class _Refusals(ast.NodeTransformer):
    """Rejects the cells that are refused: each thread its own, since a kernel runs cells of subshells beside others."""

    def __init__(self) -> None:
        self._cell = _Cell()

    def refuse(self, notice: Notice) -> None:
        """Reject the cell that this thread is about to run."""
        self._cell.notice = notice

    def withdraw(self) -> Notice | None:
        """Let the next one run; what was refused and could not be said."""
        notice, self._cell.notice = self._cell.notice, None
        return notice

    def visit(self, node: ast.AST) -> Any:
        """Reject the cell."""
        notice = self.withdraw()
        if notice is not None:
            raise TokenInCell(notice)
        return node


class _Cell(threading.local):
    notice: Notice | None = None
