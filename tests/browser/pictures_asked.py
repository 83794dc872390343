"""Takes the pictures for team members: `python -m tests.browser.pictures_asked docs/images`."""

import sys
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.acting import SOON, canary, press, rollout_of, shown, told, typed
from tests.browser.conftest import chromium, opened
from tests.browser.desk import Desk
from tests.demo_process import running_demo

SIZE = {"width": 1400, "height": 1500}
"""High, so that a whole message fits."""
TRIES = 40


def take(to: Path) -> None:
    """A day that was busy before alice came: what she asks, what she is told, and what she subscribes to."""
    with (
        running_demo("--scenario", "busy", "--speed", "10") as demo,
        chromium() as browser,
        opened(browser, demo, viewport=SIZE) as desk,
    ):
        desk.enter(channel="checkout")
        typed(desk, "help")
        _taken(desk, told(desk, "help filters"), to / "help.png")
        typed(desk, "access")
        _taken(desk, told(desk, "You may"), to / "access.png")
        _rolled_out(desk, "acme-retail")
        app = canary(desk, "acme-retail", "carol", steps=(20, 50))
        _taken(desk, shown(desk, app["deployment"]), to / "details.png")
        _subscribed(desk, to / "subscribe.png")
        _taken(desk, _digest(desk), to / "digest.png")


def _rolled_out(desk: Desk, org: str) -> None:
    """One app gets a new version that works, and is waited for."""
    apps = desk.get("/foundation/apps?all=1")["apps"]
    app = next(one for one in apps if one["rollout"] is None and one["organization"] == org)
    desk.post("/foundation/rollouts", {"kind": "rolling", "app": app["guid"], "by": "bob"})
    for _ in range(TRIES):
        if rollout_of(desk, app["guid"]) is None:
            return
        desk.page.wait_for_timeout(1000)
    raise AssertionError("The rollout does not end")


def _subscribed(desk: Desk, to: Path) -> None:
    """The form with its look ahead, and then sent."""
    typed(desk, "subscribe org=acme-retail every=1h")
    told(desk, "subscribed this channel")
    typed(desk, "subscribe")
    form = desk.dialog
    expect(form).to_be_visible(timeout=SOON)
    form.get_by_role("button", name="Look what this would have sent").click()
    expect(form).to_contain_text("would have sent", timeout=SOON)
    form.get_by_text("would have sent").scroll_into_view_if_needed()
    desk.page.mouse.move(700, 400)
    desk.page.mouse.wheel(0, 3000)
    expect(form.get_by_role("button", name="Look what this would have sent")).to_be_in_viewport()
    _taken(desk, form, to)
    form.get_by_role("button", name="Cancel").or_(form.get_by_role("button", name="Close")).last.click()


def _digest(desk: Desk) -> Locator:
    """What Send now brings, once the bot has looked at the foundation."""
    typed(desk, "subscriptions")
    listed = told(desk, "1 subscription of this channel")
    press(listed, "Send now")
    return told(desk, "Digest:")


def _taken(desk: Desk, what: Locator, to: Path) -> None:
    desk.page.mouse.move(0, 0)
    what.screenshot(path=to)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
