"""A foundation from memory and a real store, with an observer between them that tests let poll."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from deploybot.domain.ledger import Entry, Gap, PollState, Transition
from deploybot.domain.outgoing import Announcement
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound
from deploybot.domain.storage import Lease
from deploybot.service.observing import Alerts, Observer, ObservingRules, Polled
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.fake_foundation import NOW, FakeFoundation, Stored, app, stored

SECOND = timedelta(seconds=1)
LONG = timedelta(days=400)


@dataclass
class Counting(FakeFoundation):
    """Counts what it is asked besides."""

    looked_up: list[str] = field(default_factory=list)

    async def deployment(self, guid, until):  # type: ignore[no-untyped-def]
        self.looked_up.append(guid)
        return await super().deployment(guid, until)

    def has(self, *rows: Stored) -> None:
        """Rows that are new, or instead of those of the same guids."""
        guids = {row.deployment.guid for row in rows}
        self.rows = [row for row in self.rows if row.deployment.guid not in guids] + list(rows)

    def drop(self, guid: str) -> None:
        self.rows = [row for row in self.rows if row.deployment.guid != guid]


@dataclass
class Scene:
    """`poll` polls at `now`, which `later` moves."""

    store: Store
    foundation: Counting
    rules: ObservingRules = field(default_factory=ObservingRules)
    now: datetime = NOW
    seconds: float = 5.0
    passed: list[str] = field(default_factory=list)
    observer: Observer = field(init=False)
    announced: list[Announcement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Another process: nothing is remembered but what is stored."""
        self.observer = Observer(
            self.foundation,
            self.store.ledger,
            Alerts(self.store.subscriptions),
            time.monotonic,
            self.rules,
            self.passed.append,
        )

    def later(self, seconds: float) -> datetime:
        self.now += seconds * SECOND
        return self.now

    async def lease(self) -> Lease:
        lease = await self.store.leases.acquire("poll:eu", "me", self.now, self.now + LONG)
        assert lease
        return lease

    async def poll(self) -> Polled:
        return await self.observer.poll(await self.lease(), self.now, time.monotonic() + self.seconds)

    async def told(self) -> list[str]:
        """Everything that was ever noticed, `guid kind`, in order."""
        return [f"{one.guid} {one.kind}" for one in await self.transitions()]

    async def transitions(self) -> list[Transition]:
        batches = self.store.ledger.transitions(self.now - LONG, self.now + LONG)
        return [transition async for batch in batches for transition, _ in batch]

    async def entry(self, guid: str) -> Entry:
        return (await self.store.ledger.entries("eu", [guid]))[guid]

    async def state(self) -> PollState:
        state = await self.store.ledger.poll_state("eu")
        assert state
        return state

    async def gaps(self) -> tuple[Gap, ...]:
        return await self.store.ledger.gaps(self.now - LONG, self.now + SECOND, ("eu",))

    async def announcements(self) -> list[Announcement]:
        """Everything that waits to be told."""
        waiting: list[Announcement] = []

        def look(pending):  # type: ignore[no-untyped-def]
            waiting.extend(announcement for announcement, _, _ in pending.waiting)
            return ()

        for channel in await self.store.outbox.channels_waiting(self.now + LONG):
            await self.store.outbox.compose(channel, self.now + LONG, look)
        return waiting


@asynccontextmanager
async def scene(tmp: Path, *rows: Stored, polled: bool = True, **rules: object) -> AsyncIterator[Scene]:
    """A foundation with these rows, polled once, so that nothing of them is news."""
    foundation = Counting("eu", list(rows), [app("checkout", "app-1")])
    async with open_store(StoreSettings(data_dir=tmp)) as store:
        one = Scene(store, foundation, replace(ObservingRules(), **rules))  # type: ignore[arg-type]
        if polled:
            await one.poll()
            one.passed.clear()
            foundation.asked.clear()
            one.later(15)
        yield one


def under_way(guid: str, at: datetime, **more: object) -> Stored:
    return stored(guid, at, value="ACTIVE", reason="DEPLOYING", **more)  # type: ignore[arg-type]


def many(count: int, at: datetime, apart: timedelta = SECOND, prefix: str = "d") -> Sequence[Stored]:
    return [stored(f"{prefix}-{nth:05}", at + nth * apart) for nth in range(count)]


class Lying(Counting):
    """Answers `lie(ask, truth)` instead of the truth."""

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        return self.lie(ask, await super().deployments(ask, until))

    def lie(self, ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        return truth
