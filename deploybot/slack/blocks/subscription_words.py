"""A subscription in words: what it tells, when, whom it pings, and whether anything is in its way."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from deploybot.domain.grammar import parse
from deploybot.domain.ledger import Kind
from deploybot.domain.query import Query
from deploybot.domain.question import in_words
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.domain.wish import QUIET_DEFAULT
from deploybot.errors import UserError
from deploybot.slack.blocks.pings import person
from deploybot.slack.text import ago, code, date, escape, utc

_USER = re.compile(r"<@([UW][A-Z0-9]{1,30})>")
_SCHEDULE = re.compile(r'(every|at|cron)="?([^"]*)"?')
_WORDS = {"every": "every", "at": "at", "cron": "by the cron expression"}

_ORDER = (Kind.FAILED, Kind.STALLED, Kind.PAUSED, *(kind for kind in Kind if kind not in QUIET_DEFAULT))
_ENDS = (Kind.SUCCEEDED, Kind.CANCELED, Kind.SUPERSEDED, Kind.ENDED)
"""What `finished` means besides failures, which are named in any case."""


def what(subscription: Subscription) -> str:
    """`digest of failed deployments of checkout`; as it is, so escape it."""
    told = in_words(query_of(subscription))
    if subscription.kind is SubscriptionKind.DIGEST:
        return f"digest of {told}"
    events = ", ".join(_events(subscription.on))
    return f"alerts about {told}" + (f": {events}" if events else "")


def _events(on: Sequence[Kind]) -> Iterator[str]:
    """Trouble first, and the words that a person would choose: all that end a deployment are `finished`."""
    if set(on) == set(Kind):
        yield "all that happens"
        return
    ends = _ENDS if set(on) >= {Kind.FAILED, *_ENDS} else ()
    yield from (kind.value for kind in _ORDER if kind in on and kind not in ends)
    yield from ["finished"] if ends else []


def query_of(subscription: Subscription) -> Query:
    """Its filters as a question; everything where a later grammar does not read them any more."""
    try:
        return parse(subscription.filters).query
    except UserError:
        return Query()


def when(subscription: Subscription) -> str:
    """`at mon-fri 09:00 Europe/Berlin, quiet 22:00-07:00`; as it is, so escape it."""
    hours = f"quiet {subscription.quiet}" if subscription.quiet else ""
    if subscription.kind is SubscriptionKind.ALERT:
        zone = f"{hours} {subscription.tz}" if hours else ""
        return ", ".join(filter(None, ["as it happens", zone]))
    found = _SCHEDULE.fullmatch(subscription.schedule)
    schedule = f"{_WORDS[found[1]]} {found[2]}" if found else subscription.schedule
    proof = "also when nothing happened" if subscription.proof else ""
    return ", ".join(filter(None, [f"{schedule} {subscription.tz}", hours, proof]))


def lines(subscription: Subscription, width: int, now: datetime) -> list[str]:
    """All that there is to know about it, as lines of mrkdwn."""
    sign = "📋" if subscription.kind is SubscriptionKind.DIGEST else "🔔"
    return [
        f"{sign} *{escape(what(subscription), 3 * width)}*",
        code(subscription.filters, 3 * width) if subscription.filters else "",
        escape(when(subscription), 2 * width),
        f"pings {_pinged(subscription, width)}" if subscription.mention else "",
        f"made by {person(subscription.made_by)} {date(subscription.made_at)} · {_last(subscription)}",
        *state_lines(subscription, width, now),
    ]


def _pinged(subscription: Subscription, width: int) -> str:
    """A group by its handle, which pings nobody here; a person as who made it, so by name."""
    found = _USER.fullmatch(subscription.mention)
    return person(found[1]) if found else escape(subscription.mention_label or subscription.mention, width)


def state_lines(subscription: Subscription, width: int, now: datetime) -> Iterator[str]:
    """Whether it is paused or snoozed, and why; else when it is next due."""
    if subscription.paused:
        by = f" by {person(subscription.paused_by)} " if subscription.paused_by else ": "
        yield f"⏸️ *paused*{by}{escape(subscription.paused, 3 * width)}"
    elif subscription.snoozed_until and subscription.snoozed_until > now:
        yield f"💤 *snoozed* until {date(subscription.snoozed_until)}"
    elif following := next_line(subscription):
        yield following


def next_line(subscription: Subscription) -> str:
    """`next digest Mon 09:00`; nothing for an alert."""
    return f"next digest {date(subscription.next_due)}" if subscription.next_due else ""


def text_line(subscription: Subscription, width: int, now: datetime) -> str:
    """The same as one line, for screen readers and notifications."""
    if subscription.paused:
        state = f"paused: {escape(subscription.paused, 2 * width)}"
    elif subscription.snoozed_until and subscription.snoozed_until > now:
        state = f"snoozed until {utc(subscription.snoozed_until)}"
    else:
        state = f"next {utc(subscription.next_due)}" if subscription.next_due else ""
    told = [escape(what(subscription), 3 * width), escape(when(subscription), 2 * width), state]
    return ", ".join(filter(None, told))


def _last(subscription: Subscription) -> str:
    at = subscription.last_posted_at
    return f"last posted {ago(at)}" if at else "nothing posted yet"
