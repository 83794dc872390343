"""Moments as people write them: dates, timestamps, how long ago, today and yesterday."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

from deploybot.domain.grammar_lexer import shortened
from deploybot.domain.query import Ago, Day, Instant, NamedDay, When
from deploybot.errors import UserError

_AGO = re.compile(r"([0-9]{1,6})([mhdw])")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(
    _DATE.pattern + r"[t ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(?: ?(z|utc|[+-][0-9]{2}:?[0-9]{2}))?"
)
_Moment = TypeVar("_Moment", bound=date)

_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def parse_when(text: str) -> When:
    """A moment; a UserError for any other text. A timestamp is cut to its second, the server's own grain."""
    plain = text.lower().replace("--", "-")
    if plain in set(NamedDay):
        return NamedDay(plain)
    if ago := _AGO.fullmatch(plain):
        return Ago(int(ago[1]), ago[2])
    try:
        if found := _DATE.fullmatch(plain):
            return Day(_in_range(date(*map(int, found.groups())), text))
        if found := _TIMESTAMP.fullmatch(plain):
            return Instant(_instant(found, text))
    except (ValueError, OverflowError) as problem:
        raise UserError(f"{shortened(text)} is not in the calendar: write a date like 2026-11-23.") from problem
    raise UserError(
        f"I can't read {shortened(text)} as a time: write a date (2026-11-23), a timestamp (2026-11-23T10:00:00Z), "
        "how long ago (30m, 2h, 7d, 1w), today or yesterday."
    )


def when_text(when: When) -> str:
    """A moment as `parse_when` reads it."""
    match when:
        case Instant(at):
            return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
        case Day(day):
            return day.isoformat()
        case Ago(amount, unit):
            return f"{amount}{unit}"
        case NamedDay():
            return when.value


def _instant(found: re.Match[str], text: str) -> datetime:
    *clock, zone = found.groups(default="0")
    if zone == "0":
        raise UserError(f"{shortened(text)} lacks a time zone: add Z for UTC, or an offset like +01:00.")
    local = datetime(*map(int, clock), tzinfo=_zone(zone))  # type: ignore[misc, arg-type]  # mypy can't count a map
    return _in_range(local.astimezone(UTC), text)


def _zone(text: str) -> timezone:
    if text in {"z", "utc"}:
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _in_range(moment: _Moment, text: str) -> _Moment:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise UserError(f"{shortened(text)} is too far away: use a time from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return moment
