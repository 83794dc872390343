"""Polls one foundation: looks, decides what is new and who is told, and stores it all at once or not at all."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from deploybot.domain.ledger import Entry, Gap, Observation, PollState
from deploybot.domain.matching import Index, Known, announcements, read_filters
from deploybot.domain.observation import (
    Decided,
    Reached,
    Seen,
    decide,
    gap_before,
    next_state,
    not_reachable,
    noticed_at,
    observation,
    together,
)
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.outgoing import Announcement
from deploybot.domain.ports import Checkpoint, Foundation
from deploybot.domain.storage import Lease, Ledger, Subscriptions
from deploybot.domain.subscription import Subscription
from deploybot.errors import UpstreamError, UserError
from deploybot.service.looking import Looked, Looker
from deploybot.service.turns import in_turns
from deploybot.service.walking import Budget

log = structlog.get_logger(__name__)

_USUAL = OutcomeRules()
_DECIDED_AT_ONCE = 50
"""Deployments that are decided on before others have their turn in the event loop."""
_READ_AT_ONCE = 50
"""Filters read in one go, 0.2 ms each."""
_STILL_NEWS = timedelta(days=1)
"""Who started a deployment is no reason to tell of it when that becomes known later than this."""
_FOR_ROWS, _FOR_SEARCH = 0.8, 0.6
"""Which part of the time of a poll rows may be waited for, and until when another page is asked for."""


@dataclass(frozen=True, slots=True)
class ObservingRules:
    """How deployments are judged, and what a poll may cost.

    `overlap` is how much later than its update time a row may become visible. `backfill` is how far the first poll
    looks back, by at most `backfill_rows`. `requests` and `rows` bound every poll, beside its deadline.
    """

    outcome: OutcomeRules = _USUAL
    overlap: timedelta = timedelta(seconds=60)
    interval: timedelta = timedelta(seconds=15)
    backfill: timedelta = timedelta(days=7)
    backfill_rows: int = 5000
    requests: int = 60
    rows: int = 5000


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of a poll: numbers for the log and the pace. `more` says that the next should begin at once.

    `trouble` is set where it was stored only as far as the foundation answered.
    """

    requests: int
    rows: int
    transitions: int
    announced: int
    whole: bool
    more: bool
    first: bool = False
    trouble: UpstreamError | None = None


async def _all(parts: Iterable[Decided]) -> Decided:
    decided = [part async for part in in_turns(parts, _DECIDED_AT_ONCE)]
    await asyncio.sleep(0)
    return together(decided)


def _passed(_: str) -> None:
    return None


@dataclass
class Alerts:
    """The alert subscriptions, read again only when one was changed; any number of observers share them."""

    subscriptions: Subscriptions
    _version: int = -1
    _known: Known = field(default_factory=dict)
    _index: Index = field(default_factory=lambda: Index(()))

    async def index(self) -> Index:
        if await self.subscriptions.version() != self._version:
            version, alerts = await self.subscriptions.alerts()
            self._known = await self._read(alerts)
            self._index, self._version = Index(alerts, self._known), version
            for subscription, sentence in self._index.unreadable:
                log.warning("subscription can't be read", subscription=subscription.id, reason=sentence)
        return self._index

    async def _read(self, alerts: Sequence[Subscription]) -> Known:
        """All filters, those read before not again; a few at a time, so that thousands do not hold the event loop."""
        known: Known = {}
        for nth, one in enumerate(alerts):
            key = (one.filters, one.tz)
            if key in self._known:
                known[key] = self._known[key]
            with contextlib.suppress(UserError):  # the index tells of it
                read_filters(one, known)
            if nth % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)
        return known


@dataclass
class Observer:
    """Polls one foundation. `monotonic` is the clock that deadlines are on.

    `checkpoint` is called when everything was asked, when it was decided what is new, and when that was stored.
    """

    foundation: Foundation
    ledger: Ledger
    alerts: Alerts
    monotonic: Callable[[], float]
    rules: ObservingRules = ObservingRules()
    checkpoint: Checkpoint = _passed

    def __post_init__(self) -> None:
        self._looker = Looker(self.foundation, self.ledger)
        self._notes: frozenset[str] = frozenset()

    async def poll(self, lease: Lease, now: datetime, until: float, usual: timedelta | None = None) -> Polled:
        """Look once and store what is new, announcements included; `usual` is the interval at which polls come.

        An UpstreamError says why nothing came of it, once that is stored. LeaseLostError where somebody else polls
        by now: nothing is stored, nor need be.
        """
        try:
            return await self._polled(lease, now, until, usual or self.rules.interval)
        except UpstreamError as error:
            await self.ledger.record_failure(lease, self.foundation.name, now, not_reachable(error.reason))
            raise

    async def _polled(self, lease: Lease, now: datetime, until: float, usual: timedelta) -> Polled:
        state = await self.ledger.poll_state(self.foundation.name)
        now = noticed_at(state, now)
        index = await self.alerts.index()
        budget = self._budget(until)
        looked = await self._look(state, now, budget, until)
        self.checkpoint("poll.asked")
        observed, told = await self._decided(state, looked, index, gap_before(state, now, usual))
        self.checkpoint("poll.decided")
        await self.ledger.record(lease, observed, told)
        self.checkpoint("poll.stored")
        moved = state is not None and observed.state.cursor > state.cursor
        polled = Polled(
            requests=self.rules.requests - budget.requests + looked.requests_beside,
            rows=len(looked.rows),
            transitions=len(observed.transitions),
            announced=len(told),
            whole=looked.whole,
            more=not looked.whole and moved and looked.trouble is None,
            first=state is None,
            trouble=looked.trouble,
        )
        self._log(polled, looked)
        return polled

    async def _decided(
        self, state: PollState | None, looked: Looked, index: Index, gap: Gap | None
    ) -> tuple[Observation, tuple[Announcement, ...]]:
        """What is to be stored of a look, and what is to be announced."""
        name, overlap, late = self.foundation.name, self.rules.overlap, gap is not None
        seen = Seen(name, looked.now, looked.rows, looked.known, looked.apps, looked.people, looked.gone)
        decided = await _all(decide(seen, self.rules.outcome, state, overlap, late=late))
        trouble = looked.trouble.reason if looked.trouble else ""
        came = Reached(looked.reached, looked.newest, looked.whole, trouble, looked.who_unknown, index.asks_who)
        following = next_state(name, looked.now, state, came, overlap, late=late)
        told = await self._announcements(decided, seen, index, looked.now)
        return observation(decided, following, gap), told

    async def _look(self, state: PollState | None, now: datetime, budget: Budget, until: float) -> Looked:
        if state is None:
            return await self._looker.first(self.rules.backfill, now, budget, self.rules.backfill_rows, until)
        since = min(state.cursor, now) - self.rules.overlap
        return await self._looker.changes(since, now, budget, self.rules.rows, until)

    def _budget(self, until: float) -> Budget:
        begun = self.monotonic()
        left = max(0.0, until - begun)
        return Budget(self.rules.requests, begun + _FOR_ROWS * left, begun + _FOR_SEARCH * left, self.monotonic)

    async def _announcements(
        self, decided: Decided, seen: Seen, index: Index, now: datetime
    ) -> tuple[Announcement, ...]:
        entries = {**seen.known, **{entry.guid: entry for entry in decided.entries}}
        happened = [(transition, entries[transition.guid]) async for transition in in_turns(decided.transitions)]
        told: list[Announcement] = []
        for at in range(0, len(happened), _DECIDED_AT_ONCE):
            told += announcements(happened[at : at + _DECIDED_AT_ONCE], index, now)
            await asyncio.sleep(0)
        if decided.identified and index.asks_who:
            told += await self._told_late(decided.identified, index, now)
        return tuple(told)

    async def _told_late(self, identified: Collection[Entry], index: Index, now: datetime) -> list[Announcement]:
        """What happened before it was known who started it, for those who ask just that."""
        entries = {entry.guid: entry for entry in identified if entry.first_seen_at > now - _STILL_NEWS}
        since = min((entry.first_seen_at for entry in entries.values()), default=now)
        earlier = [
            (transition, entries[transition.guid])
            async for batch in self.ledger.transitions(since, now, (self.foundation.name,))
            for transition, _ in batch
            if transition.guid in entries
        ]
        return [told for told in announcements(earlier, index, now) if index.asking_who.issuperset(told.subscriptions)]

    def _log(self, polled: Polled, looked: Looked) -> None:
        for note in looked.notes:
            if note not in self._notes:
                log.warning("foundation was not read whole", foundation=self.foundation.name, note=note)
        self._notes = frozenset(looked.notes)
        log.debug(
            "foundation was polled",
            foundation=self.foundation.name,
            requests=polled.requests,
            rows=polled.rows,
            transitions=polled.transitions,
            announced=polled.announced,
            whole=polled.whole,
        )
