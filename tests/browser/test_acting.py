"""A canary is watched, continued by two people and canceled; who may not, or comes too late, does nothing."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.acting import (
    GO_ON,
    PUT_BACK,
    SOON,
    agreed,
    canary,
    link,
    linked,
    press,
    rollout_of,
    shown,
    told,
    typed,
    until_paused,
)
from tests.browser.desk import Desk


def asked(desk: Desk, watch: Locator) -> None:
    """Continue from the watch's own message, where a second person has to agree."""
    press(watch, GO_ON)
    expect(desk.dialog).to_contain_text("A second person must agree", timeout=SOON)
    desk.dialog.get_by_role("button", name="Ask for agreement").click()
    expect(desk.dialog).to_contain_text("I have asked in this channel", timeout=SOON)
    expect(desk.dialog.get_by_role("button", name=GO_ON)).to_have_count(0)
    desk.dialog.get_by_role("button", name="Close").last.click()


def test_a_canary_is_watched_to_its_end_with_a_continue_by_each_of_two_people(desk: Desk) -> None:
    app = canary(desk, "payments-eu", "carol")
    linked(desk, "bob", "oncall")
    linked(desk, "alice", "oncall")
    typed(desk, f"watch {app['deployment']}")
    watch = told(desk, re.compile("so far|took "))
    expect(watch).to_contain_text("[20%] > 60% > 100%")

    asked(desk, watch)
    request = told(desk, "asks to continue")
    agreed(desk, request)
    told(desk, "You asked for this yourself")
    assert rollout_of(desk, app["guid"])["step"] == 1
    desk.enter("bob", "oncall")
    agreed(desk, told(desk, "A second person has to agree"))
    expect(request).to_contain_text(re.compile(r"@bob agreed.*It is done: continue"), timeout=SOON)
    expect(request.get_by_role("button", name="Agree")).to_have_count(0)

    expect(watch).to_contain_text("20% > [60%] > 100%", timeout=SOON)
    expect(watch).to_contain_text("waits at step 2 of 2", timeout=SOON)
    asked(desk, watch)
    desk.enter("alice", "oncall")
    agreed(desk, told(desk, "A second person has to agree"))
    told(desk, re.compile(r"@alice agreed.*It is done: continue"))

    expect(watch).to_contain_text("succeeded", timeout=SOON)
    expect(watch.get_by_role("button", name=GO_ON)).to_have_count(0)
    press(watch, "repl")
    expect(desk.page.get_by_role("complementary", name=re.compile("Thread"))).to_contain_text("succeeded")
    record = shown(desk, app["deployment"])
    expect(record).to_contain_text(re.compile(r"continue by alice.*continue by bob", re.DOTALL))


def test_who_is_not_linked_links_in_the_form_and_goes_on_there_but_a_role_may_refuse(desk: Desk) -> None:
    app = canary(desk, "acme-retail", "alice")
    desk.enter("bob", "checkout")
    typed(desk, "unlink")
    told(desk, re.compile("nothing to forget|have forgotten"))

    typed(desk, f"continue {app['deployment']}")
    form = desk.dialog.first
    expect(form).to_contain_text("Link it first", timeout=SOON)
    press(form, "Link your account")
    link(desk, "bob")
    expect(desk.dialog).to_have_count(1)
    press(form, "Continue it, once linked")
    expect(form).to_contain_text("Done as bob", timeout=SOON)
    form.get_by_role("button", name="Continue", exact=True).click()

    expect(form).to_contain_text(re.compile("no role|may not|not allow"), timeout=SOON)
    assert rollout_of(desk, app["guid"])["state"] == "PAUSED"


def test_a_guest_is_refused_by_the_rules_and_sees_nobodys_link(desk: Desk) -> None:
    app = canary(desk, "acme-retail", "alice")
    desk.enter("carol", "checkout")

    typed(desk, f"cancel {app['deployment']}")
    expect(desk.dialog).to_contain_text("no rule allows it", timeout=SOON)
    expect(desk.dialog.get_by_role("button", name="Cancel it")).to_have_count(0)
    desk.dialog.get_by_role("button", name="Close").last.click()

    assert rollout_of(desk, app["guid"])["state"] == "PAUSED"
    expect(desk.messages.filter(has_text="linked with")).to_have_count(0)


def test_a_cancel_asks_once_more_and_then_puts_the_previous_version_back(desk: Desk) -> None:
    app = canary(desk, "acme-retail", "alice")
    linked(desk, "alice", "checkout")
    details = shown(desk, app["deployment"])

    press(details, PUT_BACK)
    expect(desk.dialog).to_contain_text("It does not undo changes of environment variables", timeout=SOON)
    for fact in (app["name"], "production", "acme-retail", "demo", "1 of 2", "Done as alice"):
        expect(desk.dialog).to_contain_text(fact)
    desk.dialog.get_by_role("button", name="Leave it").click()
    expect(desk.dialog).to_have_count(0)
    assert rollout_of(desk, app["guid"])["state"] == "PAUSED"

    press(details, PUT_BACK)
    desk.dialog.get_by_role("button", name="Cancel it").click(timeout=SOON)
    expect(desk.dialog).to_contain_text("Canceled as alice", timeout=SOON)
    desk.dialog.get_by_role("button", name="Close").last.click()

    expect(details).to_contain_text(re.compile("cancel(ing|ed)"), timeout=SOON)
    expect(details.get_by_role("button", name=PUT_BACK)).to_have_count(0)


def test_a_button_that_is_out_of_date_does_nothing_and_says_who_was_faster(desk: Desk) -> None:
    app = canary(desk, "acme-retail", "alice", steps=(20, 40, 60))
    linked(desk, "alice", "checkout")
    details = shown(desk, app["deployment"])
    desk.post(f"/foundation/deployments/{app['deployment']}/actions/continue", {"by": "alice"})
    until_paused(desk, app["guid"], 2)

    press(details, GO_ON)

    expect(desk.dialog).to_contain_text("Nothing was done", timeout=SOON)
    expect(desk.dialog).to_contain_text("alice@example.com")
    expect(desk.dialog).to_contain_text("step 2/3")
    assert rollout_of(desk, app["guid"])["step"] == 2
