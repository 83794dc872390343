"""When a digest is due: a schedule's text as a value, and its slots in a time zone.

Cron expressions mean what Debian's cron makes of them. Where the clocks skip an hour a daily time in it comes at the
hour's end, and where they double one it comes the first time only; every so many minutes is counted in real time.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim

from deploybot.domain.schedule_text import At, Cron, Every, Schedule

__all__ = ["At", "Cron", "Every", "Schedule", "last_slot", "next_due", "slots"]

_ANCHOR = datetime(2024, 1, 1)  # noqa: DTZ001 - the wall clock of any zone
"""A Monday: `every` counts from its midnight in the schedule's zone, so that no restart or edit shifts the slots."""
_LOOKS = (timedelta(hours=3), timedelta(days=2), timedelta(days=32), timedelta(days=400), timedelta(days=9 * 366))
"""How far back a last slot is looked for. The longest pause is from one 29 February to the next, around 2100."""
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_FIXED = re.compile(r"[^*]\S* [^*]")
"""Minute and hour of a cron expression that names times of the day: Debian's cron makes up for skipped ones only."""


def next_due(schedule: Schedule, zone: tzinfo, after: datetime) -> datetime:
    """The first slot strictly after an instant, in UTC."""
    match schedule:
        case Every(minutes):
            anchor, step = _ANCHOR.replace(tzinfo=zone).astimezone(UTC), timedelta(minutes=minutes)
            return anchor + ((after - anchor) // step + 1) * step
        case At() | Cron():
            return min(_next(expression, zone, after) for expression in schedule.expressions())


def slots(schedule: Schedule, zone: tzinfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """The slots in (since, until], in UTC."""
    slot = next_due(schedule, zone, since)
    while slot <= until:
        yield slot
        slot = next_due(schedule, zone, slot)


def last_slot(schedule: Schedule, zone: tzinfo, until: datetime) -> datetime | None:
    """The last slot that is not after an instant; None where a rare one has not been for nine years."""
    for look in _LOOKS:
        if found := list(slots(schedule, zone, until - look, until)):
            return found[-1]
    return None


def _next(expression: str, zone: tzinfo, after: datetime) -> datetime:
    return (_fixed_time if _FIXED.match(expression) else _in_real_time)(expression, zone, after)


def _fixed_time(expression: str, zone: tzinfo, after: datetime) -> datetime:
    """Cronsim walks the wall clock here, so in a doubled hour what it gives may already be past."""
    local = CronSim(expression, after.astimezone(zone))
    slot = next(local).astimezone(UTC)
    while slot <= after:
        slot = next(local).astimezone(UTC)
    return slot


def _in_real_time(expression: str, zone: tzinfo, after: datetime) -> datetime:
    """Whatever the wall shows minute by minute: from one change of the clocks to the next, where it runs evenly."""
    at, offset = after, _offset(zone, after)
    while True:
        slot = (next(CronSim(expression, (at + offset).replace(tzinfo=None))) - offset).replace(tzinfo=UTC)
        change = _change(zone, at, slot, offset)
        if not change:
            return slot
        at, offset = change - _SECOND, _offset(zone, change)


def _change(zone: tzinfo, since: datetime, until: datetime, offset: timedelta) -> datetime | None:
    """The first second in (since, until] at which a zone's clocks differ from an offset."""
    while since < until:
        later = min(since + _DAY, until)
        if _offset(zone, later) != offset:
            seconds = range(int((later - since) / _SECOND) + 1)
            first = bisect_left(seconds, True, key=lambda second: _offset(zone, later - second * _SECOND) == offset)
            return later - (first - 1) * _SECOND
        since = later
    return None


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
