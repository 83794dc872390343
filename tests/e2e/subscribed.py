"""The bot's Slack side with a real store and the real use cases, in a Slack workspace on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from deploybot.domain.ports import Posted
from deploybot.service.listed import Listed
from deploybot.service.reading import Reading
from deploybot.service.subscriptions import Subscribing
from deploybot.settings.model import StoreSettings
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.outgoing import draw
from deploybot.slack.bolt import build_bot, who_am_i
from deploybot.slack.manifest import manifest
from deploybot.slack.notifier import SlackNotifier
from deploybot.slack.socket_mode import SocketModeTransport
from deploybot.slack.standing import Standing
from deploybot.slack.webapi import web_client
from deploybot.store.opening import Store, open_store
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, app
from tests.service.watched import Watched, record_in
from tests.slack.conftest import FakeAnswers
from tests.workspace_client import APP_TOKEN, BOT_TOKEN, SlackClient, served_workspace

LOOK = Look(several_foundations=False)


@dataclass
class Office:
    """A workspace with the bot in it; what it should post is posted when the test says so."""

    slack: SlackClient
    store: Store
    watched: Watched
    notifier: SlackNotifier

    async def post(self) -> int:
        """Post all that waits in the outbox; how many messages."""
        now, sent = datetime.now(UTC), 0
        while claims := await self.store.outbox.claim(now, now + timedelta(minutes=1), "test", 100):
            for claim in claims:
                assert await self.store.outbox.sending(claim, now)
                posted = await self.notifier.post(claim)
                assert isinstance(posted, Posted), posted
                await self.store.outbox.sent(claim, posted.ts, now, now)
                sent += 1
            now += timedelta(seconds=2)
        return sent


@asynccontextmanager
async def office(tmp: Path, **workspace: Any) -> AsyncIterator[Office]:
    """Everything real but the foundation, which knows two apps and is never asked for more than their names."""
    foundation = FakeFoundation(known_apps=[app("checkout", "app-1"), app("billing", "app-2")])
    async with (
        served_workspace(manifest(), **workspace) as slack,
        open_store(StoreSettings(data_dir=tmp)) as store,
        aiohttp.ClientSession() as session,
    ):
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        reading = Reading((), FakeDirectory())
        new_id = partial(next, (f"s-{number}" for number in count(1)))
        use_cases = Subscribing(
            store.subscriptions, store.ledger, (foundation,), new_id, reading, lambda: 0.0, record_in(store)
        )
        listed = Listed(store.outbox, reading).page
        standing = Standing(use_cases, store.subscriptions.one, listed, LOOK)
        home = await who_am_i(client)
        bot = build_bot(
            answers=FakeAnswers(), client=client, session=session, home=home, api_url=slack.api_url, standing=standing
        )
        transport = SocketModeTransport(bot.app, client, SecretStr(APP_TOKEN))
        await transport.start()
        await slack.wait_for_connections(1)
        yield Office(slack, store, Watched(store), SlackNotifier(client, partial(draw, look=LOOK)))
        await transport.close()
        await bot.desk.drain(5)
