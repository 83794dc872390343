"""What a foundation allows, against what polling takes: the examination says what the polls will really do."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf.headroom import Left, announced, headroom_findings, left_in
from deploybot.cf.server import Server
from deploybot.cf.wire import Info, RateLimits
from deploybot.domain.finding import Level
from deploybot.domain.pacing import Pace, PaceRules, interval
from deploybot.domain.ports import RateLimit

API = Server("eu", "API", "https://api.example.com")
limits = st.builds(RateLimit, st.integers(1, 100_000), st.timedeltas(timedelta(minutes=1), timedelta(hours=24)))
rules = st.builds(PaceRules, st.timedeltas(timedelta(seconds=5), timedelta(hours=1)), share=st.floats(0.01, 1))


@given(limits, rules)
def test_it_warns_where_the_polls_would_be_slowed_down_and_nowhere_else(limit: RateLimit, pace: PaceRules) -> None:
    (finding,) = headroom_findings(API, limit, None, pace)
    slowed = interval(pace, Pace(limit=limit)) > pace.interval
    assert (finding.level is Level.WARNING) == slowed
    assert ("polling.interval" in finding.fix) == slowed


@given(st.integers(1, 100_000), st.integers(0, 100_000))
def test_a_tenth_that_is_left_is_nearly_nothing(limit: int, remaining: int) -> None:
    found = headroom_findings(API, None, Left(limit, remaining, None), PaceRules())
    assert ("rate-limit-left" in {each.check for each in found}) == (remaining <= limit / 10)


def test_headers_are_read_as_they_are_sent() -> None:
    headers = {"x-ratelimit-limit": "2000", "x-ratelimit-remaining": "200", "x-ratelimit-reset": "1793707200"}
    assert left_in(headers) == Left(2000, 200, datetime.fromtimestamp(1793707200, UTC))


@given(st.dictionaries(st.sampled_from(["limit", "remaining", "reset"]), st.text(max_size=12)))
def test_headers_that_are_none_are_as_good_as_missing(headers: dict[str, str]) -> None:
    found = left_in({f"x-ratelimit-{name}": value for name, value in headers.items()})
    assert found is None or found.limit > 0


def test_a_limit_that_is_off_or_makes_no_sense_is_none() -> None:
    for told in (None, RateLimits(False, 2000, 60), RateLimits(True, -1, 60), RateLimits(True, 2000, None)):
        assert announced(Info(told)) is None
    assert announced(Info(RateLimits(True, 2000, 60))) == RateLimit(2000, timedelta(hours=1))
