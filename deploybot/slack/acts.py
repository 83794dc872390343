"""What the Slack side needs of the rest of the bot to continue and cancel: the use cases of `service.acting.Acting`."""

from datetime import datetime
from typing import Protocol

from deploybot.domain.access import Where
from deploybot.domain.acting import Action, Bound
from deploybot.domain.query import Query
from deploybot.service.acting import Proposal, Result


class Acts(Protocol):
    """UserErrors and UpstreamErrors are shown to the person as they are: nothing was done then."""

    async def find(
        self, subject: str, query: Query, action: Action, user: str, where: Where, now: datetime, until: float
    ) -> Bound: ...

    async def propose(self, bound: Bound, user: str, where: Where, now: datetime, until: float) -> Proposal: ...

    async def confirm(
        self, bound: Bound, confirmation: str, user: str, where: Where, now: datetime, until: float
    ) -> Result: ...
