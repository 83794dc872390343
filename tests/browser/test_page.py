"""What people do on the page: ask, turn pages, filter, look closer, act as somebody else, and break things."""

import os
import re
import signal

from playwright.sync_api import expect

from tests.browser.desk import Desk

PAGE_TWO = re.compile(r"page 2 of \d+")
PAGE_ONE = re.compile(r"page 1 of \d+")


def app_and_revision(row: str) -> tuple[str, ...]:
    """What of a row does not change while one looks at it."""
    lines = row.splitlines()
    return lines[0], *re.findall(r"revision \d+", lines[1])


def test_a_first_visit_offers_six_things_to_try_and_the_third_shows_its_canary(desk: Desk) -> None:
    desk.enter()
    offered = desk.page.get_by_role("region", name="Things to try").get_by_role("button")
    expect(offered).to_have_count(6)

    offered.nth(2).click()

    expect(desk.newest).to_contain_text("canary", timeout=20_000)
    expect(desk.newest).to_contain_text("state=active")
    cards = desk.page.get_by_role("list", name="Running deployments").get_by_role("listitem")
    expect(cards.filter(has_text="canary").first).to_be_visible()


def test_a_typed_command_is_completed_and_answered_to_its_reader_alone(desk: Desk) -> None:
    desk.enter()
    desk.composer.press_sequentially("/dep")
    expect(desk.page.get_by_role("option").filter(has_text="/deployments")).to_be_visible()
    desk.composer.press("Tab")
    expect(desk.composer).to_have_value("/deployments ")
    before = desk.messages.count()

    desk.composer.press("Enter")

    expect(desk.messages).to_have_count(before + 1, timeout=20_000)
    expect(desk.newest).to_contain_text("Only visible to you")
    expect(desk.newest.get_by_role("heading")).to_contain_text("deployments")
    assert desk.last_message()["is_ephemeral"] is True


def test_pages_turn_forward_and_back(desk: Desk) -> None:
    desk.enter()
    answer = desk.ask("/deployments state=done sort=created")
    expect(answer).to_contain_text(PAGE_ONE)
    first = [app_and_revision(row) for row in desk.rows()]

    answer.get_by_role("button", name="Next page of deployments").click()
    expect(answer).to_contain_text(PAGE_TWO)
    second = [app_and_revision(row) for row in desk.rows()]
    answer.get_by_role("button", name="Previous page of deployments").click()
    expect(answer).to_contain_text(PAGE_ONE)

    assert len(first) == 10
    assert [app_and_revision(row) for row in desk.rows()] == first
    assert set(first).isdisjoint(second)


def test_the_filter_form_is_filled_in_checked_and_sent(desk: Desk) -> None:
    desk.enter()
    desk.ask("/deployments").get_by_role("button", name=re.compile("Change the question")).click()
    form = desk.dialog
    expect(form.get_by_role("heading", name="Filter deployments")).to_be_visible()
    form.get_by_role("button", name=re.compile("^State: ")).click()
    desk.page.get_by_role("option", name="failed", exact=True).click()
    desk.page.keyboard.press("Escape")
    form.get_by_role("textbox", name="Created").fill("the day before")
    form.get_by_role("button", name="Show").click()

    expect(form.get_by_role("alert")).to_be_visible()
    form.get_by_role("textbox", name="Created").fill("")
    form.get_by_role("button", name="Show").click()

    expect(form).to_have_count(0)
    expect(desk.newest).to_contain_text("state=failed", timeout=20_000)
    rows = desk.rows()
    assert rows
    assert all("failed" in row.splitlines()[0] for row in rows)


def test_a_row_opens_its_details_and_they_close_again(desk: Desk) -> None:
    desk.enter()
    answer = desk.ask("/deployments state=done")
    app = desk.rows()[0].split("  ")[1].strip()

    answer.get_by_role("button", name="More actions").first.click()
    desk.page.get_by_role("menuitem", name="Details").click()
    expect(desk.dialog).to_contain_text("Timeline", timeout=20_000)
    expect(desk.dialog.get_by_role("heading", level=1).or_(desk.dialog.get_by_role("heading"))).to_contain_text(
        ["Deployment", app]
    )
    expect(desk.dialog).not_to_contain_text("<!date")
    desk.dialog.get_by_role("button", name="Close").last.click()

    expect(desk.dialog).to_have_count(0)


def test_somebody_else_sees_their_own_channels_and_no_note_of_mine_until_it_is_shared(desk: Desk) -> None:
    desk.enter()
    answer = desk.ask("/deployments state=failed")
    mine = desk.messages.count()

    desk.page.get_by_role("button", name=re.compile("^bob")).click()
    expect(desk.page.get_by_role("textbox", name="Message #general as bob")).to_be_visible()
    expect(desk.messages).to_have_count(0)
    desk.page.get_by_role("button", name=re.compile("^carol")).click()
    channels = desk.page.get_by_role("navigation").get_by_role("listitem")
    expect(channels.filter(has_text="checkout")).to_be_visible()
    expect(channels.filter(has_text="oncall")).to_have_count(0)

    desk.page.get_by_role("button", name=re.compile("^alice")).click()
    expect(desk.messages).to_have_count(mine)
    answer.get_by_role("button", name="Post this page to the channel").click()
    expect(desk.messages).to_have_count(mine + 1)
    desk.page.get_by_role("button", name=re.compile("^bob")).click()

    expect(desk.messages).to_have_count(1)
    expect(desk.newest).to_contain_text("shared by @alice")
    expect(desk.newest).not_to_contain_text("Only visible to you")


def test_an_outage_is_told_while_it_lasts_and_forgotten_after(desk: Desk) -> None:
    desk.enter(channel="checkout")
    outage = desk.page.get_by_role("switch", name="Outage: nothing answers")

    outage.check()
    expect(outage).to_be_checked()
    expect(desk.ask("/deployments state=done")).to_contain_text("could not answer")
    outage.uncheck()
    expect(outage).not_to_be_checked()

    answer = desk.ask("/deployments state=done")
    expect(answer).not_to_contain_text("could not answer")
    assert len(desk.rows()) == 10


def test_a_rollout_of_a_chosen_app_appears_with_a_bar_that_moves_and_can_be_canceled(desk: Desk) -> None:
    desk.enter()
    chooser = desk.page.get_by_role("combobox", name="App")
    busy = {app["name"] for app in desk.get("/foundation/apps")["apps"]}
    path = next(
        option for option in chooser.locator("option").all_inner_texts()[1:] if option.split(" / ")[2] not in busy
    )
    chooser.select_option(label=path)

    desk.page.get_by_role("button", name="Failing one").click()
    card = (
        desk.page.get_by_role("list", name="Running deployments")
        .get_by_role("listitem")
        .filter(has_text=path.split(" / ")[2])
    )
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
    card.get_by_role("button", name=re.compile("^cancel ")).click()

    expect(card).to_have_count(0, timeout=30_000)


def test_the_clock_runs_as_fast_as_one_says(desk: Desk) -> None:
    desk.enter()
    desk.page.get_by_role("radio", name="30×").check()

    expect(desk.page.get_by_role("radio", name="30×")).to_be_checked()
    assert desk.get("/foundation/state")["speed"] == 30


def test_the_inspector_shows_what_passes_both_ways_and_no_secret(desk: Desk) -> None:
    desk.enter()
    desk.ask("/deployments state=active")
    desk.page.get_by_role("tab", name="Inspector").click()
    entries = desk.page.get_by_role("list", name="Payloads").get_by_role("listitem")

    expect(entries.filter(has_text="slash_commands").first.get_by_role("img", name="to the bot")).to_be_visible()
    answered = entries.filter(has_text="answer to a command").first
    expect(answered.get_by_role("img", name="from the bot")).to_be_visible()
    answered.locator("summary").click()
    expect(answered).to_contain_text('"blocks"')

    passed = str(desk.get("/workspace/inspector?after=0"))
    assert "slash_commands" in passed
    assert not re.search(r"xox[abp]p?-[0-9a-f]{8}", passed)
    assert not re.search(r"/(commands|actions)/\w+/\w+/[0-9a-f]{8}", passed)


def test_relative_times_tick(desk: Desk) -> None:
    desk.enter()
    desk.post("/foundation/rollouts", {"kind": "rolling"})
    shown = desk.ask("/deployments state=active").locator("time", has_text="ago").first
    before = shown.inner_text()

    expect(shown).not_to_have_text(before, timeout=70_000)


def test_a_bot_that_dies_is_told_with_its_last_words_and_started_again_on_request(desk: Desk) -> None:
    desk.enter()
    os.kill(desk.get("/bot")["pid"], signal.SIGKILL)

    trouble = desk.page.get_by_role("alert").filter(has_text="The bot ended with exit code -9")
    expect(trouble).to_be_visible()
    expect(trouble).to_contain_text(desk.get("/bot")["log"][-1][:80])
    expect(desk.page.get_by_text("bot not connected")).to_be_visible()
    trouble.get_by_role("button", name="Start it again").click()

    expect(trouble).to_have_count(0)
    expect(desk.page.get_by_text("bot connected", exact=True)).to_be_visible(timeout=30_000)
    desk.ask("/deployments state=done")
