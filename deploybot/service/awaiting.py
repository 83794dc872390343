"""Looks after requests for a second person: they run out, become void, are finished after a crash, and are redrawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from deploybot.domain.acting import ActionState, stand_of, stand_of_entry
from deploybot.domain.approval import Approval, ApprovalState, has_expired, has_moved
from deploybot.domain.ledger import Entry
from deploybot.domain.outgoing import ApprovalBody, Edit
from deploybot.domain.ports import Declined, Foundation, Notifier, Posted
from deploybot.domain.storage import Ledger
from deploybot.domain.storage_acting import ActionLog, Approvals
from deploybot.errors import UpstreamError
from deploybot.service.agreed import Endings, words_of
from deploybot.service.asking import key_of
from deploybot.service.budget import Budget
from deploybot.service.failures import survive
from deploybot.service.latest import Latest

log = structlog.get_logger(__name__)

_REMEMBERED = timedelta(days=7)
_SECONDS = 20.0
"""For one look at a foundation, or one action."""
_AT_ONCE = 10
_TOO_LATE = "Somebody agreed, but I was stopped before it was done, and by now the request has run out: ask again."


@dataclass
class Awaiting:
    """One short turn after the other. `edits` is for the whole workspace: whoever else edits shares it.

    For `patience` after an agreement whoever got it may still be busy with the action.
    """

    approvals: Approvals
    ledger: Ledger
    log: ActionLog
    foundations: Mapping[str, Foundation]
    endings: Endings
    notifier: Notifier
    edits: Budget
    monotonic: Callable[[], float]
    patience: timedelta = timedelta(seconds=60)
    _resting: Latest[str, datetime] = field(default_factory=Latest)

    async def tick(self, now: datetime) -> None:
        """Close what has run out or is void, finish what a crash left, and bring messages up to date."""
        for approval in await self.approvals.waiting():
            await self._guarded(self._close_if_over, approval, now)
        for approval in await self.approvals.unfinished(now - _REMEMBERED):
            if approval.decided_at is None or approval.decided_at + self.patience <= now:
                await self._guarded(self._finish, approval, now)
        await self._redraw(now)

    async def _guarded(
        self, work: Callable[[Approval, datetime], Awaitable[None]], approval: Approval, now: datetime
    ) -> None:
        try:
            await work(approval, now)
        except Exception:  # a bug, or a database that is away: the other requests must not wait for this one
            survive(log, "request not looked after", approval=approval.id)

    async def _close_if_over(self, approval: Approval, now: datetime) -> None:
        if has_expired(approval, now):
            await self.endings.close(approval, ApprovalState.EXPIRED, now)
        elif await self._has_moved(approval):
            await self.endings.close(approval, ApprovalState.VOID, now)

    async def _has_moved(self, approval: Approval) -> bool:
        """As the ledger has it; but that may be older than the request, so the foundation itself is asked then."""
        foundation, guid = approval.bound.foundation, approval.bound.guid
        entry = (await self.ledger.entries(foundation, [guid])).get(guid)
        if entry is None or not _differs(approval, entry) or foundation not in self.foundations:
            return False
        state = await self.ledger.poll_state(foundation)
        if state is None or state.polled_at <= approval.asked_at:
            return False
        try:
            fresh = await self.foundations[foundation].deployment(guid, self.monotonic() + _SECONDS)
        except UpstreamError:
            return False
        return has_moved(approval, stand_of(fresh) if fresh else None)

    async def _finish(self, approval: Approval, now: datetime) -> None:
        """What a process left that died between the agreement and its end; never done twice, nor too late."""
        rows = await self.log.of_deployment(approval.bound.foundation, approval.bound.guid)
        row = next((row for row in rows if row.confirmation == key_of(approval.id)), None)
        if row and row.state is ActionState.CLAIMED:
            return  # whoever looks after actions settles it
        log.warning("agreement was left unfinished", approval=approval.id, action=row.id if row else None)
        if row and row.state is ActionState.REFUSED:
            await self.endings.in_vain(approval, row.reason, now)
        elif row:
            await self.endings.finish(approval, words_of(approval, row.state), now)
        elif has_expired(approval, now):
            await self.endings.finish(approval, _TOO_LATE, now, too_late=True)
        else:
            await self.endings.perform(approval, now, self.monotonic() + _SECONDS)

    async def _redraw(self, now: datetime) -> None:
        """Have messages show what became of their requests, as far as Slack lets a workspace's messages be edited."""
        for approval, ts in await self.approvals.stale(min(_AT_ONCE, self.edits.left())):
            if self._resting.get(approval.id, now) <= now and self.edits.take():
                await self._edit(approval, ts, now)

    async def _edit(self, approval: Approval, ts: str, now: datetime) -> None:
        if not await self._says_what_it_asks(approval):
            await self.approvals.shown(approval.id, approval.revision)
            return
        delivery = await self.notifier.edit(Edit(approval.channel, ts, ApprovalBody(approval=approval)))
        log.info("request redrawn", approval=approval.id, outcome=str(delivery))
        self._resting.pop(approval.id, None)
        match delivery:
            case Posted() | Declined(shut=True):
                await self.approvals.shown(approval.id, approval.revision)
            case Declined(wait=wait) if wait:
                self._resting[approval.id] = now + timedelta(seconds=wait)
            case _:
                pass  # it is stale still, and comes again

    async def _says_what_it_asks(self, approval: Approval) -> bool:
        """Whether the request itself was sent: one that waited until not all might read it was sent without words."""
        sent = await self.endings.outbox.sent_ones([key_of(approval.id)])
        return any(isinstance(one.draft.body, ApprovalBody) for one in sent)


def _differs(approval: Approval, entry: Entry) -> bool:
    return not entry.is_active or has_moved(approval, stand_of_entry(entry))
