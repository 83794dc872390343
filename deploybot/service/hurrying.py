"""Where somebody has just done something: such foundations are polled more often for a while."""

from collections.abc import Callable
from dataclasses import dataclass, field

HURRY_SECONDS = 60.0
"""A few runs of Cloud Foundry's updater: by then what was begun shows."""


@dataclass(frozen=True, slots=True)
class Hurries:
    """`monotonic` is in seconds."""

    monotonic: Callable[[], float]
    _until: dict[str, float] = field(default_factory=dict)

    def hurry(self, foundation: str) -> None:
        """Have a foundation polled more often for a while."""
        self._until[foundation] = self.monotonic() + HURRY_SECONDS

    def is_hurried(self, foundation: str) -> bool:
        return self.monotonic() < self._until.get(foundation, 0.0)
