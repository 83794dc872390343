"""Names become guids: what is found, what is shared, what is missing, and what that costs."""

import time
from dataclasses import replace

import pytest

from deploybot.domain.ports import DeploymentsAsk
from deploybot.domain.query import Query
from deploybot.errors import UpstreamError, UserError
from deploybot.service.scope import Scope, scope_of
from tests.fake_foundation import FakeFoundation, app

EU = FakeFoundation(
    "eu",
    known_apps=[
        app("checkout", "g-prod", "prod"),
        app("checkout", "g-staging", "staging"),
        app("payments", "g-pay", "prod"),
        app("check-in", "g-travel", "prod", "travel"),
    ],
)
US = FakeFoundation("us", known_apps=[app("checkout", "g-us")])
DOWN = FakeFoundation("ap", failure=UpstreamError("ap", "it does not answer"))


async def _scope(query: Query, *foundations: FakeFoundation) -> Scope:
    return await scope_of(foundations or (EU,), query, DeploymentsAsk(), time.monotonic() + 5)


def _guids(scope: Scope) -> set[str]:
    return {guid for source in scope.sources for guid in source.ask.app_guids or ()}


async def test_a_question_without_names_is_about_everything() -> None:
    scope = await _scope(Query())
    assert [source.ask.app_guids for source in scope.sources] == [None]


async def test_a_name_in_several_spaces_is_answered_for_all_and_says_so() -> None:
    scope = await _scope(Query(apps=("Checkout",)))
    assert _guids(scope) == {"g-prod", "g-staging"}
    assert scope.notes == ("checkout is the name of 2 apps: shop/prod, shop/staging; narrow with space= or org=",)


@pytest.mark.parametrize(
    ("query", "guids"),
    [
        (Query(apps=("g-pay",)), {"g-pay"}),
        (Query(apps=("check*",)), {"g-prod", "g-staging", "g-travel"}),
        (Query(apps=("*OUT", "payments")), {"g-prod", "g-staging", "g-pay"}),
        (Query(apps=("checkout",), spaces=("staging",)), {"g-staging"}),
        (Query(spaces=("prod",)), {"g-prod", "g-pay", "g-travel"}),
        (Query(orgs=("travel",)), {"g-travel"}),
        (Query(spaces=("prod",), orgs=("shop",)), {"g-prod", "g-pay"}),
    ],
)
async def test_names_guids_and_wildcards_narrow_each_other(query: Query, guids: set[str]) -> None:
    scope = await _scope(query)
    assert _guids(scope) == guids
    assert all(source.ask.app_guids is not None for source in scope.sources)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(apps=("chekout",)), "no app called 'chekout' in eu. Did you mean checkout?"),
        (Query(spaces=("stagin",)), "no space called 'stagin' in eu. Did you mean staging?"),
        (Query(orgs=("travle",)), "no org called 'travle' in eu. Did you mean travel?"),
        (Query(spaces=("staging",), orgs=("travel",)), "no space called 'staging' in org travel. Check the name"),
        (Query(apps=("paymets",), spaces=("staging",)), "no app called 'paymets' in space staging. Check the name"),
        (Query(apps=("zzz*",)), "no app called 'zzz\\*'"),
    ],
)
async def test_a_name_that_does_not_exist_gets_near_names(query: Query, said: str) -> None:
    with pytest.raises(UserError, match=said):
        await _scope(query)


async def test_one_name_of_several_that_does_not_exist_is_a_note() -> None:
    scope = await _scope(Query(apps=("payments", "chekout")))
    assert _guids(scope) == {"g-pay"}
    assert any("'chekout'" in note for note in scope.notes)


async def test_an_app_of_one_foundation_is_not_missing_on_the_other() -> None:
    scope = await _scope(Query(apps=("payments",)), EU, US)
    assert _guids(scope) == {"g-pay"}
    assert not scope.notes


async def test_an_app_is_not_called_missing_while_a_foundation_could_not_be_asked() -> None:
    scope = await _scope(Query(apps=("elsewhere",)), EU, DOWN)
    assert [trouble.foundation for trouble in scope.troubles] == ["ap"]
    assert _guids(scope) == set()


async def test_only_the_named_foundations_are_asked() -> None:
    scope = await _scope(Query(foundations=("US",)), EU, US, DOWN)
    assert [source.foundation.name for source in scope.sources] == ["us"]
    assert not scope.troubles


async def test_an_unknown_foundation_is_told_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="called 'asia'; I know eu, us"):
        await _scope(Query(foundations=("asia",)), EU, US)


async def test_an_org_with_3000_apps_is_asked_for_in_requests_that_fit() -> None:
    eu = FakeFoundation("eu", known_apps=[app(f"a{n}", f"g{n:04}", org="big") for n in range(3000)])
    scope = await _scope(Query(orgs=("big",)), eu)
    assert len(scope.sources) == 30
    assert all(len(source.ask.app_guids or ()) <= 100 for source in scope.sources)
    assert len(_guids(scope)) == 3000


async def test_a_set_of_apps_too_large_to_ask_for_is_checked_here() -> None:
    eu = FakeFoundation("eu", known_apps=[app(f"a{n}", f"g{n:05}", org="big") for n in range(5000)])
    scope = await _scope(Query(orgs=("big",)), eu)
    assert [source.ask.app_guids for source in scope.sources] == [None]
    assert scope.only is not None
    assert len(scope.only) == 5000


async def test_a_set_of_apps_too_large_on_one_foundation_does_not_hide_the_apps_of_another() -> None:
    eu = FakeFoundation("eu", known_apps=[app(f"a{n}", f"g{n:05}", org="shop") for n in range(5000)])
    scope = await _scope(Query(orgs=("shop",)), eu, US)
    assert [source.ask.app_guids for source in scope.sources] == [None, ("g-us",)]
    assert scope.only is not None
    assert {"g00000", "g04999", "g-us"} <= scope.only


async def test_filters_of_the_server_are_kept() -> None:
    ask = replace(DeploymentsAsk(), status_values=("ACTIVE",))
    scope = await scope_of((EU,), Query(apps=("payments",)), ask, time.monotonic() + 5)
    assert scope.sources[0].ask == replace(ask, app_guids=("g-pay",))
