"""The right to do something alone among all replicas, waited for until a deadline."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploybot.domain.storage import Leases

LONGEST = timedelta(seconds=30)
"""So long a crash holds the others up: whoever is alone must be done well before."""
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Around:
    """What comes from outside: the time (UTC, and monotonic in seconds), ids, and a way to wait."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    new_id: Callable[[], str]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@asynccontextmanager
async def alone(leases: Leases, name: str, around: Around, until: float) -> AsyncIterator[None]:
    """Nobody else is in a block of the same name, in this process or another one. TimeoutError at the deadline."""
    holder = around.new_id()
    while (lease := await leases.acquire(name, holder, around.now(), around.now() + LONGEST)) is None:
        if around.monotonic() >= until:
            raise TimeoutError(name)
        await around.sleep(PAUSE)
    try:
        yield
    finally:
        await leases.release(lease)
