"""What goes wrong, and when: faults of both stand-ins that come and go, sockets that die, tokens that end."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deploybot.demo.foundation.faults import Faults
from soak.scene import Scene

PAUSE_MINUTES, LAST_MINUTES = (6.0, 18.0), (3.0, 9.0)
"""Simulated ones: of peace between two troubles, and of a trouble."""

CLOUD: dict[str, dict[str, Any]] = {
    "outage": {"outage": True},
    "cut answers": {"cut": 0.3},
    "502": {"bad_gateway": 0.4},
    "504": {"gateway_timeout": 0.3},
    "429": {"rate_limit": 0.4},
    "429 of a proxy": {"proxy_rate_limit": 0.3},
    "500": {"server_error": 0.4},
    "refused tokens": {"refused_tokens": 0.4},
    "slow answers": {"latency_ms": 700},
    "actions answered with 500": {"undone_error": 0.4, "done_but_error": 0.4},
    "actions cut": {"done_but_cut": 0.5},
}
SLACK: dict[str, tuple[dict[str, Any], ...]] = {
    "Slack 429": ({"kind": "rate_limited", "times": 12, "retry_after": 1},),
    "Slack 500": ({"kind": "internal_error", "times": 12},),
    "Slack slow": ({"kind": "slow", "times": 6, "seconds": 2.0},),
    "Slack cut": ({"kind": "cut", "times": 6},),
    "Slack 500, though done": ({"kind": "done_but_500", "methods": ["chat.postMessage"], "times": 4},),
    "Slack slow, though done": (
        {"kind": "done_but_slow", "methods": ["chat.postMessage"], "times": 3, "seconds": 4.0, "shown_after": 1.0},
    ),
    "lost acknowledgements": ({"kind": "drop_ack", "where": "delivery", "times": 4},),
    "answers refused": (
        {"kind": "rate_limited", "where": "response_url", "times": 3},
        {"kind": "internal_error", "where": "response_url", "times": 3},
        {"kind": "cut", "where": "response_url", "times": 2},
    ),
}
SOCKETS: dict[str, dict[str, Any]] = {
    "socket refreshed": {"action": "disconnect", "reason": "warning"},
    "socket ended": {"action": "disconnect", "reason": "refresh_requested"},
    "socket cut": {"action": "cut"},
    "socket dead": {"action": "dead"},
}
TOKENS = ("tokens expired",)


@dataclass
class Trouble:
    """Makes it; `made` counts what there was. Each kind comes once before any comes again."""

    scene: Scene
    rng: random.Random
    made: Counter[str] = field(default_factory=Counter)
    _left: list[str] = field(default_factory=list)

    async def last(self) -> None:
        """Until cancelled; then all is well again."""
        try:
            while True:
                await self._pass(PAUSE_MINUTES)
                await self._begin(self._next())
                await self._pass(LAST_MINUTES)
                await self.end()
        finally:
            self.scene.foundation.faults = Faults()

    async def end(self) -> None:
        self.scene.foundation.faults = Faults()
        await self.scene.slack.set_faults()

    def _next(self) -> str:
        if not self._left:
            self._left = [*CLOUD, *SLACK, *SOCKETS, *TOKENS]
            self.rng.shuffle(self._left)
        return self._left.pop()

    async def _begin(self, kind: str) -> None:
        self.made[kind] += 1
        if kind in CLOUD:
            self.scene.foundation.faults = Faults(**CLOUD[kind])
        elif kind in SLACK:
            await self.scene.slack.set_faults(*SLACK[kind])
        elif kind in SOCKETS:
            await self.scene.slack.sockets(**SOCKETS[kind])
        else:
            self.scene.foundation.minting.expire_all()

    async def _pass(self, minutes: tuple[float, float]) -> None:
        await asyncio.sleep(self.scene.plan.true(self.rng.uniform(*minutes)))
