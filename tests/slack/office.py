"""A notifier and the workspace that it posts to: what the tests of the notifier begin with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr

from deploybot.domain.outgoing import Claim, Draft, Edit, NoticeBody, Outdated
from deploybot.domain.ports import Posted
from deploybot.slack.limits import Message
from deploybot.slack.notifier import SlackNotifier
from deploybot.slack.webapi import web_client
from tests.domain.outgoing_factories import entry
from tests.workspace_client import BOT_TOKEN, JsonObject, SlackClient, served_workspace

CHECKOUT = "C0CHECKOUT"
POST = "chat.postMessage"


@dataclass
class Drawn:
    """Draws messages that a test can choose."""

    message: Message | None = None
    error: Exception | None = None

    def __call__(self, told: Claim | Outdated | Edit) -> Message:
        if self.error:
            raise self.error
        if self.message is not None:
            return self.message
        if isinstance(told, Edit):
            return {"text": "edited"}
        if isinstance(told, Outdated):
            return {"text": f"now {told.entry.ordinal}", "blocks": [section("updated")]}
        body = told.draft.body
        assert isinstance(body, NoticeBody)
        return {"text": body.text, "blocks": [section(body.text)]}


def section(text: str) -> JsonObject:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def claim(key: str = "k1", channel: str = CHECKOUT, **more: Any) -> Claim:
    draft = Draft(key=key, channel=channel, body=NoticeBody(text=f"text of {key}"))
    return Claim(1, draft, "token", datetime.now(UTC) + timedelta(seconds=60), **more)


def outdated(ts: str, channel: str = CHECKOUT) -> Outdated:
    return Outdated(1, channel, ts, entry(ordinal=3))


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


@dataclass
class Office:
    """A notifier and the workspace that it posts to."""

    slack: SlackClient
    notifier: SlackNotifier
    drawn: Drawn

    async def texts(self, channel: str = "#checkout", thread_ts: str | None = None) -> list[str]:
        return [message["text"] for message in await self.slack.messages("alice", channel, thread_ts)]

    async def posted(self, told: Claim) -> str:
        delivery = await self.notifier.post(told)
        assert isinstance(delivery, Posted), delivery
        return delivery.ts


@asynccontextmanager
async def office(timeout: float = 5, **more: Any) -> AsyncIterator[Office]:
    async with served_workspace(**more) as slack, aiohttp.ClientSession() as session:
        drawn = Drawn()
        client = web_client(session, SecretStr(BOT_TOKEN), slack.api_url)
        yield Office(slack, SlackNotifier(client, drawn, timeout=timeout), drawn)


@asynccontextmanager
async def notifier_for(api_url: str) -> AsyncIterator[SlackNotifier]:
    async with aiohttp.ClientSession() as session:
        yield SlackNotifier(web_client(session, SecretStr("xoxb-1"), api_url), Drawn(), timeout=2)
