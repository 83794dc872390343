"""Builds the bot over what was opened for it: what answers in Slack, and what goes on by itself."""

import time
from dataclasses import dataclass
from functools import partial

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from deploybot.app.accounts import own_accounts_of
from deploybot.app.acting import acting_of, aftermath_turn, hurry_turn
from deploybot.app.answers import ListingAnswers
from deploybot.app.approving import GuardTimes, editing_turns, guard_turn, second_people_of
from deploybot.app.background import Background
from deploybot.app.features import features_of
from deploybot.app.health import Checks
from deploybot.app.standing import background_of, look_of, standing_of
from deploybot.domain.access import groups_named
from deploybot.domain.ports import Checkpoint
from deploybot.domain.telemetry import Telemetry
from deploybot.service.hurrying import Hurries
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading
from deploybot.settings.model import Settings
from deploybot.slack.bolt import Bot, build_bot
from deploybot.slack.directory import SlackDirectory
from deploybot.slack.payload import Home
from deploybot.store.opening import Store


@dataclass(frozen=True, slots=True)
class Opened:
    """What is open as long as the bot runs, and closed by whoever opened it. `home` is who the bot is in Slack."""

    settings: Settings
    listing: Listing
    session: aiohttp.ClientSession
    client: AsyncWebClient
    home: Home
    store: Store
    telemetry: Telemetry


def built(opened: Opened, checks: Checks, guard: GuardTimes, checkpoint: Checkpoint) -> tuple[Bot, Background]:
    """The two halves of the bot, over the same store, rules and accounts."""
    settings, store, foundations = opened.settings, opened.store, opened.listing.foundations
    rules, hurries = settings.access.to_rules(), Hurries(time.monotonic)
    directory = SlackDirectory(opened.client, time.monotonic, groups_named(rules), opened.home.bot_user)
    reading = Reading(rules, directory)
    own = own_accounts_of(settings, store, foundations)
    acting = acting_of(settings, store, opened.listing, directory, own, hurries, checkpoint)
    second = second_people_of(settings, store, foundations, directory, reading, own, acting, checkpoint)
    look = look_of(settings)
    bot = build_bot(
        answers=ListingAnswers(opened.listing, reading, settings.answers.deadline.total_seconds(), opened.telemetry),
        client=opened.client,
        session=opened.session,
        home=opened.home,
        api_url=settings.slack.api_url,
        console=look.console,
        standing=standing_of(store, foundations, reading, look),
        features=features_of(settings, store, foundations, directory, own, acting, second),
        mine=own.linking.settled,
        telemetry=opened.telemetry,
    )
    turns = (
        aftermath_turn(settings, acting),
        hurry_turn(store, hurries),
        guard_turn(settings, store, foundations, reading, acting, guard),
        *checks.turns(store.measures, tuple(settings.foundations), opened.telemetry, opened.client),
    )
    background = background_of(
        settings,
        store,
        foundations,
        reading,
        opened.client,
        opened.home.name,
        hurries,
        turns,
        partial(editing_turns, second, store),
        checkpoint,
        opened.telemetry,
    )
    return bot, background
