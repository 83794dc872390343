"""Where somebody has just done something: such foundations are polled more often for a while."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploybot.domain.storage_acting import ActionLog

HURRY_SECONDS = 60.0
"""A few runs of Cloud Foundry's updater: by then what was begun shows."""
LATELY = timedelta(seconds=30)
"""So far back is looked for what others did: longer than their clocks may differ."""


@dataclass(frozen=True, slots=True)
class Hurries:
    """`monotonic` is in seconds."""

    monotonic: Callable[[], float]
    _until: dict[str, float] = field(default_factory=dict)

    def hurry(self, foundation: str) -> None:
        """Have a foundation polled more often for a while."""
        self._until[foundation] = self.monotonic() + HURRY_SECONDS

    async def learn(self, log: ActionLog, now: datetime) -> None:
        """Hurry where any process has just done something: it may not be the one that polls there."""
        for foundation in await log.settled_since(now - LATELY):
            self.hurry(foundation)

    def is_hurried(self, foundation: str) -> bool:
        return self.monotonic() < self._until.get(foundation, 0.0)
