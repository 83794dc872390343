"""Time filters: half-open intervals, days of a zone, and what cannot be."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.query import Ago, Day, Instant, Interval, NamedDay, Op, TimeFilter, When
from deploybot.domain.times import resolve
from deploybot.errors import UserError

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
T = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _resolved(*filters: tuple[Op, When], tz: str = "UTC") -> Interval:
    return resolve([TimeFilter(op, (when,)) for op, when in filters], NOW, tz)


@pytest.mark.parametrize(
    ("op", "interval"),
    [
        (Op.EQ, Interval(T, T + SECOND)),
        (Op.LT, Interval(None, T)),
        (Op.LE, Interval(None, T + SECOND)),
        (Op.GT, Interval(T + SECOND, None)),
        (Op.GE, Interval(T, None)),
    ],
)
def test_an_operator_becomes_half_open_bounds_to_the_second(op: Op, interval: Interval) -> None:
    assert _resolved((op, Instant(T))) == interval


def test_newer_than_two_hours_ago_begins_two_hours_ago() -> None:
    assert _resolved((Op.GE, Ago(2, "h"))) == Interval(NOW - timedelta(hours=2), None)


def test_several_filters_narrow_each_other() -> None:
    both = _resolved((Op.GE, Ago(7, "d")), (Op.GE, Ago(2, "d")), (Op.LT, Ago(1, "h")))
    assert both == Interval(NOW - timedelta(days=2), NOW - timedelta(hours=1))


def test_a_day_is_the_day_of_the_askers_zone() -> None:
    day = Day(date(2026, 11, 20))
    assert _resolved((Op.EQ, day), tz="Asia/Tokyo") == Interval(
        datetime(2026, 11, 19, 15, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC)
    )


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_has_as_many_hours_as_the_clocks_give_it(day: date, hours: int) -> None:
    interval = _resolved((Op.EQ, Day(day)), tz="Europe/Berlin")
    assert interval.since
    assert interval.until
    assert interval.until - interval.since == timedelta(hours=hours)


def test_yesterday_is_the_day_before_in_the_askers_zone() -> None:
    assert _resolved((Op.EQ, NamedDay.YESTERDAY), tz="Pacific/Auckland").since == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert _resolved((Op.GE, NamedDay.TODAY)).since == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_list_of_instants_stays_a_list_and_bounds_are_applied_to_it() -> None:
    times = (T, T + timedelta(hours=1), T + timedelta(hours=2))
    listed = TimeFilter(Op.EQ, tuple(Instant(at) for at in times))
    assert resolve([listed], NOW, "UTC") == Interval(seconds=times)
    bound = TimeFilter(Op.GT, (Instant(T),))
    assert resolve([listed, bound], NOW, "UTC") == Interval(seconds=times[1:])


def test_several_lists_of_instants_mean_the_instants_that_are_in_all() -> None:
    first, both, second = (Instant(datetime(2026, 11, day, tzinfo=UTC)) for day in (1, 2, 3))
    filters = [TimeFilter(Op.EQ, (first, both)), TimeFilter(Op.EQ, (both, second))]
    assert resolve(filters, NOW, "UTC") == Interval(seconds=(both.at,))
    with pytest.raises(UserError, match="None of the listed times"):
        resolve([filters[0], TimeFilter(Op.EQ, (second, second))], NOW, "UTC")


@pytest.mark.parametrize(
    ("filters", "tz", "said"),
    [
        ([(Op.GT, Ago(1, "h")), (Op.LT, Ago(2, "h"))], "UTC", "swap or widen"),
        ([(Op.GE, Ago(1, "h"))], "Mars/Olympus", "tz=Europe/Berlin"),
        ([(Op.GE, Ago(1, "h"))], "../../etc/passwd", "tz=Europe/Berlin"),
        ([(Op.GE, Ago(99_999_999, "w"))], "UTC", "too far away"),
        ([(Op.GE, Ago(100, "d")), (Op.EQ, Day(date(1, 1, 1)))], "Asia/Tokyo", "too far away"),
        ([(Op.LE, Day(date.max))], "UTC", "too far away"),
    ],
)
def test_impossible_times_get_a_sentence(filters: list[tuple[Op, When]], tz: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        _resolved(*filters, tz=tz)


_INSTANTS = st.integers(631_152_000, 2_524_608_000).map(lambda second: datetime.fromtimestamp(second, UTC))
_WHENS = st.one_of(
    st.builds(Instant, _INSTANTS),
    st.builds(Day, st.dates(date(1990, 1, 1), date(2050, 1, 1))),
    st.builds(Ago, st.integers(0, 500), st.sampled_from("mhdw")),
    st.sampled_from(NamedDay),
)
_ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo"]
)


@given(op=st.sampled_from(Op), when=_WHENS, tz=_ZONES)
def test_before_at_and_after_split_time_without_gap_or_overlap(op: Op, when: When, tz: str) -> None:
    at = resolve([TimeFilter(Op.EQ, (when,))], NOW, tz)
    bounds = resolve([TimeFilter(op, (when,))], NOW, tz)
    assert at.since
    assert at.until
    assert at.since < at.until
    expected = {
        Op.EQ: (at.since, at.until),
        Op.LT: (None, at.since),
        Op.LE: (None, at.until),
        Op.GT: (at.until, None),
        Op.GE: (at.since, None),
    }[op]
    assert (bounds.since, bounds.until) == expected
    assert all(edge is None or (edge.tzinfo is UTC and edge.microsecond == 0) for edge in expected)


@given(day=st.dates(date(1990, 1, 1), date(2050, 1, 1)), tz=_ZONES)
def test_days_follow_each_other_without_gap_or_overlap(day: date, tz: str) -> None:
    today = resolve([TimeFilter(Op.EQ, (Day(day),))], NOW, tz)
    tomorrow = resolve([TimeFilter(Op.EQ, (Day(day + timedelta(days=1)),))], NOW, tz)
    assert today.until == tomorrow.since
    assert today.since
    assert today.since.astimezone(ZoneInfo(tz)).date() in (day, day + timedelta(days=1))
