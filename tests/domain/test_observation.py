"""Where the next look begins: never past what was seen, never from the future, and a cut look goes on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.ledger import PollState
from deploybot.domain.observation import NOT_RUNNING, TOO_MUCH, Reached, gap_before, next_state, noticed_at
from tests.domain.making import NOW

OVERLAP = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
moments = st.integers(-100_000, 300).map(lambda seconds: NOW + seconds * SECOND)
reaches = st.builds(Reached, moments, st.none() | moments, st.booleans(), st.sampled_from(("", "away")), st.booleans())


def _state(cursor: datetime = NOW, polled_at: datetime = NOW - 15 * SECOND) -> PollState:
    return PollState(foundation="eu", cursor=cursor, polled_at=polled_at)


def _next(state: PollState | None, came: Reached, *, late: bool = False) -> PollState:
    return next_state("eu", NOW, state, came, OVERLAP, late=late)


@given(moments, reaches)
def test_the_cursor_never_goes_back_nor_beyond_now(cursor: datetime, came: Reached) -> None:
    following = _next(_state(cursor), came).cursor
    assert min(cursor, NOW) <= following <= NOW


@given(moments, reaches)
def test_a_cut_look_goes_on_no_later_than_where_it_ended_or_rows_may_still_become_visible(
    cursor: datetime, came: Reached
) -> None:
    following = _next(_state(cursor), came)
    if not came.whole:
        begins = following.cursor - OVERLAP
        assert begins <= max(came.reached, cursor - OVERLAP)
        assert begins <= NOW - OVERLAP
        assert following.polled_at == NOW - 15 * SECOND
        assert following.failing_since


@given(reaches)
def test_after_a_look_that_saw_all_the_next_begins_an_overlap_before_the_newest_change(came: Reached) -> None:
    following = _next(_state(NOW - timedelta(days=2)), came)
    if came.whole and came.newest and not came.who_unknown:
        assert following.cursor == max(min(came.newest, NOW), NOW - timedelta(days=2))
        assert (following.polled_at, following.failing_since, following.failure) == (NOW, None, "")


@pytest.mark.parametrize("whole", [True, False])
def test_changes_whose_starters_could_not_be_asked_for_are_read_again_for_an_hour(whole: bool) -> None:
    came = Reached(NOW, NOW, whole=whole, who_unknown=True)
    lately, long_ago = NOW - timedelta(minutes=59), NOW - timedelta(minutes=61)
    assert _next(_state(lately), came).cursor == lately
    assert _next(_state(long_ago), came).cursor == NOW
    assert _next(_state(long_ago), replace(came, who_asked=True)).cursor == long_ago


def test_a_time_that_was_not_seen_says_why_and_is_told_once_it_is_over() -> None:
    long_ago = NOW - timedelta(hours=1)
    stopped = _state(polled_at=long_ago)
    gap = gap_before(stopped, NOW, 15 * SECOND)
    assert gap
    assert (gap.since, gap.until, gap.reason) == (long_ago, NOW, NOT_RUNNING)
    cut = Reached(long_ago + timedelta(minutes=5), NOW, whole=False)
    assert _next(stopped, cut, late=True).failure == NOT_RUNNING
    assert _next(_state(), cut).failure == TOO_MUCH
    assert _next(_state(), Reached(NOW, NOW, whole=False, trouble="away")).failure == "not reachable: away"


def test_four_polls_may_fail_to_come_before_a_time_counts_as_not_seen() -> None:
    assert gap_before(_state(polled_at=NOW - 200 * SECOND), NOW, 60 * SECOND) is None
    assert gap_before(_state(polled_at=NOW - 200 * SECOND), NOW, 15 * SECOND)
    assert gap_before(None, NOW, 15 * SECOND) is None


def test_a_poll_notices_after_the_last_one_unless_that_one_came_from_another_world() -> None:
    assert noticed_at(None, NOW) == NOW
    assert noticed_at(_state(polled_at=NOW - SECOND), NOW) == NOW
    assert NOW + SECOND < noticed_at(_state(polled_at=NOW + SECOND), NOW) < NOW + 2 * SECOND
    assert noticed_at(_state(polled_at=NOW + timedelta(days=365)), NOW) == NOW
