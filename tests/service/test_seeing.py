"""Who may not read everything is answered as if the rest were not there: no total, note or near name tells of it."""

import time
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.access import ALL_SEEN, Right, Rule, Sight, Someone, Where, sight_of
from deploybot.domain.deployment import Person
from deploybot.domain.outcome import OutcomeRules
from deploybot.domain.page import Page
from deploybot.domain.paging import FIRST, Turn
from deploybot.domain.pattern import Pattern
from deploybot.domain.query import Query
from deploybot.errors import UserError
from deploybot.service.detail import detail
from deploybot.service.listing import Listing, SearchRules
from tests.fake_foundation import NOW, FakeFoundation, app, stored

NAMES = ("checkout", "checkin", "payments", "vault")
GUIDS = tuple(f"11111111-2222-4333-8444-00000000000{n}" for n in range(8))


def reading(*on: Pattern) -> Sight:
    rules = [Rule("rule 1", ("everyone",), frozenset({Right.READ}), on=on)]
    return sight_of(rules, Someone("U1"), Where("C1"))


def without(sight: Sight, foundation: FakeFoundation) -> FakeFoundation:
    """The same foundation where what the sight leaves out was never there."""
    apps = [one for one in foundation.known_apps if sight.app(foundation.name, one)]
    guids = {one.guid for one in apps}
    rows = [row for row in foundation.rows if row.deployment.app_guid in guids]
    return replace(foundation, known_apps=apps, rows=rows, asked=[])


async def told(asked: Awaitable[object]) -> object:
    """The answer, or the sentence that refuses it."""
    try:
        return await asked
    except UserError as problem:
        return str(problem)


def listing(*foundations: FakeFoundation) -> Listing:
    return Listing(foundations, lambda: 0.0, OutcomeRules())


_names = st.sampled_from((*NAMES, "chekout", "check*", "*", "valt"))
_places = st.sampled_from(("prod", "staging", "prd"))
_orgs = st.sampled_from(("shop", "bank", "bnk"))


@st.composite
def foundations(draw: st.DrawFn, name: str) -> FakeFoundation:
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.sampled_from(("prod", "staging")), st.sampled_from(("shop", "bank"))),
            max_size=6,
        )
    )
    known = [app(one, f"{name}-app-{n}", space, org) for n, (one, space, org) in enumerate(places)]
    of = st.sampled_from([*(one.guid for one in known), "gone"])
    rows = [
        stored(
            guid,
            NOW - timedelta(hours=n),
            app=draw(of),
            strategy=draw(st.sampled_from(("rolling", "canary"))),
            value=draw(st.sampled_from(("ACTIVE", "FINALIZED"))),
        )
        for n, guid in enumerate(GUIDS)
    ]
    people = {
        guid: Person("u", draw(st.sampled_from(("ann", "ben")))) for guid in draw(st.sets(st.sampled_from(GUIDS)))
    }
    return FakeFoundation(name, rows, known, people)


sights = st.lists(
    st.builds(
        Pattern,
        foundations=st.sampled_from(((), ("eu",))),
        orgs=st.sampled_from(((), ("shop",), ("b*",))),
        spaces=st.sampled_from(((), ("prod",))),
        apps=st.sampled_from(((), ("check*",), ("payments",))),
    ).filter(lambda pattern: pattern != Pattern()),
    min_size=1,
    max_size=2,
).map(lambda on: reading(*on))

queries = st.builds(
    Query,
    apps=st.lists(_names, max_size=2).map(tuple),
    spaces=st.lists(_places, max_size=2).map(tuple),
    orgs=st.lists(_orgs, max_size=2).map(tuple),
    foundations=st.sampled_from(((), ("eu",), ("asia",))),
    guids=st.sampled_from(((), GUIDS[:2])),
    strategies=st.sampled_from(((), ("canary",))),
    by=st.sampled_from(((), ("ann",))),
    states=st.sampled_from(((), ("active",))),
    per_page=st.sampled_from((1, 2, 5)),
    page=st.sampled_from((1, 1, 2)),
)


@given(foundations("eu"), foundations("us"), sights, queries)
async def test_every_page_is_the_one_of_a_world_without_what_may_not_be_read(
    eu: FakeFoundation, us: FakeFoundation, sight: Sight, query: Query
) -> None:
    shown, bare = listing(eu, us), listing(without(sight, eu), without(sight, us))
    turn: Turn | None = FIRST
    for _ in range(4):
        if turn is None:
            return
        seen = await told(shown.page(query, turn, NOW, 8, sight))
        assert seen == await told(bare.page(query, turn, NOW, 8))
        turn = seen.next if isinstance(seen, Page) else None


@given(foundations("eu"), sights, st.sampled_from((*GUIDS, *NAMES, "eu-app-0", "eu-app-1")))
async def test_a_deployment_that_may_not_be_read_is_one_that_does_not_exist(
    eu: FakeFoundation, sight: Sight, subject: str
) -> None:
    seen = await told(detail(listing(eu), subject, Query(), NOW, 8, sight))
    assert seen == await told(detail(listing(without(sight, eu)), subject, Query(), NOW, 8))


def _secret() -> FakeFoundation:
    known = [app("checkout", "app-1"), app("vault", "app-2", "prod", "bank"), app("checkout", "app-3", "prod", "bank")]
    rows = [stored(GUIDS[n], NOW - timedelta(hours=n), app=f"app-{n % 3 + 1}") for n in range(6)]
    return FakeFoundation("eu", [*rows, stored("of-a-deleted-app", app="gone")], known)


SHOP = reading(Pattern(orgs=("shop",)))


async def test_totals_and_shared_names_count_only_what_may_be_read() -> None:
    page = await listing(_secret()).page(Query(apps=("checkout",)), FIRST, NOW, 8, SHOP)
    assert (page.total.count, page.notes) == (2, ())
    everything = await listing(_secret()).page(Query(), FIRST, NOW, 8, SHOP)
    assert {row.deployment.app_guid for row in everything.rows} == {"app-1"}
    assert everything.total.count == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(apps=("valt",)), "I can see no app called 'valt' in eu. Check the name, or leave app= out to see all."),
        (
            Query(apps=("vault",)),
            "I can see no app called 'vault' in eu. Check the name, or leave app= out to see all.",
        ),
        (Query(orgs=("bank",)), "I can see no org called 'bank' in eu. Check the name, or leave org= out to see all."),
    ],
)
async def test_what_may_not_be_read_has_no_name_and_is_not_suggested(query: Query, said: str) -> None:
    assert await told(listing(_secret()).page(query, FIRST, NOW, 8, SHOP)) == said


async def test_the_operator_sees_all_and_asks_nothing_more() -> None:
    one, other = _secret(), _secret()
    page = await listing(one).page(Query(), FIRST, NOW, 8, ALL_SEEN)
    assert page.total.count == 7
    await listing(other).page(Query(), FIRST, NOW, 8)
    assert one.asked == other.asked
    assert [ask.app_guids for ask in one.asked] == [None]


async def test_who_may_read_nothing_is_told_so_before_anything_is_asked() -> None:
    eu = _secret()
    nothing = sight_of([], Someone("U1", is_member=False), Where("C1"))
    said = "Guests may read nothing here unless a rule allows it: ask the people who run me."
    assert await told(listing(eu).page(Query(), FIRST, NOW, 8, nothing)) == said
    assert await told(detail(listing(eu), GUIDS[0], Query(), NOW, 8, nothing)) == said
    assert eu.asked == []


async def test_a_search_among_too_many_apps_tells_of_no_row_that_may_not_be_read() -> None:
    many = [app(f"app-{n}", f"app-{n}") for n in range(4001)]
    rows = [stored(f"secret-{n:03}", NOW - timedelta(minutes=n), app="app-secret") for n in range(900)]
    eu = FakeFoundation("eu", rows, [*many, app("vault", "app-secret", "prod", "bank")])
    short = Listing((eu,), time.monotonic, OutcomeRules(), SearchRules(requests=2))
    until = time.monotonic() + 60
    turns: list[Turn | None] = [FIRST]
    while (turn := turns[-1]) is not None:
        page = await short.page(Query(), turn, NOW, until, SHOP)
        assert (page.rows, page.total.count) == ((), 0)
        assert "secret" not in repr(page)
        assert not any("900" in note or "looked through" in note for note in page.notes)
        turns.append(page.further)
    assert 2 < len(turns) < 10
