"""Builds what the bot does by itself: over the store, the foundations and Slack, as the settings say."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from deploybot.app.background import Background, Turn
from deploybot.app.watching import following_of, turns_of
from deploybot.domain.composing import ComposingRules
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.pacing import PaceRules
from deploybot.domain.ports import Checkpoint, Foundation, Notifier
from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.service.budget import Budget
from deploybot.service.delivering import DeliveryRules
from deploybot.service.digests import Digests
from deploybot.service.hurrying import Hurries
from deploybot.service.listed import Listed
from deploybot.service.observing import Alerts, Observer, ObservingRules
from deploybot.service.polling import Polling, Watcher
from deploybot.service.reading import Reading
from deploybot.service.recording import SubscriptionRecord
from deploybot.service.sending import Sender
from deploybot.service.subscriptions import Subscribing
from deploybot.settings.model import Settings
from deploybot.slack.blocks.links import Console
from deploybot.slack.blocks.look import Look
from deploybot.slack.blocks.outgoing import draw
from deploybot.slack.noted_notifier import NotedNotifier
from deploybot.slack.notifier import SlackNotifier
from deploybot.slack.standing import Standing
from deploybot.store.opening import Store, open_store

CLAIM = 6
"""Leases that a replica may take to make the digests that it claimed, before another makes them."""
HOLD = 2
"""Time-outs that a claim lasts: one for the post, one for all that may delay it. So long a crash holds up a channel."""


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The store, brought up to date; ConfigError where it can't be used."""
    unclear_for = settings.delivery.timeout + settings.delivery.settle_after
    async with open_store(settings.store, unclear_for, settings.linking.to_keys()) as store:
        yield store


def standing_of(store: Store, foundations: Sequence[Foundation], reading: Reading, look: Look) -> Standing:
    """What people in chat do with subscriptions."""
    new_id = partial(secrets.token_hex, 8)
    record = SubscriptionRecord(store.actions.note, new_id, partial(datetime.now, UTC))
    subscribing = Subscribing(store.subscriptions, store.ledger, foundations, new_id, reading, time.monotonic, record)
    return Standing(subscribing, store.subscriptions.one, Listed(store.outbox, reading).page, look)


def look_of(settings: Settings) -> Look:
    """How messages are drawn."""
    console = Console({name: one.ui_url for name, one in settings.foundations.items() if one.ui_url})
    return Look(console, several_foundations=len(settings.foundations) > 1)


def background_of(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    reading: Reading,
    client: AsyncWebClient,
    bot: str,
    hurries: Hurries,
    turns: Sequence[Turn],
    editing: Callable[[Notifier, Budget], Sequence[Turn]],
    checkpoint: Checkpoint,
    telemetry: Telemetry = SILENT,
) -> Background:
    """Everything that goes on without being asked for. `bot` is its name in Slack, `turns` are those of features.

    `editing` makes those that edit messages, within the budget that all share.
    """
    notifier = NotedNotifier(_notifier(settings, client, bot), telemetry)
    edits = Budget(settings.delivery.edits_per_minute, time.monotonic)
    following = following_of(settings, store, foundations, reading, notifier, edits, hurries, checkpoint)
    return Background(
        polling=_polling(settings, store, foundations, hurries, checkpoint, telemetry),
        sender=_sender(settings, store, reading, notifier, edits, checkpoint),
        digests=Digests(
            store.subscriptions,
            store.ledger,
            tuple(settings.foundations),
            claim=CLAIM * settings.polling.lease,
            checkpoint=checkpoint,
            sights=reading.of_all,
        ),
        ledger=store.ledger,
        retention=settings.store.retention,
        turns=(*turns, *editing(notifier, edits), *turns_of(following)),
        closing=(following.close,),
        telemetry=telemetry,
    )


def _polling(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    hurries: Hurries,
    checkpoint: Checkpoint,
    telemetry: Telemetry,
) -> Polling:
    """Each foundation at its own pace, by whichever replica holds its lease."""
    polling, alerts, holder = settings.polling, Alerts(store.subscriptions), secrets.token_hex(8)
    outcome = OutcomeRules(settings.answers.stall_after, settings.answers.unhealthy_after)
    rules = ObservingRules(outcome, polling.overlap, polling.interval, polling.backfill)
    pace = PaceRules(polling.interval, min(polling.interval, timedelta(seconds=5)), share=polling.rate_share)
    return Polling(
        [
            Watcher(
                Observer(foundation, store.ledger, alerts, time.monotonic, rules, checkpoint),
                store.leases,
                holder,
                lambda: datetime.now(UTC),
                pace,
                lease=polling.lease,
                hurried=partial(hurries.is_hurried, foundation.name),
                telemetry=telemetry,
            )
            for foundation in foundations
        ]
    )


def _notifier(settings: Settings, client: AsyncWebClient, bot: str) -> SlackNotifier:
    timeout = settings.delivery.timeout.total_seconds()
    return SlackNotifier(client, partial(draw, look=look_of(settings)), timeout=timeout, bot=bot)


def _sender(
    settings: Settings, store: Store, reading: Reading, notifier: Notifier, edits: Budget, checkpoint: Checkpoint
) -> Sender:
    delivery = settings.delivery
    return Sender(
        store.outbox,
        notifier,
        edits=edits,
        composing=ComposingRules(messages=delivery.messages_per_minute),
        delivery=DeliveryRules(delivery.timeout, delivery.settle_after, hold=HOLD * delivery.timeout),
        checkpoint=checkpoint,
        sights=reading.of_all,
    )
