"""Takes the README's picture of the demo: `python -m tests.browser.picture docs/images/demo.png`."""

import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import chromium, opened
from tests.demo_process import running_demo

SIZE = {"width": 1400, "height": 860}


def take(to: Path) -> None:
    with (
        running_demo("--scenario", "busy") as demo,
        chromium() as browser,
        opened(browser, demo, viewport=SIZE) as desk,
    ):
        desk.page.request.put(desk.url("/foundation/traffic"), data={"on": True})
        desk.enter(channel="checkout")
        cards = desk.page.get_by_role("list", name="Running deployments").get_by_role("listitem")
        expect(cards).to_have_count(5, timeout=60_000)
        desk.ask("/deployments state=active,failed")
        desk.page.screenshot(path=to)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
