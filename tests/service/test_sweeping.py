"""Reading in the order of changes: from a server that lies, nothing is lost silently and nothing goes on for ever."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.deployment import Deployment
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound
from deploybot.errors import UpstreamError
from deploybot.service.sweeping import CROWD, Sweep
from deploybot.service.walking import Budget
from tests.fake_foundation import NOW, FakeFoundation, Stored, stored

SECOND = timedelta(seconds=1)
Lie = Callable[[DeploymentsAsk, DeploymentsFound], DeploymentsFound]


@dataclass
class Lying(FakeFoundation):
    """Says something else than the truth."""

    lie: Lie = field(default=lambda ask, truth: truth)

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        return self.lie(ask, await super().deployments(ask, until))


def _sweep(foundation: FakeFoundation, per_page: int = 10, requests: int = 100, most_rows: int = 10_000) -> Sweep:
    until = time.monotonic() + 60
    return Sweep(foundation, Budget(requests, until, until, time.monotonic), most_rows, per_page=per_page)


def _rows(count: int, apart: float = 1.0) -> list[Stored]:
    return [stored(f"d-{nth:04}", NOW + nth * apart * SECOND) for nth in range(count)]


async def _swept(lie: Lie, rows: list[Stored], **bounds: int) -> Sweep:
    sweep = _sweep(Lying("eu", rows, lie=lie), **bounds)
    await sweep.read(NOW)
    return sweep


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 8))
async def test_every_row_is_read_however_many_share_a_second(seconds: list[int], per_page: int) -> None:
    rows = [stored(f"d-{nth}", NOW + second * SECOND) for nth, second in enumerate(seconds)]
    foundation = FakeFoundation("eu", rows)
    sweep = _sweep(foundation, per_page, requests=1000)
    await sweep.read(NOW)
    assert sweep.whole
    assert set(sweep.found) == {row.deployment.guid for row in rows}
    shifting = [ask for ask in foundation.asked if ask.page > 1 and ask.updated.lt is None]
    assert shifting == []


@given(st.integers(0, 60), st.integers(0, 60))
async def test_a_window_holds_its_beginning_and_not_its_end(since: int, length: int) -> None:
    sweep = _sweep(FakeFoundation("eu", _rows(60)))
    await sweep.read(NOW + since * SECOND, NOW + (since + length) * SECOND)
    assert len(sweep.found) == min(60, since + length) - min(60, since)


async def test_rows_that_change_while_they_are_read_are_read_again_and_hide_no_other() -> None:
    rows = _rows(40)

    def change(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        moved = rows[3]
        rows[3] = replace(moved, updated=NOW + 1000 * SECOND)
        return truth

    sweep = await _swept(change, rows)
    assert len(sweep.found) == 40


async def test_half_a_page_is_noticed_by_the_number_that_the_server_tells_and_read_on() -> None:
    def half(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        kept = truth.rows[: (len(truth.rows) + 1) // 2]
        return replace(truth, rows=kept, sent=len(kept))

    sweep = await _swept(half, _rows(60))
    assert (len(sweep.found), sweep.whole) == (60, True)


async def test_half_a_page_that_can_not_be_read_on_is_an_error_and_no_end() -> None:
    def half(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        return replace(truth, rows=truth.rows[:2], sent=2)

    with pytest.raises(UpstreamError, match="fewer deployments than it says"):
        await _swept(half, _rows(30, apart=0))
    with pytest.raises(UpstreamError, match="fewer deployments than it says"):
        await _swept(lambda ask, truth: DeploymentsFound((), 30), _rows(30))


async def test_the_same_page_again_and_again_ends_in_an_error() -> None:
    page = tuple(row.deployment for row in _rows(10))
    with pytest.raises(UpstreamError):
        await _swept(lambda ask, truth: DeploymentsFound(page, 500, sent=10), [])
    crowd = tuple(stored(f"d-{nth:04}").deployment for nth in range(CROWD))
    with pytest.raises(UpstreamError, match="again and again"):
        await _swept(lambda ask, truth: DeploymentsFound(crowd, 9999, sent=len(crowd)), [])


async def test_a_total_of_zero_is_no_reason_to_stop_at_a_full_page() -> None:
    sweep = await _swept(lambda ask, truth: replace(truth, total=0), _rows(35))
    assert len(sweep.found) == 35


async def test_rows_in_no_order_are_read_by_pages_and_none_is_lost() -> None:
    def shuffled(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        return replace(truth, rows=truth.rows[::-1])

    sweep = await _swept(shuffled, _rows(35))
    assert len(sweep.found) == 35


async def test_duplicates_count_once() -> None:
    def doubled(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        rows = tuple(row for row in truth.rows for _ in range(2))
        return replace(truth, rows=rows, sent=len(rows), total=2 * truth.total)

    sweep = await _swept(doubled, _rows(35))
    assert len(sweep.found) == 35


async def test_rows_that_can_not_be_read_are_told_and_hide_no_other() -> None:
    def garbled(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        kept = tuple(row for row in truth.rows if not row.guid.endswith("7"))
        return replace(truth, rows=kept, problems=("The deployment can't be read.",), sent=len(truth.rows))

    sweep = await _swept(garbled, _rows(40))
    assert (len(sweep.found), sweep.problems) == (36, ["The deployment can't be read."])


async def test_a_whole_page_that_can_not_be_read_does_not_hide_those_behind_it() -> None:
    def garbled(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        return replace(truth, rows=tuple(row for row in truth.rows if row.guid >= "d-0010"), sent=len(truth.rows))

    sweep = await _swept(garbled, _rows(40))
    assert len(sweep.found) == 30


@pytest.mark.parametrize("bounds", [{"requests": 3}, {"most_rows": 25}])
async def test_a_bound_ends_it_with_all_that_lies_before_where_it_got_to(bounds: dict[str, int]) -> None:
    sweep = await _swept(lambda ask, truth: truth, _rows(100), **bounds)
    assert not sweep.whole
    assert sweep.reached
    assert NOW < sweep.reached <= NOW + 30 * SECOND
    before = {row.deployment.guid for row in _rows(100) if row.updated < sweep.reached}
    assert before <= set(sweep.found)


async def test_an_error_on_the_way_leaves_what_was_read_and_how_far() -> None:
    calls = 0

    def failing(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise UpstreamError("eu", "broke off")
        return truth

    sweep = _sweep(Lying("eu", _rows(100), lie=failing))
    with pytest.raises(UpstreamError):
        await sweep.read(NOW)
    assert (sweep.reached, len(sweep.found), sweep.whole) == (NOW + 27 * SECOND, 28, False)


async def test_a_row_without_a_time_is_read_all_the_same() -> None:
    def timeless(ask: DeploymentsAsk, truth: DeploymentsFound) -> DeploymentsFound:
        return replace(truth, rows=(Deployment("odd"), *truth.rows[1:]))

    sweep = await _swept(timeless, _rows(15))
    assert "odd" in sweep.found
    assert "d-0014" in sweep.found
