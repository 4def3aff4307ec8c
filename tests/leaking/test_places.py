"""Each place of `docs/leaks.md` is one case: a token is put there in earnest, and quixnb does what the page says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

# They note their cases.
from tests.leaking import rows_disk, rows_libraries, rows_notebook, rows_processes, rows_together  # noqa: F401
from tests.leaking.cases import CLEAN_OUTPUTS, HIDDEN_OUTPUTS
from tests.leaking.fronts import HIDDEN, Front, leaks_in, shown
from tests.leaking.web import Web
from tests.leaking.world import CASES, World, is_warned_of, places

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def _page_and_modes(kernel: Front, page: Web) -> Iterator[None]:
    kernel.run_well(f"port = {page.server_port}", store_history=False)
    yield
    kernel.run_well("%xmode Context", store_history=False)


def test_every_place_of_the_page_is_a_case() -> None:
    assert len(places()) == len(set(places())) > 80
    assert {*CASES, *HIDDEN_OUTPUTS, *CLEAN_OUTPUTS} == set(places())


@pytest.mark.parametrize("place", CASES)
def test_what_quixnb_does_is_what_the_page_says(world: World, place: str) -> None:
    CASES[place](world)


@pytest.mark.parametrize("place", HIDDEN_OUTPUTS)
def test_an_output_is_hidden(world: World, place: str) -> None:
    for cell in HIDDEN_OUTPUTS[place]:
        outputs = world.kernel.run(cell.replace("TOKEN", world.token))

        assert leaks_in(shown(outputs), world.token) == []
        assert HIDDEN in json.dumps(shown(outputs), default=str)
        assert "TOKEN" not in cell or is_warned_of(outputs)


@pytest.mark.parametrize("place", CLEAN_OUTPUTS)
def test_an_output_has_no_token_in_it_by_itself(world: World, place: str) -> None:
    world.kernel.run_well("%config QuixGuard.on_token_in_output = 'off'")
    try:
        outputs = [world.kernel.run(cell.replace("TOKEN", world.token)) for cell in CLEAN_OUTPUTS[place]]
    finally:
        world.kernel.run_well("%config QuixGuard.on_token_in_output = 'redact'")

    assert leaks_in([*map(shown, outputs)], world.token) == []
    assert all(len(shown(each)) > 3 for each in outputs)  # something was shown
