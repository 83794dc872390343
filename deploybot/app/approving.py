"""Builds what asks for a second person, and the guard of forgotten canaries, with their turns."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from deploybot.app.accounts import OwnAccounts
from deploybot.app.acting import act_rules_of
from deploybot.app.background import Turn
from deploybot.app.foundations import rights_of
from deploybot.domain.guard import NOTICE, GuardRule
from deploybot.domain.ports import Checkpoint, Directory, Foundation, Notifier
from deploybot.service.acting import Acting
from deploybot.service.agreed import Endings
from deploybot.service.approving import Approving
from deploybot.service.asking import Asking, Starters
from deploybot.service.awaiting import Awaiting
from deploybot.service.budget import Budget
from deploybot.service.guarded import GuardMessages
from deploybot.service.guarding import Guarding
from deploybot.service.reading import Reading, where_of
from deploybot.settings.model import Settings
from deploybot.store.opening import Store

_LOOK_AFTER = timedelta(seconds=2)
_REDRAW = timedelta(seconds=10)
_TIMES = 4
"""An agreement may take so many deadlines of an answer: what it does may have to be looked for."""


@dataclass(frozen=True, slots=True)
class SecondPeople:
    """What Slack's clicks on requests need, each within the deadline (seconds); and what looks after requests.

    What was agreed to and is not done after `patience` is looked after by any process.
    """

    approving: Approving
    endings: Endings
    foundations: Mapping[str, Foundation]
    guards: tuple[GuardRule, ...]
    deadline: float
    patience: timedelta

    async def agree(self, approval_id: str, user: str, channel: str) -> str:
        return await self.approving.agree(approval_id, user, where_of(channel), _now(), self._until())

    async def decline(self, approval_id: str, user: str, channel: str) -> str:
        return await self.approving.decline(approval_id, user, where_of(channel), _now(), self._until())

    def _until(self) -> float:
        return time.monotonic() + self.deadline


def second_people_of(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    directory: Directory,
    reading: Reading,
    own: OwnAccounts,
    acting: Acting,
    checkpoint: Checkpoint,
) -> SecondPeople:
    """Has acting ask a second person from now on, and be done what they agree to."""
    by_name, new_id = {one.name: one for one in foundations}, partial(secrets.token_hex, 8)
    rules, starters = settings.access.to_rules(), Starters(by_name, store.ledger)
    endings = Endings(store.approvals, store.outbox, acting, new_id)
    acting.approves = Asking(store.approvals, reading.of_all, starters, settings.access.approval_expires, new_id)
    approving = Approving(
        store.approvals,
        store.actions,
        by_name,
        directory,
        own.credentials,
        starters,
        endings,
        rules,
        new_id,
        checkpoint,
    )
    deadline, guards = _TIMES * settings.answers.deadline.total_seconds(), settings.guard_rules()
    return SecondPeople(approving, endings, by_name, guards, deadline, act_rules_of(settings).left)


def editing_turns(second: SecondPeople, store: Store, notifier: Notifier, edits: Budget) -> tuple[Turn, ...]:
    """Look after requests, and after what the guard has said; `edits` is shared with all others that edit."""
    awaiting = Awaiting(
        store.approvals,
        store.ledger,
        store.actions,
        second.foundations,
        second.endings,
        notifier,
        edits,
        time.monotonic,
        second.patience,
    )
    guarded = GuardMessages(second.guards, tuple(second.foundations), store.outbox, store.ledger, notifier, edits)
    return Turn("approvals", _LOOK_AFTER, awaiting.tick), Turn("guard messages", _REDRAW, guarded.tick)


@dataclass(frozen=True, slots=True)
class GuardTimes:
    """How long before a cancel it is announced, at least, and how often the guard looks."""

    notice: timedelta = NOTICE
    every: timedelta = timedelta(seconds=30)


FOR_PEOPLE = GuardTimes()
"""What can't be set: nobody could stop a cancel that is announced too late."""


def guard_turn(
    settings: Settings,
    store: Store,
    foundations: Sequence[Foundation],
    reading: Reading,
    acting: Acting,
    times: GuardTimes,
) -> Turn:
    """Guards forgotten canaries, as far as that is set."""
    guarding = Guarding(
        rules=settings.guard_rules(),
        foundations=tuple(settings.foundations),
        ledger=store.ledger,
        outbox=store.outbox,
        links=store.links,
        leases=store.leases,
        holder=secrets.token_hex(8),
        reading=reading,
        acts=acting,
        rights=rights_of(foundations),
        monotonic=time.monotonic,
        notice=times.notice,
    )
    return Turn("guard", times.every, guarding.tick)


def _now() -> datetime:
    return datetime.now(UTC)
