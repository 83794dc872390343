"""What 1, 50 and 500 watches cost: requests to Cloud Foundry and edits in Slack, a minute.

The bot's own client counts what it asks of a simulated foundation over HTTP; the clock is turned on second by second,
so the machine's load does not matter and one round is enough. Each watch is of a deployment of its own: a look asks
for a hundred of them, and for the instances of fewer, at a time.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.measure import Ratio
from deploybot.cf.auth import Login
from deploybot.cf.client import Asked, Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.ledger import Entry
from deploybot.domain.outcome import Outcome
from deploybot.domain.pacing import PaceRules
from deploybot.domain.watch import Watch, WatchView
from deploybot.domain.watching import message_of
from deploybot.service.budget import Budget
from deploybot.service.following import Follower, Following
from deploybot.service.reading import all_seen
from deploybot.service.redrawing import Redrawing
from deploybot.service.sending import Sender
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.e2e.rollouts import Rollouts
from tests.fake_notifier import Clock as Monotonic
from tests.fake_notifier import FakeNotifier

MINUTES = 2
EDITS = 40
CHANNELS = 50
APART = timedelta(seconds=5)
_TOKEN = "bench-control"


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests to Cloud Foundry and edits in Slack, a minute."""

    requests: float
    edits: float


def run() -> list[Ratio]:
    one, fifty, many = (asyncio.run(cost(watches)) for watches in (1, 50, 500))
    return [
        Ratio("watches: requests a minute, 50 / 1", fifty.requests, one.requests, "a min", 2),
        Ratio("watches: requests a minute, 500 / 1", many.requests, one.requests, "a min", 10),
        Ratio("watches: edits a minute, 1 / its 12", one.edits, 12, "a min", 1.1),
        Ratio("watches: edits a minute, 50 / the budget", fifty.edits, EDITS, "a min", 1),
        Ratio("watches: edits a minute, 500 / the budget", many.edits, EDITS, "a min", 1),
    ]


async def cost(watches: int) -> Cost:
    """Some minutes with so many watches, after one in which they settle."""
    counted: Counter[str] = Counter()
    clock = Monotonic(datetime.now(UTC))
    with tempfile.TemporaryDirectory() as directory:
        async with (
            serve("huge", control_token=_TOKEN, clock=Clock(clock), ticking=False) as served,
            open_store(StoreSettings(data_dir=Path(directory))) as store,
        ):
            foundation = _foundation(served, counted)
            try:
                return await _lived(_Scene(store, foundation, clock), served, watches, counted)
            finally:
                await foundation.aclose()


@dataclass
class _Scene:
    store: Store
    foundation: CloudFoundry
    clock: Monotonic
    slack: FakeNotifier = field(init=False)

    def __post_init__(self) -> None:
        self.slack = FakeNotifier(self.clock)
        edits = Budget(EDITS, self.clock)
        follower = Follower(
            self.foundation,
            self.store.watches,
            self.store.ledger,
            self.store.leases,
            all_seen,
            "bench",
            lambda: self.clock.at,
            time.monotonic,
            PaceRules(APART, APART),
            _passed,
        )
        redrawing = Redrawing(self.store.watches, self.slack, edits, EDITS, _passed)
        self.following = Following([follower], self.store.watches, redrawing, EDITS)
        self.sender = Sender(self.store.outbox, self.slack, edits=edits, monotonic=self.clock)

    async def live(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.following.tick(self.clock.at)
            await self.following.looked()
            await self.following.redraw(self.clock.at)
            await self.sender.tick(self.clock.at)
            self.clock.pass_by(1)


async def _lived(scene: _Scene, served: Served, watches: int, counted: Counter[str]) -> Cost:
    rollouts = Rollouts(served.foundation)
    rollouts.begin(watches, ("canary",))
    for number, guid in enumerate(rollouts.begun):
        one = _watch(number, guid, scene.clock.at)
        await scene.store.watches.start(one, message_of(one), watches)
    await scene.live(60)
    counted.clear()
    scene.slack.redrawn.clear()
    await scene.live(60 * MINUTES)
    return Cost(counted.total() / MINUTES, len(scene.slack.redrawn) / MINUTES)


def _watch(number: int, guid: str, now: datetime) -> Watch:
    entry = Entry(
        foundation="eu",
        guid=guid,
        created_at=now,
        value="ACTIVE",
        reason="DEPLOYING",
        outcome=Outcome.IN_PROGRESS,
        by="somebody",
        first_seen_at=now,
        changed_at=now,
    )
    return Watch(
        id=f"w{number}",
        channel=f"C{number % CHANNELS}",
        foundation="eu",
        guid=guid,
        made_by="U1",
        made_at=now,
        watchers=("U1",),
        view=WatchView(entry=entry, as_of=now),
        changed_at=now,
    )


def _foundation(served: Served, counted: Counter[str]) -> CloudFoundry:
    def count(asked: Asked) -> None:
        counted[asked.path] += 1

    login = Login(username="admin", password="admin")
    return CloudFoundry(Site("eu", served.url, login), around=Surroundings(watch=count))


def _passed(_: str) -> None:
    """Nobody waits at a checkpoint."""


def per_minute(watches: Sequence[int]) -> list[float]:
    """Requests a minute with so many watches each."""
    return [asyncio.run(cost(many)).requests for many in watches]
