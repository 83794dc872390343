"""What has been taken up already: Slack delivers again what it believes lost, and nobody wants two answers."""

from collections import OrderedDict
from collections.abc import Callable


class Seen:
    """Keys of the last `ttl` seconds, at most `most` of them; Slack's last retry comes six minutes after the first."""

    def __init__(self, clock: Callable[[], float], *, ttl: float = 900, most: int = 20_000) -> None:
        self._clock = clock
        self._ttl = ttl
        self._most = most
        self._keys: OrderedDict[str, float] = OrderedDict()

    def is_new(self, key: str) -> bool:
        """Whether this key comes for the first time; it is remembered. An empty key always is new."""
        now = self._clock()
        self._forget(now)
        if key in self._keys:
            return False
        if key:
            self._keys[key] = now
        return True

    def _forget(self, now: float) -> None:
        while self._keys:
            oldest, at = next(iter(self._keys.items()))
            if now - at <= self._ttl and len(self._keys) < self._most:
                return
            del self._keys[oldest]
