"""Builds what examines the set-up, of all that the configuration lets one see, and has it done at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Literal, TypeVar

import aiohttp

from deploybot.app.foundations import examinations_of, listing_of, rights_of
from deploybot.domain.access import groups_named
from deploybot.domain.finding import Examination, Finding
from deploybot.domain.ports import Foundation
from deploybot.errors import ConfigError
from deploybot.service.access_check import AccessExamination
from deploybot.service.aside import aside
from deploybot.service.audience_check import AudienceExamination
from deploybot.service.examining import examine
from deploybot.service.guard_examining import GuardExamination
from deploybot.service.places import Places
from deploybot.service.reading import Reading
from deploybot.settings.examining import ConfigurationExamination
from deploybot.settings.model import Settings
from deploybot.settings.salvage import Loaded
from deploybot.slack.directory import SlackDirectory
from deploybot.slack.examining import SlackExamination
from deploybot.slack.examining_channels import ChannelsExamination
from deploybot.slack.examining_groups import GroupsExamination
from deploybot.slack.webapi import web_client, web_session
from deploybot.store.examining import StoreExamination
from deploybot.store.peeking import channels_told

TransportName = Literal["socket", "http"]
T = TypeVar("T")

_TO_READ = 5.0
"""Seconds for reading which channels are told."""


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
        session = await stack.enter_async_context(web_session())
        foundations = await _foundations(stack, settings)
        yield (
            configuration,
            *_of_access(settings, loaded.lost),
            *_of_guards(settings, loaded.lost, foundations),
            *_of_slack(settings, loaded.lost, transport, session),
            *_of_store(settings, loaded.lost),
            *examinations_of(settings),
        )


async def _foundations(stack: AsyncExitStack, settings: Settings) -> Sequence[Foundation]:
    """None of them where one can't even be asked: its own examination says why."""
    try:
        return (await stack.enter_async_context(listing_of(settings))).foundations
    except ConfigError:
        return ()


def _of_access(settings: Settings, lost: frozenset[str]) -> Iterator[Examination]:
    """What the rules mean, where they could be read, and all that decides it with them."""
    if not lost & {"access", "linking", "foundations"}:
        as_bot = {name: one.act_as == "bot" for name, one in settings.foundations.items()}
        yield AccessExamination(settings.access.to_rules(), as_bot, linking=bool(settings.linking.keys))


def _of_guards(settings: Settings, lost: frozenset[str], foundations: Sequence[Foundation]) -> Iterator[Examination]:
    rules = settings.guard_rules()
    if rules and foundations and "foundations" not in lost:
        yield GuardExamination(rules, foundations, rights_of(foundations))


def _of_slack(
    settings: Settings, lost: frozenset[str], transport: TransportName, session: aiohttp.ClientSession
) -> Iterator[Examination]:
    """What Slack can be asked with the tokens that there are; that one is missing is a problem of the settings."""
    slack, by_http = settings.slack, transport == "http"
    if not slack.bot_token:
        return
    bot = web_client(session, slack.bot_token, slack.api_url)
    app = web_client(session, slack.app_token, slack.api_url) if slack.app_token and not by_http else None
    yield SlackExamination(bot, app, session, by_http, slack.signing_secret, time.time)
    places = remembered(partial(places_of, settings, lost))
    yield ChannelsExamination(bot, places)
    if "access" not in lost:
        rules = settings.access.to_rules()
        directory = SlackDirectory(bot, time.monotonic, groups_named(rules), bot_user="")
        yield GroupsExamination(bot, rules)
        yield AudienceExamination(Reading(rules, directory).of_all, places)


def _of_store(settings: Settings, lost: frozenset[str]) -> Iterator[Examination]:
    """The database, where it is known which one."""
    if "store" not in lost:
        keys = None if "linking" in lost else settings.linking.to_keys()
        yield StoreExamination(settings.store, keys, time.time)


async def places_of(settings: Settings, lost: frozenset[str]) -> Places:
    """The channels that guards, subscriptions and watches tell."""
    why = {guard.channel: guard.name for guard in settings.guard_rules()}
    stored = None if "store" in lost else await aside(partial(channels_told, settings.store, _TO_READ))
    if stored is None:
        return Places(why, "the database could not be read")
    told = dict.fromkeys(stored, "a subscription or a watch")
    return Places(told | why, "guards could not be read" if "guards" in lost else "")


def remembered(ask: Callable[[], Coroutine[Any, Any, T]]) -> Callable[[], Awaitable[T]]:
    """Asks once, however many want to know, and however many of them go away meanwhile."""
    asking: list[asyncio.Task[T]] = []

    async def answer() -> T:
        if not asking:
            asking.append(asyncio.create_task(ask()))
        return await asyncio.shield(asking[0])

    return answer
