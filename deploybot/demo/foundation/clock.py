"""The time of a foundation and the pace of what happens in it: two dials, both given from outside."""

import time
from collections.abc import Callable

from deploybot.demo.foundation.instants import from_seconds

FASTEST = 100.0


class Clock:
    """`now` is always true time, so that every age a client reckons is right; `speed` is how many times faster than
    in life the updater runs, instances start and people act."""

    def __init__(self, reading: Callable[[], float] = time.time, speed: float = 1.0) -> None:
        self._reading = reading
        self.set_speed(speed)

    def now(self) -> int:
        return from_seconds(self._reading())

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """ValueError outside (0, FASTEST]."""
        if not 0 < speed <= FASTEST:
            raise ValueError(f"speed must be above 0 and at most {FASTEST:g}")
        self._speed = speed

    def seconds(self, lasting: float) -> float:
        """Real seconds that something takes which lasts so long in life."""
        return lasting / self._speed
