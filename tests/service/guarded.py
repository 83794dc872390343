"""A canary that waits, its channel, and the guard that looks after it: what the tests of the guard begin with."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from deploybot.domain.access import Rule
from deploybot.domain.acting import ActionState, Bound, Stand
from deploybot.domain.audit import AuditEvent, AuditKind, AuditOutcome
from deploybot.domain.guard import GuardRule
from deploybot.domain.ledger import Entry, Kind, Observation, PollState
from deploybot.domain.link import Link
from deploybot.domain.outgoing import GuardBody
from deploybot.domain.pattern import Pattern
from deploybot.domain.secret import Secret
from deploybot.service.acting import Result
from deploybot.service.budget import Budget
from deploybot.service.guarded import GuardMessages
from deploybot.service.guarding import Guarding
from deploybot.service.reading import Reading
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.domain.making import entry, transition
from tests.fake_directory import FakeDirectory
from tests.fake_notifier import Clock, FakeNotifier
from tests.fake_rights import FakeRights
from tests.service.post_office import Post

KEY = Secret("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
HOUR = 3600.0
RULE = GuardRule(
    "guard 1",
    (Pattern(spaces=("prod",)),),
    "C1",
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
WAITING = Stand("ACTIVE", "PAUSED", 2)


@dataclass
class BotActs:
    """Remembers what it was to do; fails as `problem` says."""

    asked: list[tuple[Bound, str, str]] = field(default_factory=list)
    result: Result = field(default_factory=lambda: Result("I have canceled it.", ActionState.DONE))
    problem: Exception | None = None

    async def perform_as_bot(
        self, bound: Bound, confirmation: str, why: str, channel: str, now: Any, until: float
    ) -> Result:
        assert channel == RULE.channel
        self.asked.append((bound, confirmation, why))
        if self.problem:
            raise self.problem
        return self.result


@dataclass
class Watch:
    """A canary that waits since the clock began, its channel C1, and the guard."""

    store: Store
    directory: Path
    rules: Sequence[Rule] = ()
    guards: Sequence[GuardRule] = (RULE,)
    clock: Clock = field(default_factory=Clock)
    people: FakeDirectory = field(default_factory=FakeDirectory)
    acts: BotActs = field(default_factory=BotActs)
    rights: FakeRights = field(default_factory=FakeRights)
    changes: int = 0

    def __post_init__(self) -> None:
        self.slack = FakeNotifier(self.clock)
        self.post = Post(self.store, self.directory, self.clock, self.slack, Budget(40, self.clock))
        self.canary = entry(
            "d-1", value="ACTIVE", reason="PAUSED", step=2, steps=4, status_changed_at=self.clock.at, strategy="canary"
        )
        self.guarding = self.guard("me")

    def guard(self, holder: str) -> Guarding:
        """The guard of one process."""
        return Guarding(
            self.guards,
            ("eu",),
            self.store.ledger,
            self.store.outbox,
            self.store.links,
            self.store.leases,
            holder,
            Reading(self.rules, self.people),
            self.acts,
            {"eu": self.rights},
            self.clock,
        )

    def messages(self) -> GuardMessages:
        """What looks after the guard's messages."""
        return GuardMessages(self.guards, ("eu",), self.store.outbox, self.store.ledger, self.slack, self.post.edits)

    async def seen(self, canary: Entry | None = None) -> None:
        """A poll saw the canary like this, and noticed a change."""
        lease = await self.store.leases.acquire("poll:eu", "me", self.clock.at, self.clock.at + timedelta(days=9))
        assert lease
        state = PollState(foundation="eu", cursor=self.clock.at, polled_at=self.clock.at)
        self.changes += 1
        seen = replace(canary or self.canary, ordinal=self.changes)
        noticed = transition(Kind.PAUSED, "d-1", self.changes, noticed_at=self.clock.at)
        await self.store.ledger.record(lease, Observation(state=state, entries=(seen,), transitions=(noticed,)), ())

    async def after(self, hours: float) -> None:
        """So many hours later: the guard has its turn, and what it says is sent."""
        self.clock.pass_by(hours * HOUR)
        await self.guarding.tick(self.clock.at)
        await self.post.tick(2, 1.5)
        self.clock.pass_by(-3)

    @property
    def said(self) -> list[tuple[str, str]]:
        """Channel and words of all that the guard said."""
        bodies = [(claim.draft.channel, claim.draft.body) for _, claim in self.slack.posts]
        return [(channel, body.text) for channel, body in bodies if isinstance(body, GuardBody)]

    async def link(self, user: str, account_guid: str) -> None:
        link = Link(user, "eu", account_guid, "ann@example.com", ("openid",), self.clock.at, Secret("refresh"))
        event = AuditEvent(id=f"link-{user}", at=self.clock.at, kind=AuditKind.LINK, outcome=AuditOutcome.DONE)
        await self.store.links.put(link, event)


@asynccontextmanager
async def watch(directory: Path, **more: Any) -> AsyncIterator[Watch]:
    async with open_store(StoreSettings(data_dir=directory), link_keys=(KEY,)) as store:
        one = Watch(store, directory, **more)
        await one.seen()
        yield one
