"""Quiet hours: the text `22:00-07:00`, and until when they last, where people live by the clock on the wall."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from deploybot.domain.times import to_zone
from deploybot.errors import UserError

_HOURS = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])\s*(?:-|–|—|to)\s*([01]?[0-9]|2[0-4]):([0-5][0-9])")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Every day from `start` (included) to `end` (excluded), over midnight where `end` is the earlier one."""

    start: time
    end: time

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start


def parse_quiet(text: str) -> Quiet:
    """The hours of a text like `22:00-07:00`; a UserError for any other, and where they would never end."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        raise UserError(f"I can't read {text[:40]!r} as quiet hours: write them like quiet=22:00-07:00.")
    start, end = _clock(found[1], found[2]), _clock(found[3], found[4])
    if start == end:
        raise UserError(f"Quiet hours from {found[1]}:{found[2]} to the same would never end: leave an hour for news.")
    return Quiet(start, end)


def quiet_text(quiet: Quiet) -> str:
    """The hours as `parse_quiet` reads them."""
    return f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"


def quiet_until(quiet: str, tz: str, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in, in UTC; None outside of them, or where there are none.

    `tz` is an IANA name. Where the clocks skip the hour in which they would begin or end, they do so as much later;
    where that hour comes twice, the first time counts. UserError for a text that is no hours, or no zone.
    """
    if not quiet:
        return None
    hours, zone = parse_quiet(quiet), to_zone(tz)
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        since = _instant(day, hours.start, zone)
        until = _instant(day + _DAY if hours.crosses_midnight else day, hours.end, zone)
        if since <= now < until:
            return until
    return None


def _clock(hour: str, minute: str) -> time:
    if hour == "24" and minute != "00":
        raise UserError(f"There is no {hour}:{minute}: a day ends at 24:00.")
    return time(int(hour) % 24, int(minute))


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
