"""One message per second and channel: a token bucket as a value; pure."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """`left` messages may be posted at once at the Unix time `at`; one more every `interval` seconds, up to `burst`."""

    left: float
    at: float


def take(bucket: Bucket | None, now: float, interval: float, burst: int) -> tuple[Bucket, int | None]:
    """The bucket after one more message, and the whole seconds to wait if that message is refused.

    https://docs.slack.dev/apis/web-api/rate-limits
    """
    if interval <= 0:
        return Bucket(float(burst), now), None
    known = bucket or Bucket(float(burst), now)
    filled = min(float(burst), known.left + max(0.0, now - known.at) / interval)
    if filled >= 1:
        return Bucket(filled - 1, now), None
    return Bucket(filled, now), max(1, math.ceil((1 - filled) * interval))
