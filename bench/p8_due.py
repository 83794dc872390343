"""P8: 10,000 digests due in the same minute beside an APScheduler job each, and what the bot costs at rest.

The stall is how late a task comes at worst that wants its turn every millisecond, by the processor's time of the loop's
thread, so that other programs do not count. Meanwhile the digests are claimed, made and stored in a real file: all but
a hundred find that nothing happened, which is the usual case. The other side's jobs do nothing at all, in memory, all
due at the same instant. At rest is the `deploybot run` process
with its default settings, between a workspace and a foundation in which nothing moves; it has polled once when the
look begins, and polls at least once while it lasts.
"""

import asyncio
import gc
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bench.measure import ROUNDS, Ratio, middle
from deploybot.domain.ledger import Entry, Kind, Observation, PollState, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.digests import Digests
from deploybot.settings.model import StoreSettings
from deploybot.store.engine import DATABASE_FILE
from deploybot.store.opening import Store, open_store
from tests.e2e.stage import stage

DUE, WITH_NEWS = 10_000, 100
SLOT = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LONGEST = 120.0
"""Seconds that a round may take."""
_BEAT = 0.001
_SETTLING, _RESTING = 10.0, 20.0


def run() -> list[Ratio]:
    return [asyncio.run(_stalls()), asyncio.run(_at_rest())]


async def _stalls() -> Ratio:
    ours, jobs = [], []
    gc.collect()
    gc.freeze()  # as the bot does when it starts; it helps both sides
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            async with open_store(StoreSettings(data_dir=Path(directory))) as store:
                await _fill(store, Path(directory) / DATABASE_FILE)
                ours.append(await _stall(lambda: _digests(store)))
        jobs.append(await _stall(_jobs))
    return Ratio("P8 10,000 due: worst stall / an APScheduler job each", middle(ours), middle(jobs), "ms", 1 / 8)


async def _stall(work: Callable[[], Awaitable[None]]) -> float:
    """The most milliseconds of its processor that the loop spent before a task that waits for its turn got one."""
    worst = 0.0

    async def beat() -> None:
        nonlocal worst
        while True:
            last = time.thread_time()
            await asyncio.sleep(_BEAT)
            worst = max(worst, time.thread_time() - last)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(10 * _BEAT)
    async with asyncio.timeout(LONGEST):
        await work()
    beating.cancel()
    return worst * 1000


async def _digests(store: Store) -> None:
    done = await Digests(store.subscriptions, store.ledger, ["eu"]).tick(SLOT + timedelta(seconds=30))
    assert done == DUE
    assert len(await store.outbox.claim(SLOT + DAY, SLOT + 2 * DAY, "bench", DUE)) == WITH_NEWS


async def _jobs() -> None:
    scheduler, left, done = AsyncIOScheduler(timezone=UTC), DUE, asyncio.Event()

    async def job() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    at = datetime.now(UTC) + timedelta(seconds=1)
    for _ in range(DUE):
        scheduler.add_job(job, "date", run_date=at, misfire_grace_time=None)
    scheduler.start()
    await done.wait()
    scheduler.shutdown(wait=False)


async def _at_rest() -> Ratio:
    with tempfile.TemporaryDirectory() as directory:
        async with stage(Path(directory)) as set_up, set_up.bot_on_socket() as bot:
            await asyncio.sleep(_SETTLING)
            before, began = _spent(bot.process.pid), time.monotonic()
            await asyncio.sleep(_RESTING)
            spent, passed = _spent(bot.process.pid) - before, time.monotonic() - began
    return Ratio("P8 at rest: time of the processor / time", spent, passed, "s", 0.03)


def _spent(pid: int) -> float:
    """Seconds of the processor that a process has had, by the kernel's count."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _fill(store: Store, file: Path) -> None:
    """A foundation in which a hundred apps were deployed, and a digest a day of each of 10,000."""
    lease = await store.leases.acquire("poll:eu", "bench", SLOT, SLOT + DAY)
    assert lease
    first = PollState(foundation="eu", cursor=SLOT - 9 * DAY, polled_at=SLOT - 9 * DAY)
    await store.ledger.record(lease, Observation(state=first), [])
    observed = Observation(
        state=PollState(foundation="eu", cursor=SLOT, polled_at=SLOT + timedelta(seconds=15)),
        entries=tuple(map(_entry, range(WITH_NEWS))),
        transitions=tuple(map(_transition, range(WITH_NEWS))),
    )
    await store.ledger.record(lease, observed, [])
    await store.subscriptions.add(_subscription())
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(_MULTIPLIED, (DUE,))


_MULTIPLIED = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
INSERT INTO subscriptions (id, channel, kind, made_at, paused, revision, next_due, body)
SELECT 's-' || n, 'C' || n, kind, made_at, paused, revision, next_due,
    json_set(body, '$.id', 's-' || n, '$.channel', 'C' || n, '$.filters', 'app=service-' || n)
FROM subscriptions, numbers
"""


def _subscription() -> Subscription:
    return Subscription(
        id="s-0",
        channel="C0",
        made_by="U1",
        made_at=SLOT - 3 * DAY,
        kind=SubscriptionKind.DIGEST,
        filters="app=service-0",
        schedule="at=09:00",
        next_due=SLOT,
        covered_until=SLOT - DAY,
    )


def _entry(number: int) -> Entry:
    at = SLOT - timedelta(hours=1)
    return Entry(
        foundation="eu",
        guid=f"d-{number}",
        app_guid=f"app-{number}",
        app=f"service-{100 * number}",
        space="production",
        org="shop",
        created_at=at,
        value="FINALIZED",
        reason="DEPLOYED",
        outcome=Outcome.SUCCEEDED,
        ordinal=1,
        ended_at=at,
        first_seen_at=at,
        changed_at=at,
    )


def _transition(number: int) -> Transition:
    at = SLOT - timedelta(hours=1)
    return Transition(
        foundation="eu",
        guid=f"d-{number}",
        ordinal=1,
        kind=Kind.SUCCEEDED,
        outcome=Outcome.SUCCEEDED,
        at=at,
        noticed_at=at,
    )
