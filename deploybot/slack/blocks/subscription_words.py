"""A subscription in words: what it tells, when, whom it pings, and whether anything is in its way."""

import re
from collections.abc import Iterator
from datetime import datetime

from deploybot.domain.grammar import parse
from deploybot.domain.query import Query
from deploybot.domain.question import in_words
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.errors import UserError
from deploybot.slack.blocks.pings import person
from deploybot.slack.text import ago, code, date, escape, utc

_SCHEDULE = re.compile(r'(every|at|cron)="?([^"]*)"?')
_WORDS = {"every": "every", "at": "at", "cron": "by the cron expression"}


def what(subscription: Subscription) -> str:
    """`digest of failed deployments of checkout`; as it is, so escape it."""
    told = in_words(query_of(subscription))
    if subscription.kind is SubscriptionKind.DIGEST:
        return f"digest of {told}"
    events = ", ".join(subscription.on)
    return f"alerts about {told}" + (f": {events}" if events else "")


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
        f"pings {escape(subscription.mention_label or subscription.mention, width)}" if subscription.mention else "",
        f"made by {person(subscription.made_by)} {date(subscription.made_at)} · {_last(subscription)}",
        *state_lines(subscription, width, now),
    ]


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
