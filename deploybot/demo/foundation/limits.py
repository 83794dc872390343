"""The server's own rate limiter: so many requests per caller and hour, each caller's hour beginning apart."""

import math
from collections.abc import Mapping

import msgspec

from deploybot.demo.foundation.xxh64 import xxh64

EXEMPT_PATHS = frozenset(("/", "/v3", "/v2/info", "/healthz"))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests per window, for a user and for an IP address without a valid token; off unless `enabled`."""

    enabled: bool = False
    general: int = 2000
    unauthenticated: int = 100
    window_minutes: int = 60

    def as_info(self) -> dict[str, object]:
        return {
            "enabled": self.enabled,
            "general_limit": self.general,
            "reset_interval_in_minutes": self.window_minutes,
        }


class Verdict(msgspec.Struct, frozen=True):
    """What the limiter says to one request; `retry_after` is set when it was one too many."""

    headers: Mapping[str, str]
    retry_after: int | None = None


class Limiter:
    """Counts; the window that a count belongs to is part of its key."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._counts: dict[tuple[str, int], int] = {}

    def count(self, name: str, *, authenticated: bool, now_seconds: float) -> Verdict:
        """One more request of a user guid or IP address."""
        limit = self.limits.general if authenticated else self.limits.unauthenticated
        reset = next_reset(name, self.limits.window_minutes * 60, int(now_seconds))
        used = self._counts.get((name, reset), 0) + 1
        self._counts = {key: n for key, n in self._counts.items() if key[1] > now_seconds} | {(name, reset): used}
        headers = {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-reset": str(reset),
            "x-ratelimit-remaining": str(shown_remaining(limit, used)),
        }
        return Verdict(headers, reset - int(now_seconds) if used > limit else None)


def next_reset(name: str, window: int, now: int) -> int:
    """Epoch second at which the window of that caller ends; spread over callers by a hash of their name."""
    offset = xxh64(name.encode()) % window
    return now + window - (now - offset) % window


def shown_remaining(limit: int, used: int) -> int:
    """Rounded down to a tenth of the limit: an estimate, as the server's processes count apart."""
    tenths = math.floor(10 * (limit - used) / limit)
    return max(0, math.floor(tenths * limit / 10))
