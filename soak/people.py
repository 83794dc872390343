"""People at their keyboards: they ask, turn pages, fill in forms, watch, continue, cancel, mistype, and wait to see."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.workspace.changes import Change
from soak.scene import Scene
from tests.workspace_client import JsonObject, SlackRefusedError, elements

PAUSE_MINUTES = (0.5, 3.0)
"""Simulated ones between two things that one person does."""
LONGEST_WAIT = 12.0
"""True seconds: the bot's deadline, and some."""
CHANNELS = ("#general", "#checkout", "#oncall")
TURNS = ("turn_next", "turn_previous", "turn_first", "turn_last")
QUESTIONS = (
    "",
    "app=checkout",
    "app=c*,s* state=failed,stalled",
    "space=production since=2h",
    "org=acme-retail sort=updated per_page=20",
    "state=paused",
    "by=alice since=6h",
    'label="env in (prod,staging)"',
    "strategy=canary created>1h",
    "in_channel state=active",
    "help",
    "help filters",
    "subscriptions",
    "audit since=2h",
    "state=nonsense",
    'app="unfinished',
    "frobnicate the app",
    "created>=2026-13-45",
)
STANDING = (
    "subscribe app=checkout every=5m",
    "subscribe state=failed on=failed,stalled",
    "subscribe space=production on=paused mention=me",
)


@dataclass
class Person:
    """One person; `did` counts what came of it: `ask answered`, `watch unanswered`, ..."""

    scene: Scene
    name: str
    rng: random.Random
    did: Counter[str] = field(default_factory=Counter)
    is_linked: bool = False

    async def live(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self.scene.plan.true(self.rng.uniform(*PAUSE_MINUTES)))
            await self.act()

    async def act(self) -> None:
        """One thing, counted by what came of it; nothing that Slack does stops a person."""
        deeds: dict[Callable[[], Awaitable[bool]], float] = {
            self.ask: 10,
            self.turn_pages: 6,
            self.filter: 3,
            self.mention: 2,
            self.watch: 2,
            self.subscribe: 1,
            self.proceed: 5,
        }
        deed = self.rng.choices(list(deeds), list(deeds.values()))[0]
        try:
            answered = await deed()
        except (SlackRefusedError, httpx.HTTPError):
            self.did[f"{deed.__name__} refused"] += 1
        else:
            self.did[f"{deed.__name__} {'answered' if answered else 'unanswered'}"] += 1

    # what people do

    async def ask(self) -> bool:
        return await self._asked(self.rng.choice(QUESTIONS)) is not None

    async def turn_pages(self) -> bool:
        """From page to page, as long as there are buttons."""
        page = await self._asked(self.rng.choice(QUESTIONS[:6]))
        for _ in range(self.rng.randint(1, 4)):
            turns = [] if page is None else [each for each in TURNS if each in _buttons(page)]
            if page is None or not turns:
                break
            page = await self._clicked(page, self.rng.choice(turns))
        return page is not None

    async def filter(self) -> bool:
        """The form: opened, changed, and sent or closed."""
        page = await self._asked("app=checkout")
        if page is None or "filter" not in _buttons(page):
            return False
        seq = self._seq()
        await self.scene.slack.click(self.name, page, "filter")
        form = await self._view(seq)
        if form is None:
            return False
        await self.scene.slack.click(self.name, form, "value", [self.rng.choice(("failed", "active"))], "state")
        if self.rng.random() < 0.3:
            await self.scene.slack.close(self.name)
            return True
        seq = self._seq()
        await self.scene.slack.submit(self.name)
        return await self._message(seq, page["channel"], page["ts"]) is not None

    async def mention(self) -> bool:
        seq, channel = self._seq(), "#general"
        await self.scene.slack.say(self.name, channel, f"@deploybot {self.rng.choice(QUESTIONS)}")
        return await self._message(seq, self._channel(channel)) is not None

    async def watch(self) -> bool:
        row = self._row(lambda _: True)
        return row is not None and await self._asked(f"watch {row.guid}", shared=True) is not None

    async def subscribe(self) -> bool:
        """A standing order in a channel of its own, or a look at them, by which one is removed."""
        text = self.rng.choice((*STANDING, "subscriptions"))
        shown = await self._asked(text, channel="#oncall")
        if shown is not None and text == "subscriptions":
            await self._remove_one(shown)
        return shown is not None

    async def proceed(self) -> bool:
        """Continue or cancel what waits, through the form, once linked."""
        row = self._row(lambda one: one.state == "PAUSED") or self._row(lambda _: True)
        if row is None:
            return False
        self.is_linked = self.is_linked or await self._link()
        seq = self._seq()
        action = "continue" if row.state == "PAUSED" and self.rng.random() < 0.7 else "cancel"
        channel = self.rng.choice(CHANNELS)
        await self.scene.slack.command(self.name, channel, f"/deployments {action} {row.guid}")
        form = await self._view(seq, lambda view: "One moment" not in str(view["blocks"]))
        if form is None:
            return False
        if form.get("submit"):
            seq = self._seq()
            await self.scene.slack.submit(self.name)
            await self._view(seq, lambda view: "Sending" not in str(view["blocks"]))
        await self.scene.slack.close(self.name)
        return True

    # with what hands and eyes

    async def _link(self) -> bool:
        slack, seq = self.scene.slack, self._seq()
        await slack.command(self.name, "#checkout", "/deployments link")
        form = await self._view(seq, lambda view: "code_1" in str(view["blocks"]))
        code = self.scene.foundation.uaa.passcode_for(self.name)
        if form is None or code is None:
            return False
        await slack.click(self.name, form, "value", code, block_id="code_1")
        seq = self._seq()
        await slack.submit(self.name)
        told = await self._view(seq, lambda view: "You are linked" in str(view["blocks"]))
        await slack.close(self.name)
        return told is not None

    async def _remove_one(self, shown: JsonObject) -> None:
        blocks = [block for block, one in elements(shown) if one["action_id"] == "subs_remove"]
        if blocks:
            await self.scene.slack.click(self.name, shown, "subs_remove", block_id=self.rng.choice(blocks))

    async def _asked(self, text: str, *, channel: str = "", shared: bool = False) -> JsonObject | None:
        """The answer, which only the asker sees unless it is `shared`."""
        where, seq = channel or self.rng.choice(CHANNELS), self._seq()
        await self.scene.slack.command(self.name, where, f"/deployments {text}".strip())
        return await self._message(seq, self._channel(where), alone=not shared and "in_channel" not in text)

    async def _clicked(self, page: JsonObject, action: str) -> JsonObject | None:
        seq = self._seq()
        await self.scene.slack.click(self.name, page, action)
        return await self._message(seq, page["channel"], page["ts"])

    async def _message(self, seq: int, channel: str, ts: str = "", *, alone: bool = False) -> JsonObject | None:
        """The next message of the bot's there, or the next state of that one."""

        def is_it(change: Change) -> bool:
            if not change.kind.startswith("message_") or change.body["channel"] != channel:
                return False
            message = change.body["message"]
            mine = change.person == self._id() if alone else change.person in (None, self._id())
            return mine and "bot_id" in message and (not ts or message["ts"] == ts)

        found = await self._seen(seq, is_it)
        return found.body["message"] if found else None

    async def _view(self, seq: int, matches: Callable[[JsonObject], bool] = lambda _: True) -> JsonObject | None:
        def is_it(change: Change) -> bool:
            shown = change.kind in ("view_opened", "view_changed") and change.person == self._id()
            return shown and matches(change.body["view"])

        found = await self._seen(seq, is_it)
        return found.body["view"] if found else None

    async def _seen(self, seq: int, is_it: Callable[[Change], bool]) -> Change | None:
        """The first such change after a moment of the feed, or None when nobody would wait any longer."""
        feed, loop = self.scene.workspace.feed, asyncio.get_running_loop()
        until = loop.time() + LONGEST_WAIT
        while (left := until - loop.time()) > 0:
            changes = await feed.wait_after(seq, left)
            found = next((change for change in changes if is_it(change)), None)
            if found:
                return found
            seq = changes[-1].seq if changes else seq
        return None

    def _row(self, matches: Callable[[Deployment], bool]) -> Deployment | None:
        """Something under way that this person may act on."""
        simulation = self.scene.foundation.simulation
        account = self.scene.foundation.uaa.accounts.named(self.name)
        rows = [row for row in self.scene.foundation.world.active_deployments() if matches(row)]
        mine = [row for row in rows if account and account.person in simulation.deployers(row.space_guid)]
        return self.rng.choice(mine) if mine else None

    def _seq(self) -> int:
        return self.scene.workspace.feed.seq

    def _channel(self, name: str) -> str:
        return self.scene.workspace.channel(name).id

    def _id(self) -> str:
        return self.scene.workspace.person(self.name).id


def _buttons(shown: JsonObject) -> set[Any]:
    return {element["action_id"] for _, element in elements(shown)}
