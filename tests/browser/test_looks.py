"""How the page looks and is used without a mouse: nothing may be lost in the dark, on a phone, or to the keyboard."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import opened
from tests.browser.desk import Desk, words_of
from tests.demo_process import Demo

LIGHT: dict[str, Any] = {"color_scheme": "light"}
DARK: dict[str, Any] = {"color_scheme": "dark"}
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 720}, "color_scheme": "light"}


def brightness(desk: Desk, selector: str) -> float:
    """0 is black, 255 white; of the background that is really behind the element."""
    colour: str = desk.page.locator(selector).first.evaluate(
        "node => { let c; do c = getComputedStyle(node).backgroundColor;"
        " while (/, 0\\)$|^transparent/.test(c) && (node = node.parentElement)); return c }"
    )
    return sum(float(part) for part in re.findall(r"[\d.]+", colour)[:3]) / 3


@pytest.mark.parametrize("look", [LIGHT, DARK, PHONE], ids=["light", "dark", "phone"])
def test_every_word_of_an_answer_is_on_the_page_in_every_look(
    browser: Browser, demo: Demo, look: dict[str, Any], tmp_path: Path
) -> None:
    with opened(browser, demo, **look) as desk:
        desk.enter(channel="checkout")
        answer = desk.ask("/deployments state=done")
        desk.page.screenshot(path=tmp_path / "look.png")

        shown = answer.inner_text()
        expected = words_of(desk.last_message(channel="checkout")["blocks"])
        assert len(expected) > 30
        assert [word for word in expected if word not in shown] == []
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"
        dark = look["color_scheme"] == "dark"
        assert (brightness(desk, ".section-text") < 90) is dark
        assert (brightness(desk, ".panel") < 90) is dark


def test_dark_and_light_can_be_switched_and_the_choice_stays(desk: Desk) -> None:
    desk.enter()
    desk.page.get_by_role("button", name="Dark", exact=True).click()
    assert brightness(desk, ".conversation") < 90

    desk.page.reload()

    expect(desk.page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    assert brightness(desk, ".conversation") < 90


def test_a_phone_reaches_channels_people_and_the_foundation(browser: Browser, demo: Demo) -> None:
    with opened(browser, demo, **PHONE) as desk:
        desk.enter()
        sidebar = desk.page.get_by_role("navigation", name="Workspace")
        expect(sidebar).to_be_hidden()
        desk.page.get_by_role("button", name="Channels and people").click()
        sidebar.get_by_role("button", name="checkout").click()
        expect(desk.page.get_by_role("heading", level=1, name="checkout")).to_be_visible()
        expect(sidebar).to_be_hidden()

        desk.page.get_by_role("button", name="Foundation", exact=True).click()
        expect(desk.page.get_by_role("button", name="Canary", exact=True)).to_be_visible()
        desk.page.get_by_role("button", name="Close panel").click()
        expect(desk.page.get_by_role("button", name="Canary", exact=True)).to_be_hidden()


def test_everything_can_be_done_with_the_keyboard_alone(desk: Desk) -> None:
    desk.enter(channel="oncall")
    keys = desk.page.keyboard
    tab_to(desk, "Message #oncall as alice")
    keys.type("/deployments state=done")
    keys.press("Enter")
    expect(desk.newest).to_contain_text(re.compile(r"page 1 of \d+"), timeout=20_000)
    desk.page.get_by_role("log").focus()
    answer = desk.newest

    tab_to(desk, "More actions")
    keys.press("Enter")
    expect(desk.page.get_by_role("menuitem", name="Details")).to_be_focused()
    keys.press("ArrowDown")
    expect(desk.page.get_by_role("menuitem", name="Details")).not_to_be_focused()
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(desk.dialog).to_contain_text("Timeline", timeout=20_000)
    keys.press("Escape")
    expect(desk.dialog).to_have_count(0)

    tab_to(desk, "Next page of deployments")
    assert desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "focus is seen"
    keys.press("Enter")
    expect(answer).to_contain_text(re.compile(r"page 2 of \d+"))


def tab_to(desk: Desk, name: str) -> None:
    """Press Tab until the element of this name has the focus; it may take as many as there are on the page."""
    for _ in range(150):
        label = desk.page.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
        )
        if label == name:
            return
        desk.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name!r}")
