"""A stretch of the `busy` scenario at high speed, polled over real HTTP into a real store, with restarts and faults:
afterwards the ledger equals the simulator's own history, row by row. `BUSY_HOURS=24` makes it a whole day.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploybot.cf.auth import Login
from deploybot.cf.client import Site, Surroundings
from deploybot.cf.foundation import CloudFoundry
from deploybot.demo.foundation.clock import Clock
from deploybot.demo.foundation.entities import Deployment as Row
from deploybot.demo.foundation.faults import Faults
from deploybot.demo.foundation.foundation import Foundation as Simulated
from deploybot.demo.foundation.instants import from_text, to_datetime
from deploybot.demo.foundation.serving import serve
from deploybot.domain.ledger import Entry, Kind, Transition
from deploybot.domain.outcome import Outcome
from deploybot.domain.outgoing import Announcement, Draft, NoticeBody, Pending
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound
from deploybot.domain.storage import Composed
from deploybot.errors import UpstreamError
from deploybot.service.observing import Alerts, Observer, ObservingRules
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.cf.making import AT_ONCE
from tests.domain.making import alert

HOURS = float(os.environ.get("BUSY_HOURS", "1.5"))
BEGIN = from_text("2026-11-23T12:00:00Z") / 1e6
SEED = 4
LONG = timedelta(days=400)
ENDS = {"DEPLOYED": Kind.SUCCEEDED, "CANCELED": Kind.CANCELED, "SUPERSEDED": Kind.SUPERSEDED}

TROUBLES = (
    Faults(outage=True),
    Faults(cut=0.4),
    Faults(bad_gateway=0.5),
    Faults(server_error=0.4, refused_tokens=0.3),
    Faults(rate_limit=0.5),
    Faults(latency_ms=150),
)


class Day:
    """Virtual time, in seconds since 1970; the updater runs every five of them."""

    def __init__(self) -> None:
        self.seconds = BEGIN

    def __call__(self) -> float:
        return self.seconds

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


class Halving(CloudFoundry):
    """Sometimes brings half of the rows, as a proxy that cuts a page would if it made it look whole."""

    rng: random.Random | None = None

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        found = await super().deployments(ask, until)
        if self.rng is None or self.rng.random() < 0.5:
            return found
        kept = found.rows[: len(found.rows) // 2]
        return replace(found, rows=kept, sent=len(kept))


@dataclass
class Stretch:
    """The simulator and the bot's half that polls it, and what happened to both."""

    simulated: Simulated
    port: Halving
    store: Store
    day: Day
    rng: random.Random
    count: Counter[str] = field(default_factory=Counter)
    asleep_until: float = 0.0

    def __post_init__(self) -> None:
        self.start_anew()

    def start_anew(self) -> None:
        """A new process: only what is stored is known."""
        alerts = Alerts(self.store.subscriptions)
        self.observer = Observer(self.port, self.store.ledger, alerts, time.monotonic, ObservingRules(rows=300))

    async def run(self, hours: float) -> None:
        due = 0.0
        while self.day.seconds < BEGIN + hours * 3600:
            self.day.seconds += 5
            self.simulated.simulation.step()
            if self.day.seconds >= max(due, self.asleep_until):
                await self.poll()
                due = self.day.seconds + self.rng.uniform(13, 17)
                self.meddle()
        self.simulated.faults, self.port.rng, self.asleep_until = Faults(), None, 0.0
        while await self.poll():
            self.day.seconds += 1

    async def poll(self) -> bool:
        """One poll, which may fail; whether there is more to read at once."""
        lease = await self.store.leases.acquire("poll:eu", "me", self.day.now, self.day.now + LONG)
        assert lease
        self.count["polls"] += 1
        seconds = 0.4 if self.simulated.faults.latency_ms else 10.0
        try:
            polled = await self.observer.poll(lease, self.day.now, time.monotonic() + seconds)
        except UpstreamError:
            self.count["failed"] += 1
            return False
        self.count["cut"] += not polled.whole
        return polled.more

    def meddle(self) -> None:
        """Now and then a fault begins or ends, the process is replaced, or it is down for a while."""
        chance = self.rng.random()
        self.simulated.faults = self.rng.choice(TROUBLES) if chance < 0.04 else self.simulated.faults
        self.port.rng = self.rng if 0.04 <= chance < 0.06 else self.port.rng
        if 0.06 <= chance < 0.3:
            self.simulated.faults, self.port.rng = Faults(), None
        if 0.3 <= chance < 0.36:
            self.count["restarts"] += 1
            self.start_anew()
        if 0.36 <= chance < 0.365:
            self.count["outages"] += 1
            self.asleep_until = self.day.seconds + self.rng.uniform(120, 1500)  # longer than what is no gap yet


@asynccontextmanager
async def stretch(tmp: Path) -> AsyncIterator[Stretch]:
    day = Day()

    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    options: dict[str, Any] = {"clock": Clock(day), "ticking": False, "access_seconds": 10**6, "seed": SEED}
    async with (
        serve("busy", control_token="held", **options) as served,
        open_store(StoreSettings(data_dir=tmp)) as store,
    ):
        login = Login(client_id="deploybot", client_secret="deploybot-demo-secret")
        port = Halving(Site("eu", served.url, login), AT_ONCE, Surroundings(sleep=at_once))
        await store.subscriptions.add(alert(on=tuple(Kind)))
        served.foundation._dice = random.Random(SEED)  # which requests a fault hits
        try:
            yield Stretch(served.foundation, port, store, day, random.Random(SEED))
        finally:
            await port.aclose()


async def test_a_busy_day_with_restarts_and_faults_is_in_the_ledger_row_by_row(tmp_path: Path) -> None:
    async with stretch(tmp_path) as one:
        await one.poll()
        before = {row.guid for row in one.simulated.world.deployments}
        active_before = {row.guid for row in one.simulated.world.deployments if row.status_value == "ACTIVE"}
        await one.run(HOURS)

        rows = [row for row in one.simulated.world.deployments if row.guid not in before or row.guid in active_before]
        entries = await one.store.ledger.entries("eu", [row.guid for row in rows])
        told = await _told(one)
        assert len(rows) > 80 * HOURS
        assert min(one.count[what] for what in ("restarts", "outages", "failed", "cut")) > 0, one.count
        for row in rows:
            _same(one, row, entries[row.guid])
            _told_once(row, told.get(row.guid, []), is_new=row.guid not in before)
        assert set(told) <= {row.guid for row in rows}
        _only_pauses_that_were(one, told)
        assert _keys(await _announced(one.store)) == {
            (each.guid, each.ordinal): 1 for some in told.values() for each in some
        }
        gaps = await one.store.ledger.gaps(one.day.now - LONG, one.day.now, ("eu",))
        assert len(gaps) >= one.count["outages"]
        assert all(gap.until for gap in gaps)


def _same(one: Stretch, row: Row, entry: Entry) -> None:
    """The entry says what the simulator's row says."""
    app = one.simulated.world.apps[row.app_guid]
    space = one.simulated.world.spaces[app.space_guid]
    said = (entry.value, entry.reason, entry.step, entry.error, entry.strategy, entry.revision)
    has = (row.status_value, row.status_reason, row.canary_current_step, row.error or "", row.strategy)
    assert said == (*has, row.revision_version)
    assert (entry.app_guid, entry.app, entry.space) == (row.app_guid, app.name, space.name)
    times = (entry.created_at, entry.updated_at, entry.last_healthy_at, entry.status_changed_at)
    inside = (row.created_at, row.updated_at, row.last_healthy_at, row.status_updated_at)
    assert times == tuple(to_datetime(at or 0).replace(microsecond=0) for at in inside)
    assert entry.is_active is (row.status_value == "ACTIVE")
    assert entry.by.endswith("@example.com")
    if row.status_reason == "SUPERSEDED":
        later = list(one.simulated.world.deployments.where("app_guid", row.app_guid))
        following = min((each for each in later if each.position > row.position), key=lambda each: each.position)
        assert entry.superseded_by == following.guid


def _told_once(row: Row, told: list[Transition], *, is_new: bool) -> None:
    """Its start once if it is new, its end once if it has ended, in order and with consecutive ordinals."""
    kinds = [each.kind for each in told]
    assert [each.ordinal for each in told] == list(range(1, len(told) + 1))
    assert kinds.count(Kind.STARTED) == int(is_new)
    if row.status_value == "ACTIVE":
        assert not set(kinds) & set(ENDS.values())
        return
    end = told[-1]
    assert [kind for kind in kinds if kind in ENDS.values()] == ([] if end.kind is Kind.FAILED else [end.kind])
    assert end.kind in {ENDS[row.status_reason or ""], Kind.FAILED}
    assert (end.kind is Kind.FAILED) <= (end.outcome is Outcome.FAILED)
    assert (row.status_reason == "DEPLOYED") == (end.outcome is Outcome.SUCCEEDED)


def _only_pauses_that_were(one: Stretch, told: dict[str, list[Transition]]) -> None:
    """Nothing is invented; and unless it ended while nobody looked, each pause was seen."""
    was = {(each.deployment, each.step) for each in one.simulated.journal.after(0, 10**6) if each.reason == "PAUSED"}
    seen = [(each.guid, each.step) for some in told.values() for each in some if each.kind is Kind.PAUSED]
    assert len(seen) == len(set(seen))
    assert set(seen) <= was
    assert len(seen) > len(was) / 2


async def _told(one: Stretch) -> dict[str, list[Transition]]:
    told: dict[str, list[Transition]] = {}
    async for batch in one.store.ledger.transitions(one.day.now - LONG, one.day.now + LONG):
        for transition, _ in batch:
            told.setdefault(transition.guid, []).append(transition)
    return told


async def _announced(store: Store) -> list[Announcement]:
    """All that waits in the channel, taken out of it batch by batch."""
    found: list[Announcement] = []

    def take(pending: Pending) -> list[Composed]:
        told = tuple(announcement for announcement, _, _ in pending.waiting)
        found.extend(told)
        draft = Draft(key=f"taken-{len(found)}", channel=pending.channel, body=NoticeBody(text="taken"))
        return [Composed(draft, told)]

    while await store.outbox.compose("C1", datetime.now(UTC) + LONG, take):
        pass
    return found


def _keys(announced: list[Announcement]) -> Counter[tuple[str, int]]:
    return Counter((each.guid, each.ordinal) for each in announced)
