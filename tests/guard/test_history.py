"""What IPython remembers of a cell in which a token stood on a line of quixnb's magics."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from tests.fakes import fake_token
from tests.magics.shells import Shell

OWN = [
    "%quix_token {}",
    "quix_token {}",
    "  %quix_token {}",
    "x = %quix_token {}",
    "%time %quix_token {}",
    "%quix_token --env {}",
    "%quix_token \\\n  {}",
    "%quix_publish f1-data connect('{}')",
    "%%quix_publish {}\n1",
    "%%quix_publish f1-data\nt = '{}'\nt",
    "get_ipython().run_line_magic('quix_token', '{}')",
    "import os\n%quix_token {}\nprint(1)",
]


def everything_kept(shell: Shell) -> str:
    """All places where IPython keeps the text of cells."""
    names = ["In", "_ih", "_i", "_ii", "_i1"]
    last = shell.last_execution_result.info
    return repr(
        [
            {name: shell.user_ns.get(name) for name in names},
            shell.history_manager.input_hist_raw,
            shell.history_manager.input_hist_parsed,
            getattr(shell.history_manager, "exceptions", None),  # new in IPython 9
            vars(last),
            [linecache.cache.get(name) for name in shell.compile._filename_map],
            shell.stored_history(),
        ]
    )


@pytest.mark.parametrize("cell", OWN)
def test_a_token_on_an_own_line_is_kept_nowhere(shell: Shell, cell: str) -> None:
    token = fake_token()

    shell.run_quietly(cell.format(token))

    assert token[4:20] not in everything_kept(shell)
    assert "[quix token]" in shell.stored_history()


@pytest.mark.parametrize("piece", [slice(0, 24), slice(4, None)])
def test_half_a_token_on_the_line_of_quix_token_is_kept_nowhere(shell: Shell, piece: slice) -> None:
    half = fake_token()[piece]

    shell.run_quietly(f"%quix_token {half}")

    assert half not in everything_kept(shell)


def test_the_rest_of_the_cell_is_remembered_as_it_was(shell: Shell) -> None:
    shell.run_quietly(f"x = 1\n%quix_token {fake_token()}\nprint('never')")

    assert shell.user_ns["In"][1].splitlines()[0] == "x = 1"
    assert shell.history_manager.input_hist_raw[1] == "x = 1\n%quix_token [quix token]\nprint('never')"


@pytest.mark.parametrize("cell", ["quix_token = 1", "topic = 'f1-data'", "stream = '{}'"])
def test_a_cell_without_own_magics_is_remembered_as_it_was(shell: Shell, cell: str) -> None:
    cell = cell.format(fake_token()[4:])

    shell.run(cell)

    assert shell.history_manager.input_hist_raw[1] == cell


def test_a_streams_id_of_hexadecimal_digits_stays_in_the_history(shell: Shell) -> None:
    line = f"%quix_read f1-data --stream {fake_token()[4:]} --never"

    shell.run_quietly(line)

    assert shell.history_manager.input_hist_raw[1] == line


def test_the_log_file_has_no_token_either(shell: Shell, tmp_path: Path) -> None:
    token = fake_token()
    shell.run(f"%logstart -q -r {tmp_path}/log.py")

    shell.run_quietly(f"%quix_token {token}")

    shell.run("%logstop")
    log = (tmp_path / "log.py").read_text(encoding="utf-8")
    assert token not in log
    assert "[quix token]" in log


def test_a_wrapper_of_somebody_else_survives_unloading(shell: Shell) -> None:
    history, seen = shell.history_manager, []
    ours = history.store_inputs

    def theirs(*args: object) -> None:
        seen.append(args)
        ours(*args)

    history.store_inputs = theirs
    shell.run("%unload_ext quixnb")
    shell.run("1")

    assert len(seen) == 2
    del history.store_inputs
    shell.run("%load_ext quixnb")
