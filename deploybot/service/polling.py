"""Keeps foundations polled: each by one holder of its lease, at its own pace, and none waiting for another."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from deploybot.domain.pacing import Pace, PaceRules, interval, jittered, per_minute
from deploybot.domain.storage import Lease, LeaseLostError, Leases
from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.domain.telemetry import Polled as PollTold
from deploybot.errors import UpstreamError
from deploybot.service.failures import survive
from deploybot.service.observing import Observer, Polled
from deploybot.service.request_id import new_request_id, request

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
RENEWALS = 4
"""How often a lease is renewed, or looked at where another has it, while it lasts: others take over within 30 s."""
POLL_SECONDS = 40.0
FIRST_SECONDS = 180.0
"""The first poll reads some days of history."""
LIMIT_KEPT = timedelta(hours=1)


def lease_name(foundation: str) -> str:
    """The lease that whoever polls a foundation holds."""
    return f"poll:{foundation}"


@dataclass
class Watcher:
    """Polls one foundation as long as it holds the lease, as `holder`, which must be another name in every process.

    `clock` tells the time in UTC, `chance` draws from [0, 1), `hurried` says whether somebody watches something there.
    """

    observer: Observer
    leases: Leases
    holder: str
    clock: Callable[[], datetime]
    rules: PaceRules
    lease: timedelta = LEASE
    hurried: Callable[[], bool] = lambda: False
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    pace: Pace = field(default_factory=Pace)
    telemetry: Telemetry = SILENT
    _lease: Lease | None = field(default=None, repr=False)
    _polled_at: datetime | None = field(default=None, repr=False)
    _roll: float = field(default=0.5, repr=False)
    _limit_asked_at: datetime | None = field(default=None, repr=False)

    @property
    def foundation(self) -> str:
        return self.observer.foundation.name

    @property
    def look_again(self) -> timedelta:
        """How soon the lease is renewed, or looked at again where another has it."""
        return self.lease / RENEWALS

    @property
    def interval(self) -> timedelta:
        """The time between polls as things are now."""
        return interval(self.rules, replace(self.pace, hurried=self.hurried()))

    @property
    def requests_per_minute(self) -> float:
        """What the polls cost as things are now."""
        return per_minute(self.pace.requests, self.interval)

    async def tick(self, now: datetime) -> datetime:
        """Poll if the lease is ours and it is time; when to come again."""
        lease = await self.leases.acquire(lease_name(self.foundation), self.holder, now, now + self.lease)
        if lease is None:
            self._lease = self._polled_at = None
            return now + self.look_again
        if self._lease is None or self._lease.token != lease.token:
            self._polled_at = None
            log.info("foundation is polled from here", foundation=self.foundation, lease=lease.token)
        self._lease = lease
        if now >= self._due(now):
            await self._poll(lease, now)
        return min(self._due(now), self.clock() + self.look_again)

    async def close(self) -> None:
        """Let another process take over at once."""
        if self._lease:
            await self.leases.release(self._lease)
            self._lease = None

    def _due(self, now: datetime) -> datetime:
        if self._polled_at is None:
            return now
        return self._polled_at + jittered(self.interval, self.rules, self._roll)

    async def _poll(self, lease: Lease, now: datetime) -> None:
        self._polled_at, self._roll = now, self.chance()
        begun = self.observer.monotonic()
        try:
            polled = await self._while_leased(lease, now)
        except UpstreamError as error:
            self._failed(error)
        except LeaseLostError:
            self._lease = None
            log.info("another process polls the foundation now", foundation=self.foundation)
            return
        except Exception:  # a bug, or a database that is away: told in the log, and tried again
            self.pace = replace(self.pace, failures=self.pace.failures + 1, retry_after=None, more=False)
            survive(log, "foundation could not be polled", foundation=self.foundation)
        else:
            self._went_well(polled)
        seconds = self.observer.monotonic() - begun
        self.telemetry.note(PollTold(self.foundation, succeeded=not self.pace.failures, seconds=seconds))

    async def _while_leased(self, lease: Lease, now: datetime) -> Polled:
        """The poll, which ends with a LeaseLostError as soon as the lease can't be renewed."""
        polling = asyncio.ensure_future(self._one_poll(lease, now))
        keeping = asyncio.ensure_future(self._keep(lease))
        try:
            await asyncio.wait({polling, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if not polling.done():
                keeping.result()
                raise LeaseLostError(lease.name)
            return polling.result()
        finally:
            for task in (polling, keeping):
                task.cancel()
            await asyncio.gather(polling, keeping, return_exceptions=True)

    async def _one_poll(self, lease: Lease, now: datetime) -> Polled:
        with self.telemetry.span("poll", foundation=self.foundation):
            return await self._read(lease, now)

    async def _read(self, lease: Lease, now: datetime) -> Polled:
        observer = self.observer
        is_first = await observer.ledger.poll_state(self.foundation) is None
        until = observer.monotonic() + (FIRST_SECONDS if is_first else POLL_SECONDS)
        usual = interval(self.rules, replace(self.pace, failures=0, more=False))
        polled = await observer.poll(lease, now, until, usual)
        await self._ask_for_the_limit(now, until)
        return polled

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease until that fails."""
        while True:
            await self.sleep(self.look_again.total_seconds())
            now = self.clock()
            renewed = await self.leases.acquire(lease.name, lease.holder, now, now + self.lease)
            if renewed is None or renewed.token != lease.token:
                return

    async def _ask_for_the_limit(self, now: datetime, until: float) -> None:
        if self._limit_asked_at is None or now - self._limit_asked_at > LIMIT_KEPT:
            self._limit_asked_at = now
            self.pace = replace(self.pace, limit=await self.observer.foundation.rate_limit(until))
            log.info(
                "watching costs",
                foundation=self.foundation,
                requests_per_minute=round(self.requests_per_minute, 1),
                interval=round(self.interval.total_seconds(), 1),
                allowed=str(self.pace.limit or "no limit announced"),
            )

    def _failed(self, error: UpstreamError) -> None:
        self.pace = replace(self.pace, failures=self.pace.failures + 1, retry_after=error.retry_after, more=False)
        log.warning(
            "foundation could not be polled",
            foundation=self.foundation,
            reason=error.reason,
            failures=self.pace.failures,
            wait=self.interval.total_seconds(),
        )

    def _went_well(self, polled: Polled) -> None:
        """The cost of a poll is an average that follows the last few."""
        if polled.trouble is not None:
            self._failed(polled.trouble)
            return
        requests = self.pace.requests + (polled.requests - self.pace.requests) / 4
        requests = self.pace.requests if polled.first else requests
        if self.pace.failures:
            log.info("foundation can be polled again", foundation=self.foundation)
        self.pace = replace(self.pace, requests=requests, failures=0, retry_after=None, more=polled.more)


@dataclass
class Polling:
    """All foundations together: `tick` starts what is due and waits for none of it, so that none delays another."""

    watchers: Sequence[Watcher]
    new_id: Callable[[], str] = new_request_id
    _again: dict[str, datetime] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def tick(self, now: datetime) -> None:
        """Start the ticks that are due; to be called about every second."""
        for watcher in self.watchers:
            name = watcher.foundation
            if name not in self._running and now >= self._again.get(name, now):
                self._running[name] = asyncio.create_task(self._named(watcher, now), name=lease_name(name))

    async def close(self) -> None:
        """End what runs, and let go of the leases."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for watcher in self.watchers:
            await watcher.close()

    async def _named(self, watcher: Watcher, now: datetime) -> None:
        with request(self.new_id(), turn="poll"):
            await self._tick(watcher, now)

    async def _tick(self, watcher: Watcher, now: datetime) -> None:
        try:
            self._again[watcher.foundation] = await watcher.tick(now)
        except Exception:  # a bug, or a database that is away: told in the log, and tried again
            self._again[watcher.foundation] = now + watcher.look_again
            survive(log, "foundation could not be polled", foundation=watcher.foundation)
        finally:
            del self._running[watcher.foundation]
