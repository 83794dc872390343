"""The end of a request: done with the asker's own account, or closed; told in its thread, and in the request itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from msgspec.structs import replace

from deploybot.domain.access import Where
from deploybot.domain.acting import ActionState, Bound
from deploybot.domain.approval import Approval, ApprovalState, decided_words
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.outgoing import Draft, NoticeBody
from deploybot.domain.storage import Outbox
from deploybot.domain.storage_acting import Approvals
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from deploybot.service.asking import approval_event, key_of

log = structlog.get_logger(__name__)

_WHY_ELSEWHERE = "It was agreed to, but not done: I have told the person who asked why."

_AT_IT = "It was agreed to and is being done just now: whoever does it tells what comes of it."


class Performs(Protocol):
    """Does what was agreed to; `service.acting.Acting` is one."""

    async def perform(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        """As `user`, at most once for a confirmation. UserError, UpstreamError: nothing was done."""
        ...


@dataclass(frozen=True, slots=True)
class Endings:
    """Brings requests to their end; any number of processes may try the same one."""

    approvals: Approvals
    outbox: Outbox
    performs: Performs
    new_id: Callable[[], str]
    """Makes ids of events."""

    async def perform(self, approval: Approval, now: datetime, until: float) -> str:
        """Do what was agreed to; what came of it, as all in the channel may read it."""
        confirmation, where = key_of(approval.id), Where(approval.channel)
        try:
            result = await self.performs.perform(approval.bound, confirmation, approval.asked_by, where, now, until)
        except UserError as problem:
            return await self.in_vain(approval, str(problem), now)
        except UpstreamError as problem:
            return await self.in_vain(approval, f"{problem.foundation} could not answer: {problem.reason}.", now)
        if result.state is ActionState.REFUSED:
            return await self.in_vain(approval, result.told, now)
        if result.state is ActionState.CLAIMED:
            return _AT_IT
        return await self.finish(approval, words_of(approval, result.state), now)

    async def in_vain(self, approval: Approval, reason: str, now: datetime) -> str:
        """It was not done. The reason may be about the asker's own account, so it is for them alone."""
        log.info("agreed to in vain", approval=approval.id, reason=reason)
        text = f"Somebody agreed to {what_of(approval)}, as you had asked, but it was not done. {reason}"
        draft = Draft(key=f"{key_of(approval.id)}:why", channel=approval.asked_by, body=NoticeBody(text=text))
        await self.outbox.add(draft, now)
        return await self.finish(approval, _WHY_ELSEWHERE, now)

    async def finish(self, approval: Approval, told: str, now: datetime, *, too_late: bool = False) -> str:
        """Tell the thread, then the request itself: the other way round a crash would lose the first.

        What was done, or refused, is on the record already, but for what is `too_late` to be tried.
        """
        await self.tell(approval, told, now)
        event = self._event(approval, told, now) if too_late else None
        await self.approvals.decide(approval, replace(approval, told=told), event)
        return told

    async def close(self, approval: Approval, state: ApprovalState, now: datetime) -> None:
        """Nobody can agree any more: it has run out, or is void."""
        told = decided_words(replace(approval, state=state))
        closed = replace(approval, state=state, told=told, decided_at=now)
        if await self.approvals.decide(approval, closed, self._event(approval, told, now)):
            log.info("request closed", approval=approval.id, state=state)
            await self.tell(approval, told, now)

    async def tell(self, approval: Approval, text: str, now: datetime) -> None:
        """Say it in the request's thread, once, and ping who asked."""
        key, mentions = key_of(approval.id), (f"<@{approval.asked_by}>",)
        body = NoticeBody(text=text, mentions=mentions)
        await self.outbox.add(Draft(key=f"{key}:told", channel=approval.channel, thread=key, body=body), now)

    def _event(self, approval: Approval, told: str, now: datetime) -> AuditEvent:
        """For the record: what was asked for is not done any more."""
        user, outcome = approval.asked_by, AuditOutcome.REFUSED
        return approval_event(self.new_id(), now, AuditKind.ASK, outcome, approval, user, rule=approval.rule, told=told)


def what_of(approval: Approval) -> str:
    """`continue checkout`"""
    return f"{approval.bound.action} {approval.app or approval.bound.guid}"


def words_of(approval: Approval, state: ActionState | None) -> str:
    """What came of an action that was sent, without whose account did it: that is for the asker alone."""
    if state is ActionState.DONE:
        return f"It is done: {what_of(approval)}."
    return (
        f"It is not clear whether it was done: {what_of(approval)}. I do not try again by myself: look at "
        "the deployment with /deployments show."
    )
