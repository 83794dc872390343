"""Asks for a second person where a rule wants one: the request goes to the channel, and waits there for a while."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from deploybot.domain.access import Where
from deploybot.domain.acting import Credential
from deploybot.domain.approval import (
    NOBODY_KNOWS,
    Approval,
    ApprovalState,
    Starter,
    has_expired,
    starter_in,
    starter_of,
)
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.deployment import Deployment
from deploybot.domain.outcome import span
from deploybot.domain.outgoing import ApprovalBody, Draft
from deploybot.domain.ports import Foundation
from deploybot.domain.storage import Ledger
from deploybot.domain.storage_acting import Approvals
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Proposal, Result
from deploybot.service.reading import Sights
from deploybot.service.request_id import request_id

_NOBODY_HERE = (
    "A second person has to agree to this, and here is nobody but you: do it in a channel where somebody can agree."
)
_NOT_FOR_ALL = (
    "A second person has to agree to this, but not everybody in this channel may read about that app: do it in a "
    "channel where all may."
)
_WHO_READS = "I can't find out at the moment who reads this channel, so I can't ask here: try again in a minute."
_WHO_STARTED = "it could not say who started the deployment, and that person must not agree: try again in a minute"


def key_of(approval_id: str) -> str:
    """The key of a request's message, and the confirmation by which what was agreed to is done."""
    return f"approval:{approval_id}"


def approval_event(
    id_: str, at: datetime, kind: AuditKind, outcome: AuditOutcome, approval: Approval, user: str, **more: str
) -> AuditEvent:
    """What somebody did about a request, for the record."""
    stand = approval.bound.stand
    return AuditEvent(
        id=id_,
        at=at,
        kind=kind,
        outcome=outcome,
        user=user,
        channel=approval.channel,
        foundation=approval.bound.foundation,
        org=approval.org,
        space=approval.space,
        app=approval.app,
        guid=approval.bound.guid,
        value=stand.value if stand else "",
        reason=stand.reason if stand else "",
        step=stand.step if stand else None,
        request_id=request_id(),
        **more,
    )


@dataclass(frozen=True, slots=True)
class Starters:
    """Finds out who started a deployment, so that they do not agree to their own."""

    foundations: Mapping[str, Foundation]
    ledger: Ledger

    async def of(self, foundation: str, deployment: Deployment, until: float) -> Starter:
        """Who it was as far as anybody may know; UpstreamError where that can't be asked at the moment."""
        remembered = starter_in((await self.ledger.entries(foundation, [deployment.guid])).get(deployment.guid))
        if remembered != NOBODY_KNOWS:
            return remembered
        found = await self.foundations[foundation].starters([deployment], until)
        if not found.complete:
            raise UpstreamError(foundation, _WHO_STARTED)
        return starter_of(found.people.get(deployment.guid))


@dataclass(frozen=True, slots=True)
class Asking:
    """Implements what acting needs. `new_id` makes ids that nobody guesses; `expires` is how long a request waits."""

    approvals: Approvals
    seen_by_all: Sights
    starters: Starters
    expires: timedelta
    new_id: Callable[[], str]

    async def ask(
        self, proposal: Proposal, user: str, credential: Credential, where: Where, now: datetime, until: float
    ) -> Result:
        """Post the request, unless the same is asked for already.

        UserError where nobody could agree, or where not all in the channel may read of the app; what is refused here
        is for the caller to record. UpstreamError where it can't be found out who started it.
        """
        await self._refuse_where_it_must_not_be_told(proposal, where)
        starter = starter_of(proposal.row.by)
        if starter == NOBODY_KNOWS:
            starter = await self.starters.of(proposal.bound.foundation, proposal.row.deployment, until)
        approval = self._request(proposal, user, credential, where, now, starter)
        there = await self._open(approval, now)
        return Result(_already(there, user, where) if there else self._asked(), None, proposal.row)

    async def _refuse_where_it_must_not_be_told(self, proposal: Proposal, where: Where) -> None:
        if where.direct or not where.channel:
            raise UserError(_NOBODY_HERE)
        sight = await self.seen_by_all(where.channel)
        if sight is None:
            raise UserError(_WHO_READS)
        if not sight.app(proposal.bound.foundation, proposal.row.app):
            raise UserError(_NOT_FOR_ALL)

    def _request(
        self, proposal: Proposal, user: str, credential: Credential, where: Where, now: datetime, starter: Starter
    ) -> Approval:
        app = proposal.row.app
        space = app.space if app else None
        steps = proposal.row.deployment.canary_steps
        return Approval(
            id=self.new_id(),
            bound=proposal.bound,
            app=app.name if app else proposal.row.deployment.app_guid or "",
            space=space.name if space else "",
            org=space.org.name if space and space.org else "",
            asked_by=user,
            asked_account=credential.account,
            # The bot's own account is nobody's: only a person's token says whose account it is.
            asked_account_guid=credential.account_guid if credential.token else "",
            channel=where.channel,
            asked_at=now,
            expires_at=now + self.expires,
            rule=proposal.rule,
            consequences=proposal.consequences,
            steps=steps.total if steps else None,
            starter=starter.name,
            starter_guid=starter.guid,
            starter_is_person=starter.is_person,
        )

    async def _open(self, approval: Approval, now: datetime) -> Approval | None:
        """None where it is open now, else the same request that waits already. One that has run out gives way."""
        event = approval_event(
            self.new_id(),
            now,
            AuditKind.ASK,
            AuditOutcome.DONE,
            approval,
            approval.asked_by,
            account=approval.asked_account,
            account_guid=approval.asked_account_guid,
            rule=approval.rule,
            decision=f"{approval.rule} asks for a second person" if approval.rule else "",
            told=f"asked for a second person's agreement to {approval.bound.action}",
        )
        key = key_of(approval.id)
        message = Draft(key=key, channel=approval.channel, body=ApprovalBody(approval=approval))
        there = await self.approvals.open(approval, event, message)
        if there and has_expired(there, now):
            await self.approvals.decide(there, replace(there, state=ApprovalState.EXPIRED), None)
            there = await self.approvals.open(approval, event, message)
        return there

    def _asked(self) -> str:
        return (
            "A second person has to agree: I have asked in this channel. The request runs out after "
            f"{span(self.expires)}, and is void as soon as the deployment moves on."
        )


def _already(there: Approval, user: str, where: Where) -> str:
    place = "in this channel" if there.channel == where.channel else "in another channel"
    who = "You have" if there.asked_by == user else "Somebody has"
    return f"{who} asked for exactly this already: the request waits {place} for a second person."
