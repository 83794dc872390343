"""A bot between a fake Slack and made-up answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from deploybot.domain.button import button_text
from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query
from deploybot.slack.answers import Asker
from deploybot.slack.blocks.look import Look
from deploybot.slack.bolt import Bot, build_bot, who_am_i
from deploybot.slack.feature import FeatureMaker
from deploybot.slack.standing import Standing
from deploybot.slack.webapi import web_client
from tests.fake_telemetry import FakeTelemetry
from tests.slack.factories import detail, page
from tests.slack.fake_slack import HOME_TEAM, JSON, FakeSlack, fake_slack
from tests.slack.fake_subscribes import FakeSubscribes


@dataclass
class FakeAnswers:
    """Answers every question with one page and one detail, or raises what it is told to."""

    asked: list[tuple[str, Query, Asker]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    error: Exception | None = None
    delay: float = 0
    shown: Page = field(default_factory=page)
    aloud: list[bool] = field(default_factory=list)

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        self.aloud.append(aloud)
        self.asked.append(("page", query, asker))
        self.turns.append(turn)
        await asyncio.sleep(self.delay)
        if self.error:
            raise self.error
        return self.shown

    async def detail(self, subject: str, query: Query, asker: Asker, *, aloud: bool) -> Detail:
        self.aloud.append(aloud)
        self.asked.append((subject, query, asker))
        if self.error:
            raise self.error
        return detail()


@dataclass
class Times:
    """Clocks that a test moves by hand."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desktop:
    """The bot, what surrounds it, and a person who uses it."""

    slack: FakeSlack
    bot: Bot
    answers: FakeAnswers
    subscribes: FakeSubscribes
    times: Times
    session: aiohttp.ClientSession
    telemetry: FakeTelemetry

    async def send(self, body: JSON) -> BoltResponse:
        """Deliver a payload as Socket Mode does, and let its work come to an end."""
        answer = await self.bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
        await self.bot.desk.drain(5)
        return answer

    def command(self, text: str = "app=checkout", **more: Any) -> JSON:
        return {
            "command": "/deployments",
            "text": text,
            "team_id": HOME_TEAM,
            "user_id": "U1",
            "channel_id": "C1",
            "response_url": self.slack.hook("command"),
            "trigger_id": f"trigger.{len(self.slack.posts)}",
            "is_enterprise_install": "false",
            **more,
        }

    def click(self, action: str, value: str | None = None, *, shared: bool = False, **more: Any) -> JSON:
        """A click on a button in a message."""
        container = {"type": "message", "message_ts": "1.1", "channel_id": "C1", "is_ephemeral": not shared}
        text = button_text(Turn(), Query(apps=("checkout",))) if value is None else value
        return {
            "type": "block_actions",
            "team": {"id": HOME_TEAM},
            "user": {"id": "U1", "team_id": HOME_TEAM},
            "channel": {"id": "C1"},
            "container": container,
            "response_url": self.slack.hook("click"),
            "trigger_id": f"click.{len(self.slack.posts)}",
            "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": text}],
            **({"message": {"ts": "1.1"}} if shared else {}),
            **more,
        }

    def choice(self, value: str, **more: Any) -> JSON:
        """A choice in a row's menu."""
        chosen = {"action_id": "row", "block_id": "b", "type": "overflow", "selected_option": {"value": value}}
        return {**self.click("row", **more), "actions": [chosen]}

    def mention(self, text: str = "<@UBOT> app=checkout", **more: Any) -> JSON:
        event = {"type": "app_mention", "user": "U1", "text": text, "channel": "C1", "ts": "5.5", "team": HOME_TEAM}
        return {
            "type": "event_callback",
            "team_id": HOME_TEAM,
            "event_id": f"Ev{len(self.slack.calls)}",
            "event": {**event, **more},
        }

    @property
    def posted(self) -> JSON:
        """The one answer that came to a response address."""
        ((_, payload),) = self.slack.posts
        return payload


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with fake_slack() as running:
        yield running


@pytest.fixture
def answers() -> FakeAnswers:
    return FakeAnswers()


@pytest.fixture
def subscribes() -> FakeSubscribes:
    return FakeSubscribes()


@pytest.fixture
def features() -> tuple[FeatureMaker, ...]:
    """None; a module that tests one has its own."""
    return ()


@pytest.fixture
async def desktop(
    slack: FakeSlack, answers: FakeAnswers, subscribes: FakeSubscribes, features: tuple[FeatureMaker, ...]
) -> AsyncIterator[Desktop]:
    async with aiohttp.ClientSession() as session:
        client = web_client(session, SecretStr("xoxb-1"), slack.api_url)
        times, telemetry = Times(), FakeTelemetry()
        bot = build_bot(
            answers=answers,
            client=client,
            session=session,
            home=await who_am_i(client),
            api_url=slack.api_url,
            clock=times,
            now=times,
            new_id=lambda: "ref-1",
            standing=Standing(subscribes, subscribes.find, subscribes.listed, Look(several_foundations=False)),
            features=features,
            telemetry=telemetry,
        )
        slack.calls.clear()
        yield Desktop(slack, bot, answers, subscribes, times, session, telemetry)
        await bot.desk.drain(1)
