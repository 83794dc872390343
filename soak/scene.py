"""The stand-ins on loopback and the bot between them, with a channel that is told everything; all of it ends again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.serving import serve
from deploybot.demo.workspace.server import create_workspace
from deploybot.demo.workspace.serving import listening, served, url_of
from deploybot.demo.workspace.state import Workspace
from deploybot.demo.workspace.timing import Timing
from deploybot.domain.ledger import Kind
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.settings.model import StoreSettings
from deploybot.slack.manifest import manifest
from deploybot.store.opening import open_store
from soak.plan import Plan
from soak.samples import Sample, sampled
from tests.e2e.crashes import end
from tests.e2e.stage import CF_SECRET, OPEN, Bot, configured, free_port, start
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, CONTROL_TOKEN, SIGNING_SECRET, SlackClient, connect

TOLD = "C0CHECKOUT"
RULES = (
    OPEN
    + """
[[access.rules]]
name = "members act"
who = "members"
where = ["C0GENERAL1", "C0CHECKOUT", "C0ONCALL01"]
may = ["continue", "cancel"]

[[access.rules]]
name = "two people behind the door"
who = "members"
where = "C0ONCALL01"
may = ["continue", "cancel"]
approvals = 1

[[access.rules]]
name = "alice looks back"
who = "U0ALICE001"
may = "audit"
"""
)
POST_SECONDS = 1.0
"""Slack's pause between two posts in a channel, divided by the speed as all that happens in Slack."""


@dataclass
class Scene:
    """What is on stage. `slack` acts as people; `workspace` and `foundation` are looked into to know the truth."""

    plan: Plan
    slack: SlackClient
    workspace: Workspace
    foundation: Foundation
    folder: Path
    bot: Bot
    health: str

    async def sample(self, at: float) -> Sample:
        """What the bot holds now."""
        return sampled(self.bot.process.pid, self.folder, at, await self._metrics())

    async def _metrics(self) -> str:
        with suppress(httpx.HTTPError):
            async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                return (await http.get(f"{self.health}/metrics")).text
        return ""

    async def digest_due(self) -> None:
        """A digest of the last while falls due, as it does on the hour."""
        now = datetime.now(UTC)
        digest = Subscription(
            id="hourly",
            channel=TOLD,
            made_by="U1",
            made_at=now - timedelta(hours=2),
            kind=SubscriptionKind.DIGEST,
            schedule="every=1h",
            proof=True,
            next_due=now,
            covered_until=now - timedelta(seconds=self.plan.true(60)),
        )
        async with open_store(StoreSettings(data_dir=self.folder)) as store:
            await store.subscriptions.remove(digest.id)
            await store.subscriptions.add(digest)


@asynccontextmanager
async def staged(plan: Plan, folder: Path) -> AsyncIterator[Scene]:
    """Everything, with a bot that has just been started; `folder` holds its database and log."""
    listener, port = listening(), free_port()
    timing = Timing(post_interval=POST_SECONDS / plan.speed, event_retries=(0.0, 1.0, 5.0), disconnect_warning=1.0)
    app = create_workspace(
        manifest(),
        public_url=url_of(listener),
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SIGNING_SECRET,
        control_token=CONTROL_TOKEN,
        timing=timing,
    )
    clock, held = Clock(speed=plan.speed), plan.token_seconds()
    async with (
        serve("busy", control_token="held", clock=clock, seed=plan.seed, access_seconds=held) as cloud,
        served(app, listener) as url,
        connect(url) as slack,
    ):
        await _subscribed(folder)
        environment = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": slack.api_url,
            "CF_API": cloud.url,
            "CF_CLIENT_ID": "deploybot",
            "CF_CLIENT_SECRET": CF_SECRET,
            "DEPLOYBOT_DATA_DIR": str(folder),
            "DEPLOYBOT_CONFIG": str(configured(folder, RULES)),
            "DEPLOYBOT_HEALTH_PORT": str(port),
            **plan.settings(),
        }
        bot = await start("run", environment=environment, log=folder / "bot.log")
        try:
            yield Scene(plan, slack, app.state.workspace, cloud.foundation, folder, bot, f"http://127.0.0.1:{port}")
        finally:
            await end([bot])


async def _subscribed(folder: Path) -> None:
    """One channel is told everything as it happens."""
    alert = Subscription(
        id="all",
        channel=TOLD,
        made_by="U1",
        made_at=datetime.now(UTC),
        kind=SubscriptionKind.ALERT,
        on=tuple(Kind),
    )
    async with open_store(StoreSettings(data_dir=folder)) as store:
        await store.subscriptions.add(alert)
