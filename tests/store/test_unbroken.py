"""Whoever is cancelled amid a transaction leaves no lock behind."""

import asyncio
from datetime import timedelta

import pytest

from deploybot.domain.storage import Lease
from deploybot.store.opening import Store
from deploybot.store.unbroken import unbroken
from tests.fake_foundation import NOW


async def _take(store: Store, name: str) -> Lease | None:
    return await store.leases.acquire(name, "me", NOW, NOW + timedelta(seconds=20))


async def test_a_call_that_is_cancelled_ends_before_its_caller_does() -> None:
    steps: list[str] = []
    begun = asyncio.Event()

    @unbroken
    class Slow:
        async def work(self) -> None:
            begun.set()
            await asyncio.sleep(0.01)
            steps.append("ended")

    calling = asyncio.ensure_future(Slow().work())
    await begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert steps == ["ended"]


async def test_cancelled_writers_hold_up_nobody(store: Store) -> None:
    for number in range(40):
        writing = asyncio.ensure_future(_take(store, f"lease {number}"))
        for _ in range(number):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing})
        async with asyncio.timeout(5):
            assert await _take(store, f"after {number}")


async def test_what_goes_wrong_reaches_the_caller() -> None:
    @unbroken
    class Failing:
        async def work(self) -> None:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Failing().work()
