"""`/deployments show`: one deployment, by guid or as the newest of an app."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from deploybot.domain.deployment import Deployment
from deploybot.domain.outcome import Outcome, OutcomeRules
from deploybot.domain.page import Detail
from deploybot.domain.query import Column, NamedDay, Op, Query, Sort, TimeFilter
from deploybot.errors import UpstreamError, UserError
from deploybot.service.detail import detail
from deploybot.service.listing import Listing
from tests.fake_foundation import NOW, FakeFoundation, app, stored

GUID = "11111111-2222-4333-8444-555555555555"
EU = FakeFoundation(
    "eu",
    [
        stored("older", NOW - timedelta(hours=2)),
        stored(GUID, NOW - timedelta(hours=1), value="ACTIVE", reason="PAUSED", strategy="canary"),
    ],
    [app("checkout", "app-1"), app("silent", "app-2")],
)
DOWN = FakeFoundation("us", failure=UpstreamError("us", "it does not answer"))


async def _shown(subject: str, *foundations: FakeFoundation, query: Query | None = None) -> Detail:
    listing = Listing(foundations or (EU,), time.monotonic, OutcomeRules())
    return await detail(listing, subject, query or Query(), NOW, time.monotonic() + 8)


async def test_a_guid_is_found_on_whichever_foundation_has_it() -> None:
    us = FakeFoundation("us")
    shown = await _shown(GUID, us, EU)
    assert (shown.row.foundation, shown.row.deployment.guid) == ("eu", GUID)
    assert shown.row.verdict.outcome is Outcome.PAUSED
    assert "cf continue-deployment checkout" in shown.advice
    assert shown.events == ()


async def test_an_app_shows_its_newest_deployment_and_says_that_there_are_others() -> None:
    shown = await _shown("checkout")
    assert shown.row.deployment.guid == GUID
    assert any("newest of 2 deployments" in note for note in shown.notes)


async def test_the_newest_is_shown_whatever_order_is_asked_for() -> None:
    shown = await _shown("checkout", query=Query(sort=Sort(Column.CREATED, newest_first=False)))
    assert shown.row.deployment.guid == GUID


async def test_events_that_may_not_be_seen_are_told_apart_from_none() -> None:
    shown = await _shown(GUID, replace(EU, sees_events=False))
    assert shown.events is None


async def test_a_foundation_that_is_down_does_not_hide_a_deployment_of_another() -> None:
    shown = await _shown(GUID, DOWN, EU)
    assert shown.row.deployment.guid == GUID
    assert [trouble.foundation for trouble in shown.troubles] == ["us"]


class _Silent(FakeFoundation):
    async def deployment(self, guid: str, until: float) -> Deployment | None:
        await asyncio.Event().wait()
        return None


async def test_a_foundation_that_is_slow_takes_no_time_from_a_deployment_of_another() -> None:
    async with asyncio.timeout(5):
        shown = await _shown(GUID, _Silent("us"), EU)
    assert shown.row.deployment.guid == GUID


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("99999999-2222-4333-8444-555555555555", "no deployment and no app with the guid"),
        ("chekout", "Did you mean checkout"),
        ("silent", "no deployment of silent that fits"),
    ],
)
async def test_what_cannot_be_found_gets_a_sentence(subject: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        await _shown(subject)


async def test_another_mistake_beside_an_unknown_guid_is_told_as_what_it_is() -> None:
    with pytest.raises(UserError, match="Mars/Olympus"):
        await _shown(
            "99999999-2222-4333-8444-555555555555",
            query=Query(created=(TimeFilter(Op.GE, (NamedDay.TODAY,)),), tz="Mars/Olympus"),
        )


async def test_where_nobody_could_tell_it_is_the_foundations_trouble() -> None:
    with pytest.raises(UpstreamError, match="does not answer"):
        await _shown("checkout", DOWN)
