"""Reads all deployments from an instant on in the order of their changes, however many there are, and loses none.

No second page is turned to where rows shift: after a full page the next question begins at its last row's second.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from deploybot.domain.deployment import Deployment
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound, Foundation, Times
from deploybot.domain.query import Column
from deploybot.errors import UpstreamError
from deploybot.service.walking import Budget

PER_PAGE = 250
"""Rows a request: the server needs 3 ms for each."""
CROWD = 1000
"""Rows a request within one second that fills a page by itself."""
MOST_READINGS = 3
"""How often one second is read whose rows leave it meanwhile, which shifts the others over the pages' edges."""

_SECOND = timedelta(seconds=1)
EVERYTHING = DeploymentsAsk()


@dataclass(slots=True)
class Sweep:
    """One reading, by a budget. `found` has each deployment as the last answer showed it.

    `reached` is before which everything has been read, `whole` whether that is everything there is. An UpstreamError
    leaves both as they are.
    """

    foundation: Foundation
    budget: Budget
    most_rows: int
    base: DeploymentsAsk = EVERYTHING
    column: Column = Column.UPDATED
    per_page: int = PER_PAGE
    found: dict[str, Deployment] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    reached: datetime | None = None
    whole: bool = False
    _sent: int = 0

    async def read(self, since: datetime, before: datetime | None = None) -> None:
        """Read what lies in [since, before), as far as the budget goes."""
        self.whole, self.reached = False, since.replace(microsecond=0)
        while self._may_go_on():
            page = await self._ask(Times(gte=self.reached, lt=before), 1, self.per_page)
            if _is_last(page, 1, self.per_page):
                self.whole = True
                return
            edge = self._edge(page, self.reached)
            if edge is None:
                self.whole = await self._page_by_page(Times(gte=self.reached, lt=before))
                return
            if edge == self.reached:
                if not await self._page_by_page(Times(gte=edge, lt=edge + _SECOND)):
                    return
                edge += _SECOND
            self.reached = edge
            if before is not None and edge >= before:
                self.whole = True
                return

    def _may_go_on(self) -> bool:
        return self._sent < self.most_rows and self.budget.take()

    async def _ask(self, times: Times, page: int, per_page: int) -> DeploymentsFound:
        ask = replace(self.base, page=page, per_page=per_page, order_by=f"{self.column}_at")
        ask = replace(ask, created=times) if self.column is Column.CREATED else replace(ask, updated=times)
        answer = await self.foundation.deployments(ask, self.budget.until)
        self._sent += answer.sent
        self.problems += [problem for problem in answer.problems if problem not in self.problems]
        self.found.update((row.guid, row) for row in answer.rows)
        return answer

    def _edge(self, page: DeploymentsFound, since: datetime) -> datetime | None:
        """The last row's second; None where the rows are in no order that could be followed."""
        seconds = [self._second(row) for row in page.rows]
        known = [second for second in seconds if second is not None]
        in_order = len(known) == len(seconds) and known == sorted(known)
        return known[-1] if known and in_order and known[0] >= since else None

    def _second(self, row: Deployment) -> datetime | None:
        at = row.created_at if self.column is Column.CREATED else row.updated_at
        return at.replace(microsecond=0) if at else None

    async def _page_by_page(self, times: Times) -> bool:
        """All rows of these times by their pages; False where the budget ended. UpstreamError where they make no sense.

        A row that is changed meanwhile leaves, and one behind it may slip over a page's edge: then it is read again.
        """
        for _ in range(MOST_READINGS):
            total, unreadable, seen, page = 0, 0, set[str](), 1
            while True:
                if not self._may_go_on():
                    return False
                answer = await self._ask(times, page, CROWD)
                total = answer.total if page == 1 else total
                unreadable += answer.sent - len(answer.rows)
                self._check(answer, page, seen)
                seen.update(row.guid for row in answer.rows)
                if answer.sent < CROWD:
                    break
                page += 1
            if len(seen) + unreadable >= total:
                return True
        raise UpstreamError(self.foundation.name, "its deployments change faster than they can be read")

    def _check(self, answer: DeploymentsFound, page: int, seen: set[str]) -> None:
        if answer.sent < CROWD and not _is_last(answer, page, CROWD):
            raise UpstreamError(self.foundation.name, "sent fewer deployments than it says there are")
        if page > 1 and answer.sent >= CROWD and seen.issuperset(row.guid for row in answer.rows):
            raise UpstreamError(self.foundation.name, "sends the same page again and again")


def _is_last(page: DeploymentsFound, number: int, per_page: int) -> bool:
    """Does nothing follow this page? A server that says there is more has not sent all."""
    return page.sent < per_page and page.total <= (number - 1) * per_page + page.sent
