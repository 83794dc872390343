"""What people do with a channel's subscriptions: look ahead, make, list, edit, pause, snooze, remove, send now."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from msgspec.structs import replace

from deploybot.domain.digest import Window, digest_of
from deploybot.domain.due import LONGEST_WINDOW, draft_of
from deploybot.domain.grammar import subscribe_text
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.ports import Foundation
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.storage import Ledger, Settled, Subscriptions
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.domain.wish import (
    NOBODY,
    Mention,
    ask_of,
    edited,
    is_same,
    mention_of,
    rescheduled,
    snoozed_until_tomorrow,
    subscription_of,
)
from deploybot.errors import UserError
from deploybot.service.gathering import Gathering
from deploybot.service.previewing import Preview, preview
from deploybot.service.reading import Reading
from deploybot.service.recording import SubscriptionRecord
from deploybot.service.subscribe_rights import SubscribeRights

__all__ = ["NOBODY", "Mention", "Preview", "Snooze", "Subscribing", "ask_of", "mention_of"]

MOST_IN_A_CHANNEL = 50
_TRIES = 3
_BEHIND = timedelta(minutes=2)
"""How far the ledger may be behind where a foundation is down."""
_INSTANT = timedelta(microseconds=1)
"""The end of a window is not in it: so much later, all is that the last poll noticed, which alerts may have told."""


class Snooze(StrEnum):
    """How long a subscription keeps quiet."""

    HOUR = "1h"
    TOMORROW = "tomorrow"
    """Until 08:00 in its zone."""


class Subscribing:
    """The use cases. Every subscription must be of the channel that it is asked for in; a UserError says what not.

    `clock` is the monotonic one, in seconds; `new_id` makes the ids of subscriptions.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        ledger: Ledger,
        foundations: Sequence[Foundation],
        new_id: Callable[[], str],
        reading: Reading,
        clock: Callable[[], float],
        record: SubscriptionRecord,
    ) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._foundations = tuple(foundations)
        self._new_id = new_id
        self._rights = SubscribeRights(reading, foundations, clock)
        self._record = record

    async def preview(
        self, ask: SubscribeAsk, channel: str, asker: str, now: datetime, mention: Mention = NOBODY
    ) -> Preview:
        """What this would have told in the last seven days. `ask.tz` None means UTC here: settle it before."""
        wanted = subscription_of(ask, "preview", channel, asker, now, mention)
        notes = await self._rights.check(ask.query, asker, channel)
        return await preview(wanted, self._gathering(), now, await self._rights.aloud(channel), notes)

    async def create(
        self, ask: SubscribeAsk, channel: str, by: str, now: datetime, mention: Mention = NOBODY
    ) -> Subscription:
        """Make a subscription of the channel, which is tried again if an error had shut it."""
        made = subscription_of(ask, self._new_id(), channel, by, now, mention)
        _check_room(made, await self._subscriptions.of_channel(channel))
        async with self._record.refusals(by, channel):
            await self._rights.check(ask.query, by, channel)
        await self._subscriptions.add(made, partial(_check_room, made))
        await self._record.done(by, channel, f"made: {_told(made)}")
        return made

    async def check_change(self, by: str, channel: str) -> None:
        """A UserError where a person may not pause, resume, edit, send or remove what the channel is subscribed to."""
        async with self._record.refusals(by, channel):
            await self._rights.check_change(by, channel)

    async def check_look(self, by: str, channel: str) -> None:
        """A UserError where a person may read nothing here, and so not what the channel is subscribed to."""
        await self._rights.check_look(by, channel)

    async def of_channel(self, channel: str, user: str) -> tuple[Subscription, ...]:
        """Those of the channel in which nothing is named that this person may not read, oldest first."""
        return await self._rights.readable(await self._subscriptions.of_channel(channel), user, channel)

    async def one(self, subscription_id: str, channel: str) -> Subscription:
        """The subscription as it is now; a UserError where the channel has it no more."""
        found = await self._subscriptions.one(subscription_id)
        if not found or found.channel != channel:
            raise UserError("That subscription is gone: see /deployments subscriptions for those that there are.")
        return found

    async def edit(
        self,
        subscription_id: str,
        channel: str,
        revision: int,
        ask: SubscribeAsk,
        now: datetime,
        mention: Mention = NOBODY,
        *,
        by: str,
    ) -> Subscription:
        """Make it what is asked. `revision` is that of the form; a UserError where somebody changed it since."""
        async with self._record.refusals(by, channel):
            await self._rights.check(ask.query, by, channel)

        def change(fresh: Subscription) -> Subscription:
            if fresh.revision != revision:
                raise UserError(f"Somebody changed it meanwhile; it is now: {_told(fresh)}. Press Edit once more.")
            return edited(fresh, ask, now, mention)

        after = await self._change(subscription_id, channel, change)
        await self._record.done(by, channel, f"edited: {_told(after)}")
        return after

    async def pause(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription:
        """Post nothing until somebody resumes it."""

        def change(fresh: Subscription) -> Subscription:
            return fresh if fresh.paused else replace(fresh, paused=f"since {now:%Y-%m-%d %H:%M} UTC", paused_by=by)

        return await self._changed("paused", subscription_id, channel, by, change)

    async def resume(self, subscription_id: str, channel: str, by: str, now: datetime) -> Subscription:
        """Post again, after a pause or a snooze. Where an error had shut the channel it is tried again."""

        def change(fresh: Subscription) -> Subscription:
            return rescheduled(replace(fresh, paused="", paused_by="", snoozed_until=None), now)

        return await self._changed("resumed", subscription_id, channel, by, change)

    async def snooze(self, subscription_id: str, channel: str, by: str, length: Snooze, now: datetime) -> Subscription:
        """Post nothing for a while; what happens then is told afterwards."""

        def change(fresh: Subscription) -> Subscription:
            if fresh.paused:
                raise UserError("It is paused, so there is nothing to snooze: resume it first.")
            hour = length is Snooze.HOUR
            return replace(
                fresh, snoozed_until=now + timedelta(hours=1) if hour else snoozed_until_tomorrow(fresh, now)
            )

        return await self._changed("snoozed", subscription_id, channel, by, change)

    async def remove(self, subscription_id: str, channel: str, by: str) -> Subscription:
        """End it; what it was."""
        found = await self.one(subscription_id, channel)
        await self._subscriptions.remove(subscription_id)
        await self._record.done(by, channel, f"removed: {_told(found)}")
        return found

    async def send_now(self, subscription_id: str, channel: str, now: datetime) -> DigestBody | None:
        """Send a digest of the time since the last one; None where nothing happened. A UserError for an alert."""
        sight = await self._rights.aloud(channel)
        for _ in range(_TRIES):
            fresh = await self.one(subscription_id, channel)
            if fresh.kind is SubscriptionKind.ALERT:
                raise UserError("An alert tells each change as it happens, so there is nothing to send: try a digest.")
            if fresh.paused:
                raise UserError("It is paused: resume it, then send it.")
            gathering = self._gathering()
            until = await gathering.horizon(now, now - _BEHIND) + _INSTANT
            window = Window(max(fresh.covered_until or fresh.made_at, until - LONGEST_WINDOW), until)
            if window.since >= until:
                return None
            seen = await gathering.seen(window, [fresh], {channel: sight})
            digest = digest_of(replace(fresh, proof=False), window, seen[fresh.id])
            if not digest:
                return None
            draft = draft_of(fresh, f"{window.since.isoformat()}:now", digest)
            if await self._subscriptions.settle([(fresh, Settled(replace(fresh, covered_until=until), draft))], now):
                return digest.body
        raise UserError(_BUSY)

    async def _changed(
        self, what: str, subscription_id: str, channel: str, by: str, change: Callable[[Subscription], Subscription]
    ) -> Subscription:
        """Change what is there, and put on the record who did."""
        after = await self._change(subscription_id, channel, change)
        await self._record.done(by, channel, f"{what}: {_told(after)}")
        return after

    async def _change(
        self, subscription_id: str, channel: str, change: Callable[[Subscription], Subscription]
    ) -> Subscription:
        """Change what is there; once more where a digest or somebody else came between."""
        for _ in range(_TRIES):
            before = await self.one(subscription_id, channel)
            after = change(before)
            if after == before or await self._subscriptions.replace(before, after):
                return await self.one(subscription_id, channel)
        raise UserError(_BUSY)

    def _gathering(self) -> Gathering:
        return Gathering(self._ledger, [foundation.name for foundation in self._foundations])


def _check_room(made: Subscription, there: Sequence[Subscription]) -> None:
    """A UserError where a channel that has these already can't have this one, too."""
    if len(there) >= MOST_IN_A_CHANNEL:
        raise UserError(
            f"This channel has {len(there)} subscriptions, and no more than {MOST_IN_A_CHANNEL} fit: "
            "remove one with /deployments subscriptions, or widen its filters."
        )
    if any(is_same(made, one) for one in there):
        raise UserError("This channel has just this subscription already: see /deployments subscriptions.")


_BUSY = "Others are changing this subscription right now: try once more."


def _told(subscription: Subscription) -> str:
    return subscribe_text(ask_of(subscription)) or "everything"
