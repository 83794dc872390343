"""How long a soak lasts, how much faster than in life it goes, and which of the bot's own times are made shorter."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass

POLL_SECONDS, STALL_SECONDS, UNHEALTHY_SECONDS, TOKEN_SECONDS = 15.0, 60.0, 30.0, 600.0
"""Of the foundation's own clock, as in the demo: divided by the speed."""
LEAST_TOKEN_SECONDS = 12
"""Of true time: a token that ends sooner is renewed at every request, which no foundation asks for."""
QUICK = {
    "DEPLOYBOT_LEASE": "5s",
    "DEPLOYBOT_SEND_TIMEOUT": "3s",
    "DEPLOYBOT_SETTLE_AFTER": "2s",
    "DEPLOYBOT_ACT_TIMEOUT": "3s",
    "DEPLOYBOT_ACT_SETTLE_AFTER": "5s",
    "DEPLOYBOT_ACT_AGAIN_AFTER": "1s",
    "DEPLOYBOT_MESSAGES_PER_MINUTE": "60",
    "DEPLOYBOT_EDITS_PER_MINUTE": "1000",
}
"""Leases and time-outs: shorter than in life, but not by the speed, since a process and a socket need true seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many simulated hours in so many true minutes; `seed` decides what people do and what goes wrong."""

    hours: float = 24.0
    minutes: float = 27.0
    seed: int = 1

    @property
    def speed(self) -> float:
        """How many times faster than in life: simulated seconds in a true one."""
        return self.hours * 60 / self.minutes

    @property
    def seconds(self) -> float:
        """True ones."""
        return self.minutes * 60

    def true(self, simulated_minutes: float) -> float:
        """True seconds that so many simulated minutes take."""
        return simulated_minutes * 60 / self.speed

    def token_seconds(self) -> int:
        """True seconds that an access token of the foundation holds."""
        return max(LEAST_TOKEN_SECONDS, round(TOKEN_SECONDS / self.speed))

    def settings(self) -> Mapping[str, str]:
        """The bot's times."""
        return {
            **QUICK,
            "DEPLOYBOT_POLL_INTERVAL": f"{max(0.25, POLL_SECONDS / self.speed):.3f}s",
            "DEPLOYBOT_STALL_AFTER": f"{max(1.0, STALL_SECONDS / self.speed):.3f}s",
            "DEPLOYBOT_UNHEALTHY_AFTER": f"{max(0.5, UNHEALTHY_SECONDS / self.speed):.3f}s",
            "DEPLOYBOT_LINK_KEYS": urlsafe_b64encode(bytes(range(32))).decode(),
        }
