"""First messages of deployments, brought up to date as far as Slack lets a workspace's messages be edited."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Outdated
from deploybot.domain.ports import Declined, Notifier, Posted
from deploybot.domain.storage import Outbox
from deploybot.service.budget import Budget
from deploybot.service.latest import Latest
from deploybot.service.reading import Sights

log = structlog.get_logger(__name__)

_AT_ONCE = 10
_BAD_NEWS = frozenset({Outcome.FAILED, Outcome.STALLED})


class Updating:
    """`edits` is for the whole workspace: whoever else edits shares it.

    `sights` tells what may be shown to all in a channel. A message there about what they may not read any more stays
    as it is; where nobody can tell, it is tried again later.
    """

    def __init__(self, outbox: Outbox, notifier: Notifier, edits: Budget, sights: Sights) -> None:
        self._outbox, self._notifier, self._edits, self._sights = outbox, notifier, edits, sights
        self._resting: Latest[int, datetime] = Latest()

    async def update(self, now: Callable[[], datetime], until: datetime) -> None:
        """Edit what is outdated, ends and failures first, until an instant or until the budget is spent."""
        while now() < until and (most := min(_AT_ONCE, self._edits.left())):
            found = await self._outbox.outdated(now(), most)
            for outdated in sorted(found, key=_importance):
                is_time = self._resting.get(outdated.message, now()) <= now()
                if is_time and await self._may_be_shown(outdated) and self._edits.take():
                    await self._update(outdated, now())
            if len(found) < most:
                return

    async def _may_be_shown(self, outdated: Outdated) -> bool:
        sight = await self._sights(outdated.channel)
        if sight is None or sight.entry(outdated.entry):
            return sight is not None
        await self._outbox.updated(outdated.message, outdated.entry.ordinal)
        return False

    async def _update(self, outdated: Outdated, now: datetime) -> None:
        delivery = await self._notifier.update(outdated)
        log.debug("edit ended", message=outdated.message, outcome=str(delivery))
        self._resting.pop(outdated.message, None)
        match delivery:
            case Posted():
                await self._outbox.updated(outdated.message, outdated.entry.ordinal)
            case Declined(shut=True):
                await self._outbox.updated(outdated.message, outdated.entry.ordinal, gone=True)
            case Declined(wait=wait) if wait:
                self._resting[outdated.message] = now + timedelta(seconds=wait)
            case _:
                pass  # the outbox tells of it again


def _importance(outdated: Outdated) -> tuple[bool, bool]:
    entry = outdated.entry
    return entry.is_active, entry.outcome not in _BAD_NEWS
