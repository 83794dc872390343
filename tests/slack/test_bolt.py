"""Bolt's traps, each closed; where it is cheap to show, with what happens without the cure."""

import asyncio
import json
import logging
import time
from typing import Any, cast

import aiohttp
import pytest
from pydantic import SecretStr
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.domain.page import Page
from deploybot.domain.paging import Turn
from deploybot.domain.query import Query
from deploybot.errors import ConfigError
from deploybot.slack.answering import Answering
from deploybot.slack.answers import Asker
from deploybot.slack.bolt import LOG_NAME, bolt_app, who_am_i
from deploybot.slack.desk import Desk
from deploybot.slack.listeners import Doors
from deploybot.slack.payload import Home
from deploybot.slack.webapi import web_client
from tests.slack.conftest import Desktop, FakeAnswers
from tests.slack.factories import page
from tests.slack.fake_slack import JSON, FakeSlack


class BrokenDesk:
    """Raises as soon as it is given something."""

    def take(self, asked: object, work: object) -> None:
        raise RuntimeError("broken")


def broken(app: AsyncApp) -> AsyncApp:
    app.use(Doors(cast(Desk, BrokenDesk()), cast(Answering, AnyWork()), lambda: 0.0))
    return app


class AnyWork:
    def __getattr__(self, name: str) -> object:
        return name


async def dispatched(app: AsyncApp, body: JSON) -> Any:
    return await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))


async def test_an_ack_is_not_lost_when_taking_it_up_raises(desktop: Desktop) -> None:
    app = broken(bolt_app(desktop.bot.home, desktop.bot.app.client, desktop.session, lambda: "ref-9"))
    answer = await dispatched(app, desktop.command())
    assert answer.status == 200
    assert "ref-9" in answer.body
    assert "broken" not in answer.body


async def test_bolt_gives_its_level_to_no_log_but_its_own(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every request it gives its own level to the log that is called as the app."""
    monkeypatch.setattr(logging.getLogger("deploybot"), "level", logging.NOTSET)
    monkeypatch.setattr(logging.getLogger(LOG_NAME), "level", logging.ERROR)
    app = broken(bolt_app(desktop.bot.home, desktop.bot.app.client, desktop.session, lambda: "ref-9"))
    await dispatched(app, desktop.command())
    assert logging.getLogger("deploybot").level == logging.NOTSET


async def test_bolt_as_it_comes_loses_that_ack(desktop: Desktop) -> None:
    """It waits out the three seconds that Slack gives, and then has nothing to send."""
    client = web_client(desktop.session, SecretStr("xoxb-1"), desktop.slack.api_url)
    app = AsyncApp(client=client, request_verification_enabled=False)

    async def acknowledge_and_fail(ack: AsyncAck) -> None:
        await ack()
        raise RuntimeError("broken")

    app.command("/deployments")(acknowledge_and_fail)
    assert (await dispatched(app, desktop.command())).status != 200


async def test_a_form_that_cannot_be_taken_up_shows_the_apology_in_the_form(desktop: Desktop) -> None:
    app = broken(bolt_app(desktop.bot.home, desktop.bot.app.client, desktop.session, lambda: "ref-9"))
    body = {"type": "view_submission", "view": {"type": "modal", "callback_id": "filter"}, "user": {"id": "U1"}}
    told = json.loads((await dispatched(app, body)).body)
    assert told["response_action"] == "update"
    assert "ref-9" in json.dumps(told["view"])


async def test_who_the_bot_is_is_asked_once_at_start_and_never_again(desktop: Desktop) -> None:
    await desktop.send(desktop.command())
    await desktop.send(desktop.click("refresh"))
    await desktop.send(desktop.mention())
    assert len(desktop.slack.posts) + len(desktop.slack.called("chat.postMessage")) == 3
    assert desktop.slack.called("auth.test") == []


async def test_all_calls_share_one_connection(desktop: Desktop) -> None:
    for number in range(3):
        await desktop.send(desktop.mention(ts=f"{number}.0"))
        await desktop.send(desktop.click("filter", trigger_id=f"t{number}"))
    assert len(desktop.slack.called("chat.postMessage")) == len(desktop.slack.called("views.open")) == 3
    assert len(desktop.slack.connections) == 1


async def test_the_sdk_as_it_comes_opens_a_connection_for_every_call(slack: FakeSlack) -> None:
    client = AsyncWebClient(token="xoxb-1", base_url=slack.api_url)
    for _ in range(3):
        await client.auth_test()
    assert len(slack.connections) == 3


class SlowAnswers(FakeAnswers):
    """Answers at once, until a test makes it wait."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.go.set()

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        self.asked.append(("page", query, asker))
        await self.go.wait()
        return page()


@pytest.fixture
def answers() -> FakeAnswers:
    return SlowAnswers()


async def test_the_ack_does_not_wait_for_cloud_foundry(desktop: Desktop, answers: SlowAnswers) -> None:
    answers.go.clear()
    begun = time.perf_counter()
    answer = await dispatched(desktop.bot.app, desktop.command())
    assert answer.status == 200
    assert time.perf_counter() - begun < 0.2
    assert desktop.slack.posts == []
    answers.go.set()
    await desktop.bot.desk.drain(5)
    assert len(desktop.slack.posts) == 1


async def test_who_asks_too_much_at_once_is_told_to_wait(desktop: Desktop, answers: SlowAnswers) -> None:
    answers.go.clear()
    acks = [await dispatched(desktop.bot.app, desktop.command(trigger_id=f"t{number}")) for number in range(6)]
    assert {ack.status for ack in acks} == {200}
    await desktop.slack.until(lambda: desktop.slack.posts)
    assert "wait" in desktop.slack.posts[0][1]["text"]
    assert desktop.slack.posts[0][1]["response_type"] == "ephemeral"
    other = await dispatched(desktop.bot.app, desktop.command(trigger_id="o", user_id="U2"))
    assert other.status == 200
    answers.go.set()
    await desktop.bot.desk.drain(5)
    assert len(answers.asked) == 5
    assert {asker.user for _, _, asker in answers.asked} == {"U1", "U2"}


async def test_a_token_that_slack_does_not_take_is_told_with_its_cure(slack: FakeSlack) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": "invalid_auth"}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ConfigError, match=r"SLACK_BOT_TOKEN.*invalid_auth"):
            await who_am_i(web_client(session, SecretStr("xoxb-secret"), slack.api_url))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_slack_in_trouble_at_start_is_no_wrong_token(slack: FakeSlack, status: int) -> None:
    slack.statuses["auth.test"] = status
    slack.retry_after = "60"
    async with aiohttp.ClientSession() as session, asyncio.timeout(10):
        with pytest.raises(SlackApiError):
            await who_am_i(web_client(session, SecretStr("xoxb-1"), slack.api_url))


@pytest.mark.parametrize("error", ["internal_error", "service_unavailable", "fatal_error"])
async def test_an_error_of_slacks_own_at_start_is_no_wrong_token(slack: FakeSlack, error: str) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": error}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SlackApiError):
            await who_am_i(web_client(session, SecretStr("xoxb-1"), slack.api_url))


async def test_home_is_what_slack_says_of_the_token(slack: FakeSlack) -> None:
    slack.answers["auth.test"] = {
        "ok": True,
        "team_id": "T1",
        "enterprise_id": "E1",
        "is_enterprise_install": True,
        "user_id": "UBOT",
        "bot_id": "B1",
        "user": "cfbot",
    }
    async with aiohttp.ClientSession() as session:
        home = await who_am_i(web_client(session, SecretStr("xoxb-1"), slack.api_url))
    assert home == Home("T1", "E1", org_wide=True, bot_user="UBOT", bot="B1", name="cfbot")


async def test_a_token_in_the_environment_changes_nothing_and_is_not_remarked_upon(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "from-the-environment")
    app = bolt_app(desktop.bot.home, desktop.bot.app.client, desktop.session, lambda: "r")
    assert app.client.token is None
    assert "will be unused" not in caplog.text
