"""Continue and cancel without a foundation, for the Slack side: each confirmation is done once, and known by its id."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from msgspec import structs

from deploybot.domain.access import Where
from deploybot.domain.acting import Action, ActionState, Bound, Stand, stand_of
from deploybot.domain.deployment import CanaryStatus, CanarySteps, Deployment, Status
from deploybot.domain.outcome import Outcome
from deploybot.domain.page import Row
from deploybot.domain.query import Query
from deploybot.service.acting import Proposal, Result
from tests.slack.factories import GUID, deployment, row

PAUSED = Stand("ACTIVE", "PAUSED", 2)
GUID_1 = GUID.format(1)


def bound(action: Action = Action.CONTINUE, stand: Stand | None = PAUSED) -> Bound:
    return Bound(action=action, foundation="eu", guid=GUID_1, stand=stand)


def canary(stand: Stand = PAUSED, outcome: Outcome = Outcome.PAUSED) -> Row:
    """A canary of four steps that stands there."""
    status = Status(stand.value, stand.reason, canary=CanaryStatus(CanarySteps(stand.step, 4)))
    one: Deployment = deployment(status=status)
    return replace(row(outcome=outcome), deployment=one)


def proposal(action: Action = Action.CONTINUE, **more: Any) -> Proposal:
    given: dict[str, Any] = {
        "bound": bound(action),
        "row": canary(),
        "consequences": ("It goes on to step 3 of 4: 60 % -> 80 %, 4 -> 5 of 6 instances.", "Step 3 may pause again."),
        "account": "alice@example.com",
        "approvals": 0,
        "rule": "deployers",
    }
    return Proposal(**{**given, **more})


@dataclass
class FakeActing:
    """`asked` is every call as (name, what it is about, user, where). `done` holds what became of each confirmation.

    `error` is raised by the calls that it names; `hold` keeps a confirmation waiting until it is set.
    """

    found: Bound = field(default_factory=lambda: bound(stand=None))
    proposed: dict[str, Any] = field(default_factory=dict)
    result: Result = field(
        default_factory=lambda: Result(
            "Cloud Foundry goes on to step 3 of 4; this takes a few minutes.",
            ActionState.DONE,
            canary(Stand("ACTIVE", "DEPLOYING", 3), Outcome.IN_PROGRESS),
        )
    )
    error: dict[str, Exception] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    asked: list[tuple[str, Any, str, Where]] = field(default_factory=list)
    done: dict[str, Result] = field(default_factory=dict)
    sent: int = 0

    def calls(self, name: str) -> list[tuple[Any, str, Where]]:
        """What each call of one name was about, by whom, and where."""
        return [call[1:] for call in self.asked if call[0] == name]

    def _note(self, name: str, about: Any, user: str, where: Where) -> None:
        self.asked.append((name, about, user, where))
        if name in self.error:
            raise self.error[name]

    async def find(
        self, subject: str, query: Query, action: Action, user: str, where: Where, now: datetime, until: float
    ) -> Bound:
        self._note("find", (subject, query, action), user, where)
        return structs.replace(self.found, action=action)

    async def propose(self, bound: Bound, user: str, where: Where, now: datetime, until: float) -> Proposal:
        self._note("propose", bound, user, where)
        shown = proposal(bound.action, **self.proposed)
        stand = bound.stand or stand_of(shown.row.deployment)
        return replace(shown, bound=structs.replace(bound, stand=stand))

    async def confirm(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        self._note("confirm", (bound, confirmation), user, where)
        if self.hold:
            await self.hold.wait()
        if confirmation not in self.done:
            self.sent += 1
            self.done[confirmation] = self.result
        return self.done[confirmation]
