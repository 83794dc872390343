"""New ids in Slack's shapes: views, events, envelopes, triggers, and message timestamps that never repeat."""

import itertools
from collections.abc import Callable


class Ids:
    """`token` gives a fresh unguessable hex string; message timestamps rise strictly, whatever the clock does."""

    def __init__(self, token: Callable[[], str]) -> None:
        self.token = token
        self._counter = itertools.count(1)
        self._last_ts = 0

    def of(self, prefix: str) -> str:
        """An id such as `V0000000A1`: the prefix and a number that rises, in base 36."""
        return f"{prefix}{_base36(next(self._counter)):0>9}"

    def ts(self, now: float) -> str:
        """A message timestamp: `1790000000.000100`, unique over the whole workspace."""
        self._last_ts = max(self._last_ts + 100, int(now * 1_000_000) // 100 * 100)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def trigger(self, team: str) -> str:
        return f"{next(self._counter)}.{team[1:]}.{self.token()}"


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"
