"""The forgotten canary guard: reminds, tells, announces, and cancels what nobody decided about; each once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from deploybot.domain.acting import Action, ActionState, Bound, stand_of_entry
from deploybot.domain.guard import (
    NEEDED,
    NOTICE,
    GuardRule,
    Stage,
    cancel_at,
    confirmation_of,
    due,
    key_of,
    rule_for,
    waits_since,
)
from deploybot.domain.ledger import Entry
from deploybot.domain.outcome import span
from deploybot.domain.outgoing import Draft, GuardBody
from deploybot.domain.ports import OwnRights
from deploybot.domain.storage import Leases, Ledger, Outbox
from deploybot.domain.storage_acting import Links
from deploybot.errors import UpstreamError, UserError
from deploybot.service.acting import Result
from deploybot.service.failures import survive
from deploybot.service.latest import Latest
from deploybot.service.reading import Reading

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
_SECONDS = 20.0
"""For one cancel."""
_SECONDS_TO_ASK = 10.0
_ASK_AGAIN = timedelta(minutes=1)
"""So long it counts what a foundation said of the bot's rights, or that it did not say."""
_DIRECT = "D"
"""Stands for a person's direct messages, as far as rules go."""


class ActsAsBot(Protocol):
    """Acts with the bot's own credential; `service.acting.Acting` is one."""

    async def perform_as_bot(
        self, bound: Bound, confirmation: str, why: str, channel: str, now: datetime, until: float
    ) -> Result:
        """At most once for a confirmation. UserError, UpstreamError: nothing was done."""
        ...


@dataclass
class Guarding:
    """One short turn after the other, by whichever process has the lease as `holder`. `monotonic` is in seconds."""

    rules: Sequence[GuardRule]
    foundations: Sequence[str]
    ledger: Ledger
    outbox: Outbox
    links: Links
    leases: Leases
    holder: str
    reading: Reading
    acts: ActsAsBot
    rights: Mapping[str, OwnRights]
    monotonic: Callable[[], float]
    notice: timedelta = NOTICE
    _withheld: Latest[str, bool] = field(default_factory=Latest)
    _may_act: Latest[tuple[str, str], tuple[datetime, bool | None]] = field(default_factory=Latest)

    async def tick(self, now: datetime) -> None:
        """Do what is due now for all canaries that wait; nothing without rules, or while another process does it."""
        if not self.rules or not await self.leases.acquire("guard", self.holder, now, now + LEASE):
            return
        for foundation in self.foundations:
            for entry in await self._waiting(foundation):
                if rule := rule_for(self.rules, entry):
                    await self._guarded(rule, entry, now)

    async def _waiting(self, foundation: str) -> list[Entry]:
        """What waits there; nothing while the foundation can't be seen, since somebody may have decided meanwhile."""
        state = await self.ledger.poll_state(foundation)
        if state is None or state.failing_since:
            return []
        return [entry for entry in await self.ledger.active(foundation) if waits_since(entry)]

    async def _guarded(self, rule: GuardRule, entry: Entry, now: datetime) -> None:
        try:
            await self._guard(rule, entry, now)
        except Exception:  # a bug, or a database that is away: the other canaries must not wait for this one
            survive(log, "canary not guarded", foundation=entry.foundation, guid=entry.guid)

    async def _guard(self, rule: GuardRule, entry: Entry, now: datetime) -> None:
        keys = {key_of(entry, stage): stage for stage in Stage}
        said = {keys[key]: at for key, at in (await self.outbox.sent_at(keys)).items()}
        stage = due(rule, entry, now, said, self.notice)
        if stage is Stage.ANNOUNCE:
            stage = await self._able(rule, entry, now, said)
        if stage is None or stage in said or (stage is Stage.CANCEL and not await self._was_announced(entry)):
            return
        if stage is Stage.REMIND and await self._reminded_alone(entry, now):
            return
        if not await self._may_be_told(rule.channel, entry):
            return
        text = await self._canceled(rule, entry, now) if stage is Stage.CANCEL else self._words(stage, rule, entry, now)
        if text:
            await self._say(stage, rule.channel, entry, text, now)

    async def _was_announced(self, entry: Entry) -> bool:
        """Whether the channel read of it: what waited long may have been sent without saying what it was about."""
        sent = await self.outbox.sent_ones([key_of(entry, Stage.ANNOUNCE)])
        return any(isinstance(one.draft.body, GuardBody) for one in sent)

    async def _able(
        self, rule: GuardRule, entry: Entry, now: datetime, said: Mapping[Stage, datetime | None]
    ) -> Stage | None:
        """What becomes of an announcement: nothing is announced of which the bot does not know that it may do it."""
        may = await self._may_cancel(entry, now)
        if may is None:
            log.warning("guard does not know whether it may cancel", foundation=entry.foundation, guid=entry.guid)
            return due(replace(rule, cancel_after=None), entry, now, said, self.notice)
        return Stage.ANNOUNCE if may else Stage.UNABLE

    async def _may_cancel(self, entry: Entry, now: datetime) -> bool | None:
        """Whether the bot's own account may act in that space, None where that can't be found out at the moment."""
        place = entry.foundation, entry.space_guid
        known = self._may_act.get(place)
        if known is None or known[0] + _ASK_AGAIN <= now:
            known = self._may_act[place] = (now, await self._asked(*place))
        return known[1]

    async def _asked(self, foundation: str, space_guid: str) -> bool | None:
        if not space_guid or foundation not in self.rights:
            return None
        allowed = await self.rights[foundation].spaces_to_act_in((space_guid,), self.monotonic() + _SECONDS_TO_ASK)
        return None if allowed is None else space_guid in allowed

    async def _may_be_told(self, channel: str, entry: Entry) -> bool:
        """Whether all in the channel may read of it; what can't be told there is not done either."""
        sight = await self.reading.of_all(channel)
        if sight is not None and sight.entry(entry):
            return True
        if (key := confirmation_of(entry)) not in self._withheld:
            self._withheld[key] = True
            log.warning("guard may not tell the channel", channel=channel, guid=entry.guid, known=sight is not None)
        return False

    async def _say(self, stage: Stage, channel: str, entry: Entry, text: str, now: datetime) -> None:
        body = GuardBody(entry=entry, text=text)
        if await self.outbox.add(Draft(key=key_of(entry, stage), channel=channel, body=body), now):
            log.info("guard speaks", stage=stage, channel=channel, foundation=entry.foundation, guid=entry.guid)

    async def _reminded_alone(self, entry: Entry, now: datetime) -> bool:
        """Remind the starter in a direct message, where it is known who they are in Slack and they may read of it."""
        links = await self.links.of_account(entry.foundation, entry.by_guid) if entry.by_guid else ()
        for link in links:
            if (await self.reading.of_person(link.user, _DIRECT)).entry(entry):
                text = f"{_waits(entry, now)}, and you started it: continue it, or cancel it."
                await self._say(Stage.REMIND, link.user, entry, text, now)
                return True
        return False

    def _words(self, stage: Stage, rule: GuardRule, entry: Entry, now: datetime) -> str:
        waits = _waits(entry, now)
        match stage:
            case Stage.REMIND if entry.by:
                return f"{waits}. It was started by {entry.by}, whom I can't tell alone: continue it, or cancel it."
            case Stage.REMIND:
                return f"{waits}. I can't find out who started it, so I say it here: continue it, or cancel it."
            case Stage.TELL:
                return f"{waits}, and nobody has decided: continue it, or cancel it."
            case Stage.UNABLE:
                return (
                    f"{waits}, and nobody has decided. {rule.name} wants it canceled, but I can't do that in "
                    f"{entry.org}/{entry.space}: {NEEDED}. Continue it, or cancel it yourselves."
                )
            case _:
                at = cancel_at(rule, entry, now, self.notice)
                when = f"{at:%Y-%m-%d %H:%M} UTC" if at else "once it has waited long enough"
                return (
                    f"{waits}. If nobody continues or cancels it before {when}, I cancel it then: {rule.name} says so."
                )

    async def _canceled(self, rule: GuardRule, entry: Entry, now: datetime) -> str:
        """Cancel it; what came of it in words, "" where that is to be tried again."""
        bound = Bound(action=Action.CANCEL, foundation=entry.foundation, guid=entry.guid, stand=stand_of_entry(entry))
        until = self.monotonic() + _SECONDS
        try:
            result = await self.acts.perform_as_bot(bound, confirmation_of(entry), rule.name, rule.channel, now, until)
        except UserError as problem:
            return f"{_waits(entry, now)}. {rule.name} wants it canceled, but I did not: {problem}"
        except UpstreamError as problem:
            log.warning("guard could not cancel yet", foundation=problem.foundation, reason=problem.reason)
            return ""
        if result.state is ActionState.CLAIMED:
            return ""  # whoever does it, or looks after what was left of it, says what came of it
        return f"{_waits(entry, now)}, so {rule.name} wants it canceled. {result.told}"


def _waits(entry: Entry, now: datetime) -> str:
    """`checkout has waited at step 2 of 4 for 3 h`"""
    since = waits_since(entry) or now
    step = f" at step {entry.step} of {entry.steps}" if entry.step is not None and (entry.steps or 0) > 1 else ""
    return f"{entry.app or entry.guid} has waited{step} for {span(now - since)}"
