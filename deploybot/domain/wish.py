"""What somebody asks a channel to be told becomes a subscription, and a subscription the wish that would make it."""

import dataclasses
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from msgspec.structs import replace

from deploybot.domain.due import first_window
from deploybot.domain.grammar import query_text
from deploybot.domain.ledger import Kind
from deploybot.domain.matching import to_query
from deploybot.domain.query import SubscribeAsk
from deploybot.domain.schedule import next_due
from deploybot.domain.schedule_text import parse_schedule
from deploybot.domain.subscription import Subscription, SubscriptionKind
from deploybot.domain.times import to_zone
from deploybot.errors import UserError

QUIET_DEFAULT = (Kind.PAUSED, Kind.STALLED, Kind.FAILED)
"""What an alert tells unless somebody says."""
_MORNING = time(8)
_LONGEST_LABEL = 100

_USER = re.compile(r"<@([UW][A-Z0-9]+)>")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)>")
_HERE = "<!here>"


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is pinged, as Slack writes it (`<!subteam^S1>`) and as people read it (`@oncall`); nobody when empty."""

    text: str = ""
    label: str = ""


NOBODY = Mention()


def subscription_of(
    ask: SubscribeAsk, new_id: str, channel: str, by: str, now: datetime, mention: Mention
) -> Subscription:
    """The subscription that is asked for; a UserError where the parts of the wish do not go together."""
    plain = Subscription(id=new_id, channel=channel, made_by=by, made_at=now, kind=SubscriptionKind.ALERT)
    return edited(plain, ask, now, mention)


def edited(before: Subscription, ask: SubscribeAsk, now: datetime, mention: Mention) -> Subscription:
    """The same subscription with what is asked now. A digest whose times stay keeps its next one."""
    if "me" in (word.casefold() for word in ask.query.by):
        raise UserError(
            "by=me needs a linked Cloud Foundry account: /deployments link makes one; or use by=your-user-name."
        )
    if ask.proof and not ask.schedule:
        raise UserError("proof goes with a digest only: add every=1h or at=09:00, or leave proof out.")
    after = replace(
        before,
        kind=SubscriptionKind.DIGEST if ask.schedule else SubscriptionKind.ALERT,
        filters=query_text(ask.query),
        schedule=ask.schedule,
        on=() if ask.schedule else ask.on or QUIET_DEFAULT,
        tz=ask.tz or "UTC",
        quiet=ask.quiet,
        mention=mention.text,
        mention_label=mention.label[:_LONGEST_LABEL],
        proof=ask.proof,
    )
    return _scheduled(before, after, now)


def rescheduled(subscription: Subscription, now: datetime) -> Subscription:
    """With the first slot after now as the next one: what was missed meanwhile is told then."""
    if subscription.kind is SubscriptionKind.ALERT:
        return subscription
    schedule, zone = parse_schedule(subscription.schedule), to_zone(subscription.tz)
    return replace(subscription, next_due=next_due(schedule, zone, now))


def _scheduled(before: Subscription, after: Subscription, now: datetime) -> Subscription:
    if after.kind is SubscriptionKind.ALERT:
        return replace(after, next_due=None, covered_until=None)
    if before.covered_until is None:
        covered_until, due = first_window(after.schedule, after.tz, now)
        return replace(after, covered_until=covered_until, next_due=due)
    if (before.schedule, before.tz) == (after.schedule, after.tz):
        return after
    return rescheduled(after, now)


def ask_of(subscription: Subscription) -> SubscribeAsk:
    """What would make this subscription, for a form that edits it; a UserError where its filters can't be read."""
    return SubscribeAsk(
        query=dataclasses.replace(to_query(subscription), tz=None),
        schedule=subscription.schedule,
        on=subscription.on,
        tz=subscription.tz,
        quiet=subscription.quiet,
        mention=_word(subscription),
        proof=subscription.proof,
    )


def mention_of(word: str, asker: str) -> Mention | None:
    """Who a `mention=` means, where that can be told without asking Slack; None for a handle to be looked up."""
    form, _, of = word.partition(":")
    match form:
        case "":
            return NOBODY
        case "me":
            return Mention(f"<@{asker}>")
        case "here":
            return Mention(_HERE, "@here")
        case "user":
            return Mention(f"<@{of}>")
        case "group":
            return Mention(f"<!subteam^{of}>")
        case _:
            return None


def is_same(one: Subscription, other: Subscription) -> bool:
    """Do both tell the same, at the same times, to the same people?"""
    return _wish(one) == _wish(other)


def snoozed_until_tomorrow(subscription: Subscription, now: datetime) -> datetime:
    """Tomorrow at eight on the subscription's own clock, in UTC."""
    zone = to_zone(subscription.tz)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, zone).astimezone(now.tzinfo)


def _word(subscription: Subscription) -> str:
    text = subscription.mention
    if found := _USER.fullmatch(text):
        return f"user:{found[1]}"
    if found := _GROUP.fullmatch(text):
        return f"group:{found[1]}"
    return "here" if text == _HERE else ""


def _wish(one: Subscription) -> tuple[object, ...]:
    return one.kind, one.filters, one.schedule, one.on, one.tz, one.quiet, one.mention, one.proof
