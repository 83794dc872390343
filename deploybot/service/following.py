"""Follows what is watched: one look at each foundation for all watches there, by whichever replica holds its lease."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from deploybot.domain.access import Sight
from deploybot.domain.deployment import App, Deployment, Person
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.pacing import Pace, PaceRules, interval
from deploybot.domain.ports import Checkpoint, DeploymentsAsk, Foundation
from deploybot.domain.storage import Lease, LeaseLostError, Leases, Ledger
from deploybot.domain.storage_acting import Watches
from deploybot.domain.watch import Watch
from deploybot.domain.watch_edits import spacing
from deploybot.domain.watching import NOT_ALLOWED, Followed, Seen, follow, over, unseen
from deploybot.errors import UpstreamError
from deploybot.service.failures import survive
from deploybot.service.reading import Sights
from deploybot.service.redrawing import Redrawing
from deploybot.service.request_id import new_request_id, request
from deploybot.service.scope import GUIDS_PER_REQUEST

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
RENEWALS = 4
LOOK_SECONDS = 10.0
LIMIT_KEPT = timedelta(hours=1)
KEPT = timedelta(days=1)
"""So long a watch that is over can still be told from one that never was."""
UNREADABLE = "it sent something that I cannot read"


def lease_name(foundation: str) -> str:
    """The lease that whoever follows a foundation's watches holds."""
    return f"watch:{foundation}"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look found. `unreadable` are guids about which the foundation may have told, in words nobody can read."""

    seen: Seen
    unreadable: frozenset[str]
    requests: int


@dataclass
class Follower:
    """Looks at one foundation while something is watched there. `holder` is another name in every process.

    `hurried` says whether somebody has just done something there, `rules.interval` is the usual time between looks.
    `clock` tells the time in UTC, `monotonic` is what deadlines are on.
    """

    foundation: Foundation
    watches: Watches
    ledger: Ledger
    leases: Leases
    sights: Sights
    holder: str
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    rules: PaceRules
    checkpoint: Checkpoint
    outcome: OutcomeRules = field(default_factory=OutcomeRules)
    lease: timedelta = LEASE
    hurried: Callable[[], bool] = lambda: False
    pace: Pace = field(default_factory=Pace)
    _lease: Lease | None = field(default=None, repr=False)
    _looked_at: datetime | None = field(default=None, repr=False)
    _limit_asked_at: datetime | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.foundation.name

    def holds(self, now: datetime) -> bool:
        """Whether this process is the one that follows the foundation."""
        return self._lease is not None and self._lease.until > now

    @property
    def interval(self) -> timedelta:
        """The time between looks as things are now."""
        return interval(self.rules, replace(self.pace, hurried=self.hurried()))

    async def tick(self, now: datetime, every: float) -> None:
        """Look, if the lease is ours and it is time; each message is edited every so many seconds."""
        lease = await self._kept(now)
        if lease is None or (self._looked_at and now < self._looked_at + self.interval):
            return
        self._looked_at = now
        try:
            await self._look(lease, now, every)
        except LeaseLostError:
            self._lease = None
            log.info("another process follows the foundation now", foundation=self.name)
        except Exception:  # a bug, or a database that is away: told in the log, and tried again
            self.pace = replace(self.pace, failures=self.pace.failures + 1, retry_after=None)
            survive(log, "foundation could not be followed", foundation=self.name)

    async def let_go(self) -> None:
        """Let another process take over at once."""
        if self._lease:
            lease, self._lease, self._looked_at = self._lease, None, None
            await self.leases.release(lease)

    async def _kept(self, now: datetime) -> Lease | None:
        """The lease, renewed a few times while it lasts; None where another process has it."""
        if self._lease and self._lease.until - now > self.lease * (RENEWALS - 1) / RENEWALS:
            return self._lease
        lease = await self.leases.acquire(lease_name(self.name), self.holder, now, now + self.lease)
        if lease and (self._lease is None or self._lease.token != lease.token):
            self._looked_at = None
        self._lease = lease
        return lease

    async def _look(self, lease: Lease, now: datetime, every: float) -> None:
        running = await self.watches.running(self.name)
        if not running:
            return
        sights = await self._sights_of(running)
        told = [watch for watch in running if watch.channel in sights]
        followed = await self._followed(told, sights, now, every)
        changed = [
            (one, before) for one, before in zip(followed, told, strict=True) if one.watch is not before or one.replies
        ]
        self.checkpoint("watch.seen")
        if changed:
            replies = [reply for one, _ in changed for reply in one.replies]
            await self.watches.saw(lease, [one.watch for one, _ in changed], replies, now)
            self.checkpoint("watch.stored")

    async def _sights_of(self, watches: Sequence[Watch]) -> Mapping[str, Sight]:
        """What may be shown in each channel; one about which nobody can tell at the moment is left out: it waits."""
        channels = sorted({watch.channel for watch in watches})
        sights = await asyncio.gather(*map(self.sights, channels))
        return {channel: sight for channel, sight in zip(channels, sights, strict=True) if sight}

    async def _followed(
        self, watches: Sequence[Watch], sights: Mapping[str, Sight], now: datetime, every: float
    ) -> list[Followed]:
        until = self.monotonic() + LOOK_SECONDS
        try:
            found = await self._find(watches, now, until)
        except UpstreamError as error:
            self._failed(error)
            return [self._blind(watch, sights[watch.channel], now, error.reason) for watch in watches]
        self.pace = replace(self.pace, requests=float(found.requests), failures=0, retry_after=None)
        await self._ask_for_the_limit(now, until)
        return [self._seen(watch, sights[watch.channel], found, every) for watch in watches]

    def _seen(self, watch: Watch, sight: Sight, found: _Found, every: float) -> Followed:
        seen, deployment = found.seen, found.seen.deployments.get(watch.guid)
        app = seen.apps.get(deployment.app_guid or "") if deployment else None
        if watch.guid in found.unreadable:
            return self._blind(watch, sight, seen.now, UNREADABLE)
        if not (sight.app(self.name, app) if app else sight.entry(watch.view.entry)):
            return over(watch, NOT_ALLOWED, seen.now, tell=True)
        return follow(watch, seen, self.outcome, every)

    def _blind(self, watch: Watch, sight: Sight, now: datetime, why: str) -> Followed:
        if not sight.entry(watch.view.entry):
            return over(watch, NOT_ALLOWED, now, tell=True)
        return unseen(watch, now, why)

    async def _find(self, watches: Sequence[Watch], now: datetime, until: float) -> _Found:
        """All that is watched, by as few requests as can be, however many watches there are."""
        guids = sorted({watch.guid for watch in watches})
        found: dict[str, Deployment] = {}
        unreadable: set[str] = set()
        for start in range(0, len(guids), GUIDS_PER_REQUEST):
            some = tuple(guids[start : start + GUIDS_PER_REQUEST])
            page = await self.foundation.deployments(DeploymentsAsk(per_page=len(some), guids=some), until)
            found |= {row.guid: row for row in page.rows}
            unreadable |= set(some) - found.keys() if page.problems else set()
        active = [row for row in found.values() if row.is_active]
        progress = await self.foundation.progress(active, until) if active else {}
        seen = Seen(now, found, progress, await self._apps(found, until), await self._people(watches))
        return _Found(seen, frozenset(unreadable), -(-len(guids) // GUIDS_PER_REQUEST) * (2 if active else 1))

    async def _apps(self, found: Mapping[str, Deployment], until: float) -> Mapping[str, App]:
        """Names, which are remembered; without them the ones of before stay."""
        try:
            return await self.foundation.apps({row.app_guid for row in found.values() if row.app_guid}, until)
        except UpstreamError as error:
            log.info("names could not be read", foundation=self.name, reason=error.reason)
            return {}

    async def _people(self, watches: Sequence[Watch]) -> Mapping[str, Person]:
        """Who started what: the polls find that out, so nobody is asked twice."""
        unknown = {watch.guid for watch in watches if not watch.view.entry.by}
        entries = await self.ledger.entries(self.name, unknown) if unknown else {}
        return {guid: Person(entry.by_guid, entry.by) for guid, entry in entries.items() if entry.by}

    async def _ask_for_the_limit(self, now: datetime, until: float) -> None:
        if self._limit_asked_at is None or now - self._limit_asked_at > LIMIT_KEPT:
            self._limit_asked_at = now
            self.pace = replace(self.pace, limit=await self.foundation.rate_limit(until))

    def _failed(self, error: UpstreamError) -> None:
        self.pace = replace(self.pace, failures=self.pace.failures + 1, retry_after=error.retry_after)
        log.warning(
            "foundation could not be followed",
            foundation=self.name,
            reason=error.reason,
            failures=self.pace.failures,
            wait=self.interval.total_seconds(),
        )


@dataclass
class Following:
    """All foundations together: `tick` starts the looks that are due and waits for none, `redraw` edits messages."""

    followers: Sequence[Follower]
    watches: Watches
    redrawing: Redrawing
    edits_per_minute: int
    new_id: Callable[[], str] = new_request_id
    _every: float = 5.0
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _forgot_at: datetime | None = None

    async def tick(self, now: datetime) -> None:
        """Start what is due; to be called about every second. It costs one question where nothing is watched."""
        at_work = await self.watches.at_work()
        self._every = spacing(sum(at_work.values()), self.edits_per_minute)
        for follower in self.followers:
            if follower.name in self._running:
                continue
            if follower.name in at_work:
                self._running[follower.name] = asyncio.create_task(self._named(follower, now))
            else:
                await follower.let_go()
        await self._forget(now)

    async def looked(self) -> None:
        """Wait until the looks that were started have ended."""
        await asyncio.gather(*self._running.values())

    async def redraw(self, now: datetime) -> None:
        """Edit the messages that are next."""
        held = [one for one in self.followers if one.holds(now)]
        if held:
            await self.redrawing.redraw([one.name for one in held], self._every, held[0].clock)

    async def close(self) -> None:
        """End what runs, and let go of the leases."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for follower in self.followers:
            await follower.let_go()

    async def _named(self, follower: Follower, now: datetime) -> None:
        with request(self.new_id(), turn="watch"):
            await self._tick(follower, now)

    async def _tick(self, follower: Follower, now: datetime) -> None:
        try:
            await follower.tick(now, self._every)
        except Exception:  # a database that is away: told in the log, and tried again
            survive(log, "foundation could not be followed", foundation=follower.name)
        finally:
            del self._running[follower.name]

    async def _forget(self, now: datetime) -> None:
        if self._forgot_at is None or now - self._forgot_at > timedelta(hours=1):
            self._forgot_at = now
            await self.watches.forget(now - KEPT)
