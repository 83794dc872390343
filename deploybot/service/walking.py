"""Walking through deployments in their total order: one source or many, with what only we can check checked."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from deploybot.domain.deployment import Deployment
from deploybot.domain.page import Trouble
from deploybot.domain.paging import Key, key_of
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound, Foundation, Times
from deploybot.domain.query import Column, Sort
from deploybot.errors import UpstreamError

_CROWD = 500
"""Rows a request asks for inside one crowded second, and while it searches for rows that match."""

_CROWD_PAGES = 4
"""Requests spent on one crowded second before we say that there are too many to page through."""


@dataclass(frozen=True, slots=True)
class Source:
    """One question to one foundation, without order and bounds."""

    foundation: Foundation
    ask: DeploymentsAsk


@dataclass(frozen=True, slots=True)
class Found:
    """A row with its place in the order."""

    foundation: Foundation
    key: Key
    deployment: Deployment


Keep = Callable[[Sequence[Found]], Awaitable[Sequence[Found]]]
"""Which of these rows match what the server could not check."""


@dataclass(frozen=True, slots=True)
class Route:
    """In which order to walk, from which row on (exclusively), and whether in the shown direction or against it."""

    sort: Sort
    start: Key | None = None
    forward: bool = True

    @property
    def descending(self) -> bool:
        return self.sort.newest_first is self.forward

    def passes(self, key: Key, mark: Key | None) -> bool:
        """Does `key` come strictly after `mark` on this walk? Everything comes after None."""
        return mark is None or (key < mark if self.descending else key > mark)

    def in_order(self, rows: Iterable[Found]) -> list[Found]:
        return sorted(rows, key=lambda row: row.key, reverse=self.descending)

    def ask(self, source: Source, second: int | None, per_page: int) -> DeploymentsAsk:
        """The request for the rows from `second` on (inclusively), in walking order."""
        column = f"{self.sort.column}_at"
        ordered = replace(source.ask, per_page=per_page, order_by=f"-{column}" if self.descending else column)
        if second is None:
            return ordered
        bound = Times(lt=instant(second + 1)) if self.descending else Times(gte=instant(second))
        return bounded(ordered, self.sort, bound)


def bounded(ask: DeploymentsAsk, sort: Sort, bound: Times) -> DeploymentsAsk:
    """The request narrowed by a half-open bound on the sort column."""
    mine = ask.created if sort.column is Column.CREATED else ask.updated
    times = Times(
        gte=max((at for at in (mine.gte, bound.gte) if at), default=None),
        lt=min((at for at in (mine.lt, bound.lt) if at), default=None),
    )
    return replace(ask, created=times) if sort.column is Column.CREATED else replace(ask, updated=times)


def instant(second: int) -> datetime:
    """A second since 1970 as a time in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


@dataclass(slots=True)
class Budget:
    """What may be spent on searching: requests after each source's first one, and time on the monotonic clock.

    `until` is when the rows must be there, `search_until` when searching must stop to leave time for the rest.
    """

    requests: int
    until: float
    search_until: float
    monotonic: Callable[[], float]

    def take(self) -> bool:
        """May one more request be sent? Counts it if so."""
        if self.requests <= 0 or self.monotonic() >= self.search_until:
            return False
        self.requests -= 1
        return True


@dataclass(slots=True)
class Walker:
    """One source, read ahead in walking order. After `fill` there is a row ahead, or it has ended, or was cut short.

    `at_start` is the server's count of rows from the route's first second on, `skipped` those of them that lie before
    the start, `seen` how many rows were looked at, `reached` the last row looked at; `overcrowded` says
    that a second had more rows than could be read.
    """

    source: Source
    route: Route
    budget: Budget
    size: int
    keep: Keep | None = None
    ahead: deque[Found] = field(default_factory=deque)
    ended: bool = False
    cut: bool = False
    overcrowded: bool = False
    at_start: int | None = None
    skipped: int = 0
    seen: int = 0
    reached: Key | None = None
    problems: list[str] = field(default_factory=list)
    trouble: Trouble | None = None
    _second: int | None = None

    def __post_init__(self) -> None:
        self.reached = self.route.start
        self._second = self.route.start.second if self.route.start else None

    async def fill(self) -> None:
        """Read on until a row is ahead, the source has ended, or the budget has."""
        while not self.ahead and not self.ended and not self.cut:
            if self.at_start is not None and not self.budget.take():
                self.cut = True
                return
            try:
                await self._read()
            except UpstreamError as error:
                self.trouble = Trouble(error.foundation, error.reason)
                self.ended = True

    async def _read(self) -> None:
        found = await self._deployments(self.route.ask(self.source, self._second, self.size))
        first = self.at_start is None
        self.at_start = found.total if first else self.at_start
        self.ended = found.sent < self.size
        rows = self.route.in_order(keyed(self.source.foundation, found, self.route.sort))
        if not self.ended:
            rows = await self._whole_seconds(rows, found)
        fresh = [row for row in rows if self.route.passes(row.key, self.reached)]
        if first:
            self.skipped = len(rows) - len(fresh)
        await self._take(fresh)

    async def _take(self, fresh: list[Found]) -> None:
        if fresh:
            self.reached = fresh[-1].key
        self.seen += len(fresh)
        self.ahead.extend(await self.keep(fresh) if self.keep else fresh)
        self.size = max(self.size, min(self.size * 2, _CROWD)) if self.keep else self.size

    async def _whole_seconds(self, rows: list[Found], found: DeploymentsFound) -> list[Found]:
        """The rows of all seconds that were read to their end. The last one may go on beyond this request."""
        if not rows:
            self.problems.append("a whole page of deployments could not be read, so the search ended there")
            self.ended = True
            return rows
        edge = key_of(self.source.foundation.name, found.rows[-1], self.route.sort).second
        whole = [row for row in rows if row.key.second != edge]
        if whole:
            self._second = edge
            return whole
        return await self._crowded_second(edge)

    async def _crowded_second(self, second: int) -> list[Found]:
        """All rows of one second that fills a page by itself. Inside it the server's pages do not shift."""
        only = Times(gte=instant(second), lt=instant(second + 1))
        ask = bounded(self.route.ask(self.source, None, _CROWD), self.route.sort, only)
        rows: list[Found] = []
        self._second = second - 1 if self.route.descending else second + 1
        for page in range(1, _CROWD_PAGES + 1):
            found = await self._deployments(replace(ask, page=page))
            rows += keyed(self.source.foundation, found, self.route.sort)
            if found.sent < _CROWD:
                return self.route.in_order(rows)
        self.overcrowded = True
        self.problems.append(
            f"more than {len(rows):,} deployments share {instant(second):%Y-%m-%d %H:%M:%S} UTC: "
            "only so many of them are shown; narrow the question to see the rest"
        )
        return self.route.in_order(rows)

    async def _deployments(self, ask: DeploymentsAsk) -> DeploymentsFound:
        found = await self.source.foundation.deployments(ask, self.budget.until)
        self.problems += [problem for problem in found.problems if problem not in self.problems]
        return found


def keyed(foundation: Foundation, found: DeploymentsFound, sort: Sort) -> list[Found]:
    """An answer's rows with their places in the order."""
    return [Found(foundation, key_of(foundation.name, row, sort), row) for row in found.rows]


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows in walking order. `more` says that others follow; `cut_at` is how far the search came when it was cut."""

    rows: tuple[Found, ...]
    more: bool
    cut: bool = False
    cut_at: Key | None = None


async def take(walkers: Sequence[Walker], route: Route, count: int) -> Taken:
    """The next `count` rows of all sources together, in order."""
    rows: list[Found] = []
    while True:
        await asyncio.gather(*(walker.fill() for walker in walkers))
        heads = [walker for walker in walkers if walker.ahead]
        best = _first(heads, route)
        barrier = _barrier(walkers, route)
        blocked = barrier is not _NO_BARRIER and (best is None or route.passes(best.ahead[0].key, barrier.key))
        if best is None or blocked or len(rows) == count:
            return Taken(tuple(rows), more=bool(heads), cut=blocked, cut_at=barrier.key if blocked else None)
        rows.append(best.ahead.popleft())


@dataclass(frozen=True, slots=True)
class _Barrier:
    key: Key | None


_NO_BARRIER = _Barrier(None)


def _barrier(walkers: Sequence[Walker], route: Route) -> _Barrier:
    """How far all sources have been looked through: behind the nearest end of one that was cut short."""
    nearest = _NO_BARRIER
    for walker in walkers:
        if walker.cut and not walker.ahead and (nearest is _NO_BARRIER or _passed(route, nearest.key, walker.reached)):
            nearest = _Barrier(walker.reached)
    return nearest


def _passed(route: Route, key: Key | None, mark: Key | None) -> bool:
    return key is not None and route.passes(key, mark)


def _first(heads: Sequence[Walker], route: Route) -> Walker | None:
    pick = max if route.descending else min
    return pick(heads, key=lambda walker: walker.ahead[0].key, default=None)
