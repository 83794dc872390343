"""How soon a foundation is polled again: in a hurry, in trouble, and within what it allows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.pacing import Pace, PaceRules, interval, jittered, per_minute
from deploybot.domain.ports import RateLimit

RULES = PaceRules()
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("pace", "seconds"),
    [
        (Pace(), 15),
        (Pace(hurried=True), 5),
        (Pace(more=True), 0),
        (Pace(more=True, limit=RateLimit(400, HOUR)), 36),
        (Pace(failures=1), 30),
        (Pace(failures=2, hurried=True), 60),
        (Pace(failures=3, more=True), 120),
        (Pace(failures=5), 300),
        (Pace(failures=10**9), 300),
        (Pace(failures=1, retry_after=40), 40),
        (Pace(failures=1, retry_after=0), 15),
        (Pace(failures=1, retry_after=3600), 300),
        (Pace(limit=RateLimit(20_000, HOUR)), 15),
        (Pace(limit=RateLimit(400, HOUR)), 36),
        (Pace(limit=RateLimit(400, HOUR), hurried=True), 36),
        (Pace(limit=RateLimit(400, HOUR), requests=4), 72),
        (Pace(limit=RateLimit(20, HOUR), failures=1), 720),
        (Pace(limit=RateLimit(0, HOUR)), 15),
    ],
)
def test_the_interval_follows_from_what_happened(pace: Pace, seconds: float) -> None:
    assert interval(RULES, pace) == seconds * SECOND


@given(st.floats(0, 1, exclude_max=True))
def test_chance_moves_a_wait_by_a_tenth_at_most(chance: float) -> None:
    assert 0.9 * 15 * SECOND <= jittered(15 * SECOND, RULES, chance) <= 1.1 * 15 * SECOND


@given(st.integers(1, 100_000), st.floats(1, 20), st.booleans(), st.integers(0, 20))
def test_polls_never_use_more_than_their_share_of_the_limit(
    requests: int, cost: float, hurried: bool, failures: int
) -> None:
    limit = RateLimit(requests, HOUR)
    wait = interval(RULES, Pace(limit=limit, requests=cost, hurried=hurried, failures=failures))
    assert per_minute(cost, wait) * 60 <= requests * RULES.share * 1.001


def test_the_cost_is_told_in_requests_per_minute() -> None:
    assert per_minute(2, 15 * SECOND) == 8
    assert per_minute(3, timedelta(0)) == 3
