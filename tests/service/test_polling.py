"""Who polls, and when: one holder of the lease each, soon another when it dies, and no foundation waits for another."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from deploybot.domain.pacing import PaceRules
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound, RateLimit
from deploybot.domain.telemetry import Polled
from deploybot.errors import UpstreamError
from deploybot.service.polling import LEASE, Polling, Watcher
from tests.fake_foundation import NOW, FakeFoundation, stored
from tests.fake_telemetry import FakeTelemetry
from tests.service.observed import SECOND, Scene, scene


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Slow(FakeFoundation):
    """Answers deployments only once `go` is set; `waiting` tells that somebody asks."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        self.waiting.set()
        await self.go.wait()
        return await super().deployments(ask, until)


def _watcher(one: Scene, clock: Clock, holder: str = "me", **more: object) -> Watcher:
    return Watcher(one.observer, one.store.leases, holder, clock, PaceRules(), chance=lambda: 0.5, **more)  # type: ignore[arg-type]


async def test_it_polls_when_due_and_comes_again_in_time_to_renew_the_lease(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        clock = Clock()
        watcher = _watcher(one, clock)
        polled_at = []
        while clock.now < NOW + 60 * SECOND:
            again = await watcher.tick(clock.now)
            polled_at.append((await one.state()).polled_at)
            assert clock.now < again <= clock.now + LEASE / 4
            clock.now = again
        assert sorted(set(polled_at)) == [NOW + seconds * SECOND for seconds in (0, 15, 30, 45)]
        assert 4 <= watcher.requests_per_minute <= 12


async def test_while_something_is_watched_it_polls_sooner_even_in_the_middle_of_a_wait(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        hurried = False
        watcher = _watcher(one, Clock(), hurried=lambda: hurried)
        await watcher.tick(NOW)
        hurried = True
        await watcher.tick(NOW + 6 * SECOND)
        assert (await one.state()).polled_at == NOW + 6 * SECOND


async def test_a_second_replica_polls_only_once_the_first_has_died_and_then_within_thirty_seconds(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path, polled=False) as one:
        clock = Clock()
        first, second = _watcher(one, clock, "first"), _watcher(one, clock, "second")
        await first.tick(NOW)
        again = await second.tick(NOW + SECOND)
        assert (await one.state()).polled_at == NOW
        while (await one.state()).polled_at == NOW:
            clock.now = again
            again = await second.tick(clock.now)
        assert NOW + LEASE <= clock.now <= NOW + timedelta(seconds=30)
        assert await first.tick(clock.now) == clock.now + LEASE / 4


async def test_whoever_closes_lets_the_other_take_over_at_once(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        first, second = _watcher(one, Clock(), "first"), _watcher(one, Clock(NOW + SECOND), "second")
        await first.tick(NOW)
        await first.close()
        await second.tick(NOW + SECOND)
        assert (await one.state()).polled_at == NOW + SECOND


async def test_failures_slow_it_down_and_success_ends_that(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        watcher = _watcher(one, Clock())
        await watcher.tick(NOW)
        one.foundation.failure = UpstreamError("eu", "limits how often the bot may ask", status=429, retry_after=100)
        await watcher.tick(NOW + 15 * SECOND)
        assert watcher.interval == 100 * SECOND
        one.foundation.failure = UpstreamError("eu", "did not answer in time")
        await watcher.tick(NOW + 115 * SECOND)
        assert watcher.interval == 60 * SECOND
        one.foundation.failure = None
        await watcher.tick(NOW + 175 * SECOND)
        assert (watcher.interval, watcher.pace.failures) == (15 * SECOND, 0)


async def test_every_poll_is_noted_with_its_success(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        telemetry = FakeTelemetry()
        watcher = _watcher(one, Clock(), telemetry=telemetry)
        await watcher.tick(NOW)
        await watcher.tick(NOW + SECOND)
        one.foundation.failure = UpstreamError("eu", "did not answer in time")
        await watcher.tick(NOW + 15 * SECOND)
        noted = telemetry.of(Polled)
        assert [(poll.foundation, poll.succeeded) for poll in noted] == [("eu", True), ("eu", False)]
        assert all(poll.seconds >= 0 for poll in noted)


async def test_it_stays_within_the_announced_limit(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        one.foundation.limit = RateLimit(100, timedelta(hours=1))
        watcher = _watcher(one, Clock(), hurried=lambda: True)
        await watcher.tick(NOW)
        assert watcher.requests_per_minute * 60 <= 50.1


async def test_what_is_unexpected_counts_as_a_failure_and_ends_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        watcher = _watcher(one, Clock())
        one.foundation.has(stored("d", NOW))

        def stumble(_: str) -> None:
            raise RuntimeError("a bug")

        one.observer.checkpoint = stumble
        await watcher.tick(NOW)
        assert watcher.pace.failures == 1
        one.observer.checkpoint = one.passed.append
        await watcher.tick(NOW + 31 * SECOND)
        assert (await one.state()).polled_at == NOW + 31 * SECOND


async def test_a_lease_is_renewed_while_a_poll_lasts_and_the_poll_ends_when_it_is_lost(tmp_path: Path) -> None:
    async with scene(tmp_path, polled=False) as one:
        slow = Slow("eu")
        one.foundation = slow  # type: ignore[assignment]
        one.restart()
        clock = Clock()
        naps: asyncio.Queue[asyncio.Event] = asyncio.Queue()

        async def sleep(_: float) -> None:
            awake = asyncio.Event()
            naps.put_nowait(awake)
            await awake.wait()

        polling = asyncio.create_task(_watcher(one, clock, "first", sleep=sleep).tick(NOW))
        nap = await naps.get()
        clock.now = NOW + 15 * SECOND
        nap.set()
        nap = await naps.get()
        assert await one.store.leases.acquire("poll:eu", "second", NOW + LEASE, NOW + 2 * LEASE) is None
        assert await one.store.leases.acquire("poll:eu", "second", NOW + 3 * LEASE, NOW + 9 * LEASE)
        clock.now = NOW + 4 * LEASE
        nap.set()
        await asyncio.wait_for(polling, 5)
        assert slow.waiting.is_set()
        assert await one.store.ledger.poll_state("eu") is None


async def test_one_foundation_that_hangs_does_not_delay_the_others(tmp_path: Path) -> None:
    async with scene(tmp_path / "a", polled=False) as hanging, scene(tmp_path / "b", polled=False) as fine:
        slow = Slow("us")
        hanging.foundation = slow  # type: ignore[assignment]
        hanging.restart()
        stored_it = asyncio.Event()
        fine.observer.checkpoint = lambda point: stored_it.set() if point == "poll.stored" else None
        polling = Polling([_watcher(hanging, Clock()), _watcher(fine, Clock())])
        await polling.tick(NOW)
        await asyncio.wait_for(slow.waiting.wait(), 5)
        await asyncio.wait_for(stored_it.wait(), 5)
        await polling.close()
        assert await fine.store.ledger.poll_state("eu")
        assert await hanging.store.ledger.poll_state("us") is None
