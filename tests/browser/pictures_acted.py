"""Takes the pictures of watching and acting: `python -m tests.browser.pictures_acted docs/images`."""

import sys
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.acting import GO_ON, SOON, agreed, canary, linked, press, told, typed, until_paused
from tests.browser.conftest import chromium, opened
from tests.browser.desk import Desk
from tests.demo_process import running_demo

SIZE = {"width": 1400, "height": 1000}


def take(to: Path) -> None:
    """A canary that alice watches and continues, in a channel where a second person has to agree."""
    with (
        running_demo("--scenario", "calm", "--speed", "10") as demo,
        chromium() as browser,
        opened(browser, demo, viewport=SIZE) as desk,
    ):
        linked(desk, "bob", "oncall")
        linked(desk, "alice", "oncall")
        app = canary(desk, "payments-eu", "carol", steps=(20, 50))
        typed(desk, f"watch {app['deployment']}")
        watch = told(desk, "is pinged at the end")
        _confirmed(desk, watch, to / "confirm.png")
        request = told(desk, "asks to continue")
        _taken(desk, request, to / "two-people.png")
        desk.enter("bob", "oncall")
        agreed(desk, told(desk, "A second person has to agree"))
        until_paused(desk, app["guid"], 2)
        expect(watch).to_contain_text("waits at step 2 of 2", timeout=SOON)
        _taken(desk, watch, to / "watch.png")


def _confirmed(desk: Desk, watch: Locator, to: Path) -> None:
    """The form as it asks, and then sent."""
    press(watch, GO_ON)
    send = desk.dialog.get_by_role("button", name="Ask for agreement")
    expect(send).to_be_visible(timeout=SOON)
    _taken(desk, desk.dialog, to)
    send.click()
    expect(desk.dialog).to_contain_text("I have asked in this channel", timeout=SOON)
    desk.dialog.get_by_role("button", name="Close").last.click()


def _taken(desk: Desk, what: Locator, to: Path) -> None:
    desk.page.mouse.move(0, 0)
    what.screenshot(path=to)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
