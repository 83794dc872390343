"""Watches between a real store, a fake foundation and a fake Slack, with time that is moved by hand."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from deploybot.domain.access import Audience, Rule
from deploybot.domain.deployment import Deployment, Progress
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.outgoing import WatchBody, WatchReplyBody
from deploybot.domain.pacing import PaceRules
from deploybot.domain.query import Query
from deploybot.domain.watch import Watch
from deploybot.service.budget import Budget
from deploybot.service.following import Follower, Following
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading
from deploybot.service.redrawing import Redrawing
from deploybot.service.sending import Sender
from deploybot.service.watching import Begun, Watching
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, app, stored
from tests.fake_notifier import Clock, FakeNotifier

EDITS = 40


@dataclass
class WatchedFoundation(FakeFoundation):
    """A foundation that tells instances, and counts for which deployments it was asked to."""

    told: Progress | None = None
    progressed: list[int] = field(default_factory=list)

    async def progress(self, deployments: Sequence[Deployment], until: float) -> Mapping[str, Progress]:
        self.progressed.append(len(deployments))
        return {one.guid: self.told for one in deployments} if self.told else {}

    def is_now(self, guid: str, value: str, reason: str, at: datetime) -> None:
        """The deployment's status from now on."""
        others = [row for row in self.rows if row.deployment.guid != guid]
        self.rows = [*others, stored(guid, value=value, reason=reason, changed=at, healthy=at, updated=at)]


@dataclass
class Replica:
    """One process: its own leases' holder, budget and turns."""

    following: Following
    sender: Sender


@dataclass
class Watchtower:
    """A store, a foundation, a Slack, a clock, and processes that work between them."""

    store: Store
    clock: Clock
    foundation: WatchedFoundation
    slack: FakeNotifier
    directory: FakeDirectory
    rules: list[Rule] = field(default_factory=list)
    dies_at: Callable[[str], None] = lambda name: None

    def __post_init__(self) -> None:
        self.replica = self.new_replica("one")
        self._ids = iter(f"w{number}" for number in range(10_000))

    @property
    def reading(self) -> Reading:
        return Reading(self.rules, self.directory)

    def new_replica(self, holder: str) -> Replica:
        edits = Budget(EDITS, self.clock)
        checkpoint: Callable[[str], None] = lambda name: self.dies_at(name)  # noqa: E731
        follower = Follower(
            self.foundation,
            self.store.watches,
            self.store.ledger,
            self.store.leases,
            lambda channel: self.reading.of_all(channel),
            holder,
            lambda: self.clock.at,
            self.clock,
            PaceRules(timedelta(seconds=5), timedelta(seconds=5), share=0.25),
            checkpoint,
        )
        redrawing = Redrawing(self.store.watches, self.slack, edits, EDITS, checkpoint)
        following = Following([follower], self.store.watches, redrawing, EDITS)
        return Replica(following, Sender(self.store.outbox, self.slack, edits=edits, monotonic=self.clock))

    @property
    def watching(self) -> Watching:
        return Watching(
            Listing((self.foundation,), self.clock, OutcomeRules()),
            self.store.watches,
            self.store.ledger,
            self.store.actions,
            self.reading,
            self.directory,
            self.rules,
            EDITS,
            lambda: next(self._ids),
        )

    async def begin(self, subject: str = "checkout", user: str = "U1", channel: str = "C1") -> Begun:
        return await self.watching.begin(subject, Query(), user, channel, self.clock.at, self.clock() + 8)

    async def live(self, seconds: float, replica: Replica | None = None) -> None:
        """So many seconds of a process, one turn each second."""
        one = replica or self.replica
        for _ in range(int(seconds)):
            await one.following.tick(self.clock.at)
            await one.following.looked()
            await one.following.redraw(self.clock.at)
            await one.sender.tick(self.clock.at)
            self.clock.pass_by(1)

    async def one(self, watch_id: str) -> Watch:
        found = await self.store.watches.one(watch_id)
        assert found
        return found

    def shown(self) -> Watch:
        """What the first message in the channel shows since its last edit."""
        body = self.slack.shows(self.slack.messages[0].ts)
        assert isinstance(body, WatchBody)
        return body.watch

    def replies(self) -> list[WatchReplyBody]:
        """What was posted into threads, in order."""
        bodies = [claim.draft.body for _, claim in self.slack.posts]
        return [body for body in bodies if isinstance(body, WatchReplyBody)]


@asynccontextmanager
async def watchtower(tmp: Path, *, channel: Audience | None = None) -> AsyncIterator[Watchtower]:
    """One app whose rolling deployment d-1 is under way; nothing is watched yet."""
    clock = Clock()
    row = stored("d-1", clock.at, value="ACTIVE", reason="DEPLOYING")
    foundation = WatchedFoundation(rows=[row], known_apps=[app("checkout", "app-1")])
    directory = FakeDirectory(channels={"C1": channel} if channel else {})
    async with open_store(StoreSettings(data_dir=tmp)) as store:
        yield Watchtower(store, clock, foundation, FakeNotifier(clock), directory)
