"""What a subscription would have told in the last days: counted from the ledger, nothing is kept of it."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploybot.domain.access import Sight
from deploybot.domain.digest import Window, digest_of
from deploybot.domain.ledger import Entry, Transition
from deploybot.domain.matching import Index
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.quiet import quiet_until
from deploybot.domain.schedule import slots
from deploybot.domain.schedule_text import parse_schedule
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.domain.times import to_zone
from deploybot.service.gathering import Gathering

LOOKS_BACK = timedelta(days=7)
_SLOTS_AT_ONCE = 50
"""After so many the event loop gets its turn: a week has 2,016 slots of five minutes."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a subscription would have told from `since` to `until`: how many messages, and the last one.

    `since` is later than a week ago where the ledger reaches no further. `digest` is the last digest; for an alert
    `alert` is the last change that would have been told. Both are None where `count` is 0. `notes` are sentences
    about the question, such as an app that nobody knows.
    """

    subscription: Subscription
    """What `create` would make."""
    since: datetime
    until: datetime
    count: int = 0
    digest: DigestBody | None = None
    alert: tuple[Transition, Entry] | None = None
    notes: tuple[str, ...] = ()


async def preview(
    subscription: Subscription, gathering: Gathering, now: datetime, sight: Sight, notes: tuple[str, ...] = ()
) -> Preview:
    """Look back as far as the ledger reaches, a week at most. Bursts are counted as if each change were told alone.

    `sight` is what may be shown to all in the channel: the rest is not counted.
    """
    watched = await gathering.watched_since(subscription, now - LOOKS_BACK)
    since = watched or now
    if subscription.kind is SubscriptionKind.ALERT:
        return await _alerts(subscription, gathering, Window(since, now), sight, notes)
    return await _digests(subscription, gathering, Window(since, now), sight, notes)


async def _alerts(
    subscription: Subscription, gathering: Gathering, window: Window, sight: Sight, notes: tuple[str, ...]
) -> Preview:
    """What happens in quiet hours is told in one message afterwards."""
    count, last = 0, None
    summaries: set[datetime] = set()
    async for rows in gathering.told(window, _index(subscription, sight)):
        for transition, entry, wanted in rows:
            if not wanted or transition.kind not in subscription.on:
                continue
            last = transition, entry
            if quiet := quiet_until(subscription.quiet, subscription.tz, transition.noticed_at):
                summaries.add(quiet)
            else:
                count += 1
    return Preview(subscription, window.since, window.until, count + len(summaries), alert=last, notes=notes)


async def _digests(
    subscription: Subscription, gathering: Gathering, window: Window, sight: Sight, notes: tuple[str, ...]
) -> Preview:
    ends = await _ends(subscription, window)
    told = set(range(1, len(ends))) if subscription.proof else set[int]()
    if len(ends) > 1:
        async for rows in gathering.told(Window(ends[0], ends[-1]), _index(subscription, sight)):
            told |= {bisect_right(ends, transition.noticed_at) for transition, _, wanted in rows if wanted}
    body = await _last(subscription, gathering, sight, Window(ends[max(told) - 1], ends[max(told)])) if told else None
    return Preview(subscription, window.since, window.until, len(told), digest=body, notes=notes)


def _index(subscription: Subscription, sight: Sight) -> Index:
    return Index([subscription], sights={subscription.channel: sight})


async def _last(subscription: Subscription, gathering: Gathering, sight: Sight, window: Window) -> DigestBody | None:
    seen = await gathering.seen(window, [subscription], {subscription.channel: sight})
    digest = digest_of(subscription, window, seen[subscription.id])
    return digest.body if digest else None


async def _ends(subscription: Subscription, window: Window) -> Sequence[datetime]:
    """When digests would have been posted, each window's end being the next one's beginning; quiet hours put off."""
    schedule, zone = parse_schedule(subscription.schedule), to_zone(subscription.tz)
    ends = {window.since}
    for number, slot in enumerate(slots(schedule, zone, window.since, window.until)):
        posted = quiet_until(subscription.quiet, subscription.tz, slot) or slot
        if posted <= window.until:
            ends.add(posted)
        if number % _SLOTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return sorted(ends)
