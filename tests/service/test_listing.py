"""`/deployments`: from a question to a page."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from deploybot.domain.deployment import App, Deployment, Org, Person
from deploybot.domain.outcome import Outcome, OutcomeRules
from deploybot.domain.page import Page, Total
from deploybot.domain.paging import FIRST, Move, Turn
from deploybot.domain.ports import DeploymentsAsk, DeploymentsFound, StartersFound
from deploybot.domain.query import Column as By
from deploybot.domain.query import Instant, Op, Query, Sort, TimeFilter
from deploybot.errors import UpstreamError, UserError
from deploybot.service.listing import Listing
from tests.fake_foundation import NOW, FakeFoundation, Stored, app, stored

HOUR = timedelta(hours=1)


def _failed(guid: str, hours: int) -> Stored:
    at = NOW - hours * HOUR
    return stored(guid, at, reason="CANCELED", healthy=at, changed=at + timedelta(minutes=5))


def _eu() -> FakeFoundation:
    rows = [stored(f"ok-{n:02}", NOW - n * HOUR, strategy="canary" if n % 5 == 0 else "rolling") for n in range(1, 21)]
    return FakeFoundation(
        "eu",
        [*rows, _failed("bad-1", 30), _failed("bad-2", 40)],
        [app("checkout", "app-1")],
        {f"ok-{n:02}": Person(f"user-{n % 3}", f"dev{n % 3}@example.test") for n in range(1, 19)},
    )


async def _page(query: Query, *foundations: FakeFoundation, turn: Turn = FIRST) -> Page:
    listing = Listing(foundations or (_eu(),), time.monotonic, OutcomeRules())
    return await listing.page(query, turn, NOW, time.monotonic() + 8)


def _guids(page: Page) -> list[str]:
    return [row.deployment.guid for row in page.rows]


async def test_a_page_has_rows_with_names_people_and_meanings() -> None:
    page = await _page(Query(per_page=2))
    row = page.rows[0]
    assert row.app
    assert row.app.name == "checkout"
    assert row.by == Person("user-1", "dev1@example.test")
    assert row.verdict.outcome is Outcome.SUCCEEDED
    assert (page.number, page.pages, page.total.count) == (1, 11, 22)


async def test_buttons_lead_only_where_there_is_something() -> None:
    first = await _page(Query())
    assert (first.first, first.previous) == (None, None)
    assert first.next
    assert first.last
    last = await _page(Query(), turn=first.last)
    assert (last.next, last.last) == (None, None)
    assert last.first
    assert last.previous


async def test_next_and_previous_lead_back_to_the_same_rows() -> None:
    first = await _page(Query(per_page=5))
    assert first.next
    second = await _page(Query(per_page=5), turn=first.next)
    assert second.number == 2
    assert second.previous
    back = await _page(Query(per_page=5), turn=second.previous)
    assert _guids(back) == _guids(first)


async def test_failed_is_found_however_far_away_and_counted_exactly_when_all_was_seen() -> None:
    page = await _page(Query(states=("failed",)))
    assert _guids(page) == ["bad-1", "bad-2"]
    assert page.total.exact
    assert page.total.count == 2


async def test_a_filter_of_ours_is_counted_exactly_where_the_search_saw_the_end() -> None:
    page = await _page(Query(strategies=("canary",), per_page=3))
    assert _guids(page) == ["ok-05", "ok-10", "ok-15"]
    assert (page.total.count, page.total.exact, page.number, page.pages) == (4, True, 1, 2)
    assert page.next
    assert page.last
    rest = await _page(Query(strategies=("canary",), per_page=3), turn=page.next)
    last = await _page(Query(strategies=("canary",), per_page=3), turn=page.last)
    assert _guids(rest) == _guids(last) == ["ok-20"]
    assert (rest.total.count, rest.total.exact) == (4, True)


async def test_a_filter_of_ours_without_an_end_in_sight_says_at_least() -> None:
    rows = [stored(f"g{n:04}", NOW - n * HOUR, strategy="canary" if n % 2 else "rolling") for n in range(1000)]
    page = await _page(Query(strategies=("canary",), per_page=2), FakeFoundation("eu", rows))
    assert _guids(page) == ["g0001", "g0003"]
    assert not page.total.exact
    assert 3 <= page.total.count <= 500
    assert page.last is None
    assert page.number is None


async def test_by_compares_user_names_without_case_and_tells_how_many_are_unknown() -> None:
    page = await _page(Query(by=("DEV1*",), per_page=25))
    assert {row.by.name for row in page.rows if row.by} == {"dev1@example.test"}
    assert any("4 deployments left out, since nobody can tell who started them" in note for note in page.notes)


async def test_by_without_audit_events_says_who_shows_none() -> None:
    eu = replace(_eu(), sees_events=False)
    page = await _page(Query(by=("dev1@example.test",)), eu)
    assert not page.rows
    assert any("eu showed me no audit events" in note for note in page.notes)


async def test_by_me_without_a_link_says_what_to_do() -> None:
    with pytest.raises(UserError, match="by=your-user-name"):
        await _page(Query(by=("me",)))


async def test_one_foundation_down_does_not_hide_the_others() -> None:
    down = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))
    page = await _page(Query(), _eu(), down)
    assert len(page.rows) == 10
    assert [(trouble.foundation, trouble.reason) for trouble in page.troubles] == [("us", "it does not answer")]


async def test_a_total_that_lacks_a_foundation_is_at_least_and_has_no_last_page() -> None:
    down = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))
    page = await _page(Query(), _eu(), down)
    assert page.total == Total(22, exact=False)
    assert (page.number, page.pages) == (None, None)
    assert page.next
    alone = await _page(Query(), down)
    assert alone.total == Total(0, exact=False)


@dataclass
class _Timed(FakeFoundation):
    """On a clock of its own: `slow` answers nothing before the deadline that it was given; nobody answers after."""

    clock: list[float] = field(default_factory=lambda: [0.0])
    slow: bool = False

    async def deployments(self, ask: DeploymentsAsk, until: float) -> DeploymentsFound:
        self._wait(until)
        return await super().deployments(ask, until)

    async def apps(self, guids: Collection[str], until: float) -> Mapping[str, App]:
        self._wait(until)
        return await super().apps(guids, until)

    async def find_orgs(self, names: Collection[str], until: float) -> tuple[Org, ...]:
        self._wait(until)
        return await super().find_orgs(names, until)

    def _wait(self, until: float) -> None:
        if self.slow:
            self.clock[0] = max(self.clock[0], until)
        if self.clock[0] >= until:
            raise UpstreamError(self.name, "did not answer in time")


@pytest.mark.parametrize("query", [Query(), Query(orgs=("shop",))])
async def test_a_slow_foundation_leaves_the_others_time_for_their_rows_and_names(query: Query) -> None:
    clock = [0.0]
    us = _Timed("us", slow=True, clock=clock)
    eu = _Timed("eu", _eu().rows, _eu().known_apps, clock=clock)
    listing = Listing((eu, us), lambda: clock[0], OutcomeRules())
    page = await listing.page(query, FIRST, NOW, 8)
    assert [row.app.name for row in page.rows if row.app] == ["checkout"] * 10
    assert [trouble.foundation for trouble in page.troubles] == ["us"]


@pytest.mark.parametrize("query", [Query(apps=("checkout",), page=7), Query(apps=("checkout",), page=3, by=("x",))])
async def test_where_a_foundation_could_not_be_asked_no_page_and_no_name_is_said_not_to_be_there(query: Query) -> None:
    down = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))
    for page in (await _page(query, down), await _page(query, _eu(), down)):
        assert not page.rows
        assert [trouble.foundation for trouble in page.troubles] == ["us"]
        assert not any("no app called" in note for note in page.notes)


class _Forgetful(FakeFoundation):
    """Shows no events for old rows, which looks like a token that may not see any."""

    async def starters(self, deployments: Sequence[Deployment], until: float) -> StartersFound:
        found = await super().starters(deployments, until)
        return replace(found, visible=bool(found.people))


async def test_a_foundation_whose_old_events_are_gone_is_not_one_that_shows_none() -> None:
    eu = _Forgetful("eu", [stored(f"g{n:03}", NOW - n * HOUR) for n in range(200)])
    eu.people = {f"g{n:03}": Person("user-1", "dev1@example.test") for n in range(5)}
    page = await _page(Query(by=("dev1@example.test",)), eu)
    assert len(page.rows) == 5
    assert any("195 deployments" in note for note in page.notes)
    assert not any("audit events" in note for note in page.notes)


async def test_several_foundations_are_one_list_in_order() -> None:
    us = FakeFoundation("us", [stored("us-1", NOW - 1.5 * HOUR), stored("us-2", NOW - 2.5 * HOUR)])
    page = await _page(Query(per_page=4), _eu(), us)
    assert _guids(page) == ["ok-01", "us-1", "ok-02", "us-2"]
    assert page.total.count == 24


async def test_a_list_of_seconds_is_paged_by_position_and_says_so() -> None:
    seconds = tuple(Instant(NOW - n * HOUR) for n in range(1, 8))
    query = Query(created=(TimeFilter(Op.EQ, seconds),), per_page=3)
    first = await _page(query)
    assert _guids(first) == ["ok-01", "ok-02", "ok-03"]
    assert first.next == Turn(Move.AT, shown=3)
    assert any("exact seconds" in note for note in first.notes)
    second = await _page(query, turn=first.next)
    assert _guids(second) == ["ok-04", "ok-05", "ok-06"]
    assert (second.number, second.pages) == (2, 3)


async def test_a_list_of_seconds_with_many_rows_is_paged_to_its_end() -> None:
    crowd = [stored(f"g{n:04}", NOW) for n in range(1200)]
    query = Query(created=(TimeFilter(Op.EQ, (Instant(NOW), Instant(NOW - HOUR))),), per_page=25)
    last = await _page(query, FakeFoundation("eu", crowd), turn=Turn(Move.LAST))
    assert (_guids(last)[-1], last.total.count, last.total.exact) == ("g0000", 1200, True)
    too_many = [stored(f"g{n:04}", NOW) for n in range(2100)]
    cut = await _page(query, FakeFoundation("eu", too_many), turn=Turn(Move.LAST))
    assert (cut.total.count, cut.total.exact) == (2000, False)
    assert any("only the first 2,000" in note for note in cut.notes)


async def test_the_page_number_of_the_question_is_looked_at_once() -> None:
    page = await _page(Query(per_page=5, page=2))
    assert _guids(page)[0] == "ok-06"
    assert page.number == 2
    assert page.query.page == 1
    assert page.turn == Turn(Move.AT, shown=5)


async def test_sorting_by_update_leaves_rows_without_one_out_and_says_so() -> None:
    page = await _page(Query(sort=Sort(By.UPDATED)))
    assert any("without an update time" in note for note in page.notes)


async def test_a_question_by_app_costs_one_request_for_deployments() -> None:
    eu = _eu()
    await _page(Query(apps=("checkout",)), eu)
    assert len(eu.asked) == 1
    assert eu.asked[0].app_guids == ("app-1",)
