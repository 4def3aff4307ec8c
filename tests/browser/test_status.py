"""The item in the status bar: the environment, the health of its token, the tokens in plain text."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quixnb.sandbox import Sandbox
from tests.browser.notebook import Lab
from tests.browser.quix import CONNECT, LOAD, Quix
from tests.fakes import fake_token

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("lab_extension")]


@pytest.fixture
def quix(lab: Lab) -> Quix:
    return Quix(lab)


def test_it_follows_the_connection(lab: Lab, quix: Quix, sandbox: Sandbox) -> None:
    notebook = lab.notebook("followed.ipynb", LOAD, CONNECT, "%quix_token --forget")
    expect(quix.status).to_have_text("Quix: not loaded")

    notebook.run(0)
    expect(quix.status).to_have_text("Quix: not connected")
    notebook.run(1)
    expect(quix.status).to_have_text("sandbox-f1-dev")
    expect(quix.status).to_have_attribute("data-mood", "good")
    notebook.run(2)

    expect(quix.status).to_have_text("Quix: not connected")


def test_a_token_that_the_portal_refuses_is_seen(lab: Lab, quix: Quix, sandbox: Sandbox) -> None:
    environment = sandbox.environments["prod"]
    notebook = lab.notebook("refused.ipynb", LOAD, "%quix_sandbox start --env prod", "%quix_topics")
    notebook.run(0)
    notebook.run(1)
    expect(quix.status).to_have_text(environment.id)

    for _ in range(2):  # the session knows the second token too
        sandbox.rotate(environment.id)
    notebook.run(2)

    expect(quix.status).to_have_text(f"{environment.id}: problem")
    expect(quix.status).to_have_attribute("data-mood", "bad")
    assert "are refused (401)" in (quix.status.get_attribute("title") or "")


def test_it_counts_the_tokens_in_plain_text(lab: Lab, quix: Quix) -> None:
    notebook = lab.notebook("counted.ipynb", f"a = '{fake_token()}'", "")
    expect(quix.status).to_have_text("Quix: not loaded1 token in plain text")

    notebook.insert(1, f"b = '{fake_token('pat')}'")

    expect(quix.status).to_have_text("Quix: not loaded2 tokens in plain text")
    expect(quix.status).to_have_attribute("data-mood", "wary")


def test_it_opens_the_panel_by_click_by_enter_and_by_space(lab: Lab, quix: Quix, page: Page) -> None:
    lab.notebook("opened.ipynb", "1")
    expect(quix.status).to_have_role("button")
    expect(quix.status).to_have_accessible_name("Quix: not loaded")
    expect(quix.status).to_have_accessible_description("quixnb is not loaded in this kernel.")

    for use in (quix.status.click, lambda: quix.status.press("Enter"), lambda: quix.status.press(" ")):
        lab.command("application:toggle-right-area")
        use()
        expect(quix.panel).to_be_visible()
        lab.command("application:toggle-right-area")
        expect(quix.panel).to_be_hidden()


def test_nothing_is_said_where_there_is_nothing_to_say(lab: Lab, quix: Quix) -> None:
    expect(quix.status).to_be_hidden()


def test_it_can_be_switched_off(lab: Lab, quix: Quix, context: BrowserContext) -> None:
    lab.notebook("off.ipynb", "1")
    expect(quix.status).to_be_visible()
    set_status_bar(lab.page, False)

    other = Lab(context.new_page(), lab.server)
    other.load()
    other.open("off.ipynb")

    shown = Quix(other).open()
    expect(shown.connection).to_contain_text("quixnb is not loaded in this kernel.")
    expect(shown.status).to_be_hidden()
    other.page.close()
    set_status_bar(lab.page, True)


def set_status_bar(page: Page, wanted: bool) -> None:
    """Save the user's setting; a page reads it when it is loaded, or when it is changed there."""
    page.evaluate(
        "wanted => window.jupyterapp.serviceManager.settings.save('quixnb:panel', JSON.stringify({statusBar: wanted}))",
        wanted,
    )
