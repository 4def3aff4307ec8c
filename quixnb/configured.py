"""Makes what traitlets configures, so that a value that is mistyped costs that one setting and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TypeVar

from traitlets import TraitError
from traitlets.config import Config, Configurable

C = TypeVar("C", bound=Configurable)


def configured(kind: type[C], parent: Configurable, complain: Callable[[str], object]) -> C:
    """`kind` with the settings that `parent` has for it.

    Parameters
    ----------
    kind
        What is made; it needs no other arguments than traits.
    parent
        A shell or a server. In a guard that does not load because of a typing error, everything would pass.
    complain
        Told of each value that the setting cannot take; its default counts then.
    """
    config = deepcopy(parent.config)
    settings = config.get(kind.__name__, Config())
    for name, trait in kind.class_traits(config=True).items():
        if name not in settings:
            continue
        try:
            kind(config=Config({kind.__name__: {name: settings[name]}}))
        except TraitError:
            del settings[name]
            complain(f"{kind.__name__}.{name} has to be {trait.info()}; what is set counts as {trait.default()!r}.")
    made: C = kind(parent=parent, config=config)
    return made
