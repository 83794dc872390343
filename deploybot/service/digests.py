"""Sends the digests that are due: claims them, reads what they tell, and stores message and next slot as one."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from deploybot.domain.access import Sight
from deploybot.domain.digest import Window, digest_of
from deploybot.domain.due import Due, due, put_off, settled
from deploybot.domain.matching import to_query
from deploybot.domain.ports import Checkpoint
from deploybot.domain.storage import Ledger, Settled, Subscriptions
from deploybot.domain.subscription import Subscription
from deploybot.errors import UserError
from deploybot.service.gathering import Gathering
from deploybot.service.reading import Sights, all_seen

log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 100
"""Their filters are read in one turn of the event loop."""
_ASKED_AT_ONCE = 10
"""So many channels at a time are asked about in Slack."""
_MOST_ROUNDS = 200
"""One tick makes 20,000 digests at most."""
_NAP = timedelta(minutes=1)
"""Without a tick for so long the process was frozen, or very busy."""
_MOST_LISTED = 20_000
"""So many listed deployments are stored in one transaction, about."""


def _passed(name: str) -> None:
    """Nobody waits at a checkpoint."""


class Digests:
    """Any number of replicas may tick at once: each digest is claimed by one and stored once.

    A digest waits until every foundation has been polled past its slot, so that it tells all that was noticed before;
    for one that is down no longer than `patience`, which a whole poll takes at most. A process that was frozen may
    have frozen in the middle of a poll, so the patience begins anew where a tick comes late. A `claim` lasts so
    long where whoever made it died: then another makes the digests. `checkpoint` is called when they are built, and
    when they are stored. `sights` tells what may be shown to all in a channel: where nobody can tell, its digests
    wait until the claim is over.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        ledger: Ledger,
        foundations: Sequence[str],
        *,
        patience: timedelta = timedelta(minutes=2),
        claim: timedelta = timedelta(minutes=2),
        checkpoint: Checkpoint = _passed,
        sights: Sights = all_seen,
    ) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._foundations = tuple(foundations)
        self._patience = patience
        self._claim = claim
        self._checkpoint = checkpoint
        self._sights = sights
        self._ticked_at: datetime | None = None
        self._awake_since: datetime | None = None

    async def tick(self, now: datetime) -> int:
        """Make what is due; how many digests were settled, with a message or without."""
        done, earliest = 0, self._earliest(now)
        for _ in range(_MOST_ROUNDS):
            gathering = Gathering(self._ledger, self._foundations)
            horizon = await gathering.horizon(now, earliest)
            claimed = await self._subscriptions.due(horizon, now + self._claim, _MOST_AT_ONCE)
            if not claimed:
                break
            done += await self._settle(claimed, gathering, horizon, now)
        return done

    def _earliest(self, now: datetime) -> datetime | None:
        """Up to when nobody is waited for; None until this process has been awake that long."""
        if self._awake_since is None or self._ticked_at is None or now - self._ticked_at > _NAP:
            self._awake_since = now
        self._ticked_at = now
        return now - self._patience if now - self._awake_since >= self._patience else None

    async def _settle(
        self, claimed: Sequence[Subscription], gathering: Gathering, horizon: datetime, now: datetime
    ) -> int:
        at_once: list[tuple[Subscription, Settled]] = []
        windows: dict[Window, list[tuple[Subscription, Due]]] = {}
        for subscription in claimed:
            match _decided(subscription, horizon):
                case Due() as made:
                    windows.setdefault(made.window, []).append((subscription, made))
                case other:
                    at_once.append((subscription, other))
            await asyncio.sleep(0)
        done = await self._subscriptions.settle(at_once, now) if at_once else 0
        for window, together in windows.items():
            done += await self._make(window, together, gathering, now)
        return done

    async def _make(
        self, window: Window, together: Sequence[tuple[Subscription, Due]], gathering: Gathering, now: datetime
    ) -> int:
        """Digests of one window, stored before too many wait in memory."""
        done, ready = 0, list[tuple[Subscription, Settled]]()
        sights = await self._seen_in({subscription.channel for subscription, _ in together})
        together = [one for one in together if one[0].channel in sights]
        seen = await gathering.seen(window, [subscription for subscription, _ in together], sights)
        for subscription, made in together:
            of = seen.pop(subscription.id)
            digest = digest_of(subscription, window, of)
            ready.append((subscription, settled(subscription, made, digest, whole=not of.gaps)))
            if sum(len(one.draft.listed) for _, one in ready if one.draft) > _MOST_LISTED:
                done += await self._store(ready, now)
                ready = []
            await asyncio.sleep(0)
        return done + (await self._store(ready, now) if ready else 0)

    async def _seen_in(self, channels: Iterable[str]) -> dict[str, Sight]:
        """What may be shown in these channels; those of which nobody can tell are left out."""
        found: dict[str, Sight | None] = {}
        waiting = sorted(channels)
        for start in range(0, len(waiting), _ASKED_AT_ONCE):
            some = waiting[start : start + _ASKED_AT_ONCE]
            found |= zip(some, await asyncio.gather(*map(self._sights, some)), strict=True)
        if unknown := [channel for channel, sight in found.items() if sight is None]:
            log.warning("digests wait, since nobody can tell who would read them", channels=unknown)
        return {channel: sight for channel, sight in found.items() if sight is not None}

    async def _store(self, ready: Sequence[tuple[Subscription, Settled]], now: datetime) -> int:
        self._checkpoint("digest.built")
        stored = await self._subscriptions.settle(ready, now)
        self._checkpoint("digest.stored")
        return stored


def _decided(subscription: Subscription, horizon: datetime) -> Due | Settled:
    """What is to be made, or the new state of one that is put off or that nobody can read any more."""
    try:
        to_query(subscription)
        decided = due(subscription, horizon)
    except UserError as problem:
        log.warning("digest cannot be read", subscription=subscription.id, problem=str(problem))
        return Settled(replace(subscription, paused=f"It can't be read any more: {problem}"))
    return put_off(subscription, decided) if isinstance(decided, datetime) else decided
