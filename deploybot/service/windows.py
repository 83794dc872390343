"""Which rows a page shows and what lies around them: the window that each kind of turn opens on the result."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from deploybot.domain.page import Total, Trouble
from deploybot.domain.paging import Key, Move, Turn, key_of
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound
from deploybot.domain.query import Sort
from deploybot.errors import UpstreamError, UserError
from deploybot.service.walking import (
    Budget,
    Found,
    Keep,
    Route,
    Source,
    Taken,
    Walker,
    take,
)

_SEARCH = 100
"""Rows of the first request where only we can tell which match: few may."""

_LOOKAHEAD = 4
"""Rows asked for beyond the page, so that a second which straddles its end rarely costs another request."""

_LARGEST = 500
"""No request asks for more rows than this: the server needs about 3 ms for each."""

_NEWER = 50
"""How many rows above the walk's first one are looked at to count them."""

BEYOND = "~"
"""Sorts behind every foundation's name."""


@dataclass(frozen=True, slots=True)
class Window:
    """Rows in shown order. `before` is how many matches lie above, None where that is not known.

    `further` is where the search was cut: rows may follow it that match.
    """

    rows: tuple[Found, ...]
    total: Total
    before: int | None
    more_before: bool
    more_after: bool
    cut: bool = False
    further: Key | None = None
    newer: int = 0
    seen: int = 0
    problems: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What every window needs: the sources, their order, how many rows, what to check, and what may be spent.

    `lacking` says that a foundation is missing among the sources: nobody knows where the result ends.
    """

    sources: tuple[Source, ...]
    sort: Sort
    count: int
    budget: Budget
    keep: Keep | None = None
    lacking: bool = False

    def walkers(self, route: Route, size: int) -> tuple[Walker, ...]:
        size = max(size, _SEARCH) if self.keep else size
        return tuple(Walker(source, route, self.budget, size, self.keep) for source in self.sources)

    async def walk(self, route: Route, count: int) -> tuple[tuple[Walker, ...], Taken]:
        walkers = self.walkers(route, min(count + _LOOKAHEAD, _LARGEST))
        return walkers, await take(walkers, route, count)


async def open_window(opening: Opening, turn: Turn) -> Window:
    """The window of a turn, where the server takes bounds on the sort column."""
    match turn.move:
        case Move.NEXT if turn.after:
            return await _after(opening, turn, turn.after)
        case Move.PREVIOUS if turn.after:
            return await _before(opening, turn, turn.after)
        case Move.LAST:
            return await _last(opening)
        case Move.AT if turn.shown:
            return await _at(opening, turn.shown)
        case _:
            return await _first(opening)


async def _first(opening: Opening) -> Window:
    walkers, taken = await opening.walk(Route(opening.sort), opening.count + 1)
    return _window(opening, walkers, taken, before=0, total=_matches(opening, walkers, taken, 0))


async def _after(opening: Opening, turn: Turn, after: Key) -> Window:
    route = Route(opening.sort, after)
    (walkers, taken), counted, newer = await asyncio.gather(
        opening.walk(route, opening.count + 1), _count(opening), _newer(opening, turn)
    )
    total, before = _matches(opening, walkers, taken, turn.shown), turn.shown
    if not opening.keep:
        total, before = Total(counted.rows), counted.rows - _from_start_on(walkers)
    window = _window(opening, walkers, taken, before=before, total=total, counted=counted, newer=newer)
    return replace(window, more_before=True)


async def _before(opening: Opening, turn: Turn, after: Key) -> Window:
    route = Route(opening.sort, after, forward=False)
    (walkers, taken), counted, newer = await asyncio.gather(
        opening.walk(route, opening.count + 1), _count(opening), _newer(opening, turn)
    )
    if len(taken.rows) < opening.count and not taken.cut:
        return await _first(opening)
    rows = taken.rows[: opening.count]
    total, before = Total(turn.shown + len(rows), exact=False), turn.shown
    if not opening.keep:
        total, before = Total(counted.rows), _from_start_on(walkers) - len(rows)
    window = _window(opening, walkers, taken, before=before, total=total, counted=counted, newer=newer)
    more_before = len(taken.rows) > opening.count
    return replace(window, rows=tuple(reversed(rows)), more_before=more_before, more_after=True)


async def _last(opening: Opening) -> Window:
    """The last rows: as many as remain on the last page where the total is known, else a page of them."""
    walkers, taken = await opening.walk(Route(opening.sort, forward=False), opening.count + 1)
    total = _matches(opening, walkers, taken, 0)
    rows = taken.rows[: total.count % opening.count or opening.count] if total.exact else taken.rows[: opening.count]
    before = max(0, total.count - len(rows))
    window = _window(opening, walkers, taken, before=before, total=total)
    more_before = len(taken.rows) > len(rows) or taken.more
    return replace(window, rows=tuple(reversed(rows)), more_before=more_before, more_after=False)


async def _at(opening: Opening, skip: int) -> Window:
    """A page counted off from the start: by the server where it can, else by walking there."""
    if len(opening.sources) == 1 and not opening.keep:
        return await _jump(opening, opening.sources[0], skip)
    walkers, taken = await opening.walk(Route(opening.sort), skip + opening.count + 1)
    total = _matches(opening, walkers, taken, 0)
    lacking = opening.lacking or any(walker.trouble for walker in walkers)
    if len(taken.rows) <= skip and not taken.cut and not lacking:
        raise past_the_end(skip, opening.count, total.count)
    there = replace(taken, rows=taken.rows[skip:])
    before = min(skip, len(taken.rows))  # fewer where the budget ended the search on the way there
    return replace(_window(opening, walkers, there, before=before, total=total), more_before=True)


async def _jump(opening: Opening, source: Source, skip: int) -> Window:
    """The page after `skip` rows of one source: the server names its first second, we count off from there.

    Past the end the server reports a total of 0, so the total is asked for on its own.
    """
    ask = replace(Route(opening.sort).ask(source, None, opening.count), page=skip // opening.count + 1)
    there, counted = await asyncio.gather(tried(source, ask, opening.budget), _count(opening))
    if isinstance(there, Trouble):
        return Window((), Total(0), None, more_before=False, more_after=False, troubles=(there,))
    if not there.rows:
        if counted.troubles or opening.lacking:
            return Window((), Total(0), None, more_before=False, more_after=False, troubles=counted.troubles)
        raise past_the_end(skip, opening.count, counted.rows)
    edge = key_of(source.foundation.name, there.rows[0], opening.sort)
    route = Route(opening.sort, replace(edge, foundation=BEYOND if opening.sort.newest_first else "", guid=""))
    walkers, taken = await opening.walk(route, opening.count + there.sent + 1)
    inside = max(0, skip - (counted.rows - _from_start_on(walkers)))
    rest = replace(taken, rows=taken.rows[inside:])
    window = _window(opening, walkers, rest, before=skip, total=Total(counted.rows), counted=counted)
    return replace(window, more_before=True)


def _window(
    opening: Opening,
    walkers: Sequence[Walker],
    taken: Taken,
    *,
    before: int,
    total: Total,
    counted: "_Count | None" = None,
    newer: "_Count | None" = None,
) -> Window:
    counts = [count for count in (counted, newer) if count]
    troubles = [walker.trouble for walker in walkers if walker.trouble]
    return Window(
        rows=taken.rows[: opening.count],
        total=total,
        before=max(0, before),
        more_before=before > 0,
        more_after=len(taken.rows) > opening.count,
        cut=taken.cut and len(taken.rows) <= opening.count,
        further=taken.cut_at,
        newer=newer.rows if newer else 0,
        seen=sum(walker.seen for walker in walkers),
        problems=unique(problem for walker in walkers for problem in walker.problems),
        troubles=unique([*troubles, *(trouble for count in counts for trouble in count.troubles)]),
    )


def _matches(opening: Opening, walkers: Sequence[Walker], taken: Taken, shown: int) -> Total:
    """How many match: what the servers count, or where only we can tell, at least what was found."""
    if not opening.keep:
        return Total(sum(walker.at_start or 0 for walker in walkers))
    read_ahead = sum(len(walker.ahead) for walker in walkers)
    exact = all(walker.ended and not walker.overcrowded for walker in walkers)
    return Total(shown + len(taken.rows) + read_ahead, exact)


def _from_start_on(walkers: Sequence[Walker]) -> int:
    """How many rows follow the start of a walk, by the servers' counts."""
    return sum((walker.at_start or 0) - walker.skipped for walker in walkers)


@dataclass(frozen=True, slots=True)
class _Count:
    rows: int
    troubles: tuple[Trouble, ...] = ()


async def _count(opening: Opening) -> _Count:
    """The total of all sources, asked on its own; nothing where the servers cannot count for us."""
    if opening.keep:
        return _Count(0)
    answers = await asyncio.gather(
        *(tried(source, replace(source.ask, per_page=1), opening.budget) for source in opening.sources)
    )
    return _Count(
        sum(0 if isinstance(answer, Trouble) else answer.total for answer in answers),
        tuple(answer for answer in answers if isinstance(answer, Trouble)),
    )


async def _newer(opening: Opening, turn: Turn) -> _Count:
    """How many rows lie above the first one that this walk has shown: at least, where only we can tell."""
    if not turn.top:
        return _Count(0)
    route = Route(opening.sort, turn.top, forward=False)
    walkers = opening.walkers(route, _NEWER)
    taken = await take(walkers, route, 1 if not opening.keep else _NEWER)
    return _Count(len(taken.rows) if opening.keep else _from_start_on(walkers))


async def tried(source: Source, ask: DeploymentsAsk, budget: Budget) -> DeploymentsFound | Trouble:
    """The answer to one request, or the trouble that came instead."""
    try:
        return await source.foundation.deployments(ask, budget.until)
    except UpstreamError as error:
        return Trouble(error.foundation, error.reason)


def past_the_end(skip: int, per_page: int, total: int) -> UserError:
    """What to say about a page by number that there is not."""
    page = skip // per_page + 1
    pages = max(1, -(-total // per_page))
    there_are = f"there {'is' if pages == 1 else 'are'} only {pages} page{'' if pages == 1 else 's'}"
    return UserError(f"There is no page {page}: {there_are} of {per_page} rows. Try page={pages}.")


_T = TypeVar("_T")


def unique(items: Iterable[_T]) -> tuple[_T, ...]:
    """Each item once, in order."""
    return tuple(dict.fromkeys(items))
