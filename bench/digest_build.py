"""A digest of 10,000 deployments: its time, the longest turn that the event loop waits for it, and its memory.

What was promised is that commands are acknowledged meanwhile, which P5 measures. The bounds here were set after the
first look, to see when a figure grows: the time was 4.2 times the floor, the longest turn a sixtieth of the whole.
"""

import asyncio
import gc
import sqlite3
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.measure import ROUNDS, Ratio, middle
from deploybot.domain.ledger import Entry, Kind, Observation, PollState, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.digests import Digests
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store

DEPLOYMENTS = 10_000
SLOT = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = (
    (Kind.STARTED, Outcome.IN_PROGRESS),
    (Kind.PAUSED, Outcome.PAUSED),
    (Kind.CONTINUED, Outcome.IN_PROGRESS),
)
_BEAT = 0.001


def run() -> list[Ratio]:
    return asyncio.run(_run())


async def _run() -> list[Ratio]:
    with TemporaryDirectory() as directory:
        async with open_store(StoreSettings(data_dir=Path(directory))) as store:
            await fill(store)
            gc.collect()
            gc.freeze()
            return await _measured(store, _file(directory))


def _file(directory: str) -> Path:
    return next(Path(directory).glob("*.db"))


async def _measured(store: Store, file: Path) -> list[Ratio]:
    """Rounds take turns, so that a busy machine slows both alike; memory is looked at in rounds of its own."""
    floors, builds, stalls = [], [], []
    for round_ in range(ROUNDS):
        began = time.process_time()
        _rows(file)
        floors.append((time.process_time() - began) * 1000)
        took, stall = await _watched(partial(make_digest, store, round_))
        builds.append(took)
        stalls.append(stall)
    floor_mb, build_mb = _peak(partial(_rows, file)), await _peak_of(partial(make_digest, store, ROUNDS))
    return [
        Ratio("digest of 10,000 deployments / its rows read and decoded", middle(builds), middle(floors), "ms", 6),
        Ratio("longest turn of the loop meanwhile / the whole of it", middle(stalls), middle(builds), "ms", 1 / 20),
        Ratio("memory at its height / its rows read and decoded", build_mb, floor_mb, "MB", 1.15),
    ]


def _rows(file: Path) -> list[tuple[Transition, Entry]]:
    """The floor: what the digest is made of, by sqlite3 and msgspec alone."""
    transition, entry = msgspec.json.Decoder(Transition), msgspec.json.Decoder(Entry)
    connection = sqlite3.connect(file)
    try:
        rows = connection.execute(
            "SELECT t.body, e.body FROM transitions t JOIN entries e ON e.foundation = t.foundation AND e.guid = t.guid"
        )
        return [(transition.decode(told), entry.decode(of)) for told, of in rows]
    finally:
        connection.close()


async def make_digest(store: Store, number: int) -> None:
    await store.subscriptions.add(
        Subscription(
            id=f"s-{number}",
            channel="C1",
            made_by="U1",
            made_at=SLOT,
            kind=SubscriptionKind.DIGEST,
            filters="foundation=eu",
            schedule="at=09:00",
            next_due=SLOT,
            covered_until=SLOT - DAY,
        )
    )
    assert await Digests(store.subscriptions, store.ledger, ["eu"]).tick(SLOT + timedelta(seconds=1)) == 1


async def _watched(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Milliseconds of the processor: all that the work takes, and the longest turn before another one gets its own."""
    longest, last, began = 0.0, time.thread_time(), time.process_time()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(_BEAT)
            now = time.thread_time()
            longest, last = max(longest, now - last), now

    beating = asyncio.ensure_future(beat())
    await work()
    took = time.process_time() - began
    beating.cancel()
    return took * 1000, longest * 1000


def _peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


async def _peak_of(work: Callable[[], Awaitable[None]]) -> float:
    tracemalloc.start()
    await work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


async def fill(store: Store) -> None:
    """A day with 10,000 deployments that each started, paused, went on and ended, one in twenty badly."""
    lease = await store.leases.acquire("poll:eu", "bench", SLOT, SLOT + DAY)
    assert lease
    first = PollState(foundation="eu", cursor=SLOT - 9 * DAY, polled_at=SLOT - 9 * DAY)
    await store.ledger.record(lease, Observation(state=first), [])
    now = PollState(foundation="eu", cursor=SLOT, polled_at=SLOT)
    entries, transitions = zip(*(_deployment(number) for number in range(DEPLOYMENTS)), strict=True)
    told = tuple(one for several in transitions for one in several)
    await store.ledger.record(lease, Observation(state=now, entries=entries, transitions=told), [])


def _deployment(number: int) -> tuple[Entry, tuple[Transition, ...]]:
    guid, at = f"{number:08x}-0000-4000-8000-000000000000", SLOT - DAY + number * timedelta(seconds=8)
    failed = number % 20 == 0
    ends = (*KINDS, (Kind.FAILED, Outcome.FAILED) if failed else (Kind.SUCCEEDED, Outcome.SUCCEEDED))
    transitions = tuple(_transitions(guid, at, ends))
    entry = Entry(
        foundation="eu",
        guid=guid,
        app_guid=f"app-{number % 700}",
        app=f"service-{number % 700}",
        space_guid=f"space-{number % 40}",
        space=f"team-{number % 40}",
        org_guid="org-1",
        org="shop",
        strategy="canary",
        created_at=at,
        updated_at=at,
        value="FINALIZED",
        reason="CANCELED" if failed else "DEPLOYED",
        step=2,
        steps=4,
        status_changed_at=at,
        error="StagingError: no route to the registry" if failed else "",
        labels=(("team", f"team-{number % 40}"), ("env", "prod")),
        by="ann@example.com",
        by_guid="user-1",
        outcome=ends[-1][1],
        why="it had stalled before it was canceled" if failed else "every instance of the new version got healthy",
        ordinal=len(ends),
        ended_at=at,
        first_seen_at=at,
        changed_at=at,
    )
    return entry, transitions


def _transitions(guid: str, at: datetime, kinds: tuple[tuple[Kind, Outcome], ...]) -> Iterator[Transition]:
    for ordinal, (kind, outcome) in enumerate(kinds, 1):
        yield Transition(foundation="eu", guid=guid, ordinal=ordinal, kind=kind, outcome=outcome, at=at, noticed_at=at)
