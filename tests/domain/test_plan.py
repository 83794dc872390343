"""What the server is asked, and what is left for us to check."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.outcome import OutcomeRules, judge, matches
from deploybot.domain.plan import plan
from deploybot.domain.ports import Times
from deploybot.domain.query import Column, Instant, Op, Query, Sort, TimeFilter
from tests.fake_foundation import NOW, stored

WORDS = (
    "active",
    "done",
    "failed",
    "stalled",
    "paused",
    "succeeded",
    "DEPLOYING",
    "CANCELING",
    "CANCELED",
    "SUPERSEDED",
)


@pytest.mark.parametrize(
    ("query", "values", "reasons", "check"),
    [
        (Query(), None, None, False),
        (Query(states=("active",)), ("ACTIVE",), None, False),
        (Query(states=("succeeded",)), None, ("DEPLOYED",), False),
        (Query(states=("succeeded", "CANCELED")), None, ("CANCELED", "DEPLOYED"), False),
        (Query(states=("active", "done")), ("ACTIVE", "FINALIZED"), None, False),
        (Query(states=("active", "succeeded")), None, None, True),
        (Query(states=("stalled",)), None, ("DEPLOYING",), True),
        (Query(states=("paused", "stalled")), None, ("DEPLOYING", "PAUSED"), True),
        (Query(states=("succeeded",), status_reasons=("CANCELED",)), None, ("CANCELED",), True),
        (Query(states=("active",), status_reasons=("",)), ("ACTIVE",), ("",), False),
    ],
)
def test_states_become_server_filters_as_far_as_these_can_say_it(
    query: Query, values: tuple[str, ...] | None, reasons: tuple[str, ...] | None, check: bool
) -> None:
    planned = plan(query, NOW)
    assert (planned.ask.status_values, planned.ask.status_reasons) == (values, reasons)
    assert planned.check_states is check
    assert planned.checks(query) is check


@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True).map(tuple),
    value=st.sampled_from(["ACTIVE", "FINALIZED"]),
    reason=st.sampled_from(["DEPLOYING", "PAUSED", "CANCELING", "DEPLOYED", "CANCELED", "SUPERSEDED", None, "NEW"]),
    hours=st.integers(0, 3),
)
def test_the_server_and_we_together_keep_exactly_what_matches(
    words: tuple[str, ...], value: str, reason: str | None, hours: int
) -> None:
    row = stored("g", NOW - timedelta(hours=hours), value=value, reason=reason).deployment
    planned = plan(Query(states=words), NOW)
    verdict = judge(row, NOW, OutcomeRules())
    sent = (planned.ask.status_values is None or value in planned.ask.status_values) and (
        planned.ask.status_reasons is None or reason in planned.ask.status_reasons
    )
    kept = sent and (not planned.check_states or matches(words, row, verdict))
    assert kept is matches(words, row, verdict)


@pytest.mark.parametrize("query", [Query(strategies=("canary",)), Query(by=("kim@example.test",))])
def test_what_the_api_cannot_filter_is_checked_here(query: Query) -> None:
    assert plan(query, NOW).checks(query)


def test_bounds_are_sent_half_open_and_a_list_of_seconds_alone() -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    bound = plan(Query(created=(TimeFilter(Op.GT, (Instant(at),)),)), NOW)
    assert bound.ask.created == Times(gte=at + timedelta(seconds=1))
    assert not bound.by_position
    listed = plan(Query(created=(TimeFilter(Op.EQ, (Instant(at), Instant(NOW))),)), NOW)
    assert listed.ask.created == Times(equal=(at, NOW))
    assert listed.by_position


def test_a_list_of_seconds_on_the_other_column_does_not_hinder_paging() -> None:
    listed = (TimeFilter(Op.EQ, (Instant(NOW), Instant(NOW + timedelta(seconds=5)))),)
    assert not plan(Query(updated=listed), NOW).by_position


def test_rows_without_an_update_time_are_left_out_when_sorted_by_it() -> None:
    assert plan(Query(sort=Sort(Column.UPDATED)), NOW).ask.updated.gte == datetime(1970, 1, 1, tzinfo=UTC)
    assert plan(Query(), NOW).ask.updated == Times()
