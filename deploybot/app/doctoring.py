"""Builds what examines the set-up, of all that the configuration lets one see, and has it done at once."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

import aiohttp

from deploybot.domain.finding import Examination, Finding
from deploybot.service.access_check import AccessExamination
from deploybot.service.examining import examine
from deploybot.settings.examining import ConfigurationExamination
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded
from deploybot.slack.examining import SlackExamination
from deploybot.slack.webapi import web_client
from deploybot.store.examining import StoreExamination

TransportName = Literal["socket", "http"]


async def examined(loaded: Loaded, transport: TransportName, seconds: float) -> tuple[Finding, ...]:
    """All that there is to find out within so many seconds. It changes nothing anywhere."""
    until = time.monotonic() + seconds
    async with _examinations(loaded, transport) as examinations:
        return await examine(examinations, until, time.monotonic)


@asynccontextmanager
async def _examinations(loaded: Loaded, transport: TransportName) -> AsyncIterator[tuple[Examination, ...]]:
    """What can be examined; connections are closed at the end."""
    configuration, settings = ConfigurationExamination(loaded, transport), loaded.settings
    if settings is None:
        yield (configuration,)
        return
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        of_settings, of_slack = _of_settings(settings, loaded.lost), _of_slack(settings, transport, session)
        yield (configuration, *of_settings, *of_slack, *_of_store(settings, loaded.lost))


def _of_settings(settings: Settings, lost: frozenset[str]) -> Iterator[Examination]:
    """What is found out from the settings alone, as far as they could be read."""
    if not lost & {"access", "linking", "foundations"}:
        as_bot = {name: one.act_as == "bot" for name, one in settings.foundations.items()}
        yield AccessExamination(settings.access.to_rules(), as_bot, linking=bool(settings.linking.keys))


def _of_slack(settings: Settings, transport: TransportName, session: aiohttp.ClientSession) -> Iterator[Examination]:
    """What Slack can be asked with the tokens that there are; that one is missing is a problem of the settings."""
    slack, by_http = settings.slack, transport == "http"
    if not slack.bot_token:
        return
    bot = web_client(session, slack.bot_token, slack.api_url)
    app = web_client(session, slack.app_token, slack.api_url) if slack.app_token and not by_http else None
    yield SlackExamination(bot, app, session, by_http, slack.signing_secret, time.time)


def _of_store(settings: Settings, lost: frozenset[str]) -> Iterator[Examination]:
    """The database, where it is known which one."""
    if "store" not in lost:
        keys = None if "linking" in lost else settings.linking.to_keys()
        yield StoreExamination(settings.store, keys, time.time)
