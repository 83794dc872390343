"""A digest is due when its words say, in any zone, on both days when the clocks change, and after any restart."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploybot.domain.schedule import At, Cron, Every, Schedule, last_slot, next_due, slots
from deploybot.domain.schedule_text import SHORTEST, WEEKDAYS, parse_schedule, schedule_text
from deploybot.errors import UserError

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Antarctica/Troll",
)
"""Among them clocks that change at midnight, by half an hour, by two, and backwards in winter."""

zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
minutes_of_day = st.lists(st.integers(0, 24 * 12 - 1), min_size=1, max_size=3, unique=True).map(
    lambda fives: tuple(five * SHORTEST for five in sorted(fives))
)
day_sets = st.sets(st.integers(0, 6), max_size=6).map(sorted).map(tuple)
ats = st.one_of(
    st.builds(At, minutes_of_day, day_sets),
    st.builds(
        At, minutes_of_day, st.just(()), st.sets(st.integers(1, 28), min_size=1, max_size=3).map(sorted).map(tuple)
    ),
)
everies = st.builds(Every, st.integers(SHORTEST, 7 * 24 * 60))
crons = st.builds(
    lambda minute, hour, weekday: Cron(f"{minute} {hour} * * {weekday}"),
    st.sampled_from(("0", "30", "15,45", "*/20", "5-55/10")),
    st.sampled_from(("*", "2", "0,3", "*/2", "1-3", "23")),
    st.sampled_from(("*", "mon-fri", "sun", "sat,sun")),
)
schedules = st.one_of(ats, everies, crons)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(schedule: Schedule, zone: tzinfo, since: str, count: int) -> list[str]:
    """The first slots after an instant on the wall clock."""
    found = slots(schedule, zone, utc(since), utc("2030-01-01"))
    return [f"{slot.astimezone(zone):%a %m-%d %H:%M %Z}" for slot in islice(found, count)]


@given(schedules)
def test_canonical_text_means_what_it_was_written_from(schedule: Schedule) -> None:
    assert parse_schedule(schedule_text(schedule)) == schedule


@given(schedules, zones, instants)
def test_a_slot_lies_after_the_instant_and_is_next_until_it_has_come(
    schedule: Schedule, name: str, after: datetime
) -> None:
    zone = ZoneInfo(name)
    slot = next_due(schedule, zone, after)
    assert slot > after
    assert slot.tzinfo is UTC
    assert next_due(schedule, zone, slot - MICROSECOND) == slot
    assert next_due(schedule, zone, slot) > slot


@given(schedules, zones, instants, st.integers(0, 100_000))
def test_wherever_one_begins_to_look_the_slots_are_the_same(
    schedule: Schedule, name: str, since: datetime, minutes: int
) -> None:
    """A restart shifts nothing, `every` included."""
    zone = ZoneInfo(name)
    slot = next_due(schedule, zone, since)
    between = since + (slot - since) * minutes / 100_001
    assert next_due(schedule, zone, between) == slot


@given(schedules, zones, instants)
def test_the_last_slot_is_the_one_whose_next_is_still_to_come(schedule: Schedule, name: str, until: datetime) -> None:
    zone = ZoneInfo(name)
    last = last_slot(schedule, zone, until)
    assert last
    assert last <= until < next_due(schedule, zone, last)
    assert last_slot(schedule, zone, last) == last


@given(everies, zones, instants)
def test_every_is_the_same_length_of_real_time_on_any_day(schedule: Every, name: str, after: datetime) -> None:
    zone = ZoneInfo(name)
    first, second = islice(slots(schedule, zone, after, after + timedelta(days=20)), 2)
    assert second - first == timedelta(minutes=schedule.minutes)


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """Midnights in UTC before the days of 2024 to 2026 on which a zone's clocks change."""
    zone, days = ZoneInfo(name), [utc("2024-01-01") + timedelta(days=day) for day in range(3 * 365)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return tuple(day for day, here, there in zip(days, offsets, offsets[1:], strict=False) if here != there)


changing = st.sampled_from([name for name in ZONES if changes(name)]).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(changes(name)))
)


def walked(zone: tzinfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every minute of real time, and what the clock on the wall shows then."""
    at = since
    while at < until:
        yield at, at.astimezone(zone).replace(tzinfo=None)
        at += MINUTE


def made_up(zone: tzinfo, since: datetime, until: datetime, wanted: Callable[[datetime], bool]) -> list[datetime]:
    """An oracle: each wall minute that is wanted comes when the wall first shows it, or something later."""
    highest, found = None, []
    for at, wall in walked(zone, since, until):
        if highest is None or wall > highest:
            passed = [wall] if highest is None else _minutes(highest, wall)
            if any(map(wanted, passed)):
                found.append(at)
            highest = wall
    return found


def _minutes(after: datetime, until: datetime) -> list[datetime]:
    return [after + step * MINUTE for step in range(1, int((until - after) / MINUTE) + 1)]


def is_wanted(schedule: At) -> Callable[[datetime], bool]:
    def wanted(wall: datetime) -> bool:
        day = not schedule.weekdays or wall.weekday() in schedule.weekdays
        month_day = not schedule.month_days or wall.day in schedule.month_days
        return day and month_day and wall.hour * 60 + wall.minute in schedule.times

    return wanted


@given(changing, minutes_of_day, day_sets)
def test_around_a_change_of_the_clocks_daily_times_come_once_each(
    when: tuple[str, datetime], times: tuple[int, ...], weekdays: tuple[int, ...]
) -> None:
    """A skipped time comes once, at the end of what was skipped; a doubled one comes once, the first time."""
    name, day = when
    zone, since, until = ZoneInfo(name), day - timedelta(hours=16), day + timedelta(hours=32)
    schedule = At(times, weekdays)
    expected = made_up(zone, since, until, is_wanted(schedule))
    assert list(slots(schedule, zone, since - MICROSECOND, until - MICROSECOND)) == expected


@given(changing, crons)
def test_around_a_change_of_the_clocks_cron_means_what_debian_makes_of_it(
    when: tuple[str, datetime], schedule: Cron
) -> None:
    name, day = when
    zone, since, until = ZoneInfo(name), day - timedelta(hours=16), day + timedelta(hours=32)
    minute, hour, _, _, weekday = schedule.expression.split()
    wanted = cron_matches(minute, hour, weekday)
    if "*" in (minute + hour)[:1] or hour.startswith("*"):
        expected = [at for at, wall in walked(zone, since, until) if wanted(wall)]
    else:
        expected = made_up(zone, since, until, wanted)
    assert list(slots(schedule, zone, since - MICROSECOND, until - MICROSECOND)) == expected


def cron_matches(minute: str, hour: str, weekday: str) -> Callable[[datetime], bool]:
    minutes = {"0": {0}, "30": {30}, "15,45": {15, 45}, "*/20": {0, 20, 40}, "5-55/10": {*range(5, 60, 10)}}[minute]
    hours = {"*": {*range(24)}, "2": {2}, "0,3": {0, 3}, "*/2": {*range(0, 24, 2)}, "1-3": {1, 2, 3}, "23": {23}}[hour]
    days = {"*": {*range(7)}, "mon-fri": {*range(5)}, "sun": {6}, "sat,sun": {5, 6}}[weekday]
    return lambda wall: wall.minute in minutes and wall.hour in hours and wall.weekday() in days


def test_a_day_that_a_zone_skipped_is_made_up_for_when_the_next_one_begins() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert local(At((540,)), apia, "2011-12-29T12:00", 3) == [
        "Thu 12-29 09:00 -10",
        "Sat 12-31 00:00 +14",
        "Sat 12-31 09:00 +14",
    ]


def test_berlin_skips_and_doubles_two_to_three() -> None:
    half_past_two = At((150,))
    assert local(half_past_two, BERLIN, "2026-03-28T12:00", 2) == ["Sun 03-29 03:00 CEST", "Mon 03-30 02:30 CEST"]
    assert local(half_past_two, BERLIN, "2026-10-24T12:00", 2) == ["Sun 10-25 02:30 CEST", "Mon 10-26 02:30 CET"]
    assert local(parse_schedule("every=1h"), BERLIN, "2026-10-24T23:30", 3) == [
        "Sun 10-25 02:00 CEST",
        "Sun 10-25 02:00 CET",
        "Sun 10-25 03:00 CET",
    ]


def test_two_times_of_which_one_is_skipped_onto_the_other_are_one_slot() -> None:
    assert local(At((150, 180)), BERLIN, "2026-03-28T12:00", 2) == ["Sun 03-29 03:00 CEST", "Mon 03-30 02:30 CEST"]


def test_every_counts_from_midnight_in_its_zone() -> None:
    assert local(parse_schedule("every=4h"), BERLIN, "2026-11-23T10:00", 2) == [
        "Mon 11-23 12:00 CET",
        "Mon 11-23 16:00 CET",
    ]
    assert local(parse_schedule("every=7d"), BERLIN, "2026-11-23T10:00", 1) == ["Mon 11-30 00:00 CET"]
    assert local(parse_schedule("every=1h"), ZoneInfo("Asia/Kathmandu"), "2026-11-23T10:00", 1) == [
        "Mon 11-23 16:00 +0545"
    ]


def test_weekdays_are_the_days_that_their_names_say() -> None:
    """APScheduler counts 0 as Monday where cron means Sunday: names mean one thing only."""
    for name, day in zip(WEEKDAYS, (23, 24, 25, 26, 27, 28, 29), strict=True):
        slot = next_due(parse_schedule(f'cron="0 9 * * {name}"'), UTC, utc("2026-11-22T12:00"))
        assert slot == utc(f"2026-11-{day}T09:00") == next_due(At((540,), (WEEKDAYS.index(name),)), UTC, slot - MINUTE)


def test_a_slot_in_leap_years_only_is_found_and_looked_back_to() -> None:
    leap = parse_schedule('cron="0 0 29 feb *"')
    assert next_due(leap, UTC, utc("2096-03-01")) == utc("2104-02-29")
    assert last_slot(leap, UTC, utc("2104-02-28")) == utc("2096-02-29")
    assert last_slot(parse_schedule('cron="0 0 29 feb */7"'), UTC, utc("2026-01-01")) is None


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("every=60m", "every=1h"),
        ("every=24h", "every=1d"),
        ("every=1w", "every=7d"),
        ("every=90m", "every=90m"),
        ("at=9:00", "at=09:00"),
        ('at="Mon-Fri 9:00"', 'at="mon-fri 09:00"'),
        ('at="weekdays 09:00"', 'at="mon-fri 09:00"'),
        ('at="daily 09:00"', "at=09:00"),
        ('at="mon-sun 09:00"', "at=09:00"),
        ('at="thursday, mon 16:30, 09:00"', 'at="mon,thu 09:00,16:30"'),
        ('at="fri-mon 09:00"', 'at="mon,fri,sat,sun 09:00"'),
        ('at="15th,1st 09:00"', 'at="1st,15th 09:00"'),
        ('at="2nd,3rd,11th,22nd 09:00"', 'at="2nd,3rd,11th,22nd 09:00"'),
        ('cron="0  9 * * MON-FRI"', 'cron="0 9 * * mon-fri"'),
        ('cron="0 9 * * fri-mon"', 'cron="0 9 * * fri,sat,sun,mon"'),
        ('cron="0 9 * * sun-tue"', 'cron="0 9 * * sun-tue"'),
        ('cron="0 9 1-7/2 jan,jul *"', 'cron="0 9 1-7/2 jan,jul *"'),
        ('cron="0 9 * * mon#1"', 'cron="0 9 * * mon#1"'),
        ('cron="0 9 L * *"', 'cron="0 9 l * *"'),
    ],
)
def test_a_schedule_has_one_form_however_it_is_written(written: str, canonical: str) -> None:
    assert schedule_text(parse_schedule(written)) == canonical
    assert parse_schedule(canonical) == parse_schedule(written)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("every=4m", "every=4m does not work: use every=5m up to every=7d."),
        ("every=8d", "use every=5m up to every=7d"),
        ("every=soon", "like every=15m or every=1d"),
        ("every=", "like every=15m"),
        ("at=", "write days and times, like at=09:00"),
        ("at=25:00", 'I can\'t read at="25:00"'),
        ('at="09:00 mon"', 'I can\'t read at="09:00 mon"'),
        ('at="mon tue 09:00"', "write days and times"),
        ('at="mon,1st 09:00"', "write days and times"),
        ('at="month 09:00"', "write days and times"),
        ('at="31st 09:00"', 'cron="0 9 L * *" for the last day of a month'),
        ('at="0th 09:00"', "use 1st to 28th"),
        ('at="09:00,09:04"', "leave 5 minutes between two times"),
        ('at="23:58,00:01"', "leave 5 minutes between two times"),
        ("at=" + ",".join(f"{hour}:00" for hour in range(13)), "at takes up to 12 times a day"),
        ('cron="0 9 * *"', "has 4 fields: write minute, hour, day, month and weekday"),
        ('cron="0 0 9 * * mon"', "has 6 fields"),
        ('cron="0 9 * * 1-5"', "Name the weekdays in cron=, like mon-fri: the number in 1-5 means different days"),
        ('cron="0 9 * * 7"', "Name the weekdays"),
        ('cron="0 9 * * 5l"', "Name the weekdays"),
        ('cron="0 9 * * mun"', "I can't read its day of week"),
        ('cron="60 9 * * mon"', "I can't read its minute"),
        ('cron="0 9 30 feb *"', "I can't read its day of month"),
        ('cron="* * * * *"', "leave 5 minutes between two times"),
        ('cron="0,3 9 * * *"', "leave 5 minutes"),
        ("noon", "I can't read noon: write every=15m"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_with_the_way_out(text: str, told: str) -> None:
    with pytest.raises(UserError) as problem:
        parse_schedule(text)
    assert told in str(problem.value)


@given(st.sampled_from(("every", "at", "cron")), st.text("0159*/,-:# adfhmnostuw"))
def test_any_text_is_a_schedule_or_one_sentence(form: str, text: str) -> None:
    schedule = schedule_or_none(f'{form}="{text}"')
    if schedule:
        assert parse_schedule(schedule_text(schedule)) == schedule
        assert next_due(schedule, UTC, utc("2026-11-23")) > utc("2026-11-23")


def schedule_or_none(text: str) -> Schedule | None:
    """None where a sentence says what is wrong; any other exception fails the test."""
    try:
        return parse_schedule(text)
    except UserError:
        return None


def test_midnight_that_the_clocks_skip_is_made_up_for_an_hour_later() -> None:
    havana = ZoneInfo("America/Havana")
    assert local(At((0,)), havana, "2026-03-07T12:00", 2) == ["Sun 03-08 01:00 CDT", "Mon 03-09 00:00 CDT"]
