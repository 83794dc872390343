"""A second person agrees or declines: checked afresh, decided once, on the record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from msgspec.structs import replace

from deploybot.domain.access import Right, Rule, Where, decide_act, target_of
from deploybot.domain.acting import stand_of
from deploybot.domain.approval import (
    NOBODY_KNOWS,
    Approval,
    ApprovalState,
    Parties,
    Starter,
    decided_words,
    has_expired,
    has_moved,
    why_not_agree,
)
from deploybot.domain.audit import AuditAsk, AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.deployment import App, Deployment
from deploybot.domain.ports import Checkpoint, Credentials, Directory, Foundation
from deploybot.domain.storage_acting import ActionLog, Approvals
from deploybot.errors import UserError
from deploybot.service.agreed import Endings, what_of
from deploybot.service.asking import Starters, approval_event

log = structlog.get_logger(__name__)

_MOST_LINKS = 1000
_FORGOTTEN = "This request is no longer remembered: ask again if it is still wanted."
_ELSEWHERE = "This request belongs to another channel: decide there."
_MOVED = "The deployment has moved on since this was asked for, so the request is void and nothing was done."
_UNSEEN = "I can't see that app any more, so nobody can decide about it here."


def _nothing(_: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Decider:
    """Somebody who pressed a button of a request, at an instant; their linked account is "" without a link."""

    user: str
    account_guid: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The deployment as it is now, and its app as far as it can be seen."""

    deployment: Deployment | None
    app: App | None


@dataclass(frozen=True, slots=True)
class Approving:
    """What the second person does; `new_id` makes ids of events. `until` is a deadline on the monotonic clock."""

    approvals: Approvals
    log: ActionLog
    foundations: Mapping[str, Foundation]
    directory: Directory
    credentials: Credentials
    starters: Starters
    endings: Endings
    rules: Sequence[Rule]
    new_id: Callable[[], str]
    checkpoint: Checkpoint = _nothing

    async def agree(self, approval_id: str, user: str, where: Where, now: datetime, until: float) -> str:
        """Agree, and have it done; what came of it in a sentence. UserError where this person can't, or not any more.

        UpstreamError where the foundation could not be asked: then nothing was decided.
        """
        approval, by = await self._taken_up(approval_id, user, where, now)
        try:
            rule = await self._refuse_agreement(approval, by, until)
        except UserError as problem:
            await self.log.note(self._event(AuditKind.AGREE, approval, by, refused=str(problem)))
            raise
        agreed = replace(approval, state=ApprovalState.AGREED, **_decision(by))
        decided = await self._decide(AuditKind.AGREE, approval, agreed, by, rule)
        self.checkpoint("approve.agreed")
        return await self.endings.perform(decided, now, until)

    async def decline(self, approval_id: str, user: str, where: Where, now: datetime, until: float) -> str:
        """Say no to a request, or take one's own back. UserError where this person can't, or not any more."""
        approval, by = await self._taken_up(approval_id, user, where, now)
        is_own = user == approval.asked_by
        try:
            rule = (
                ""
                if is_own
                else await self._refuse_without_right(approval, by, (await self._fresh(approval, until)).app)
            )
        except UserError as problem:
            await self.log.note(self._event(AuditKind.DECLINE, approval, by, refused=str(problem)))
            raise
        told = "Taken back, so nothing was done." if is_own else "Declined, so nothing was done."
        declined = replace(approval, state=ApprovalState.DECLINED, told=told, **_decision(by))
        await self._decide(AuditKind.DECLINE, approval, declined, by, rule)
        if not is_own:
            await self.endings.tell(
                approval, f"Your request to {what_of(approval)} was declined. Nothing was done.", now
            )
        return told

    async def _taken_up(self, approval_id: str, user: str, where: Where, now: datetime) -> tuple[Approval, _Decider]:
        """The request, which is open, and who wants to decide about it."""
        approval = await self._one(approval_id)
        if where.channel != approval.channel:
            raise UserError(_ELSEWHERE)
        if approval.state is not ApprovalState.OPEN:
            raise UserError(decided_words(approval))
        if has_expired(approval, now):
            await self.endings.close(approval, ApprovalState.EXPIRED, now)
            raise UserError(decided_words(replace(approval, state=ApprovalState.EXPIRED)))
        guid, account = await self.credentials.account(user, approval.bound.foundation) or ("", "")
        return approval, _Decider(user, guid, account, now)

    async def _one(self, approval_id: str) -> Approval:
        approval = await self.approvals.one(approval_id)
        if approval is None:
            raise UserError(_FORGOTTEN)
        return approval

    async def _refuse_agreement(self, approval: Approval, by: _Decider, until: float) -> str:
        """A UserError where this person may not agree to this, now; else the rule that lets them."""
        fresh = await self._fresh(approval, until)
        rule = await self._refuse_without_right(approval, by, fresh.app)
        if fresh.deployment is None or has_moved(approval, stand_of(fresh.deployment)):
            await self.endings.close(approval, ApprovalState.VOID, by.at)
            raise UserError(_MOVED)
        starter = await self._starter(approval, fresh.deployment, until)
        own = await self.credentials.account(approval.asked_by, approval.bound.foundation)
        accounts = frozenset({approval.asked_account_guid, own[0] if own else ""})
        past = await self._past_accounts(by.user, approval.bound.foundation)
        if why := why_not_agree(Parties(approval.asked_by, accounts, starter, by.user, by.account_guid, past)):
            raise UserError(why)
        return rule

    async def _past_accounts(self, user: str, foundation: str) -> frozenset[str]:
        """The guids of the accounts that somebody was ever linked with there, by the record."""
        linked = AuditAsk(kinds=(AuditKind.LINK,), outcomes=(AuditOutcome.DONE,), by=(user,), foundations=(foundation,))
        _, events = await self.log.audit(linked, 0, _MOST_LINKS)
        return frozenset(event.account_guid for event in events if event.user == user)

    async def _starter(self, approval: Approval, deployment: Deployment, until: float) -> Starter:
        """Who it was; asked again where nobody knew, since audit events come late."""
        known = Starter(approval.starter_guid, approval.starter, is_person=approval.starter_is_person)
        if known != NOBODY_KNOWS:
            return known
        return await self.starters.of(approval.bound.foundation, deployment, until)

    async def _refuse_without_right(self, approval: Approval, by: _Decider, app: App | None) -> str:
        """A UserError where the rules do not let this person do the same here; else the rule that does."""
        if app is None:
            raise UserError(_UNSEEN)
        action, foundation = approval.bound.action, approval.bound.foundation
        someone = await self.directory.someone(by.user)
        decision = decide_act(
            self.rules, someone, Right(action.value), Where(approval.channel), target_of(foundation, app)
        )
        if not decision.allowed:
            raise UserError(f"You may not {action} it here ({decision.why}): /deployments access says what you may do.")
        return decision.rule

    async def _fresh(self, approval: Approval, until: float) -> _Fresh:
        """Asked again, since much may have happened while the request waited."""
        foundation = self.foundations.get(approval.bound.foundation)
        if foundation is None:
            raise UserError(f"I no longer know the foundation {approval.bound.foundation}.")
        deployment = await foundation.deployment(approval.bound.guid, until)
        guid = deployment.app_guid if deployment else None
        apps = await foundation.apps([guid], until) if guid else {}
        return _Fresh(deployment, apps.get(guid or ""))

    async def _decide(self, kind: AuditKind, before: Approval, after: Approval, by: _Decider, rule: str) -> Approval:
        """The request as it is decided; a UserError where somebody was first."""
        if not await self.approvals.decide(before, after, self._event(kind, before, by, rule=rule)):
            raise UserError(decided_words(await self._one(before.id)))
        log.info("request decided", approval=before.id, kind=kind, by=by.user, asked_by=before.asked_by)
        return await self._one(before.id)

    def _event(
        self, kind: AuditKind, approval: Approval, by: _Decider, *, rule: str = "", refused: str = ""
    ) -> AuditEvent:
        outcome = AuditOutcome.REFUSED if refused else AuditOutcome.DONE
        more = {"account": by.account, "account_guid": by.account_guid, "rule": rule}
        told = refused or f"the request to {what_of(approval)}"
        return approval_event(self.new_id(), by.at, kind, outcome, approval, by.user, told=told, **more)


def _decision(by: _Decider) -> dict[str, object]:
    return {"decided_by": by.user, "decided_account": by.account, "decided_at": by.at}
