"""What every failure has to be: three lines, alone, and without a secret in anything it can be printed as."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from quixnb import portal
from quixnb.errors import QuixnbError

E = TypeVar("E", bound=QuixnbError)

_PACKAGE = str(Path(portal.__file__).parents[1])


def failure(
    kind: type[E], call: Callable[..., Any], *arguments: Any, without: tuple[str, ...] = (), variables: bool = True
) -> E:
    """Call, and return the error of exactly that kind; none of `without` is in any of its forms.

    `variables` is False where the secret is an argument, so that the caller has it in a variable anyway.
    """
    with pytest.raises(kind) as caught:
        call(*arguments)
    error = caught.value

    assert type(error) is kind
    assert len(str(error).splitlines()) == len(error._render_traceback_()) == 3
    assert error.__cause__ is None
    assert error.__context__ is None
    for secret in without:
        assert secret not in printed(error, variables)
    return error


def printed(error: QuixnbError, variables: bool = True) -> str:
    """Everything that a notebook, a log or a debugger would show of `error`, our variables' values included."""
    shown = [str(error), repr(error), *error._render_traceback_(), *traceback.format_exception(error)]
    return "\n".join(shown + (_variables(error) if variables else []))


def _variables(error: QuixnbError) -> list[str]:
    deep = traceback.TracebackException.from_exception(error, capture_locals=True)
    return [
        value for frame in deep.stack if frame.filename.startswith(_PACKAGE) for value in (frame.locals or {}).values()
    ]
