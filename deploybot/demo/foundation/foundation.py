"""One running foundation: its API, UAA, people and dials, held together for the server and the control endpoints."""

import random
from collections import deque

from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.core import Core
from deploybot.demo.foundation.discovery import Addresses
from deploybot.demo.foundation.faults import Faults
from deploybot.demo.foundation.journal import Journal
from deploybot.demo.foundation.scenario import Login
from deploybot.demo.foundation.simulation import Simulation
from deploybot.demo.foundation.tokens import Minting
from deploybot.demo.foundation.uaa import Uaa
from deploybot.demo.foundation.world import World

MOST_HEARD = 10_000
MOST_KINDS = 500


class Foundation:
    def __init__(
        self,
        title: str,
        core: Core,
        uaa: Uaa,
        simulation: Simulation,
        clock: Clock,
        journal: Journal,
        minting: Minting,
        at: Addresses,
        logins: tuple[Login, ...],
    ) -> None:
        self.title, self.core, self.uaa, self.simulation, self.clock = title, core, uaa, simulation, clock
        self.journal, self.minting, self.at, self.logins = journal, minting, at, logins
        self.faults = Faults()
        self.heard: deque[str] = deque(maxlen=MOST_HEARD)
        """The path of each cancel and continue that ever arrived, whatever became of it."""
        self.asked: set[str] = set()
        """The kinds of requests that ever arrived: the method and the first two parts of the path, `GET /v3/apps`."""
        self._dice = random.Random()  # noqa: S311 - which requests a fault hits is no secret

    @property
    def world(self) -> World:
        return self.core.world

    def hear(self, method: str, path: str) -> None:
        """Remember what arrives, whatever becomes of it."""
        if method == "POST" and "/actions/" in path:
            self.heard.append(path)
        if len(self.asked) < MOST_KINDS:
            self.asked.add(f"{method} {'/'.join(path.split('/')[:3])}")

    def chance(self) -> float:
        return self._dice.random()
