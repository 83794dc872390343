"""What people do on the page to act: link an account, start a canary, go through the form, agree as a second person."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk

SOON = 30_000
"""Milliseconds for what the bot does by itself, and for a canary to come to its next step."""
GO_ON, PUT_BACK = "Have this deployment go on", "Put the previous version back"
"""What the buttons Continue and Cancel say of themselves."""


def canary(desk: Desk, org: str, by: str, *, space: str = "production", steps: tuple[int, ...] = (20, 60)) -> Any:
    """The largest app that rests there gets a new version in these steps, and waits at the first.

    The app as the page has it, with the guid of the `deployment`.
    """
    apps: list[dict[str, Any]] = desk.get("/foundation/apps?all=1")["apps"]
    there = [one for one in apps if one["rollout"] is None and (one["organization"], one["space"]) == (org, space)]
    app = max(there, key=_instances)
    wanted = {"kind": "canary", "app": app["guid"], "by": by, "steps": steps}
    guid = desk.post("/foundation/rollouts", wanted)["deployment"]
    until_paused(desk, app["guid"], 1)
    return {**app, "deployment": guid}


def _instances(app: dict[str, Any]) -> int:
    return sum(len(process["instances"]) for process in app["processes"])


def rollout_of(desk: Desk, app_guid: str) -> Any:
    """The rollout of an app as the foundation has it, None for an app at rest."""
    apps = desk.get("/foundation/apps?all=1")["apps"]
    return next(one for one in apps if one["guid"] == app_guid)["rollout"]


def until_paused(desk: Desk, app_guid: str, step: int) -> None:
    """Until the canary waits at that step."""
    for _ in range(SOON // 100):
        rollout = rollout_of(desk, app_guid)
        if rollout and rollout["state"] == "PAUSED" and rollout["step"] == step:
            return
        desk.page.wait_for_timeout(100)
    raise AssertionError(f"The canary does not come to step {step}: {rollout_of(desk, app_guid)}")


def typed(desk: Desk, text: str) -> None:
    """A command, sent."""
    desk.composer.fill(f"/deployments {text}")
    desk.composer.press("Enter")


def told(desk: Desk, words: str | re.Pattern[str]) -> Locator:
    """The newest message with these words, once it is there."""
    found = desk.messages.filter(has_text=words).last
    expect(found).to_be_visible(timeout=SOON)
    return found


def shown(desk: Desk, guid: str) -> Locator:
    """The details of a deployment, asked for."""
    typed(desk, f"show {guid}")
    return told(desk, re.compile(rf"Timeline.*{guid}", re.DOTALL))


def press(within: Locator, name: str) -> None:
    """The button that does this, by what it shows or says of itself."""
    within.get_by_role("button", name=name).first.click()


def link(desk: Desk, account: str) -> None:
    """Through the form that is open: a code from the login server's page, and back."""
    form = desk.dialog.last
    expect(form).to_contain_text("Get a code", timeout=SOON)
    with desk.page.context.expect_page() as opened:
        form.get_by_text("Get a code").click()
    page = opened.value
    page.get_by_label("User name").fill(account)
    page.get_by_label("Password").fill(account)
    page.get_by_role("button", name="Show passcode").click()
    code = page.locator("code").inner_text()
    page.close()
    form.get_by_role("textbox", name="Code").fill(code)
    form.get_by_role("button", name="Link", exact=True).click()
    expect(form).to_contain_text(f"as {account}", timeout=SOON)
    expect(form).not_to_contain_text(code)
    form.get_by_role("button", name="Close").last.click()


def linked(desk: Desk, person: str, channel: str) -> None:
    """A person enters a channel and links the account of the same name."""
    desk.enter(person, channel)
    typed(desk, "link")
    link(desk, person)
    expect(desk.dialog).to_have_count(0)


def agreed(desk: Desk, request: Locator) -> None:
    """Press Agree on a request, and again where that asks once more."""
    press(request, "Agree to")
    desk.dialog.get_by_role("button", name="Agree", exact=True).click()
