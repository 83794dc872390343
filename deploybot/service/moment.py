"""What time it is while something goes on: the instant that it began with, and what has passed since."""

from collections.abc import Callable
from datetime import datetime, timedelta


class Moment:
    """`now` is when it began; the time since is measured by the monotonic clock, which nobody sets back."""

    def __init__(self, now: datetime, monotonic: Callable[[], float]) -> None:
        self._began, self._monotonic, self._start = now, monotonic, monotonic()

    def passed(self) -> float:
        """Seconds since it began."""
        return self._monotonic() - self._start

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.passed())
