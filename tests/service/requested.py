"""A canary that waits on a fake foundation, a real store, and people who ask, agree and decline."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from deploybot.domain.access import Right, Rule, Where
from deploybot.domain.acting import Action, ActionState, Bound, Stand, stand_of
from deploybot.domain.approval import Approval
from deploybot.domain.audit import AuditAsk, AuditEvent
from deploybot.domain.deployment import CanaryStatus, CanarySteps, Deployment, Person, Status, StatusDetails
from deploybot.domain.outcome import OutcomeRules, judge
from deploybot.domain.page import Row
from deploybot.errors import UpstreamError
from deploybot.service.acting import Proposal, Result
from deploybot.service.agreed import Endings
from deploybot.service.approving import Approving
from deploybot.service.asking import Asking, Starters
from deploybot.service.awaiting import Awaiting
from deploybot.service.budget import Budget
from deploybot.service.reading import Reading
from deploybot.settings.model import StoreSettings
from deploybot.store.opening import Store, open_store
from tests.fake_credentials import FakeCredentials
from tests.fake_directory import FakeDirectory
from tests.fake_foundation import FakeFoundation, Stored, app, stored
from tests.fake_notifier import Clock, FakeNotifier
from tests.service.post_office import Post

HERE = Where("C1")
UNTIL = 1e12
PAUSED = Stand("ACTIVE", "PAUSED", 2)
CHECKOUT = app("checkout", "app-1")
EVERYBODY = Rule(
    "rule 1", ("members",), frozenset({Right.READ, Right.CONTINUE, Right.CANCEL}), where=("channels",), approvals=1
)


def canary(guid: str = "d-1", *, stand: Stand = PAUSED, at: datetime, **more: Any) -> Stored:
    """A canary of checkout with four steps."""
    row = stored(guid, at, value=stand.value, reason=stand.reason, strategy="canary", **more)
    steps = CanaryStatus(CanarySteps(stand.step, 4))
    status = Status(stand.value, stand.reason, StatusDetails(at, at, None), steps)
    shown = row.deployment
    return Stored(
        Deployment(
            guid=guid,
            created_at=shown.created_at,
            updated_at=shown.updated_at,
            status=status,
            strategy="canary",
            relationships=shown.relationships,
        ),
        row.created,
        row.updated,
    )


@dataclass
class FakeActing:
    """Does what it is told once per confirmation, or fails as `problem` says."""

    done: list[tuple[Bound, str, str]] = field(default_factory=list)
    problem: Exception | None = None
    result: Result = field(default_factory=lambda: Result("Continued as cat@example.com.", ActionState.DONE))

    async def perform(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        if self.problem:
            raise self.problem
        if confirmation not in [one for _, one, _ in self.done]:
            self.done.append((bound, confirmation, user))
        return self.result


@dataclass
class Requests:
    """Everything that a request for a second person goes through. U1 is cat, U2 is bob; ann started the canary."""

    store: Store
    directory: Path
    clock: Clock = field(default_factory=Clock)
    rules: Sequence[Rule] = (EVERYBODY,)
    foundation: FakeFoundation = field(default_factory=lambda: FakeFoundation(known_apps=[CHECKOUT]))
    people: FakeDirectory = field(default_factory=FakeDirectory)
    credentials: FakeCredentials = field(
        default_factory=lambda: FakeCredentials(
            {"U1": ("user-cat", "cat@example.com"), "U2": ("user-bob", "bob@example.com")}
        )
    )
    acting: FakeActing = field(default_factory=FakeActing)

    def __post_init__(self) -> None:
        self.foundation.rows = [canary(at=self.clock.at - timedelta(hours=1))]
        self.foundation.people = {"d-1": Person("user-ann", "ann@example.com")}
        self.slack = FakeNotifier(self.clock)
        self.post = Post(self.store, self.directory, self.clock, self.slack, Budget(40, self.clock))
        self.new_id = partial(lambda ids: f"id-{next(ids)}", count(1))
        self.restart()

    def restart(self) -> None:
        foundations = {"eu": self.foundation}
        starters = Starters(foundations, self.store.ledger)
        endings = Endings(self.store.approvals, self.store.outbox, self.acting, self.new_id)
        self.asking = Asking(
            self.store.approvals,
            Reading(self.rules, self.people).of_all,
            starters,
            timedelta(minutes=30),
            self.new_id,
        )
        self.approving = Approving(
            self.store.approvals,
            self.store.actions,
            foundations,
            self.people,
            self.credentials,
            starters,
            endings,
            self.rules,
            self.new_id,
        )
        self.awaiting = Awaiting(
            self.store.approvals,
            self.store.ledger,
            self.store.actions,
            foundations,
            endings,
            self.slack,
            self.post.edits,
            self.clock,
        )

    def moves(self, stand: Stand) -> None:
        self.foundation.rows = [canary(at=self.clock.at, stand=stand)]

    def proposal(self, action: Action = Action.CONTINUE, **more: Any) -> Proposal:
        deployment = self.foundation.rows[0].deployment
        row = Row(
            "eu",
            deployment,
            judge(deployment, self.clock.at, OutcomeRules()),
            more.pop("app", CHECKOUT),
            by=more.pop("by", self.foundation.people.get("d-1")),
        )
        bound = Bound(action=action, foundation="eu", guid="d-1", stand=stand_of(deployment))
        return Proposal(bound, row, ("It goes on to step 3.",), "cat@example.com", 1, "rule 1", **more)

    async def ask(self, user: str = "U1", where: Where = HERE, **more: Any) -> Result:
        credential = await self.credentials.of(user, "eu", UNTIL)
        return await self.asking.ask(self.proposal(**more), user, credential, where, self.clock.at, UNTIL)

    async def asked(self, **more: Any) -> Approval:
        """The request that is open after somebody asked."""
        await self.ask(**more)
        return (await self.store.approvals.waiting())[-1]

    async def agree(self, one: Approval, user: str = "U2", where: Where = HERE) -> str:
        return await self.approving.agree(one.id, user, where, self.clock.at, UNTIL)

    async def decline(self, one: Approval, user: str = "U2", where: Where = HERE) -> str:
        return await self.approving.decline(one.id, user, where, self.clock.at, UNTIL)

    async def tick(self) -> None:
        await self.awaiting.tick(self.clock.at)

    async def now(self, one: Approval) -> Approval:
        found = await self.store.approvals.one(one.id)
        assert found
        return found

    async def recorded(self) -> list[AuditEvent]:
        """All that is on the record, oldest first."""
        _, events = await self.store.actions.audit(AuditAsk(), 0, 100)
        return list(reversed(events))

    async def told(self, channel: str = "C1") -> list[str]:
        """The sentences that wait to be told, or were, in a channel."""
        await self.post.tick(8, 2)
        return [
            claim.draft.body.text
            for _, claim in self.slack.posts
            if claim.draft.channel == channel and hasattr(claim.draft.body, "text")
        ]


@asynccontextmanager
async def requests(directory: Path, **more: Any) -> AsyncIterator[Requests]:
    async with open_store(StoreSettings(data_dir=directory)) as store:
        yield Requests(store, directory, **more)


AWAY = UpstreamError("eu", "it is away")
