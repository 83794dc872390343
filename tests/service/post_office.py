"""A sender between a real store and a fake Slack, with time that is moved by hand."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploybot.domain.ledger import Entry, Kind, Observation, PollState
from deploybot.domain.outgoing import Announcement, Draft, NoticeBody
from deploybot.service.budget import Budget
from deploybot.service.delivering import DeliveryRules
from deploybot.service.reading import Sights, all_seen
from deploybot.service.sending import Sender, SenderRules
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.domain.outgoing_factories import entry, transition
from tests.fake_notifier import Clock, CrashedError, FakeNotifier

SETTLED = DeliveryRules().unclear_for.total_seconds() + 1


def notice(key: str, channel: str = "C1", **more: Any) -> Draft:
    return Draft(key=key, channel=channel, body=NoticeBody(text=key), **more)


@dataclass
class Post:
    """A store, a Slack, a clock, and the sender that works between them."""

    store: Store
    directory: Path
    clock: Clock
    slack: FakeNotifier
    edits: Budget
    rules: SenderRules = field(default_factory=SenderRules)
    dies_at: Callable[[str], None] = lambda name: None
    outbox: Any = None
    sights: Sights = all_seen

    def __post_init__(self) -> None:
        self.sender = self.new_sender()

    def new_sender(self) -> Sender:
        return Sender(
            self.outbox or self.store.outbox,
            self.slack,
            edits=self.edits,
            rules=self.rules,
            checkpoint=lambda name: self.dies_at(name),
            monotonic=self.clock,
            sights=self.sights,
            sleep=self.clock.sleep,
        )

    async def add(self, *drafts: Draft) -> None:
        for draft in drafts:
            assert await self.store.outbox.add(draft, self.clock.at)

    async def tick(self, times: int = 1, every: float = 0) -> None:
        for _ in range(times):
            await self.sender.tick(self.clock.at)
            self.clock.pass_by(every)

    async def crash(self) -> None:
        """A tick in which the process dies; the next one is another process."""
        with pytest.raises(BaseExceptionGroup) as caught:
            await self.tick()
        assert caught.group_contains(CrashedError)
        self.dies_at = lambda name: None
        self.sender = self.new_sender()

    async def observe(
        self, entries: Iterable[Entry], kinds: Iterable[Kind], announcements: Iterable[Announcement]
    ) -> None:
        """What a poll stores: entries with a transition each, and what is announced of them."""
        lease = await self.store.leases.acquire("poll:eu", "me", self.clock.at, self.clock.at + timedelta(hours=9))
        assert lease
        known = tuple(entries)
        noticed = {"at": self.clock.at, "noticed_at": self.clock.at}
        transitions = tuple(
            transition(one.guid, kind, one.ordinal, **noticed) for one, kind in zip(known, kinds, strict=True)
        )
        state = PollState(foundation="eu", cursor=self.clock.at, polled_at=self.clock.at)
        observed = Observation(state=state, entries=known, transitions=transitions)
        await self.store.ledger.record(lease, observed, tuple(announcements))

    async def happens(self, *guids: str, kind: Kind = Kind.STARTED, ordinal: int = 1, **more: Any) -> None:
        """Deployments change, and the channel is to be told."""
        ended = {"ended_at": self.clock.at} if kind in (Kind.SUCCEEDED, Kind.FAILED) else {}
        known: dict[str, Any] = {"channel": "C1", "foundation": "eu", "ordinal": ordinal, "subscriptions": ("s1",)}
        told = [Announcement(guid=guid, mentions=("<@U1>",), **known) for guid in guids]
        await self.observe([entry(guid, ordinal=ordinal, **ended, **more) for guid in guids], [kind] * len(guids), told)

    def rows(self, columns: str, table: str = "messages") -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.directory / "deploybot.db")) as database:
            return database.execute(f"SELECT {columns} FROM {table}").fetchall()

    @property
    def texts(self) -> list[str]:
        return self.slack.keys()


@asynccontextmanager
async def posting(directory: Path, **more: Any) -> AsyncIterator[Post]:
    clock = Clock()
    async with open_store(StoreSettings(data_dir=directory)) as store:
        yield Post(store, directory, clock, FakeNotifier(clock), Budget(40, clock), **more)


def waits(post: Post) -> list[float]:
    """The seconds between the posts."""
    return [(after - before).total_seconds() for (before, _), (after, _) in pairwise(post.slack.posts)]
