"""First messages of deployments, brought up to date as far as Slack lets a workspace's messages be edited."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Outdated
from deploybot.domain.ports import Declined, Notifier, Posted
from deploybot.domain.storage import Outbox
from deploybot.service.budget import Budget

log = structlog.get_logger(__name__)

_AT_ONCE = 10
_BAD_NEWS = frozenset({Outcome.FAILED, Outcome.STALLED})


class Updating:
    """`edits` is for the whole workspace: whoever else edits shares it."""

    def __init__(self, outbox: Outbox, notifier: Notifier, edits: Budget) -> None:
        self._outbox, self._notifier, self._edits = outbox, notifier, edits
        self._resting: dict[int, datetime] = {}

    async def update(self, now: Callable[[], datetime], until: datetime) -> None:
        """Edit what is outdated, ends and failures first, until an instant or until the budget is spent."""
        while now() < until and (most := min(_AT_ONCE, self._edits.left())):
            found = await self._outbox.outdated(now(), most)
            for outdated in sorted(found, key=_importance):
                if self._resting.get(outdated.message, now()) <= now() and self._edits.take():
                    await self._update(outdated, now())
            if len(found) < most:
                return

    async def _update(self, outdated: Outdated, now: datetime) -> None:
        delivery = await self._notifier.update(outdated)
        log.info("edit ended", message=outdated.message, outcome=str(delivery))
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
