"""Paging: the laws of walking through deployments while others come, go and change."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.paging import FIRST, Key, Move, Turn, key_of
from deploybot.domain.ports import DeploymentsAsk
from deploybot.domain.query import Column, Sort
from deploybot.errors import UpstreamError, UserError
from deploybot.service.walking import Budget, Found, Keep, Source
from deploybot.service.windows import Opening, Window, open_window
from tests.fake_foundation import NOW, FakeFoundation, Stored, stored

CREATED = Sort(Column.CREATED, newest_first=True)


def _opening(
    *foundations: FakeFoundation, sort: Sort = CREATED, count: int = 3, keep: Keep | None = None, requests: int = 50
) -> Opening:
    until = time.monotonic() + 60
    budget = Budget(requests, until, until, time.monotonic)
    return Opening(tuple(Source(one, DeploymentsAsk()) for one in foundations), sort, count, budget, keep)


def _guids(window: Window) -> list[str]:
    return [row.deployment.guid for row in window.rows]


def _next(window: Window, shown: int = 0, top: Key | None = None) -> Turn:
    return Turn(Move.NEXT, window.rows[-1].key, top, shown)


def _minutes_ago(minutes: float, guid: str) -> Stored:
    return stored(guid, NOW - timedelta(minutes=minutes))


def _ten(name: str = "eu") -> FakeFoundation:
    return FakeFoundation(name, [_minutes_ago(age, f"{name}-{age:02}") for age in range(10)])


async def test_the_first_page_has_the_newest_rows_and_the_total() -> None:
    window = await open_window(_opening(_ten()), FIRST)
    assert _guids(window) == ["eu-00", "eu-01", "eu-02"]
    assert (window.total.count, window.total.exact) == (10, True)
    assert (window.before, window.more_before, window.more_after) == (0, False, True)


async def test_the_first_page_costs_one_request() -> None:
    eu = _ten()
    await open_window(_opening(eu), FIRST)
    assert len(eu.asked) == 1


async def test_next_continues_after_the_last_row_and_knows_its_position() -> None:
    eu = _ten()
    first = await open_window(_opening(eu), FIRST)
    second = await open_window(_opening(eu), _next(first))
    assert _guids(second) == ["eu-03", "eu-04", "eu-05"]
    assert (second.before, second.total.count, second.more_before, second.more_after) == (3, 10, True, True)


async def test_rows_inserted_above_do_not_shift_the_next_page_and_are_counted_as_newer() -> None:
    eu = _ten()
    first = await open_window(_opening(eu), FIRST)
    eu.rows += [stored(f"new-{n}", NOW + timedelta(seconds=n + 1)) for n in range(3)]
    second = await open_window(_opening(eu), _next(first, 3, first.rows[0].key))
    assert _guids(second) == ["eu-03", "eu-04", "eu-05"]
    assert second.newer == 3


async def test_previous_shows_the_rows_just_above() -> None:
    eu = _ten()
    after = key_of("eu", eu.rows[6].deployment, CREATED)
    window = await open_window(_opening(eu), Turn(Move.PREVIOUS, after))
    assert _guids(window) == ["eu-03", "eu-04", "eu-05"]
    assert (window.before, window.more_before, window.more_after) == (3, True, True)


async def test_previous_at_the_top_shows_a_whole_first_page() -> None:
    eu = _ten()
    after = key_of("eu", eu.rows[1].deployment, CREATED)
    window = await open_window(_opening(eu), Turn(Move.PREVIOUS, after))
    assert _guids(window) == ["eu-00", "eu-01", "eu-02"]


async def test_last_shows_what_remains_on_the_last_page() -> None:
    window = await open_window(_opening(_ten()), Turn(Move.LAST))
    assert _guids(window) == ["eu-09"]
    assert (window.before, window.more_before, window.more_after) == (9, True, False)


@pytest.mark.parametrize("foundations", [("eu",), ("eu", "us")])
async def test_a_page_by_number_is_the_one_that_walking_there_shows(foundations: Sequence[str]) -> None:
    many = [_ten(name) for name in foundations]
    window = await open_window(_opening(*many), FIRST)
    for page in range(1, 4):
        window = await open_window(_opening(*many), _next(window))
        counted = await open_window(_opening(*many), Turn(Move.AT, shown=3 * page))
        assert _guids(counted) == _guids(window)
        assert counted.before == 3 * page


@pytest.mark.parametrize("foundations", [("eu",), ("eu", "us")])
async def test_a_page_past_the_end_is_told_with_the_number_of_pages(foundations: Sequence[str]) -> None:
    many = [_ten(name) for name in foundations]
    pages = -(-10 * len(many) // 3)
    with pytest.raises(UserError, match=f"only {pages} pages.* Try page={pages}"):
        await open_window(_opening(*many), Turn(Move.AT, shown=3 * 9998))


async def test_one_foundation_down_does_not_hide_the_others() -> None:
    down = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))
    window = await open_window(_opening(_ten(), down), FIRST)
    assert _guids(window) == ["eu-00", "eu-01", "eu-02"]
    assert [trouble.foundation for trouble in window.troubles] == ["us"]


async def test_a_crowded_second_is_read_whole_and_paged_through() -> None:
    rows = [stored(f"g{n:03}", NOW + timedelta(microseconds=(n * 7919) % 999_999)) for n in range(40)]
    eu = FakeFoundation("eu", [*rows, _minutes_ago(1, "older")])
    seen = await _walk(lambda: _opening(eu), 20)
    assert sorted(seen) == sorted(row.deployment.guid for row in eu.rows)
    assert len(seen) == 41


async def test_of_a_second_too_crowded_to_read_a_part_is_shown_and_told_and_the_walk_goes_on_behind_it() -> None:
    eu = FakeFoundation("eu", [*(stored(f"g{n:05}", NOW) for n in range(2500)), _minutes_ago(1, "older")])

    async def keep(rows: Sequence[Found]) -> Sequence[Found]:
        return [row for row in rows if row.deployment.guid in {"g02499", "g00100", "older"}]

    window = await open_window(_opening(eu), FIRST)
    assert len(window.rows) == 3
    assert any("2,000 deployments share 2026-11-23 10:00:00 UTC" in problem for problem in window.problems)
    checked = await open_window(_opening(eu, keep=keep), FIRST)
    assert _guids(checked) == ["g02499", "older"]
    assert not checked.total.exact


async def test_a_page_by_number_that_the_budget_does_not_reach_claims_no_more_than_was_found() -> None:
    eu = FakeFoundation("eu", [_minutes_ago(n, f"g{n:04}") for n in range(1000)])

    async def keep(rows: Sequence[Found]) -> Sequence[Found]:
        return [row for row in rows if row.deployment.guid in {"g0001", "g0990"}]

    window = await open_window(_opening(eu, keep=keep, requests=2), Turn(Move.AT, shown=30))
    assert not window.rows
    assert window.further
    assert window.before == 1
    assert (window.total.count, window.total.exact) == (1, False)


async def test_a_search_that_hits_its_budget_says_so_and_can_look_further() -> None:
    eu = FakeFoundation("eu", [_minutes_ago(n, f"g{n:04}") for n in range(1000)])

    async def keep(rows: Sequence[Found]) -> Sequence[Found]:
        return [row for row in rows if row.deployment.guid in {"g0001", "g0990"}]

    first = await open_window(_opening(eu, keep=keep, requests=2), FIRST)
    assert _guids(first) == ["g0001"]
    assert first.cut
    assert first.further
    assert not first.total.exact
    turn, seen = Turn(Move.NEXT, first.further), _guids(first)
    for _ in range(10):
        window = await open_window(_opening(eu, keep=keep, requests=2), turn)
        seen += _guids(window)
        if not window.further:
            break
        turn = Turn(Move.NEXT, window.further)
    assert seen == ["g0001", "g0990"]


async def test_no_page_is_empty_while_matches_remain_within_the_budget() -> None:
    eu = FakeFoundation("eu", [_minutes_ago(n, f"g{n:04}") for n in range(600)])

    async def keep(rows: Sequence[Found]) -> Sequence[Found]:
        return [row for row in rows if row.deployment.guid >= "g0550"]

    window = await open_window(_opening(eu, keep=keep), FIRST)
    assert _guids(window) == ["g0550", "g0551", "g0552"]
    assert (window.total.count, window.total.exact) == (50, True)


async def _walk(opening: Callable[[], Opening], most: int, change: Callable[[], None] = lambda: None) -> list[str]:
    window = await open_window(opening(), FIRST)
    seen = _guids(window)
    for _ in range(most):
        if not window.more_after:
            return seen
        change()
        window = await open_window(opening(), _next(window))
        if not window.rows:
            return seen
        seen += _guids(window)
    return seen


_ROWS = st.lists(
    st.tuples(st.sampled_from(["eu", "us"]), st.integers(0, 6), st.integers(0, 999_999), st.integers(0, 6)),
    min_size=1,
    max_size=25,
)
_CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "touch"]), st.integers(0, 40), st.integers(0, 6)), max_size=12
)


@given(rows=_ROWS, changes=_CHANGES, newest_first=st.booleans(), column=st.sampled_from(Column))
def test_walking_forward_never_repeats_a_row_and_never_skips_one_that_stayed(
    rows: list[tuple[str, int, int, int]],
    changes: list[tuple[str, int, int]],
    newest_first: bool,
    column: Column,
) -> None:
    """With inserts, deletions, updates, and many rows in one second, over two foundations."""
    many = {name: FakeFoundation(name) for name in ("eu", "us")}
    for number, (name, second, micro, later) in enumerate(rows):
        created = NOW + timedelta(seconds=second, microseconds=micro)
        guid = f"{name}-{(number * 37) % 101:03}"
        many[name].rows.append(stored(guid, created, updated=created + timedelta(seconds=later)))
    original = {row.deployment.guid: row for one in many.values() for row in one.rows}
    pending = list(changes)
    sort = Sort(column, newest_first)
    moved: set[str] = set()

    def change() -> None:
        if pending:
            moved.update(_apply(many["eu"], *pending.pop(0), serial=len(pending)))

    opening = lambda: _opening(*many.values(), sort=sort, count=3)  # noqa: E731
    seen = asyncio.run(_walk(opening, 60, change))
    left = {row.deployment.guid: row for one in many.values() for row in one.rows}
    may_move = moved if column is Column.UPDATED else set()
    assert left.keys() & original.keys() - may_move <= set(seen)
    assert {guid for guid in seen if seen.count(guid) > 1} <= may_move


def _apply(foundation: FakeFoundation, kind: str, at: int, second: int, serial: int) -> set[str]:
    """Make one change; which row got another update time by it."""
    when = NOW + timedelta(seconds=second, microseconds=at * 20_000)
    if kind == "insert":
        foundation.rows.append(stored(f"new-{serial:03}", when))
    elif foundation.rows:
        index = at % len(foundation.rows)
        old = foundation.rows.pop(index)
        if kind == "touch":
            foundation.rows.append(stored(old.deployment.guid, old.created, updated=when))
            return {old.deployment.guid}
    return set()
