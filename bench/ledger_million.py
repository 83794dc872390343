"""The ledger at 1,000,000 deployments: each question that is asked all the time, beside itself at 10,000.

They use indexes, so the ratio is that of two searches in trees of different height, not that of the tables, and twice
as long is the goal of each. Entries by guid come out at 2.1 times: 500 guids from all over a million rows are 500
pages, which SQLite's cache does not hold, while it holds the small ledger whole. What writes is at 1.6 and 1.7 times.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.measure import ROUNDS, Ratio, middle
from deploybot.domain.ledger import Entry, Kind, Observation, PollState, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.storage import Lease
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store

MANY, FEW = 1_000_000, 10_000
AT_ONCE = 5_000
ACTIVE = 50
START = datetime(2025, 11, 1, tzinfo=UTC)
EVERY = timedelta(seconds=30)

Question = Callable[[Store, int], Awaitable[object]]


def run() -> list[Ratio]:
    return asyncio.run(_run())


async def _run() -> list[Ratio]:
    few, many = await _measured(FEW), await _measured(MANY)
    return [Ratio(f"ledger, {name}: 1,000,000 / 10,000", many[name], few[name], "ms", GOAL) for name in ASKED]


ASKED = ("active", "a day's transitions", "entries by guid", "prune 100", "record 100")
GOAL = 2.0


async def _measured(rows: int) -> dict[str, float]:
    """The median of each question in milliseconds, on a ledger of so many."""
    with tempfile.TemporaryDirectory() as directory:
        async with open_store(StoreSettings(data_dir=Path(directory))) as store:
            await _fill(store, rows)
            questions: dict[str, Question] = {
                "active": _ask_active,
                "a day's transitions": _ask_day,
                "entries by guid": _ask_entries,
                "prune 100": _prune,
                "record 100": _record_more,
            }
            return {name: await _median(question, store, rows) for name, question in questions.items()}


async def _median(question: Question, store: Store, rows: int) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await question(store, rows)
        taken.append((time.perf_counter() - began) * 1000)
    return middle(taken)


async def _ask_active(store: Store, rows: int) -> None:  # noqa: ARG001
    assert len(await store.ledger.active("eu")) == ACTIVE


async def _ask_day(store: Store, rows: int) -> None:
    until = START + rows * EVERY
    day = store.ledger.transitions(until - timedelta(days=1), until, ["eu"])
    assert sum([len(batch) async for batch in day]) == timedelta(days=1) // EVERY


async def _ask_entries(store: Store, rows: int) -> None:
    guids = [_guid(number * rows // 500) for number in range(500)]
    assert len(await store.ledger.entries("eu", guids)) > 400


async def _prune(store: Store, rows: int) -> None:  # noqa: ARG001
    assert await store.ledger.prune(START + timedelta(days=2), 100) == 100


async def _record_more(store: Store, rows: int) -> None:
    lease = await _lease(store)
    await store.ledger.record(lease, _observed(range(rows - ACTIVE - 100, rows - ACTIVE), rows), [])


async def _fill(store: Store, rows: int) -> None:
    lease = await _lease(store)
    for first in range(0, rows, AT_ONCE):
        await store.ledger.record(lease, _observed(range(first, first + AT_ONCE), rows), [])


async def _lease(store: Store) -> Lease:
    lease = await store.leases.acquire("poll:eu", "bench", START, START + timedelta(days=4000))
    assert lease
    return lease


def _observed(numbers: range, rows: int) -> Observation:
    now = START + numbers[-1] * EVERY
    return Observation(
        state=PollState(foundation="eu", cursor=now, polled_at=now),
        entries=tuple(_entry(number, ended=number < rows - ACTIVE) for number in numbers),
        transitions=tuple(_transition(number) for number in numbers),
    )


def _entry(number: int, *, ended: bool) -> Entry:
    at = START + number * EVERY
    return Entry(
        foundation="eu",
        guid=_guid(number),
        app=f"app-{number % 900}",
        space="production",
        org="shop",
        strategy="rolling",
        created_at=at,
        value="FINALIZED",
        reason="DEPLOYED",
        outcome=Outcome.SUCCEEDED if ended else Outcome.IN_PROGRESS,
        ordinal=1,
        ended_at=at if ended else None,
        first_seen_at=at,
        changed_at=at,
    )


def _transition(number: int) -> Transition:
    at = START + number * EVERY
    return Transition(
        foundation="eu",
        guid=_guid(number),
        ordinal=1,
        kind=Kind.SUCCEEDED,
        outcome=Outcome.SUCCEEDED,
        at=at,
        noticed_at=at,
    )


def _guid(number: int) -> str:
    """Spread as the server's random ones are."""
    return f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"
