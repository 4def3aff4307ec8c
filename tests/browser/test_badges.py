"""Badges beside cells and outputs with tokens, and the list of findings behind them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.guarded import PLACEHOLDER, act, marks, prints
from tests.browser.notebook import Lab
from tests.fakes import fake_token

IN_SOURCE = re.compile("qnb-hasToken( |$)")
IN_OUTPUT = re.compile("qnb-hasTokenInOutput")


def drawn(cell: Locator, prompt: str) -> dict[str, str]:
    """How a cell's prompt draws its badge."""
    style: dict[str, str] = cell.locator(prompt).first.evaluate(
        "node => { const {content, maskImage, backgroundColor} = getComputedStyle(node, '::after');"
        " return {content, maskImage, backgroundColor}; }"
    )
    return style


def test_a_cell_of_any_kind_with_a_token_has_a_badge_that_is_more_than_a_colour(lab: Lab) -> None:
    line = f"t = '{fake_token()}'"
    notebook = lab.notebook("badges.ipynb", line, ("markdown", line), ("raw", line), "t = 1")

    for number in range(3):
        expect(notebook.cell(number)).to_have_class(IN_SOURCE)
        badge = drawn(notebook.cell(number), ".jp-InputPrompt")
        assert "svg" in badge["maskImage"]
        assert "holds a Quix token" in badge["content"]
    expect(notebook.cell(3)).not_to_have_class(IN_SOURCE)
    assert drawn(notebook.cell(3), ".jp-InputPrompt")["content"] == "none"


def test_the_badge_goes_with_the_token(lab: Lab) -> None:
    notebook = lab.notebook("goes.ipynb", f"t = '{fake_token()}'")
    expect(notebook.cell(0)).to_have_class(IN_SOURCE)

    act(lab.page, notebook.cell(0), "Not a token")

    expect(notebook.cell(0)).not_to_have_class(IN_SOURCE)


def test_an_output_with_a_token_has_a_badge_and_loses_it_when_it_is_redacted(lab: Lab) -> None:
    token = fake_token()
    notebook = lab.notebook("output.ipynb", prints(token))

    notebook.run(0)
    expect(notebook.output(0)).to_contain_text(token)
    expect(notebook.cell(0)).to_have_class(IN_OUTPUT)
    expect(notebook.cell(0)).not_to_have_class(IN_SOURCE)
    assert "svg" in drawn(notebook.cell(0), ".jp-OutputPrompt")["maskImage"]

    notebook.page.keyboard.press("Control+s")
    notebook.page.get_by_role("button", name="Redact and save").click()

    expect(notebook.output(0)).to_have_text(PLACEHOLDER)
    expect(notebook.cell(0)).not_to_have_class(IN_OUTPUT)


def test_switched_off_there_are_no_badges_and_outputs_are_not_looked_at(lab: Lab) -> None:
    notebook = lab.notebook("off.ipynb", prints(fake_token()))
    notebook.run(0)
    notebook.insert(0, f"\nt = '{fake_token()}'")
    cell = lab.page.locator(".jp-Notebook .jp-Cell").first
    expect(cell).to_have_class(IN_OUTPUT)

    lab.command("settingeditor:open", query="Quix Token Guard")
    badges = lab.page.get_by_role("checkbox", name="Badges on cells")
    outputs = lab.page.get_by_role("checkbox", name="Look at outputs")
    badges.uncheck()
    expect(cell).not_to_have_class(re.compile("qnb-"))
    outputs.uncheck()
    badges.check()
    expect(cell).to_have_class(IN_SOURCE)
    expect(cell).not_to_have_class(IN_OUTPUT)
    outputs.check()

    expect(cell).to_have_class(IN_OUTPUT)


def test_all_cells_of_a_long_notebook_have_their_badges_also_those_scrolled_to(lab: Lab) -> None:
    lines = [f"t = '{fake_token()}'" if number % 10 == 7 else f"x = {number}" for number in range(60)]
    notebook = lab.notebook("long.ipynb", *lines)
    badged = lab.page.locator(".jp-Notebook .qnb-hasToken")

    expect(badged).to_have_count(6)
    notebook.cell(57).scroll_into_view_if_needed()
    expect(marks(notebook.cell(57))).to_have_count(1)
    expect(notebook.cell(57)).to_have_class(IN_SOURCE)
    expect(notebook.cell(58)).not_to_have_class(IN_SOURCE)
