"""Sends an action at most once: claimed first, settled after, and looked after where nobody knows what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace as changed

from deploybot.domain.acting import Acted, Action, ActionRow, ActionState, Credential, Done, Refused, Unknown
from deploybot.domain.audit import AuditEvent, AuditOutcome
from deploybot.domain.outgoing import Draft, NoticeBody
from deploybot.domain.page import Row
from deploybot.domain.ports import Actions, Checkpoint
from deploybot.domain.storage import Outbox
from deploybot.domain.storage_acting import ActionLog
from deploybot.service.admitting import Admitted, Wish, facts_of
from deploybot.service.aftermath import Aftermath, Seen
from deploybot.service.moment import Moment
from deploybot.service.recording import Facts, event_of

log = structlog.get_logger(__name__)

MOST_LEFT = 20
DONE_WORDS = {"continue": "continued", "cancel": "canceled"}
GOING_ON = {"continue": "continuing", "cancel": "canceling"}
_OUTCOMES = {
    ActionState.DONE: AuditOutcome.DONE,
    ActionState.REFUSED: AuditOutcome.REFUSED,
    ActionState.UNCLEAR: AuditOutcome.UNCLEAR,
    ActionState.CLAIMED: AuditOutcome.BEGUN,
}


def _nothing(_: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ActRules:
    """`timeout`: so long after its claim a request may be sent, and be on its way; whoever slept through it sends
    nothing any more. `settle_after` the time-out an action that is not settled is nobody's: looking takes half of that
    at most. `again_after`: so long after it was looked at what is unclear may not be tried again.
    """

    timeout: timedelta = timedelta(seconds=15)
    settle_after: timedelta = timedelta(seconds=45)
    again_after: timedelta = timedelta(seconds=30)

    @property
    def left(self) -> timedelta:
        """So long after its claim an action that is not settled is nobody's."""
        return self.timeout + self.settle_after


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it: a sentence, and the deployment as it is now, where that could be seen.

    `unlinked`: the token of the person was not accepted.
    """

    told: str
    state: ActionState
    row: Row | None = None
    unlinked: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """`actions` are the foundations by name. `hurry` is told of the foundation where something was done."""

    log: ActionLog
    outbox: Outbox
    actions: Mapping[str, Actions]
    aftermath: Aftermath
    new_id: Callable[[], str]
    monotonic: Callable[[], float]
    rules: ActRules = ActRules()
    hurry: Callable[[str], object] = _nothing
    checkpoint: Checkpoint = _nothing

    async def send(self, wish: Wish, admitted: Admitted, confirmation: str) -> Sent:
        """Claim it, send it, see what came of it; nothing is sent where another claim stands in the way."""
        deadline = min(wish.until, self.monotonic() + self.rules.timeout.total_seconds())
        row, facts = self._row(wish, admitted, confirmation), facts_of(wish, admitted)
        begun = self._event(facts, row, row.claimed_at, AuditOutcome.BEGUN)
        if way := await self.log.claim(row, begun, row.claimed_at - self.rules.again_after):
            return await self._stood_in_the_way(way, confirmation, facts, row.claimed_at)
        self.checkpoint("act.claimed")
        acted = await self._posted(row, admitted.as_, deadline)
        self.checkpoint("act.sent")
        self.hurry(row.bound.foundation)
        sent, row = await self._became(row, acted, wish.moment)
        await self._settle(replace(facts, row=sent.row or facts.row), row, sent.told)
        self.checkpoint("act.settled")
        return sent

    async def settle_left(self, now: datetime) -> None:
        """Look at what was claimed a while ago and never settled, put it on the record, tell the person."""
        for row in await self.log.unsettled(now - self.rules.left, MOST_LEFT):
            seen = await self.aftermath.look(row, now)
            told = f"{_stopped(row, seen.row)} {seen.told}"
            settled = changed(row, state=seen.state, reason=told, event_guid=seen.event_guid, settled_at=now)
            if row.user or row.channel:
                await self.outbox.add(_notice(row, told), now)
            event = self._event(_facts_of(row, seen.row), settled, now, _OUTCOMES[settled.state], told)
            if await self.log.settle(settled, event):
                self.hurry(row.bound.foundation)

    async def _stood_in_the_way(self, way: ActionRow, confirmation: str, facts: Facts, at: datetime) -> Sent:
        """The same confirmation delivered again is nobody's wish, and not on the record."""
        told = in_the_way(way, confirmation, self.rules)
        if way.confirmation == confirmation:
            return Sent(told, way.state)
        await self.log.note(self._event(facts, None, at, AuditOutcome.REFUSED, told))
        return Sent(told, ActionState.REFUSED)

    async def _posted(self, row: ActionRow, as_: Credential, deadline: float) -> Acted:
        """The request, unless it moved on while it was claimed: asking for an account's token may take seconds."""
        if told := await self.aftermath.why_not_now(row, deadline):
            return Refused(f"Nothing was done. {told}")
        if self.monotonic() >= deadline:
            return Refused("Nothing was sent, since getting ready took too long: try again.")
        actions = self.actions.get(row.bound.foundation)
        if actions is None:
            return Refused(f"Nothing was sent, since I know no foundation called {row.bound.foundation}.")
        return await actions.act(row.bound.action, row.bound.guid, as_, deadline)

    async def _became(self, row: ActionRow, acted: Acted, moment: Moment) -> tuple[Sent, ActionRow]:
        """What to tell, and the row as it is to be stored."""
        match acted:
            case Done():
                seen = await self.aftermath.look(row, moment.now())
                told, state = _done(row, seen), ActionState.DONE
            case Refused(reason=reason):
                seen = await self.aftermath.look(row, moment.now())
                told, state = reason, ActionState.REFUSED
            case Unknown(reason=reason):
                seen = await self.aftermath.watched(row, moment.now())
                words = f"It is unclear whether Cloud Foundry took it: {reason.removesuffix('.')}."
                told, state = f"{words} {seen.told}", seen.state
        event_guid = seen.event_guid if state is ActionState.DONE else ""
        settled = changed(
            row,
            state=state,
            reason=told,
            request_id=acted.request_id,
            event_guid=event_guid,
            settled_at=moment.now(),
        )
        unlinked = isinstance(acted, Refused) and acted.unlinked
        return Sent(told, state, seen.row, unlinked), settled

    async def _settle(self, facts: Facts, row: ActionRow, told: str) -> None:
        """Store it with its event. Where somebody gave it up meanwhile the event alone: the record has it all."""
        event = self._event(facts, row, row.settled_at or row.claimed_at, _OUTCOMES[row.state], told)
        if not await self.log.settle(row, event):
            log.warning("action was settled by another", action=row.id, state=row.state.value)
            await self.log.note(event)

    def _row(self, wish: Wish, admitted: Admitted, confirmation: str) -> ActionRow:
        return ActionRow(
            id=self.new_id(),
            confirmation=confirmation,
            bound=admitted.bound,
            user=wish.user,
            account=admitted.as_.account,
            account_guid=admitted.as_.account_guid,
            channel=wish.where.channel,
            claimed_at=wish.moment.now(),
        )

    def _event(
        self, facts: Facts, row: ActionRow | None, at: datetime, outcome: AuditOutcome, told: str = ""
    ) -> AuditEvent:
        if row is None:
            return event_of(facts, self.new_id(), at, outcome, told)
        return event_of(
            facts,
            self.new_id(),
            at,
            outcome,
            told,
            from_foundation=row.request_id,
            event_guid=row.event_guid,
            action=row.id,
        )


def in_the_way(way: ActionRow, confirmation: str, rules: ActRules) -> str:
    """What to tell somebody whose wish was claimed before, by the same confirmation or by another."""
    what, at = way.bound.action.value, f"{way.claimed_at:%H:%M:%S} UTC"
    if way.confirmation == confirmation and way.state is not ActionState.CLAIMED:
        return way.reason or f"It was dealt with at {at} already."
    match way.state:
        case ActionState.CLAIMED:
            return f"{way.account} is {GOING_ON[what]} it just now, so I sent nothing more: look at it in a moment."
        case ActionState.UNCLEAR:
            return f"{way.account} tried that at {at}, and it is unclear whether it was done. {_wait(rules)}"
        case _:
            return f"{way.account} {DONE_WORDS[what]} it at {at}, so I sent nothing more: look at it again."


def _wait(rules: ActRules) -> str:
    return f"Look at it, and try again in {rules.again_after.seconds} seconds if it is still the same."


def _done(row: ActionRow, seen: Seen) -> str:
    now = "" if seen.still or seen.row is None else f" {seen.state_words}"
    return f"{DONE_WORDS[row.bound.action.value].capitalize()} as {row.account}.{now}{_too(row, seen)}"


def _too(row: ActionRow, seen: Seen) -> str:
    """Where somebody continued it past the bot in the very moment in which this was on its way, it went two steps on.

    Cloud Foundry takes a continue for whatever step there is, so all that can be done about it is to say it.
    """
    before, steps = row.bound.stand, seen.row.deployment.canary_steps if seen.row else None
    if row.bound.action is Action.CANCEL or not before or before.step is None or not steps or steps.current is None:
        return ""
    if steps.current <= before.step + 1:
        return ""
    who = f"{seen.also_by} continued it" if seen.also_by else "It was continued twice"
    return f" {who} at the same moment, so it is {steps.current - before.step} steps on: cancel it if that is too far."


def _stopped(row: ActionRow, seen: Row | None) -> str:
    name = seen.app.name if seen and seen.app else row.bound.guid
    what = f"{GOING_ON[row.bound.action.value]} {name}"
    return f"I was stopped at {row.claimed_at:%H:%M:%S} UTC while {what}, so it was unclear whether that was sent."


def _notice(row: ActionRow, told: str) -> Draft:
    """For the person; what nobody asked for is told in its channel, as what its guard would have said of it."""
    key = f"action:{row.id}" if row.user else f"{row.confirmation}:{row.bound.action}"
    return Draft(key=key, channel=row.user or row.channel, body=NoticeBody(text=told))


def _facts_of(row: ActionRow, seen: Row | None) -> Facts:
    as_ = Credential(row.account, row.account_guid)
    return Facts(row.bound, row.user, row.channel, seen, as_=as_)
