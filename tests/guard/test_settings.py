"""A setting that is mistyped in a file or on the command line costs that setting, and is said; the guard stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from traitlets.config import Config, Configurable

from quixnb.configured import configured
from quixnb.server.settings import QuixSaves
from tests.fakes import fake_token
from tests.magics.shells import Shell

Load = Callable[[dict[str, dict[str, Any]]], None]


@pytest.fixture
def again(shell: Shell) -> Load:
    """Loads the extension anew, with these settings in the shell's configuration."""

    def load(settings: dict[str, dict[str, Any]]) -> None:
        shell.extension_manager.unload_extension("quixnb")
        shell.config.merge(Config({name: Config(values) for name, values in settings.items()}))
        shell.extension_manager.load_extension("quixnb")

    return load


def test_a_mistyped_mode_is_said_at_the_next_cell_and_the_default_counts(shell: Shell, again: Load) -> None:
    again({"QuixGuard": {"on_plaintext_token": "blok", "scrub_history": True}})

    shell.run(f"t = '{fake_token()}'")
    shell.run("1")

    [warning, complaint] = [each["text/plain"] for each in shell.shown]
    assert complaint.splitlines()[1] == (
        "QuixGuard.on_plaintext_token has to be any of ['warn', 'block', 'fix', 'off']; what is set counts as 'warn'."
    )
    assert "in plain text" in warning
    assert shell.run("%config QuixGuard.scrub_history") is True  # the others count


def test_a_mistyped_setting_of_the_magics_does_not_cost_the_guard(shell: Shell, again: Load) -> None:
    again({"QuixMagics": {"rows_per_message": -1}, "QuixGuard": {"on_plaintext_token": "block"}})

    assert shell.run_quietly(f"t = '{fake_token()}'").error_before_exec is not None
    assert "QuixMagics.rows_per_message has to be" in shell.shown[0]["text/plain"]


@pytest.mark.parametrize(
    ("value", "counts"), [("redact", "redact"), ("redakt", "redact-outputs"), (5, "redact-outputs")]
)
def test_the_setting_of_the_server_is_as_forgiving(value: object, counts: str) -> None:
    said: list[str] = []
    parent = Configurable(config=Config({"QuixSaves": Config({"on_token": value})}))

    saves = configured(QuixSaves, parent, said.append)

    assert saves.on_token == counts
    assert len(said) == (value != counts)
