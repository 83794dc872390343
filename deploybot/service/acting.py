"""Continue and cancel: shown as a proposal first, checked again when it is confirmed, and sent at most once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deploybot.domain.access import Where
from deploybot.domain.acting import Action, ActionState, Bound, Credential
from deploybot.domain.page import Row
from deploybot.domain.query import Query


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the confirm form shows; `bound.stand` is never None.

    `account` is as whom it will be done. `approvals` is how many others must agree by the `rule` that allows it. Where
    `moved` is a sentence (what changed since the button was drawn, and by whom), the form shows it and offers nothing.
    """

    bound: Bound
    row: Row
    consequences: tuple[str, ...]
    account: str
    approvals: int
    rule: str
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a confirmation: a sentence for the person, and the deployment as it is now.

    `state` is None where a second person was asked.
    """

    told: str
    state: ActionState | None
    row: Row | None = None


class Approves(Protocol):
    """Asks a second person, where a rule wants one."""

    async def ask(
        self, proposal: Proposal, user: str, credential: Credential, where: Where, now: datetime, until: float
    ) -> Result:
        """Post the request. UserError where that can't be, UpstreamError where it can't be found out who started it."""
        ...


@dataclass
class Acting:
    """What people do to deployments. `now` is UTC, `until` a deadline on the monotonic clock.

    All refusals before anything is claimed are UserErrors, and on the record once. UpstreamErrors say that the
    foundation could not be asked, and that nothing was done.
    """

    approves: Approves | None = None

    async def find(
        self, subject: str, query: Query, action: Action, user: str, where: Where, now: datetime, until: float
    ) -> Bound:
        """The deployment of this guid, else the newest one of this app that fits; only what the person may see."""
        raise NotImplementedError

    async def propose(self, bound: Bound, user: str, where: Where, now: datetime, until: float) -> Proposal:
        """What a confirm form shows, after a fresh look at the deployment and all checks."""
        raise NotImplementedError

    async def confirm(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        """Do it, or ask a second person, after all checks again; a confirmation that comes twice does nothing more."""
        raise NotImplementedError

    async def perform(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result:
        """Do what a second person agreed to: all checks but the one whether somebody must agree."""
        raise NotImplementedError

    async def perform_as_bot(self, bound: Bound, confirmation: str, why: str, now: datetime, until: float) -> Result:
        """Do it with the bot's own credential and nobody's wish: `why` is the rule behind it, for the record."""
        raise NotImplementedError

    async def tick(self, now: datetime) -> None:
        """Settle what was claimed and never settled, since whoever claimed it died: look, record, tell the person."""
        raise NotImplementedError
