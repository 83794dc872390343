"""How much may still be asked of something that takes only so much a minute."""

from collections import deque
from collections.abc import Callable

_MINUTE = 60.0
_STILL_WANTED = 3.0
"""Seconds for which somebody who found nothing left counts as waiting: who wants something asks again sooner."""


class Budget:
    """At most `per_minute` of something in any minute, for all who share this object. `monotonic` is in seconds.

    Whoever has had more than half of the last minute leaves the rest to others that wait and have had less.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._per_minute, self._monotonic = per_minute, monotonic
        self._spent: deque[tuple[float, str]] = deque()
        self._wanted: dict[str, float] = {}

    def left(self, who: str = "") -> int:
        """How many `who` may spend now."""
        now = self._monotonic()
        while self._spent and self._spent[0][0] <= now - _MINUTE:
            self._spent.popleft()
        free = max(0, self._per_minute - len(self._spent))
        fair = max(0, self._per_minute // 2 - self._had(who))
        left = min(free, fair) if self._is_another_waiting(who, now) else free
        if not left:
            self._wanted[who] = now
        return left

    def take(self, who: str = "") -> bool:
        """Spend one, if there is one."""
        if not self.left(who):
            return False
        self._spent.append((self._monotonic(), who))
        return True

    def wait(self) -> float:
        """In how many seconds there is one to spend; 0 for now."""
        return 0.0 if self.left() else max(0.0, self._spent[-self._per_minute][0] + _MINUTE - self._monotonic())

    def _had(self, who: str) -> int:
        return sum(one == who for _, one in self._spent)

    def _is_another_waiting(self, who: str, now: float) -> bool:
        half = self._per_minute // 2
        return any(
            other != who and now - at < _STILL_WANTED and self._had(other) < half for other, at in self._wanted.items()
        )
