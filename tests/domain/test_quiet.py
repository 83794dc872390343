"""Quiet hours: every way to write them, midnight, and both days on which the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.quiet import Quiet, parse_quiet, quiet_text, quiet_until
from deploybot.errors import UserError
from tests.domain.strategies import ZONES

MINUTE = timedelta(minutes=1)
berlin = ZoneInfo("Europe/Berlin")

clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(Quiet, clocks, clocks).filter(lambda quiet: quiet.start != quiet.end)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("22:00-07:00", "22:00-07:00"),
        (" 9:00 – 17:30 ", "09:00-17:30"),
        ("22:00 to 7:00", "22:00-07:00"),
        ("20:00-24:00", "20:00-00:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, canonical: str) -> None:
    assert quiet_text(parse_quiet(text)) == canonical


@pytest.mark.parametrize(
    "text", ["", "22-07", "22:00", "25:00-07:00", "22:60-07:00", "24:30-07:00", "night", "7:00-7:00"]
)
def test_what_is_no_hours_gets_a_sentence(text: str) -> None:
    with pytest.raises(UserError, match=r"\.$"):
        parse_quiet(text)


@given(hours)
def test_hours_are_written_as_they_are_read(quiet: Quiet) -> None:
    assert parse_quiet(quiet_text(quiet)) == quiet


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-11-23T21:59", None),
        ("2026-11-23T22:00", "2026-11-24T07:00"),
        ("2026-11-24T00:00", "2026-11-24T07:00"),
        ("2026-11-24T06:59", "2026-11-24T07:00"),
        ("2026-11-24T07:00", None),
        ("2026-03-28T23:00", "2026-03-29T07:00"),
        ("2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_a_night_lasts_until_the_clock_says_so(local: str, until: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=berlin)
    expected = until and datetime.fromisoformat(until).replace(tzinfo=berlin)
    assert quiet_until("22:00-07:00", "Europe/Berlin", now) == (expected or None)


def test_an_end_that_the_clocks_skip_comes_as_much_later() -> None:
    assert quiet_until("22:00-02:30", "Europe/Berlin", datetime(2026, 3, 29, 0, 0, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_an_end_that_comes_twice_counts_the_first_time() -> None:
    end = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert quiet_until("22:00-02:30", "Europe/Berlin", end - MINUTE) == end
    assert quiet_until("22:00-02:30", "Europe/Berlin", end + timedelta(minutes=45)) is None


@given(hours, st.sampled_from(ZONES), instants)
def test_quiet_hours_last_until_they_end_and_never_a_day_and_an_hour(quiet: Quiet, tz: str, now: datetime) -> None:
    until = quiet_until(quiet_text(quiet), tz, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(quiet_text(quiet), tz, until - MINUTE / 60) == until
        assert quiet_until(quiet_text(quiet), tz, until) is None


@given(hours, instants)
def test_where_no_clocks_change_it_is_quiet_just_when_the_clock_says_so(quiet: Quiet, now: datetime) -> None:
    at = now.time()
    inside = quiet.start <= at < quiet.end if quiet.start < quiet.end else at >= quiet.start or at < quiet.end
    assert (quiet_until(quiet_text(quiet), "UTC", now) is not None) is inside


def test_without_hours_it_is_never_quiet() -> None:
    assert quiet_until("", "UTC", datetime(2026, 1, 1, tzinfo=UTC)) is None
