"""Loading and unloading."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

import quixnb
from tests.magics.shells import Shell

LINE = [
    "quix_fix",
    "quix_publish",
    "quix_read",
    "quix_rotate",
    "quix_sandbox",
    "quix_scan",
    "quix_scrub",
    "quix_status",
    "quix_tail",
    "quix_token",
    "quix_topics",
    "quix_use",
]
CELL = ["quix_fix", "quix_publish"]


def ours(shell: Shell, kind: str) -> list[str]:
    return sorted(name for name in shell.magics_manager.magics[kind] if name.startswith("quix_"))


def test_the_magics_are_there(shell: Shell) -> None:
    assert ours(shell, "line") == LINE
    assert ours(shell, "cell") == CELL


def test_loading_twice_changes_nothing(shell: Shell) -> None:
    callbacks, matchers = len(shell.events.callbacks["pre_run_cell"]), len(shell.Completer.custom_matchers)

    quixnb.load_ipython_extension(shell)

    assert len(shell.events.callbacks["pre_run_cell"]) == callbacks
    assert len(shell.Completer.custom_matchers) == matchers


def test_unloading_leaves_nothing(shell: Shell) -> None:
    shell.run("%unload_ext quixnb")

    assert ours(shell, "line") == ours(shell, "cell") == []
    assert shell.Completer.custom_matchers == []
    assert not [each for each in shell.configurables if type(each).__module__.startswith("quixnb")]
    assert not [each for each in shell.events.callbacks["pre_run_cell"] if each.__module__.startswith("quixnb")]
    assert not [name for name in shell.magics_manager.registry if "Theme" in name or name.endswith("TopicMagics")]
    with pytest.raises(UsageError):
        shell.run("%quix_topics")
    quixnb.load_ipython_extension(shell)


def test_unloading_what_is_not_loaded_changes_nothing(shell: Shell) -> None:
    quixnb.unload_ipython_extension(shell)

    quixnb.unload_ipython_extension(shell)

    quixnb.load_ipython_extension(shell)


def test_it_can_be_reloaded(shell: Shell) -> None:
    shell.run("%reload_ext quixnb")

    assert ours(shell, "line") == LINE


def test_settings_can_be_shown_and_set(shell: Shell) -> None:
    shell.run("%config QuixMagics.read_timeout_s = 2.5")

    assert shell.run("%config QuixMagics.read_timeout_s") == 2.5
    assert shell.run("%config QuixGuard.on_plaintext_token") == "warn"


@pytest.mark.parametrize("name", LINE)
def test_every_magic_has_a_manual_with_options_and_an_example(shell: Shell, name: str) -> None:
    manual = shell.magics_manager.magics["line"][name].__doc__

    assert manual.startswith("usage: %")
    assert "\nExamples\n  %" in manual
    assert "%%quix_use PROFILE" not in manual  # argparse's own escape must not be seen


@pytest.mark.parametrize("name", LINE)
def test_every_magic_can_be_silenced_and_expands_no_variables(shell: Shell, name: str) -> None:
    magic = shell.magics_manager.magics["line"][name]

    assert magic._ipython_magic_output_can_be_silenced
    assert magic._ipython_magic_no_var_expand
