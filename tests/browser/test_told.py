"""A channel is subscribed on the page, and told: the form and its look ahead, an alert's thread, a digest, the list."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk

SOON = 30_000
"""Milliseconds for what the bot does by itself: it looks once a second here, and takes three more to tell."""


def asked(desk: Desk, text: str, words: str) -> Locator:
    """Type a command and wait for the message that has these words; others may come in between."""
    desk.composer.fill(text)
    desk.composer.press("Enter")
    answer = desk.messages.filter(has_text=words).last
    expect(answer).to_be_visible(timeout=20_000)
    return answer


def pressed(desk: Desk, within: Locator, name: str, words: str) -> Locator:
    """Press a button of a message, and wait until the words of what it does are there."""
    within.get_by_role("button", name=re.compile(f"^{name}")).first.click()
    told = desk.messages.filter(has_text=words).last
    expect(told).to_be_visible(timeout=20_000)
    return told


def resting(desk: Desk) -> dict[str, str]:
    """An app that nothing is rolled out of."""
    apps: list[dict[str, Any]] = desk.get("/foundation/apps?all=1")["apps"]
    return next(app for app in apps if app["rollout"] is None)


def test_the_form_looks_ahead_corrects_and_subscribes_and_an_alert_comes_with_its_thread(desk: Desk) -> None:
    app = resting(desk)
    desk.enter(channel="checkout")
    desk.composer.fill("/deployments subscribe")
    desk.composer.press("Enter")
    form = desk.dialog
    for label, word in (("App", app["name"]), ("Space", app["space"]), ("Org", app["organization"])):
        form.get_by_label(re.compile(rf"^{label} \(")).fill(word)
    form.get_by_label("Quiet hours").fill("at night")
    form.get_by_role("button", name="Subscribe", exact=True).click()
    expect(form).to_contain_text("write them like quiet=22:00-07:00", timeout=20_000)
    form.get_by_label("Quiet hours").fill("")
    form.get_by_role("button", name="Look what this would have sent").click()
    expect(form).to_contain_text("This would have sent nothing", timeout=20_000)
    form.get_by_role("button", name="Subscribe", exact=True).click()
    expect(form).to_contain_text(f"alerts about deployments of {app['name']} in space", timeout=20_000)
    form.get_by_role("button", name="Close").last.click()
    expect(desk.messages.filter(has_text="subscribed this channel to alerts")).to_be_visible()

    rollout = desk.post("/foundation/rollouts", {"kind": "canary", "app": app["guid"]})["deployment"]
    alert = desk.messages.filter(has_text="this message is kept up to date").filter(has_text=app["name"])
    expect(alert).to_contain_text("waits at step 1", timeout=SOON)
    desk.post(f"/foundation/deployments/{rollout}/actions/cancel", {})
    expect(alert).to_have_count(0, timeout=SOON)  # it says how it ended, and is not kept up to date any more
    ended = desk.messages.filter(has_text=re.compile(rf"canceled\s+{app['name']}"))
    expect(ended).to_contain_text("ended")


def test_the_list_pauses_resumes_sends_a_digest_now_and_removes(desk: Desk) -> None:
    desk.enter(channel="oncall")
    asked(desk, "/deployments subscribe every=1h quiet=22:00-07:00", "quiet 22:00-07:00")
    app = resting(desk)
    rollout = desk.post("/foundation/rollouts", {"kind": "canary", "app": app["guid"]})["deployment"]
    desk.post(f"/foundation/deployments/{rollout}/actions/cancel", {})

    listed = asked(desk, "/deployments subscriptions", "1 subscription of this channel")
    listed = pressed(desk, listed, "Pause", "Paused: digest of deployments.")
    expect(listed).to_contain_text("paused by @alice")
    listed = pressed(desk, listed, "Resume", "Resumed: digest of deployments.")
    listed = desk.messages.filter(has_text="1 subscription of this channel").last
    for _ in range(20):  # until the bot has looked
        listed.get_by_role("button", name=re.compile("^Send now")).click()
        expect(listed).to_contain_text(re.compile("on its way|nothing to send"), timeout=20_000)
        if "on its way" in listed.inner_text():
            break
        desk.page.wait_for_timeout(500)
    digest = desk.messages.filter(has_text=re.compile(r"Digest: \d+ deployment"))
    expect(digest.first).to_contain_text(app["name"], timeout=SOON)
    expect(digest.first).to_contain_text("Europe/Berlin")

    listed.get_by_role("button", name=re.compile("^Remove")).click()
    expect(desk.dialog).to_contain_text("The digest of deployments will not be sent here any more.")
    desk.dialog.get_by_role("button", name="Remove").click()
    expect(desk.messages.filter(has_text="This channel has no subscriptions")).to_be_visible(timeout=20_000)
