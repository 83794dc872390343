"""Every duration that Slack imposes, in seconds, so that a test can shorten them, and the clock behind them."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix time in seconds."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time()


@dataclass(frozen=True, slots=True)
class Timing:
    """Slack's own durations.

    `ack` is the limit for every acknowledgement; `event_retries` are the pauses before the three repetitions of an
    event that nobody acknowledged; `post_interval` and `post_burst` describe the one message per second and channel,
    0 switches that limit off.
    """

    ack: float = 3.0
    trigger: float = 3.0
    response_url: float = 1800.0
    response_url_uses: int = 5
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    disconnect_warning: float = 10.0
    ticket: float = 30.0
    post_interval: float = 1.0
    post_burst: int = 1
