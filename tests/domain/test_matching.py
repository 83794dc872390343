"""Subscriptions and what they are told of: every filter, one announcement a channel, and an index that loses none."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.grammar import parse, to_text
from deploybot.domain.ledger import Kind
from deploybot.domain.matching import Index, announcements, held_until, matches, to_query
from deploybot.domain.outcome import Outcome
from tests.domain.making import NOW, alert, entry, transition
from tests.domain.strategies import queries

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("filters", "changes"),
    [
        ("", {}),
        ("app=checkout", {}),
        ("app=CheckOut", {}),
        ("app=pay,check*", {}),
        ("app=app-1", {}),
        ("space=prod org=shop foundation=EU", {}),
        ("space=space-1 org=org-1", {}),
        ("foundation=e*", {}),
        ("guid=d-1", {}),
        ("state=active", {}),
        ("state=done,failed", {"value": "FINALIZED", "reason": "CANCELED", "outcome": Outcome.FAILED}),
        ("state=CANCELED", {"value": "FINALIZED", "reason": "CANCELED", "outcome": Outcome.FAILED}),
        ("state=stalled", {"outcome": Outcome.STALLED}),
        ("state=paused", {"reason": "PAUSED", "outcome": Outcome.PAUSED}),
        ("status=ACTIVE reason=DEPLOYING", {}),
        ("reason=null", {"reason": ""}),
        ("states=PREPAUSED", {"strategy": "canary"}),
        ("states=DEPLOYED", {"value": "FINALIZED", "reason": "SUPERSEDED"}),
        ("strategy=rolling", {}),
        ("by=ann@example.com", {}),
        ("by=*@example.com", {}),
        ("by=user-ann", {}),
        ('label="env in (prod,dev),!legacy"', {"labels": (("env", "prod"),)}),
        ("created>=2h", {}),
        ("created=today tz=Europe/Berlin", {}),
        ("created=2026-11-23T10:00:00Z,2026-11-24T10:00:00Z", {}),
        ("updated<=2026-11-23", {}),
    ],
)
def test_every_filter_lets_through_what_it_names(filters: str, changes: dict[str, Any]) -> None:
    assert matches(parse(filters).query, entry(**changes), NOW)


@pytest.mark.parametrize(
    ("filters", "changes"),
    [
        ("app=checkou", {}),
        ("app=check", {"app": ""}),
        ("app=*", {"app": "", "app_guid": ""}),
        ("space=dev", {}),
        ("org=prod", {}),
        ("foundation=us", {}),
        ("guid=d-2", {}),
        ("state=done", {}),
        ("state=failed", {"outcome": Outcome.ERRORING}),
        ("state=succeeded", {}),
        ("status=FINALIZED", {}),
        ("reason=null", {}),
        ("states=PREPAUSED", {}),
        ("strategy=canary", {}),
        ("by=bob", {}),
        ("by=*", {"by": "", "by_guid": ""}),
        ("label=env=prod", {}),
        ("created>2026-11-24", {}),
        ("updated>2h", {"updated_at": None}),
        ("created>=2026-11-24 created<2026-11-20", {}),
        ("app=checkout state=done", {}),
    ],
)
def test_every_filter_keeps_out_what_it_does_not_name(filters: str, changes: dict[str, Any]) -> None:
    assert not matches(parse(filters).query, entry(**changes), NOW)


def test_days_are_those_of_the_subscriptions_zone_unless_the_filters_name_one() -> None:
    assert to_query(alert(filters="created=today", tz="Europe/Berlin")).tz == "Europe/Berlin"
    assert to_query(alert(filters="created=today tz=Asia/Kolkata", tz="Europe/Berlin")).tz == "Asia/Kolkata"


WORDS = ("checkout", "CHECKOUT", "app-1", "check*", "payments", "prod", "space-1", "shop", "eu", "us", "d-1", "d-2")
filter_texts = st.lists(
    st.builds(
        "{}={}".format, st.sampled_from(("app", "space", "org", "foundation", "guid", "by")), st.sampled_from(WORDS)
    ),
    max_size=3,
    unique=True,
).map(" ".join)


@given(st.lists(filter_texts | queries().map(to_text), max_size=12))
def test_the_index_finds_just_the_subscriptions_that_match(texts: list[str]) -> None:
    subscriptions = [alert(f"s-{nth}", text) for nth, text in enumerate(texts)]
    found = Index(subscriptions).matching(entry(), NOW)
    assert {one.id for one in found} == {one.id for one in subscriptions if matches(to_query(one), entry(), NOW)}
    assert len({one.id for one in found}) == len(found)


def test_filters_that_are_no_question_any_more_are_told_and_hinder_no_other() -> None:
    index = Index([alert("broken", "colour=red"), alert("fine", "app=checkout")])
    [(broken, sentence)] = index.unreadable
    assert (broken.id, [one.id for one in index.matching(entry(), NOW)]) == ("broken", ["fine"])
    assert "colour" in sentence


def test_a_channel_is_told_once_however_many_of_its_subscriptions_match() -> None:
    index = Index(
        [
            alert("a", "app=checkout", mention="<!here>"),
            alert("b", "org=shop", mention="<@U2>"),
            alert("c", "app=checkout", channel="C2"),
            alert("d", "app=other", channel="C3"),
        ]
    )
    first, second = announcements([(transition(), entry())], index, NOW)
    assert (first.channel, first.subscriptions, first.mentions) == ("C1", ("a", "b"), ("<!here>", "<@U2>"))
    assert (second.channel, second.subscriptions, second.mentions) == ("C2", ("c",), ())
    assert (first.foundation, first.guid, first.ordinal, first.not_before) == ("eu", "d-1", 1, None)


@pytest.mark.parametrize(("kind", "pinged"), [(Kind.FAILED, True), (Kind.STALLED, True), (Kind.PAUSED, False)])
def test_only_failures_and_stalls_ping(kind: Kind, pinged: bool) -> None:
    [told] = announcements([(transition(kind), entry())], Index([alert(mention="<!here>")]), NOW)
    assert bool(told.mentions) is pinged


def test_what_a_subscription_does_not_ask_for_is_not_announced() -> None:
    happened = [(transition(Kind.STARTED, ordinal=1), entry()), (transition(Kind.PAUSED, ordinal=2), entry())]
    assert [told.ordinal for told in announcements(happened, Index([alert()]), NOW)] == [2]


def test_two_foundations_may_have_deployments_of_the_same_guid() -> None:
    happened = [(transition(), entry()), (transition(foundation="us"), entry(foundation="us"))]
    [told] = announcements(happened, Index([alert(filters="foundation=us")]), NOW)
    assert told.foundation == "us"


def test_quiet_hours_and_snoozes_hold_back_until_they_end() -> None:
    quiet, snoozed = alert(quiet="09:00-11:00"), alert(snoozed_until=NOW + 2 * HOUR)
    assert held_until(quiet, NOW) == NOW + HOUR
    assert held_until(snoozed, NOW) == NOW + 2 * HOUR
    assert held_until(alert(snoozed_until=NOW - HOUR), NOW) is None
    assert held_until(alert(quiet="11:00-13:00", snoozed_until=NOW + 2 * HOUR), NOW) == NOW + 3 * HOUR


def test_a_channel_is_told_as_soon_as_one_subscription_wants_it_and_only_that_one_pings() -> None:
    loud, quiet = alert("loud", mention="<!here>"), alert("quiet", quiet="09:00-11:00", mention="<@U2>")
    [told] = announcements([(transition(), entry())], Index([quiet, loud]), NOW)
    assert (told.not_before, told.mentions, told.subscriptions) == (None, ("<!here>",), ("quiet", "loud"))
    [held] = announcements([(transition(), entry())], Index([quiet]), NOW)
    assert (held.not_before, held.mentions) == (NOW + HOUR, ("<@U2>",))


def test_the_index_knows_whether_anybody_asks_who_started_it() -> None:
    assert Index([alert(), alert(filters="by=ann")]).asks_who
    assert not Index([alert()]).asks_who
