"""Looks at each cell before it runs: announces a token in plain text, or has the cell refused."""

from __future__ import annotations

import ast
import logging
from functools import partial
from typing import Any

from IPython.core.error import InputRejected
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from traitlets import Bool, Enum
from traitlets.config import Configurable

from quixnb.detect import Finding, find_tokens
from quixnb.guard.history import CleanHistory
from quixnb.guard.magic_lines import without_own_lines, without_own_tokens
from quixnb.guard.notice import Notice, in_output, moved, refusal, warning
from quixnb.guard.outputs import CleanOutputs

_log = logging.getLogger(__name__)

_FIXING = "%%quix_fix"  # it runs nothing, and takes the tokens out


class TokenInCell(InputRejected):
    """The cell was not run, because a token stands in it."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.what)
        self.notice = notice

    def _render_traceback_(self) -> list[str]:
        return self.notice.text.splitlines()


class QuixGuard(Configurable):
    """Looks for Quix tokens in cells and in what they put out. A failure of its own never stops a cell."""

    on_plaintext_token = Enum(
        ["warn", "block", "fix", "off"],
        default_value="warn",
        help="What to do before a cell with a token in plain text runs: warn, block (do not run it), fix (run it, "
        "and replace it by one without the token) or off.",
    ).tag(config=True)
    on_token_in_output = Enum(
        ["redact", "warn", "off"],
        default_value="redact",
        help="What to do with a token, or a password of the connection, in an output: redact it before it reaches the "
        "front end, warn or off.",
    ).tag(config=True)
    scrub_history = Bool(
        False,
        help="Whether IPython's history keeps every cell without its tokens, not only lines of quixnb's own magics.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(parent=shell)
        self._shell = shell
        self._refusal: _Refusal | None = None
        self._history = CleanHistory(shell)
        self._outputs = CleanOutputs(shell, lambda: str(self.on_token_in_output))

    def install(self) -> None:
        """Begin to look."""
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        self._history.install()
        self._outputs.install()
        self._shell.configurables.append(self)

    def uninstall(self) -> None:
        """Stop looking, and leave nothing behind."""
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._history.uninstall()
        self._outputs.uninstall()
        self._shell.configurables.remove(self)

    def _before(self, info: ExecutionInfo) -> None:
        self._history.hides_all = bool(self.scrub_history)
        try:
            self._look_at(info)
        except Exception as exc:
            # A guard that fails must not cost the user a cell; the type alone, since a message may quote the cell.
            _log.debug("a cell was not checked: %s", type(exc).__name__)

    def _after(self, result: ExecutionResult) -> None:
        for step in (self._withdraw_refusal, partial(self._history.tidy_up, result), partial(self._look_back, result)):
            try:
                step()
            except Exception as exc:
                # As above: the cell has run, and its result is the user's.
                _log.debug("a cell was not tidied up: %s", type(exc).__name__)

    def _look_back(self, result: ExecutionResult) -> None:
        if self._outputs.finish(result) and self.on_token_in_output == "warn":  # noqa: S105
            self._show(in_output())

    def _look_at(self, info: ExecutionInfo) -> None:
        if self.on_plaintext_token == "off" or info.raw_cell.lstrip().startswith(_FIXING):  # noqa: S105 - a mode
            return
        # Our own magics refuse a token on their line themselves; saying it twice helps nobody.
        findings = find_tokens(without_own_lines(info.raw_cell))
        if not findings:
            return
        if self.on_plaintext_token == "block":  # noqa: S105
            self._refuse(findings)
        else:
            self._announce(info, findings)

    def _announce(self, info: ExecutionInfo, findings: list[Finding]) -> None:
        if self.on_plaintext_token == "fix" and (names := self._moved(info.raw_cell)):  # noqa: S105
            self._history.hides_all = True
            self._show(moved(findings, names))
            return
        is_stored = info.store_history and not self._history.hides_all
        is_stored = is_stored and bool(find_tokens(without_own_tokens(info.raw_cell)))
        self._show(warning(findings, in_history=is_stored))

    def _moved(self, cell: str) -> list[str]:
        """The names that the cell's tokens have now, if the cell is left with none."""
        from quixnb.guard.fix import fix  # not needed as a rule, and loading is to stay light

        fixed = fix(self._shell, cell)
        return [] if fixed.left else fixed.names

    def _show(self, notice: Notice) -> None:
        self._shell.display_pub.publish(data=notice.bundle(), metadata={})

    def _refuse(self, findings: list[Finding]) -> None:
        # Raising here would only be printed. An AST transformer may reject a cell, comments and magics included.
        self._history.hides_all = True
        self._refusal = _Refusal(refusal(findings))
        self._shell.ast_transformers.insert(0, self._refusal)

    def _withdraw_refusal(self) -> None:
        if self._refusal in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self._refusal)
        self._refusal = None


class _Refusal(ast.NodeTransformer):
    """Rejects the one cell that it was made for."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def visit(self, node: ast.AST) -> Any:
        """Reject the cell."""
        raise TokenInCell(self._notice)
