"""The time that a digest covers in words, and whether it was seen whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from deploybot.domain.ledger import Gap
from deploybot.domain.outgoing import DigestBody
from deploybot.domain.times import to_zone
from deploybot.errors import UserError
from deploybot.slack.text import escape

_NAMED = 5
_BY_ITSELF = "deploybot"
"""A gap's reason that begins so is the bot's own: the foundation had no part in it."""


def window_line(body: DigestBody, width: int) -> str:
    """`2026-11-22 09:00 - 2026-11-23 09:00 Europe/Berlin, seen without gaps`

    What is foreign in it is escaped here: escaping `03:10-03:25` as a whole would take `:10-03:` for an emoji.
    """
    return f"{period(body)}, {_seen(body, width)}"


def period(body: DigestBody) -> str:
    """`2026-11-22 09:00 - 2026-11-23 09:00 Europe/Berlin`"""
    zone, name = zone_of(body.tz)
    return f"{_moment(body.since, zone)} - {_moment(body.until, zone)} {name}"


def zone_of(tz: str) -> tuple[tzinfo, str]:
    """The zone and the name to show; UTC for a name that nobody knows any more."""
    try:
        return to_zone(tz), tz
    except UserError:
        return to_zone("UTC"), "UTC"


def _seen(body: DigestBody, width: int) -> str:
    if not body.gaps:
        return "seen without gaps"
    told = list(dict.fromkeys(_gap(gap, body, width) for gap in _in_order(body.gaps, body)))
    hidden = len(told) - _NAMED
    return "not seen whole: " + "; ".join(told[:_NAMED] + ([f"and {hidden} more gaps"] if hidden > 0 else []))


def _in_order(gaps: Sequence[Gap], body: DigestBody) -> list[Gap]:
    """The gaps in the order of their beginning."""
    return sorted(gaps, key=lambda gap: (max(gap.since, body.since), gap.foundation))


def _gap(gap: Gap, body: DigestBody, width: int) -> str:
    """`foundation eu not reachable 03:10-03:25`, with days where the window has several."""
    zone, _ = zone_of(body.tz)
    short = body.until - body.since <= timedelta(hours=24)
    since, until = max(gap.since, body.since), min(gap.until or body.until, body.until)
    lasts = f"{_moment(since, zone, short=short)}-{_moment(until, zone, short=short)}"
    if gap.until is None:
        lasts = f"since {_moment(since, zone, short=short)}"
    who = gap.reason if gap.reason.startswith(_BY_ITSELF) else f"foundation {gap.foundation} {gap.reason}"
    who = escape(who, 2 * width)
    return f"{who} {lasts}"


def _moment(at: datetime, zone: tzinfo, *, short: bool = False) -> str:
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if short else f"{local:%Y-%m-%d %H:%M}"
