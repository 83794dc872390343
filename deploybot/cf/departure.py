"""Whether, and by when, a request that changes something leaves: what it is based on must not grow old in a queue."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

LEAVES_WITHIN = 5.0
"""Seconds for a connection, and for a place in the queue for one. Whoever looked before looked no longer ago."""


@dataclass
class Departure:
    """Whether a request has begun to leave: before that a foundation can't have got any of it. One for one `post`.

    After `latest`, on the clock, it does not leave any more.
    """

    begun: bool = False
    latest: float = math.inf
    clock: Callable[[], float] = time.monotonic

    def soon(self, clock: Callable[[], float]) -> None:
        """Have it leave soon or never."""
        self.latest, self.clock = clock() + LEAVES_WITHIN, clock

    async def __call__(self, event: str, _: object) -> None:
        """What httpcore tells of its doings. https://www.encode.io/httpcore/extensions/#trace"""
        if not event.endswith(".send_request_headers.started"):
            return
        if self.clock() > self.latest:
            raise httpx.PoolTimeout("it waited too long to leave")
        self.begun = True
