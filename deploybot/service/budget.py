"""How much may still be asked of something that takes only so much a minute."""

from collections import deque
from collections.abc import Callable

_MINUTE = 60.0


class Budget:
    """At most `per_minute` of something in any minute, for all who share this object. `monotonic` is in seconds."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._per_minute, self._monotonic = per_minute, monotonic
        self._spent: deque[float] = deque()

    def left(self) -> int:
        """How many may be spent now."""
        now = self._monotonic()
        while self._spent and self._spent[0] <= now - _MINUTE:
            self._spent.popleft()
        return max(0, self._per_minute - len(self._spent))

    def take(self) -> bool:
        """Spend one, if there is one."""
        if not self.left():
            return False
        self._spent.append(self._monotonic())
        return True

    def wait(self) -> float:
        """In how many seconds there is one to spend; 0 for now."""
        return 0.0 if self.left() else max(0.0, self._spent[-self._per_minute] + _MINUTE - self._monotonic())
