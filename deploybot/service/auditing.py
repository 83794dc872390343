"""Reading the record: who may, which events of it, a page at a time; and that it was read is on the record too.

Who has the right `audit` sees what happened to the apps that the rules give it for, as far as they may also read these
apps. What may not be seen is not counted either: then all that matches is gone through, page by page, instead of asking
the store for one.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deploybot.domain.access import Right, Rule, Sight, Someone, Target, Where, holds, sight_of
from deploybot.domain.audit import AuditAsk, AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.audit_question import AuditTurn, to_ask
from deploybot.domain.ports import Directory
from deploybot.domain.storage_acting import ActionLog
from deploybot.errors import UserError
from deploybot.service.reading import where_of
from deploybot.service.request_id import request_id

MAY_NOT = "You may not see the record here, since no rule gives you audit: /deployments access says what you may do."
_NOBODY = Sight(lambda _: False, everything=False, why_nothing=MAY_NOT)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events of `total` that match and may be seen, newest first. `narrowed`: others may match as well."""

    turn: AuditTurn
    total: int
    events: tuple[AuditEvent, ...]
    narrowed: bool = False


class Auditing:
    """`new_id` makes the ids of events."""

    def __init__(
        self, actions: ActionLog, directory: Directory, rules: Sequence[Rule], new_id: Callable[[], str]
    ) -> None:
        self._actions = actions
        self._directory = directory
        self._rules = tuple(rules)
        self._new_id = new_id

    async def page(self, turn: AuditTurn, user: str, channel: str, now: datetime) -> AuditPage:
        """A page for one person alone; a UserError where they may not. Either is on the record."""
        ask = to_ask(turn, user)
        someone, where = await self._directory.someone(user), where_of(channel)
        sights = (sight_of(self._rules, someone, where), audit_sight(self._rules, someone, where))
        why_not = next((sight.why_nothing for sight in sights if sight.why_nothing), "")
        await self._note(turn, someone, where, now, why_not)
        if why_not:
            raise UserError(why_not)
        if all(sight.everything for sight in sights):
            total, events = await self._actions.audit(ask, turn.skip, turn.most)
            return AuditPage(turn, total, events)
        return await self._narrowed(ask, turn, sights)

    async def _narrowed(self, ask: AuditAsk, turn: AuditTurn, sights: Sequence[Sight]) -> AuditPage:
        """The store tells oldest first, so that the last ones kept are the newest."""
        total, kept = 0, deque[AuditEvent](maxlen=turn.skip + turn.most)
        async for batch in self._actions.audit_all(ask):
            seen = [event for event in batch if all(sight.sees(_target(event)) for sight in sights)]
            total += len(seen)
            kept.extend(seen)
        return AuditPage(turn, total, tuple(reversed(kept))[turn.skip :], narrowed=True)

    async def _note(self, turn: AuditTurn, someone: Someone, where: Where, now: datetime, why_not: str) -> None:
        allowing = [rule for rule in self._rules if Right.AUDIT in rule.may and holds(rule, someone, where)]
        event = AuditEvent(
            id=self._new_id(),
            at=now,
            kind=AuditKind.READ_AUDIT,
            outcome=AuditOutcome.REFUSED if why_not else AuditOutcome.DONE,
            user=someone.user,
            channel=where.channel,
            decision=why_not or f"{allowing[0].name} allows it",
            rule="" if why_not else allowing[0].name,
            told=turn.asked + (f", from event {turn.skip + 1:,} on" if turn.skip else ""),
            request_id=request_id(),
        )
        await self._actions.note(event)


def audit_sight(rules: Sequence[Rule], someone: Someone, where: Where) -> Sight:
    """About which apps somebody may see the record; nobody may, unless a rule says so."""
    speaking = [replace(rule, may=frozenset({Right.READ})) for rule in rules if Right.AUDIT in rule.may]
    sight = sight_of(speaking, someone, where) if speaking else _NOBODY
    return _NOBODY if sight.why_nothing else sight


def _target(event: AuditEvent) -> Target:
    """What an event is about; of one that is about no app (a link) no more than the foundation is known."""
    return Target(event.foundation, event.org, event.space, event.app)
