"""Edits the messages of watches, what matters first, within what a workspace allows."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog

from deploybot.domain.outgoing import Edit, WatchBody
from deploybot.domain.ports import Checkpoint, Declined, Notifier, Posted
from deploybot.domain.storage_acting import Watches
from deploybot.domain.watch import StaleWatch
from deploybot.domain.watch_edits import Credit, next_edits, rooms
from deploybot.domain.watching import DELETED
from deploybot.service.budget import Budget

log = structlog.get_logger(__name__)

_WHO = "watches"
_AT_ONCE = 5
"""Edits on their way at a time: a Slack that is slow must not hold up all for as long as many take one by one."""


class Redrawing:
    """`edits` is for the whole workspace, `edits_per_minute` what it allows: others that edit share it."""

    def __init__(
        self, watches: Watches, notifier: Notifier, edits: Budget, edits_per_minute: int, checkpoint: Checkpoint
    ) -> None:
        self._watches, self._notifier, self._edits = watches, notifier, edits
        self._per_minute, self._checkpoint = edits_per_minute, checkpoint
        self._credit: Credit | None = None
        self._resting: dict[str, datetime] = {}
        self._made = 0

    async def redraw(self, foundations: Collection[str], every: float, now: Callable[[], datetime]) -> None:
        """Edit what is next of these foundations' watches, each of which is edited every so many seconds."""
        at = now()
        self._credit = (self._credit or Credit(1, at)).at_time(at, self._per_minute)
        if not rooms(self._credit, self._per_minute, self._per_minute)[0]:
            return
        self._resting = {watch: until for watch, until in self._resting.items() if until > at}
        stale = [one for one in await self._watches.stale(foundations) if one.watch.id not in self._resting]
        room, calm = rooms(self._credit, self._per_minute, self._edits.left(_WHO) if stale else 0)
        chosen = next_edits(stale, at, every, self._made, min(room, _AT_ONCE), calm)
        await asyncio.gather(*(self._edit(one, now) for one in chosen))

    async def _edit(self, stale: StaleWatch, now: Callable[[], datetime]) -> None:
        if self._credit is None or not self._edits.take(_WHO):
            return
        self._credit, self._made = self._credit.spent(1), self._made + 1
        watch = stale.watch
        delivery = await self._notifier.edit(Edit(watch.channel, stale.ts, WatchBody(watch=watch)))
        log.debug("edit ended", watch=watch.id, outcome=str(delivery))
        self._checkpoint("watch.edited")
        match delivery:
            case Posted():
                await self._watches.shown(watch.id, watch.view.as_of, now())
            case Declined(shut=True):
                await self._watches.gone(watch.id, DELETED, now())
            case Declined(wait=wait) if wait:
                self._resting[watch.id] = now() + timedelta(seconds=wait)
            case _:
                pass  # it is stale still, and comes again
