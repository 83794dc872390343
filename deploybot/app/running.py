"""Opens what the bot needs, starts it and stops it."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import BaseRoute

from deploybot import __version__
from deploybot.app.approving import FOR_PEOPLE, GuardTimes
from deploybot.app.background import Background
from deploybot.app.building import Opened, built
from deploybot.app.foundations import listing_of
from deploybot.app.health import Checks, health_of, server_of, start
from deploybot.app.standing import store_of
from deploybot.app.starting import facts_of
from deploybot.app.tracing import traced
from deploybot.domain.health import Facts, HealthRules
from deploybot.errors import ConfigError
from deploybot.ops.failpoints import failpoint
from deploybot.ops.metrics import Metrics
from deploybot.ops.telemetry import Kept
from deploybot.settings.model import Settings
from deploybot.slack.bolt import Bot, who_am_i
from deploybot.slack.http import EventsEndpoint, HttpTransport
from deploybot.slack.payload import Home
from deploybot.slack.socket_mode import SocketModeTransport
from deploybot.slack.webapi import WEB_ERRORS, web_client, web_session

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 10
DRAIN_SECONDS = 6
_PATIENCE_AT_START = 60.0
_PAUSE_AT_START = 2.0

Transport = SocketModeTransport | HttpTransport
TransportName = Literal["socket", "http"]


def _now() -> datetime:
    return datetime.now(UTC)


async def run(
    settings: Settings,
    transport: TransportName,
    guard: GuardTimes = FOR_PEOPLE,
    health: HealthRules | None = None,
) -> None:
    """Run the bot until SIGTERM or SIGINT; then finish what was begun, for some seconds, and return."""
    stop, metrics, checks = _stop_on_signals(), Metrics(__version__), Checks(health or HealthRules())
    log.info("starting", **facts_of(settings, transport))
    async with (
        traced(settings.tracing, Kept(metrics)) as (telemetry, passed_on),
        listing_of(settings, telemetry, passed_on) as listing,
        web_session() as session,
    ):
        client = web_client(session, settings.slack.bot_token, settings.slack.api_url)
        home = await _home(client, stop)
        if home is None:
            return
        async with store_of(settings) as store:
            opened = Opened(settings, listing, session, client, home, store, telemetry)
            bot, background = built(opened, checks, guard, failpoint(os.environ))
            await _serve(opened, bot, background, transport, stop, metrics, checks)


async def _serve(
    opened: Opened,
    bot: Bot,
    background: Background,
    transport: TransportName,
    stop: asyncio.Event,
    metrics: Metrics,
    checks: Checks,
) -> None:
    """Listen, and do what is to be done by itself, until somebody says stop."""

    def facts() -> Facts:
        return checks.facts(background, connection.heard if isinstance(connection, SocketModeTransport) else None)

    settings = opened.settings
    health = health_of(settings, facts, metrics, checks.rules)
    server = server_of(settings, health, over_http=transport == "http")
    connection = _transport(opened, bot, transport, () if server else health.routes)
    ticks = _ticks(connection, settings.health.heartbeat_file)
    background.add_to(ticks)
    _set_apart()
    try:
        if server:
            await start(server, settings)
        await connection.start()
        ticks.start()
        log.info("ready", transport=transport)
        await stop.wait()
        log.info("stopping", seconds=DRAIN_SECONDS)
    finally:
        ticks.shutdown(wait=False) if ticks.running else None
        await asyncio.gather(connection.close(), bot.desk.drain(DRAIN_SECONDS), background.close(DRAIN_SECONDS))
        if server:
            await server.close()


def _set_apart() -> None:
    """What is there by now stays: no collection of garbage need go through it, which held everybody up for 60 ms."""
    gc.collect()
    gc.freeze()


def _transport(opened: Opened, bot: Bot, transport: TransportName, routes: Sequence[BaseRoute]) -> Transport:
    slack, http, telemetry = opened.settings.slack, opened.settings.http, opened.telemetry
    if transport == "http" and slack.signing_secret:
        endpoint = EventsEndpoint(bot.app, slack.signing_secret, telemetry=telemetry)
        return HttpTransport(endpoint, http.host, http.port, routes)
    if transport == "socket" and slack.app_token:
        return SocketModeTransport(bot.app, opened.client, slack.app_token, telemetry=telemetry)
    raise ConfigError([f"no secret for the transport {transport}"])


async def _home(client: AsyncWebClient, stop: asyncio.Event) -> Home | None:
    """Who the bot is, asked before anybody else asks it anything; a Slack that is away for a moment is waited for."""
    until = time.monotonic() + _PATIENCE_AT_START
    while not stop.is_set():
        try:
            return await who_am_i(client)
        except (*WEB_ERRORS, OSError) as problem:
            if time.monotonic() >= until:
                raise ConfigError(
                    [f"slack.api_url: Slack cannot be reached at {client.base_url} ({type(problem).__name__})"]
                ) from problem
            log.warning("slack can't be reached yet", reason=type(problem).__name__)
            await _pause(stop, _PAUSE_AT_START)
    return None


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _ticks(connection: Transport, heartbeat: Path | None) -> AsyncIOScheduler:
    """The scheduler of what the bot does by itself, in its own loop; it begins with showing that it is alive."""
    ticks = AsyncIOScheduler(timezone=UTC)

    async def beat() -> None:
        if heartbeat and await connection.is_connected():
            await asyncio.to_thread(heartbeat.touch)

    ticks.add_job(beat, "interval", seconds=HEARTBEAT_SECONDS, next_run_time=_now(), coalesce=True, max_instances=1)
    return ticks


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
