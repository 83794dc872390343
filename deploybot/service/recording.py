"""What goes on the record about actions and subscriptions: who wanted what where, and what came of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from deploybot.domain.access import Decision, Target, target_of
from deploybot.domain.acting import Bound, Credential, Stand, stand_of
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.page import Row
from deploybot.domain.storage_acting import ActionLog
from deploybot.errors import UserError
from deploybot.service.request_id import request_id

NOT_DECIDED = Decision(False, "", "")
NOBODY = Credential("", "")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an attempt so far. `user` is a Slack id, "" for the bot itself."""

    bound: Bound
    user: str
    channel: str
    row: Row | None = None
    decision: Decision = NOT_DECIDED
    as_: Credential = NOBODY


def event_of(
    facts: Facts,
    id_: str,
    at: datetime,
    outcome: AuditOutcome,
    told: str = "",
    *,
    from_foundation: str = "",
    event_guid: str = "",
    action: str = "",
) -> AuditEvent:
    """One event; the status and step are those that were seen, else those that the button had.

    `from_foundation` is Cloud Foundry's id of the request, which has ours in it; where it was not asked, ours counts.
    """
    bound, row = facts.bound, facts.row
    stand = stand_of(row.deployment) if row else bound.stand or Stand()
    target = target_of(bound.foundation, row.app) if row and row.app else Target(bound.foundation)
    return AuditEvent(
        id=id_,
        at=at,
        kind=AuditKind(bound.action.value),
        outcome=outcome,
        user=facts.user,
        account=facts.as_.account,
        account_guid=facts.as_.account_guid,
        channel=facts.channel,
        foundation=bound.foundation,
        org=target.org,
        space=target.space,
        app=target.app,
        guid=bound.guid,
        value=stand.value,
        reason=stand.reason,
        step=stand.step,
        decision=facts.decision.why,
        rule=facts.decision.rule,
        told=told,
        request_id=from_foundation or request_id(),
        event_guid=event_guid,
        action=action,
    )


@dataclass(frozen=True, slots=True)
class Record:
    """Puts refusals on the record; `new_id` makes ids that no other event has."""

    log: ActionLog
    new_id: Callable[[], str]

    async def refused(self, facts: Facts, at: datetime, told: str) -> None:
        """That nothing was done, and why."""
        await self.log.note(event_of(facts, self.new_id(), at, AuditOutcome.REFUSED, told))


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """Puts on the record who changed what a channel is subscribed to. `note` appends; `new_id` makes ids of events."""

    note: Callable[[AuditEvent], Awaitable[None]]
    new_id: Callable[[], str]
    now: Callable[[], datetime]

    async def done(self, user: str, channel: str, told: str) -> None:
        """That it was done, with what it was about."""
        await self._note(AuditOutcome.DONE, user, channel, told)

    @asynccontextmanager
    async def refusals(self, user: str, channel: str) -> AsyncIterator[None]:
        """Notes that what is checked in the block was refused, and why."""
        try:
            yield
        except UserError as problem:
            await self._note(AuditOutcome.REFUSED, user, channel, str(problem))
            raise

    async def _note(self, outcome: AuditOutcome, user: str, channel: str, told: str) -> None:
        kind, at = AuditKind.SUBSCRIBE, self.now()
        await self.note(
            AuditEvent(
                id=self.new_id(),
                at=at,
                kind=kind,
                outcome=outcome,
                user=user,
                channel=channel,
                told=told,
                request_id=request_id(),
            )
        )
