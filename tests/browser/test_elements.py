"""Every kind of element does what it does in Slack: drawn, used, confirmed, filled in, sent."""

import re
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import opened
from tests.browser.desk import Desk
from tests.demo_process import Demo, running


@pytest.fixture(scope="module")
def gallery() -> Iterator[Demo]:
    with running((sys.executable, "-m", "tests.browser.gallery")) as demo:
        yield demo


@pytest.fixture
def desk(browser: Browser, gallery: Demo) -> Iterator[Desk]:
    with opened(browser, gallery) as desk:
        desk.enter(channel="checkout")
        yield desk


def shown(desk: Desk) -> Locator:
    """A fresh message with every element."""
    before = desk.messages.count()
    desk.composer.fill("/gallery x")
    desk.composer.press("Enter")
    expect(desk.messages).to_have_count(before + 1)
    expect(desk.newest.get_by_role("heading")).to_be_visible()
    return desk.messages.nth(before)


def test_formatting_is_drawn_names_are_resolved_and_entities_undone(desk: Desk) -> None:
    message = shown(desk)

    expect(message.get_by_role("heading")).to_have_text("Everything <that> can & be used")
    expect(message.get_by_text("bold", exact=True)).to_have_css("font-weight", re.compile("[67]00"))
    expect(message.locator("code")).to_have_text("code")
    expect(message).to_contain_text("🚀")
    expect(message).to_contain_text("@bob in #checkout")


def test_what_is_chosen_reaches_the_app(desk: Desk) -> None:
    message = shown(desk)
    colour = message.get_by_role("combobox", name="Colour")
    expect(colour).to_have_value("green")
    expect(message.get_by_role("checkbox", name="red")).to_be_checked()

    colour.select_option("blue")
    expect(desk.newest).to_contain_text('used colour: "blue"')
    message.get_by_role("combobox", name="Person").select_option(label="Bob Brandt")
    expect(desk.newest).to_contain_text('used person: "U0BOB00001"')
    message.get_by_role("combobox", name="Group").fill("oper")
    expect(message.get_by_role("option", name="operators")).to_be_visible()
    message.get_by_role("combobox", name="Group").press("Enter")
    expect(desk.newest).to_contain_text('used group: "operators"')
    message.get_by_label("Date").fill("2026-05-06")
    expect(desk.newest).to_contain_text('used day: "2026-05-06"')
    message.get_by_role("checkbox", name="blue").check()
    expect(desk.newest).to_contain_text('used several: ["red", "blue"]')
    message.get_by_role("button", name="Many: nothing chosen").click()
    desk.page.get_by_role("listbox").get_by_role("option", name="green").click()

    expect(desk.newest).to_contain_text('used many: ["green"]')
    expect(colour).to_have_value("blue")


def test_nothing_is_done_without_the_confirmation_that_the_app_wants(desk: Desk) -> None:
    message = shown(desk)
    count = desk.messages.count()

    message.get_by_role("button", name="Risky").click()
    expect(desk.dialog).to_contain_text("It can't be undone.")
    desk.dialog.get_by_role("button", name="No").click()
    expect(desk.dialog).to_have_count(0)
    message.get_by_role("button", name="Risky").click()
    desk.page.keyboard.press("Escape")
    expect(desk.dialog).to_have_count(0)
    expect(desk.messages).to_have_count(count)
    message.get_by_role("button", name="Risky").click()
    desk.dialog.get_by_role("button", name="Yes").click()

    expect(desk.messages).to_have_count(count + 1)
    expect(desk.newest).to_contain_text("used risky")


def test_a_form_is_checked_by_slack_then_by_the_app_then_sent(desk: Desk) -> None:
    shown(desk).get_by_role("button", name="Open a form").click()
    form = desk.dialog
    form.get_by_role("textbox", name="Count").fill("some")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_have_text(
        ["Please complete this required field.", "Please complete this required field.", "Enter a valid number."]
    )

    form.get_by_role("textbox", name="Name").fill("wrong")
    form.get_by_role("radio", name="green").check()
    form.get_by_role("textbox", name="Count").fill("3")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_have_text(["This is no name."])
    expect(form.get_by_role("textbox", name="Count")).to_have_value("3")
    form.get_by_role("textbox", name="Name").fill("Ada <&> Co")
    form.get_by_role("textbox", name="Name").press("Enter")

    expect(form).to_have_count(0)
    expect(desk.newest).to_contain_text('sent by alice: ["First", "Ada <&> Co", "green", "3"]')


def test_modals_stack_and_the_lower_one_keeps_what_was_entered(desk: Desk) -> None:
    shown(desk).get_by_role("button", name="Open a form").click()
    form = desk.dialog
    form.get_by_role("textbox", name="Name").fill("Ada")
    form.get_by_role("button", name="One more").click()
    expect(form.get_by_role("heading")).to_have_text("Second")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("")
    expect(form).to_contain_text("1 more below")

    form.get_by_role("button", name="Back").click()

    expect(form.get_by_role("heading")).to_have_text("First")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Ada")
    desk.page.keyboard.press("Escape")
    expect(form).to_have_count(0)


def test_a_command_that_there_is_not_is_told_and_the_notice_goes_away(desk: Desk) -> None:
    desk.composer.fill("/nonsense please")
    desk.composer.press("Enter")
    notice = desk.page.get_by_role("status").get_by_text("/nonsense is not a valid command")

    expect(notice).to_be_visible()
    desk.page.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)


def test_a_thread_holds_its_replies_and_tells_how_many(desk: Desk) -> None:
    desk.composer.fill("who broke it?")
    desk.composer.press("Enter")
    expect(desk.newest).to_contain_text("who broke it?")
    question = desk.newest
    question.hover()
    question.get_by_role("button", name="Reply in thread").click()
    thread = desk.page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox", name="Reply as alice").fill("not me, @bob")
    desk.page.keyboard.press("Escape")
    thread.get_by_role("textbox", name="Reply as alice").press("Enter")

    expect(thread.get_by_role("article")).to_have_count(2)
    expect(thread.get_by_role("article").last).to_contain_text("not me, @bob")
    expect(question.get_by_role("button", name="1 reply")).to_be_visible()
    thread.get_by_role("button", name="Close thread").click()
    expect(thread).to_have_count(0)


def test_a_channel_with_something_new_says_how_much_until_one_looks(desk: Desk) -> None:
    alice = {"person": "alice", "channel": "#oncall", "text": "psst"}
    bob = {**alice, "person": "bob"}
    desk.post("/workspace/message", alice)
    channel = desk.page.get_by_role("navigation").get_by_role("button", name=re.compile("oncall"))
    expect(channel).not_to_contain_text(re.compile(r"\d"))

    desk.post("/workspace/message", bob)
    expect(channel).to_contain_text("1")
    channel.click()
    expect(desk.newest).to_contain_text("psst")
    desk.page.get_by_role("navigation").get_by_role("button", name=re.compile("general")).click()

    expect(channel).not_to_contain_text(re.compile(r"\d"))
