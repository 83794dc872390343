"""`/deployments`: a question becomes one page of rows, the same for Slack and the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deploybot.domain.access import ALL_SEEN, Sight
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.page import Page, Trouble
from deploybot.domain.paging import FIRST, Key, Move, Turn
from deploybot.domain.plan import Plan, plan
from deploybot.domain.ports import Foundation
from deploybot.domain.query import Column, Query
from deploybot.service.checking import Checks
from deploybot.service.positions import counted_off
from deploybot.service.rows import to_rows
from deploybot.service.scope import Scope, scope_of
from deploybot.service.seeing import seen_by
from deploybot.service.walking import Budget, instant
from deploybot.service.windows import BEYOND, Opening, Window, open_window


@dataclass(frozen=True, slots=True)
class SearchRules:
    """What searching may cost where only we can tell which rows match: further requests, and part of the time.

    The other shares say when names must be found, and rows listed, at the latest: a foundation that is slow with the
    one must not take the time that the others need for the next.
    """

    requests: int = 12
    share_of_time: float = 0.6
    share_for_names: float = 0.6
    share_for_rows: float = 0.8


@dataclass(frozen=True, slots=True)
class Listing:
    """Answers questions about deployments. `monotonic` is the clock that deadlines are on."""

    foundations: tuple[Foundation, ...]
    monotonic: Callable[[], float]
    rules: OutcomeRules
    search: SearchRules = SearchRules()

    async def page(self, query: Query, turn: Turn, now: datetime, until: float, sight: Sight = ALL_SEEN) -> Page:
        """The page of a question after a turn.

        `now` is what relative times mean, `until` the deadline. Raises UserErrors; a foundation that cannot answer
        is a trouble on the page. What the sight leaves out is as if it were not there.
        """
        query, turn = _settled(query, turn)
        planned = plan(query, now)
        budget = self._budget(until)
        scope = await scope_of(
            seen_by(sight, self.foundations),
            query,
            planned.ask,
            self._part(until, self.search.share_for_names),
            everything=sight.everything,
        )
        checks = Checks(query, self.rules, now, budget.until, planned.check_states, scope.only)
        opening = Opening(
            sources=scope.sources,
            sort=query.sort,
            count=query.per_page,
            budget=budget,
            keep=checks.keep if planned.checks(query) or scope.only is not None else None,
            lacking=bool(scope.troubles),
        )
        window = await (counted_off if planned.by_position else open_window)(opening, turn)
        window = _discreet(window, query, turn) if _passes_by(scope, sight) else window
        rows = await to_rows(window.rows, self.rules, now, until)
        missing = (*scope.troubles, *window.troubles)
        return replace(
            _page(query, turn, planned, window, searched=bool(opening.keep), whole=not missing),
            rows=rows.rows,
            several_foundations=len(self.foundations) > 1,
            notes=(*scope.notes, *_notes(query, planned, window), *checks.notes(), *window.problems),
            troubles=_once([*missing, *rows.troubles]),
        )

    def _budget(self, until: float) -> Budget:
        search, rows = self.search.share_of_time, self.search.share_for_rows
        return Budget(self.search.requests, self._part(until, rows), self._part(until, search), self.monotonic)

    def _part(self, until: float, share: float) -> float:
        """When this share of the time that is left will be over."""
        return until - (1 - share) * max(0.0, until - self.monotonic())


def _passes_by(scope: Scope, sight: Sight) -> bool:
    """Whether rows are looked at on the way that may not be shown."""
    return scope.only is not None and not sight.everything


def _discreet(window: Window, query: Query, turn: Turn) -> Window:
    """The window without what was found of rows that may not be shown: how many, and which one the search ended at.

    A search that goes on begins with the last one's second once more.
    """
    descending = query.sort.newest_first is (turn.move is not Move.PREVIOUS)
    edge = window.further and Key(window.further.second, BEYOND if descending else "", "")
    return replace(window, further=edge, seen=0, problems=())


def _settled(query: Query, turn: Turn) -> tuple[Query, Turn]:
    """A question's page number counts once, as a turn: from there on its buttons lead."""
    if turn == FIRST and query.page > 1:
        turn = Turn(Move.AT, shown=(query.page - 1) * query.per_page)
    return replace(query, page=1), turn


def _page(query: Query, turn: Turn, planned: Plan, window: Window, *, searched: bool, whole: bool) -> Page:
    """The page around a window, still without its rows.

    `searched` where only we could tell which rows match, `whole` where every foundation could be asked.
    """
    around = _by_position(query, window) if planned.by_position else _by_key(query, turn, window)
    total = replace(window.total, exact=window.total.exact and whole)
    return Page(
        query=query,
        rows=(),
        total=total,
        as_of=planned.now,
        number=_number(query, window) if total.exact else None,
        pages=max(1, -(-total.count // query.per_page)) if total.exact else None,
        turn=turn,
        first=FIRST if window.more_before else None,
        previous=around.previous,
        next=around.next,
        last=_last(query, window, searched) if window.more_after and window.total.exact else None,
        further=around.further,
        newer=window.newer,
        newer_exact=not searched,
        created=planned.created,
        updated=planned.updated,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """Where the buttons of a page lead."""

    previous: Turn | None = None
    next: Turn | None = None
    further: Turn | None = None


def _by_key(query: Query, turn: Turn, window: Window) -> _Around:
    """Turns that continue after an edge row, or after the last row looked at where the search was cut."""
    keys = [row.key for row in window.rows]
    top = keys[0] if keys and window.before == 0 else turn.top
    before = turn.shown if window.before is None else window.before
    above, below = max(0, before - query.per_page), before + len(keys)
    backwards = turn.move is Move.PREVIOUS
    further = None
    if window.cut and window.further:
        move = Move.PREVIOUS if backwards else Move.NEXT
        further = Turn(move, window.further, top, above if backwards else below)
    return _Around(
        previous=Turn(Move.PREVIOUS, keys[0], top, above) if keys and window.more_before else None,
        next=Turn(Move.NEXT, keys[-1], top, below) if keys and window.more_after else None,
        further=further,
    )


def _by_position(query: Query, window: Window) -> _Around:
    before = window.before or 0
    return _Around(
        previous=Turn(Move.AT, shown=max(0, before - query.per_page)) if window.more_before else None,
        next=Turn(Move.AT, shown=before + query.per_page) if window.more_after else None,
    )


def _last(query: Query, window: Window, searched: bool) -> Turn:
    """Against the order where servers count; else by position, since only a search from the top knows the total."""
    if not searched:
        return Turn(Move.LAST)
    return Turn(Move.AT, shown=(window.total.count - 1) // query.per_page * query.per_page)


def _number(query: Query, window: Window) -> int | None:
    """The page's number, computed from what lies above it now."""
    if window.before is None or not window.total.exact:
        return None
    return window.before // query.per_page + 1


def _notes(query: Query, planned: Plan, window: Window) -> list[str]:
    notes = []
    if window.cut and window.further:
        edge = instant(window.further.second).strftime("%Y-%m-%d %H:%M UTC")
        seen = f" through {window.seen:,} deployments" if window.seen else ""
        notes.append(f"looked{seen} as far as {edge}; there may be more beyond")
    if planned.by_position:
        notes.append(f"{query.sort.column}= names exact seconds, so these pages are counted off and may shift")
    if query.sort.column is Column.UPDATED:
        notes.append("deployments without an update time are left out")
    return notes


def _once(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    """One line a foundation: the first thing that went wrong there."""
    return tuple({trouble.foundation: trouble for trouble in reversed(troubles)}.values())
