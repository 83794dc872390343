"""What Slack asks, answered by the use cases with what the asker, or everybody in the channel, may read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deploybot.domain.access import Sight
from deploybot.domain.page import Detail, Page
from deploybot.domain.paging import FIRST, Turn
from deploybot.domain.query import Query
from deploybot.domain.telemetry import SILENT, Telemetry
from deploybot.errors import UserError
from deploybot.service.detail import detail
from deploybot.service.listing import Listing
from deploybot.service.reading import Reading
from deploybot.slack.answers import Asker

FOR_ALL = "only what everybody in this channel may read is shown and counted"
_ALONE = "I looked only at what everybody in this channel may read: ask for yourself alone to see all that you may."


@dataclass(frozen=True, slots=True)
class ListingAnswers:
    """Each answer comes within the deadline (seconds)."""

    listing: Listing
    reading: Reading
    deadline: float
    telemetry: Telemetry = SILENT
    monotonic: Callable[[], float] = time.monotonic

    async def page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        """One page. What is shown to all begins at the front where all see less than one of them: a place is theirs."""
        with self.telemetry.span("listing"):
            return await self._page(query, turn, asker, aloud=aloud)

    async def _page(self, query: Query, turn: Turn, asker: Asker, *, aloud: bool) -> Page:
        until = self.monotonic() + self.deadline
        sight = await self._sight(asker, aloud=aloud)
        if not aloud or sight.everything:
            return await self.listing.page(query, turn, _now(), until, sight)
        try:
            page = await self.listing.page(query, FIRST, _now(), until, sight)
        except UserError as problem:
            raise _alone(problem, sight) from problem
        return replace(page, notes=(*page.notes, FOR_ALL))

    async def detail(self, subject: str, query: Query, asker: Asker, *, aloud: bool) -> Detail:
        """One deployment in full."""
        with self.telemetry.span("detail"):
            return await self._detail(subject, query, asker, aloud=aloud)

    async def _detail(self, subject: str, query: Query, asker: Asker, *, aloud: bool) -> Detail:
        until = self.monotonic() + self.deadline
        sight = await self._sight(asker, aloud=aloud)
        try:
            return await detail(self.listing, subject, query, _now(), until, sight)
        except UserError as problem:
            if not aloud or sight.everything:
                raise
            raise _alone(problem, sight) from problem

    async def _sight(self, asker: Asker, *, aloud: bool) -> Sight:
        if aloud:
            return await self.reading.aloud(asker.channel)
        return await self.reading.of_person(asker.user, asker.channel)


def _alone(problem: UserError, sight: Sight) -> UserError:
    """The sentence with what else the asker can do; where nothing may be shown to all it says so itself."""
    return problem if sight.why_nothing else UserError(f"{problem} {_ALONE}")


def _now() -> datetime:
    return datetime.now(UTC)
