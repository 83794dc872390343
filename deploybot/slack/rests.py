"""How long Slack has asked to wait: with one method, and for posts with one channel."""

from collections.abc import Callable

_PER_CHANNEL = "chat.postMessage"


class Rests:
    """Who asked in vain waits, and asks nobody meanwhile. `monotonic` is in seconds.

    Posts are limited per channel and over the whole workspace, and Slack does not say which limit was hit: where two
    channels were told to wait, all are.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until: dict[tuple[str, str], float] = {}

    def left(self, method: str, channel: str) -> float:
        """In how many seconds this may be asked; 0 for now."""
        now = self._monotonic()
        self._until = {place: until for place, until in self._until.items() if until > now}
        if (method, channel) in self._until:
            return self._until[method, channel] - now
        waits = [until - now for place, until in self._until.items() if place[0] == method]
        return min(waits) if waits and (method != _PER_CHANNEL or len(waits) > 1) else 0.0

    def rest(self, method: str, channel: str, seconds: float) -> None:
        """Slack asked to wait so long."""
        self._until[method, channel] = self._monotonic() + seconds
