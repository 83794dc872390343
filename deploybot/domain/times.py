"""Time filters become an interval once somebody asks: relative times, days of a time zone, and instants."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deploybot.domain.query import Ago, Day, Instant, Interval, NamedDay, Op, TimeFilter, When
from deploybot.errors import UserError

_SECOND = timedelta(seconds=1)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def resolve(filters: Iterable[TimeFilter], now: datetime, tz: str) -> Interval:
    """The interval that all filters together mean at `now`, for somebody in the time zone `tz` (an IANA name).

    A day is the day of that zone, 23 or 25 hours long where the clocks change. Times are cut to whole seconds, the
    server's own grain. Raises a UserError for an empty interval, and for times outside 1970-9998.
    """
    zone = to_zone(tz)
    since: datetime | None = None
    until: datetime | None = None
    seconds: tuple[datetime, ...] | None = None
    for one in filters:
        if one.op is Op.EQ and len(one.when) > 1:
            listed = tuple(_start(when, now, zone) for when in one.when)
            seconds = listed if seconds is None else tuple(at for at in seconds if at in listed)
            continue
        low, high = _bounds(one.op, one.when[0], now, zone)
        since = max(filter(None, (since, low)), default=None)
        until = min(filter(None, (until, high)), default=None)
    if seconds is not None:
        return Interval(seconds=_within(seconds, since, until))
    if since and until and since >= until:
        raise UserError(f"Nothing can lie between {_shown(since)} and {_shown(until)}: swap or widen the times.")
    return Interval(since, until)


def to_zone(tz: str) -> tzinfo:
    """The zone of an IANA name like `Europe/Berlin`; a UserError for any other text."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise UserError(f"I know no time zone {tz!r}: write it like tz=Europe/Berlin or tz=UTC.") from problem


def _within(seconds: tuple[datetime, ...], since: datetime | None, until: datetime | None) -> tuple[datetime, ...]:
    """The server takes a list of seconds or bounds, never both: so the bounds are applied to the list here."""
    kept = tuple(at for at in seconds if (not since or at >= since) and (not until or at < until))
    if not kept:
        raise UserError("None of the listed times lies within the other time filters: widen or drop one of them.")
    return kept


def _bounds(op: Op, when: When, now: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Half-open bounds: what is meant starts at its first second and ends before the first one that is not meant."""
    start, end = _start(when, now, zone), _end(when, now, zone)
    match op:
        case Op.EQ:
            return start, end
        case Op.LT:
            return None, start
        case Op.LE:
            return None, end
        case Op.GT:
            return end, None
        case Op.GE:
            return start, None


def _start(when: When, now: datetime, zone: tzinfo) -> datetime:
    match when:
        case Instant(at):
            return _sane(at.astimezone(UTC))
        case Ago(amount, unit):
            return _ago(now, amount, unit)
        case _:
            return _midnight(_day(when, now, zone), zone)


def _end(when: When, now: datetime, zone: tzinfo) -> datetime:
    if isinstance(when, Instant | Ago):
        return _start(when, now, zone) + _SECOND
    day = _day(when, now, zone)
    if day == date.max:
        raise UserError(f"{day} is too far away: use a date before 9999.")
    return _midnight(day + timedelta(days=1), zone)


def _day(when: Day | NamedDay, now: datetime, zone: tzinfo) -> date:
    if isinstance(when, Day):
        return when.day
    today = now.astimezone(zone).date()
    return today if when is NamedDay.TODAY else today - timedelta(days=1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day, in UTC. Where the clocks skip midnight the day begins after the gap."""
    try:
        return _sane(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))
    except OverflowError as problem:
        raise UserError(f"{day} is too far away: use a date from 1970 on.") from problem


def _ago(now: datetime, amount: int, unit: str) -> datetime:
    try:
        return _sane(now - timedelta(**{_UNITS[unit]: amount}))
    except OverflowError as problem:
        raise UserError(f"{amount}{unit} ago is too far away: use a time from 1970 on.") from problem


def _sane(at: datetime) -> datetime:
    if not _EARLIEST <= at < _LATEST:
        raise UserError(f"{at.date()} is too far away: use a time from 1970 on and before 9999.")
    return at.replace(microsecond=0)


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
