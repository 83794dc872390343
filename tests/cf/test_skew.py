"""Clocks are compared by a header that tells whole seconds, over a network that takes its time."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.cf.server import Server
from deploybot.cf.skew import Skew, clock_findings, servers_apart, skew_in
from deploybot.domain.finding import Level

API, LOGIN = Server("eu", "API", "https://api.example.com"), Server("eu", "login server", "https://login.example.com")
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
ZERO = timedelta(0)
seconds = st.timedeltas(timedelta(days=-2), timedelta(days=2))
waits = st.timedeltas(ZERO, timedelta(seconds=20))
fractions = st.timedeltas(ZERO, timedelta(microseconds=999_999))


def measured(off: timedelta, out: timedelta, back: timedelta, fraction: timedelta) -> Skew:
    """A request sent at noon and a bit, by a clock that is behind the server's by `off`."""
    asked = NOON + fraction
    told = {"date": format_datetime((asked + out + off).replace(microsecond=0), usegmt=True)}
    found = skew_in(told, asked, asked + out + back)
    assert found
    return found


@given(seconds, waits, waits, fractions)
def test_the_truth_lies_between_least_and_most(
    off: timedelta, out: timedelta, back: timedelta, fraction: timedelta
) -> None:
    found = measured(off, out, back, fraction)
    assert found.least <= off <= found.most
    assert found.most - found.least == out + back + timedelta(seconds=1)


@given(seconds, waits, waits, fractions)
def test_what_is_certain_is_never_more_than_the_truth(
    off: timedelta, out: timedelta, back: timedelta, fraction: timedelta
) -> None:
    """However long the answer took, a clock that is right is never called wrong."""
    certain = measured(off, out, back, fraction).certain
    assert abs(certain) <= abs(off)
    assert certain == ZERO or (certain > ZERO) == (off > ZERO)


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT", "0"])
def test_an_answer_without_a_time_is_no_measure(date: str) -> None:
    assert skew_in({"date": date}, NOON, NOON) is None
    (finding,) = clock_findings(API, None)
    assert finding.level is Level.NOTE


@pytest.mark.parametrize(
    ("off", "told"),
    [(31, "31 seconds behind that of api"), (-150, "2 minutes ahead of that of api"), (7300, "2 hours behind that of")],
)
def test_a_clock_that_is_off_says_which_way(off: int, told: str) -> None:
    (finding,) = clock_findings(API, Skew(timedelta(seconds=off), timedelta(seconds=off)))
    assert finding.level is Level.WARNING
    assert f"this machine's clock is {told}" in finding.says


def test_half_a_minute_is_tolerated() -> None:
    for off in (timedelta(seconds=30), timedelta(seconds=-30)):
        (finding,) = clock_findings(API, Skew(off, off))
        assert finding.level is Level.OK


@given(seconds, seconds, st.floats(1, 100_000))
def test_servers_apart_fail_only_where_a_token_is_over_at_once(api: timedelta, login: timedelta, life: float) -> None:
    found = servers_apart(API, LOGIN, Skew(api, api), Skew(login, login), life)
    apart = api - login
    assert bool(found) == (abs(apart) > timedelta(seconds=30))
    fails = [each.level is Level.FAILURE for each in found]
    assert fails == [apart >= timedelta(seconds=life)] * len(found)


def test_where_one_clock_is_unknown_nothing_is_said() -> None:
    known = Skew(timedelta(hours=1), timedelta(hours=1))
    assert servers_apart(API, LOGIN, None, known, 600) == ()
    assert servers_apart(API, LOGIN, known, None, 600) == ()
