"""Health is what the turns show: a scheduler that stops, Slack that refuses, and where the answers are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import aiohttp
import httpx
import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pydantic import SecretStr

from deploybot.app.background import Background, Turn
from deploybot.app.health import Checks, Sight, health_of, server_of, start
from deploybot.domain.health import HealthRules, Seen
from deploybot.domain.storage import Ledger
from deploybot.domain.telemetry import SILENT
from deploybot.errors import ConfigError
from deploybot.ops.metrics import Metrics
from deploybot.service.digests import Digests
from deploybot.service.measuring import Measures
from deploybot.service.polling import Polling
from deploybot.service.sending import Sender
from deploybot.settings.loading import load
from deploybot.settings.model import Settings
from deploybot.slack.webapi import web_client
from tests.slack.fake_slack import fake_slack

HASTY = HealthRules(turns=0.5, slack=2)


class Idle:
    """Whatever a turn is of: there is nothing to do."""

    async def tick(self, _: datetime) -> None:
        return

    async def close(self) -> None:
        return

    async def prune(self, before: datetime, most: int) -> int:
        return 0


def idle_background(*turns: Turn) -> Background:
    idle = Idle()
    return Background(
        cast(Polling, idle), cast(Sender, idle), cast(Digests, idle), cast(Ledger, idle), timedelta(days=1), turns
    )


def settings(http_port: int | None = None, health_port: int | None = None) -> Settings:
    given = {"PORT": http_port, "DEPLOYBOT_HEALTH_PORT": health_port}
    ports = {name: str(port) for name, port in given.items() if port is not None}
    return load(
        None,
        {"CF_API": "https://api.example.com", "CF_CLIENT_ID": "deploybot", "CF_CLIENT_SECRET": "s", **ports},
        transport=None,
    )


@asynccontextmanager
async def served(checks: Checks, background: Background) -> AsyncIterator[httpx.AsyncClient]:
    given = settings(health_port=0)
    health = health_of(given, lambda: checks.facts(background, None), Metrics("1"), checks.rules)
    server = server_of(given, health, over_http=False)
    assert server
    await start(server, given)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            yield client
    finally:
        await server.close()


async def answers(client: httpx.AsyncClient, path: str, status: int) -> httpx.Response:
    """The answer, once it has this status."""
    async with asyncio.timeout(10):
        while True:
            answer = await client.get(path)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.02)


async def test_a_scheduler_that_stops_is_not_alive_any_more() -> None:
    beat = Turn("beat", timedelta(seconds=0.1), Idle().tick)
    background, ticks = idle_background(beat), AsyncIOScheduler(timezone=UTC)
    background.add_to(ticks)
    async with served(Checks(HASTY), background) as client:
        ticks.start()
        await answers(client, "/livez", 200)
        ticks.shutdown(wait=False)
        told = await answers(client, "/livez", 503)
    await background.close(1)
    assert "the scheduler has begun nothing for" in told.text


async def test_over_http_slack_is_asked_and_its_word_is_the_reason() -> None:
    async with fake_slack() as slack, aiohttp.ClientSession() as session:
        checks = Checks(HASTY)
        client = web_client(session, SecretStr("xoxb-1"), slack.api_url)
        _, asking = checks.turns(cast(Measures, None), (), SILENT, client)
        await asking.work(datetime.now(UTC))
        assert checks.slack.seen.at is not None
        assert checks.slack.seen.trouble == ""
        last = checks.slack.seen.at
        slack.answers["auth.test"] = {"ok": False, "error": "token_revoked"}
        await asking.work(datetime.now(UTC))
    assert (checks.slack.seen.at, checks.slack.seen.trouble) == (last, "Slack says token_revoked")


@pytest.mark.parametrize(
    ("heard", "asked", "expected"),
    [
        ((None, ""), Seen(5.0), Seen(None, "no connection of Socket Mode")),
        ((None, "it can't be reached"), Seen(5.0), Seen(None, "it can't be reached")),
        ((100.0, ""), Seen(5.0, "Slack says token_revoked"), Seen(5.0, "Slack says token_revoked")),
        ((5.0, ""), Seen(100.0), Seen(5.0, "its socket is silent")),
        ((5.0, "it refuses a connection (x)"), Seen(100.0), Seen(5.0, "it refuses a connection (x)")),
    ],
)
def test_with_a_socket_slack_is_seen_where_both_it_and_the_web_api_answer(
    heard: tuple[float | None, str], asked: Seen, expected: Seen
) -> None:
    """A socket goes on when the bot's token was taken from it, and then nobody gets an answer."""
    checks = Checks(HASTY, slack=Sight(seen=asked))
    assert checks.facts(idle_background(), lambda: heard).slack == expected
    assert checks.facts(idle_background(), None).slack == asked


@pytest.mark.parametrize(
    ("http_port", "health_port", "over_http", "expected"),
    [
        (None, None, False, None),
        (8080, None, False, 8080),
        (8080, None, True, None),
        (8080, 9090, True, 9090),
        (8080, 9090, False, 9090),
        (None, 9090, False, 9090),
    ],
)
async def test_where_health_is_served(
    http_port: int | None, health_port: int | None, over_http: bool, expected: int | None
) -> None:
    given = settings(http_port, health_port)
    checks, background = Checks(HASTY), idle_background()
    health = health_of(given, lambda: checks.facts(background, None), Metrics("1"), checks.rules)
    server = server_of(given, health, over_http=over_http)
    assert (server.port if server else None) == expected


async def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    checks, background = Checks(HASTY), idle_background()
    async with served(checks, background) as client:
        taken = settings(health_port=int(client.base_url.port or 0))
        health = health_of(taken, lambda: checks.facts(background, None), Metrics("1"), checks.rules)
        server = server_of(taken, health, over_http=False)
        assert server
        with pytest.raises(ConfigError, match=r"health\.port: nothing can listen at 127\.0\.0\.1:\d+ \(.*\): set"):
            await start(server, taken)
