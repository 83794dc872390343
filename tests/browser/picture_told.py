"""Takes the README's picture of what is told: `python -m tests.browser.picture_told docs/images/alert.png`."""

import re
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import chromium, opened
from tests.browser.desk import Desk
from tests.demo_process import running_demo

SIZE = {"width": 1800, "height": 820}
SOON = 60_000
TRIES = 60
CHANNEL = {"person": "bob", "channel": "#checkout"}


def take(to: Path) -> None:
    """Bob has subscribed, so alice sees only what the channel is told: a failure with its thread, and a digest."""
    with (
        running_demo("--scenario", "calm", "--speed", "10") as demo,
        chromium() as browser,
        opened(browser, demo, viewport=SIZE) as desk,
    ):
        desk.enter(channel="checkout")
        for text in ("subscribe every=1h", "subscribe on=failed,stalled mention=@operators"):
            desk.post("/workspace/command", {**CHANNEL, "text": f"/deployments {text}"})
        expect(desk.messages).to_have_count(2, timeout=SOON)
        for kind, app in zip(("rolling", "canary", "failing"), _readable(desk), strict=False):
            desk.post("/foundation/rollouts", {"kind": kind, "app": app})
        alert = desk.messages.filter(has_text="stalled")
        expect(alert.get_by_role("button", name="1 reply")).to_be_visible(timeout=SOON)
        _cancel_what_fails(desk)
        desk.page.get_by_role("button", name="2 replies").click(timeout=SOON)
        _send_now(desk)
        expect(desk.newest).to_contain_text("Digest: 3 deployments", timeout=SOON)
        desk.page.mouse.move(0, 0)
        desk.page.screenshot(path=to, clip=_talk(desk))


def _readable(desk: Desk) -> list[str]:
    """Apps at rest that everybody in the channel may read of, the guest too."""
    apps = desk.get("/foundation/apps?all=1")["apps"]
    return [one["guid"] for one in apps if one["rollout"] is None and one["organization"] == "acme-retail"]


def _cancel_what_fails(desk: Desk) -> None:
    for app in desk.get("/foundation/apps")["apps"]:
        if app["rollout"] and app["rollout"]["strategy"] == "rolling" and app["rollout"]["actions"]:
            desk.post(f"/foundation/deployments/{app['rollout']['guid']}/actions/cancel", {})


def _send_now(desk: Desk) -> None:
    """Bob presses it in a list of his own."""
    desk.post("/workspace/command", {**CHANNEL, "text": "/deployments subscriptions"})
    for _ in range(TRIES):
        for message in desk.get("/workspace/messages?person=bob&channel=%23checkout")["messages"]:
            for block in message.get("blocks") or ():
                if button := next(
                    (one for one in block.get("elements", ()) if one.get("action_id") == "subs_send"), None
                ):
                    _click(desk, message, block, button)
                    return
        time.sleep(0.5)


def _click(desk: Desk, message: dict[str, Any], block: dict[str, Any], button: dict[str, Any]) -> None:
    place = {"channel": CHANNEL["channel"], "ts": message["ts"]}
    what = {"block_id": block["block_id"], "action_id": button["action_id"], "value": button["value"]}
    desk.post("/workspace/click", {"person": "bob", **place, **what})


def _talk(desk: Desk) -> Any:
    """The conversation and its thread, without what is behind the scenes."""
    talk = desk.page.get_by_role("main").bounding_box()
    thread = desk.page.get_by_role("complementary", name=re.compile("Thread")).bounding_box()
    assert talk
    assert thread
    return {"x": talk["x"], "y": talk["y"], "width": talk["width"] + thread["width"], "height": talk["height"]}


if __name__ == "__main__":
    take(Path(sys.argv[1]))
