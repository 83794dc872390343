"""Looks whether the database can be used, and measures what is in it, so that nobody who asks the bot has to wait."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from deploybot.domain.telemetry import PollMeasured, StoreMeasured, Telemetry

log = structlog.get_logger(__name__)

COUNT_EVERY = timedelta(minutes=10)
"""A ledger of a million deployments takes a database a while to count, and grows slowly; an empty one takes nothing."""


class Measures(Protocol):
    """What is asked of the store."""

    async def trouble(self) -> str: ...

    async def deployments(self) -> int: ...

    async def waiting(self, now: datetime) -> tuple[int, float]: ...

    async def polled_at(self) -> Mapping[str, datetime | None]: ...


@dataclass
class Measuring:
    """One look each tick. `told` hears every time what is wrong with the database, in words; "" is nothing."""

    measures: Measures
    foundations: Sequence[str]
    telemetry: Telemetry
    told: Callable[[str], None]
    _counted_at: datetime | None = field(default=None, repr=False)
    _deployments: int = field(default=0, repr=False)

    async def tick(self, now: datetime) -> None:
        trouble = await self.measures.trouble()
        self.told(trouble)
        if trouble:
            log.warning("database can't be used", reason=trouble)
            return
        await self._measure(now)

    async def _measure(self, now: datetime) -> None:
        if not self._deployments or self._counted_at is None or now - self._counted_at >= COUNT_EVERY:
            self._deployments, self._counted_at = await self.measures.deployments(), now
        waiting, oldest = await self.measures.waiting(now)
        self.telemetry.note(StoreMeasured(self._deployments, waiting, oldest))
        polled = await self.measures.polled_at()
        for foundation in self.foundations:
            at = polled.get(foundation)
            self.telemetry.note(PollMeasured(foundation, max(0.0, (now - at).total_seconds()) if at else None))
