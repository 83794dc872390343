"""P6: what Cloud Foundry is asked in a minute with 1,000 alert subscriptions beside one, and 50 watches beside one.

The watcher polls a simulated foundation over HTTP with the bot's own client, which counts; between two polls somebody
deploys. Its clock is turned on to whenever it wants to come next, so that the figure is requests by planned minutes:
the machine's load does not matter and one round is enough.
"""

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.measure import Ratio
from bench.watch_cost import per_minute as watch_requests
from deploybot.cf.auth import Login
from deploybot.cf.client import Asked, Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.serving import Served, serve
from deploybot.domain.ledger import Kind
from deploybot.domain.pacing import PaceRules
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.service.observing import Alerts, Observer
from deploybot.service.polling import Watcher
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.e2e.rollouts import Rollouts

POLLS = 12
FEW, MANY = 1, 1000
LEASE = timedelta(minutes=2)
_TOKEN = "bench-control"


@dataclass
class Planned:
    """A clock that is turned on to when the watcher wants to come again."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


def run() -> list[Ratio]:
    few, many = asyncio.run(_per_minute(FEW)), asyncio.run(_per_minute(MANY))
    one, fifty = watch_requests((1, 50))
    return [
        Ratio("P6 requests a minute: 1,000 subscriptions / 1", many, few, "a min", 1),
        Ratio("P6 requests a minute: 50 watches / 1", fifty, one, "a min", 2),
    ]


async def _per_minute(subscriptions: int) -> float:
    """Requests by minutes of the clock, over so many polls after the very first one."""
    counted: Counter[str] = Counter()
    clock = Planned()
    with tempfile.TemporaryDirectory() as directory:
        async with (
            serve("busy", control_token=_TOKEN, clock=Clock(lambda: clock.now.timestamp()), ticking=False) as served,
            open_store(StoreSettings(data_dir=Path(directory))) as store,
        ):
            for number in range(subscriptions):
                await store.subscriptions.add(_subscription(number, clock.now))
            foundation = _foundation(served, counted)
            try:
                return await _watched(_watcher(foundation, store, clock), served, clock, counted)
            finally:
                await foundation.aclose()


async def _watched(watcher: Watcher, served: Served, clock: Planned, counted: Counter[str]) -> float:
    clock.now = await watcher.tick(clock.now)
    counted.clear()
    rollouts, began = Rollouts(served.foundation), clock.now
    for _ in range(POLLS):
        rollouts.begin(2)
        served.foundation.simulation.step()
        clock.now = await watcher.tick(clock.now)
        assert not watcher.pace.failures
    assert counted.total() >= POLLS
    return counted.total() / ((clock.now - began) / timedelta(minutes=1))


def _watcher(foundation: CloudFoundry, store: Store, clock: Planned) -> Watcher:
    """A lease so long that each tick is a poll, and no chance."""
    observer = Observer(foundation, store.ledger, Alerts(store.subscriptions), time.monotonic)
    return Watcher(observer, store.leases, "bench", clock, PaceRules(), lease=LEASE, chance=lambda: 0.5)


def _foundation(served: Served, counted: Counter[str]) -> CloudFoundry:
    def count(asked: Asked) -> None:
        counted[asked.path] += 1

    login = Login(username="admin", password="admin")
    return CloudFoundry(Site("eu", served.url, login), around=Surroundings(watch=count))


def _subscription(number: int, at: datetime) -> Subscription:
    """The first asks for everything, every tenth who deployed, the others for an app."""
    filters = f"by=user-{number}" if number % 10 == 9 else f"app=service-{number}"
    return Subscription(
        id=f"s-{number}",
        channel=f"C{number}",
        made_by="U1",
        made_at=at,
        kind=SubscriptionKind.ALERT,
        filters=filters if number else "",
        on=(Kind.STARTED, Kind.FAILED, Kind.SUCCEEDED),
    )
