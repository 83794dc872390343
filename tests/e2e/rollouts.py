"""Rollouts for the bot to notice: begun in the simulated foundation, looked after until each has ended."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from deploybot.demo.foundation.entities import Deployment
from deploybot.demo.foundation.foundation import Foundation
from deploybot.demo.foundation.journal import Entry
from deploybot.demo.foundation.refusals import RefusedError

KINDS = ("rolling", "canary", "failing", "rolling", "canary", "rolling")
PAUSED_SECONDS = 1.0
STUCK_SECONDS = 4.0


@dataclass
class Rollouts:
    """`seed` decides who does what; the journal tells the truth about it afterwards."""

    foundation: Foundation
    seed: int = 1
    begun: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._from = self._newest()

    def begin(self, count: int, kinds: Sequence[str] = KINDS) -> None:
        """New rollouts of apps that rest."""
        simulation = self.foundation.simulation
        busy = {row.app_guid for row in self.foundation.world.active_deployments()}
        resting = [app for app in self.foundation.world.apps if app.guid not in busy]
        for number, app in enumerate(self._rng.sample(resting, count)):
            actor = self._rng.choice(simulation.deployers(app.space_guid))
            self.begun.append(simulation.roll_out(app.guid, kinds[number % len(kinds)], actor, max_in_flight=4).guid)

    async def live(self) -> None:
        """Continue what is paused and cancel what is stuck, for ever."""
        while True:
            for row in self.under_way():
                self._look_at(row)
            await asyncio.sleep(0.1)

    async def ended(self) -> None:
        """Wait until all have ended, while somebody looks after them; at most two minutes."""
        async with asyncio.timeout(120):
            while True:
                if not self.under_way():
                    return
                await asyncio.sleep(0.1)

    def under_way(self) -> list[Deployment]:
        """Those of ours that have not ended."""
        rows = (self.foundation.world.deployments[guid] for guid in self.begun)
        return [row for row in rows if row.status_value == "ACTIVE"]

    def ends(self) -> dict[str, str]:
        """How each ended, in the server's word, by guid."""
        return {guid: str(self.foundation.world.deployments[guid].status_reason) for guid in self.begun}

    def told(self) -> list[Entry]:
        """All that truly happened to ours, in order."""
        return [entry for entry in self.foundation.journal.after(self._from, 100_000) if entry.deployment in self.begun]

    def _newest(self) -> int:
        entries = self.foundation.journal.after(0, 100_000)
        return entries[-1].number if entries else 0

    def _look_at(self, row: Deployment) -> None:
        now = self.foundation.clock.now()
        paused, stuck = (now - row.status_updated_at) / 1e6, (now - max(row.created_at, row.status_updated_at)) / 1e6
        if row.state == "PAUSED" and paused > PAUSED_SECONDS:
            self._act(row, "continue")
        elif row.state == "DEPLOYING" and stuck > STUCK_SECONDS:
            self._act(row, "cancel")

    def _act(self, row: Deployment, action: str) -> None:
        simulation = self.foundation.simulation
        try:
            simulation.act(row, action, self._rng.choice(simulation.deployers(row.space_guid)))
        except RefusedError:
            return  # the updater was quicker
