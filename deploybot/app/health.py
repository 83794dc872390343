"""Builds what answers platforms and monitoring, over what the turns measure."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.app.background import Background, Turn
from deploybot.domain.health import Facts, HealthRules, Seen, longest_silent
from deploybot.domain.telemetry import Telemetry
from deploybot.errors import ConfigError
from deploybot.ops.health import Health
from deploybot.ops.metrics import Metrics
from deploybot.service.measuring import Measures, Measuring
from deploybot.serving.server import HttpServer
from deploybot.settings.model import Settings
from deploybot.slack.webapi import WEB_ERRORS, reason_of

_ASK_SECONDS = 20.0


@dataclass
class Sight:
    """When something last answered, and what was wrong since."""

    clock: Callable[[], float] = time.monotonic
    seen: Seen = field(default_factory=Seen)

    def told(self, trouble: str) -> None:
        """It has just answered, or this is why not."""
        self.seen = Seen(self.seen.at, trouble) if trouble else Seen(self.clock())


@dataclass
class Checks:
    """What is looked at for health: the database by a turn, Slack by a turn that asks it, and by its socket's pongs."""

    rules: HealthRules
    database: Sight = field(default_factory=Sight)
    slack: Sight = field(default_factory=Sight)
    since: float = field(default_factory=time.monotonic)

    def turns(
        self, measures: Measures, foundations: Sequence[str], telemetry: Telemetry, ask: AsyncWebClient
    ) -> tuple[Turn, ...]:
        """Slack is asked whatever the transport is: a socket stays open when the bot's token is taken from it."""
        measuring = Measuring(measures, foundations, telemetry, self.database.told)
        looking = Turn("measure", timedelta(seconds=self.rules.every), measuring.tick)
        every = timedelta(seconds=self.rules.ask_every)
        return looking, Turn("slack", every, partial(_ask_slack, ask, self.slack))

    def facts(self, background: Background, heard: Callable[[], tuple[float | None, str]] | None) -> Facts:
        """`heard` says when the socket was heard of last, by the monotonic clock, and why it could not be opened since;
        with HTTP there is none.
        """
        begun, running = background.pulse()
        asked = self.slack.seen
        slack = longest_silent(_by_socket(*heard()), asked) if heard else asked
        return Facts(self.since, begun, running, self.database.seen, slack)


def _by_socket(heard: float | None, trouble: str) -> Seen:
    if heard is None:
        return Seen(trouble=trouble or "no connection of Socket Mode")
    return Seen(heard, trouble or "its socket is silent")


async def _ask_slack(client: AsyncWebClient, sight: Sight, _: datetime) -> None:
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            await client.auth_test()
    except SlackApiError as problem:
        sight.told(f"Slack says {reason_of(problem)}")
    except (*WEB_ERRORS, OSError) as problem:
        sight.told(type(problem).__name__)
    else:
        sight.told("")


def health_of(settings: Settings, facts: Callable[[], Facts], metrics: Metrics, rules: HealthRules) -> Health:
    """The routes, for those who may see them."""
    return Health(facts, metrics, time.monotonic, rules, settings.health.metrics_token)


def server_of(settings: Settings, health: Health, *, over_http: bool) -> HttpServer | None:
    """A server of its own where one is wanted: at `health.port`, else, with Socket Mode, at `http.port` where that is
    set, as a platform does by PORT. None: the routes stand beside Slack's requests, or nowhere.
    """
    host = settings.health.host or settings.http.host
    if settings.health.port is not None:
        return HttpServer(health.routes, host, settings.health.port)
    if over_http or "port" not in settings.http.model_fields_set:
        return None
    return HttpServer(health.routes, host, settings.http.port)


async def start(server: HttpServer, settings: Settings) -> None:
    """Listen; ConfigError where the address is taken or none of this machine's."""
    try:
        await server.start()
    except OSError as problem:
        host = settings.health.host or settings.http.host
        reason = problem.strerror or type(problem).__name__
        told = f"health.port: nothing can listen at {host}:{server.port} ({reason}): set DEPLOYBOT_HEALTH_PORT"
        raise ConfigError([told]) from problem
